//! A director with a kernel that is a map and servers that are well or not.

use kalc_core::check::{Failure, Outcome};
use kalc_core::director::{Action, Director, Input, Trace};
use kalc_core::kernel::{Edit, Service, ServiceKey, Table};
use kalc_core::{Instant, Plan};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_ir::{CheckerKind, Ir};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// A director, its kernel and its servers.
pub struct Stand {
    pub director: Director,
    pub kernel: Table,
    pub now: Instant,
    /// Edits since the stand was made.
    pub edits: Vec<Edit>,
    /// What was told since it was asked for: lines of pipes, commands.
    told: Vec<String>,
    /// Exit statuses of check scripts by their last argument; 0 for those that are not here.
    statuses: BTreeMap<String, u8>,
    ir: Arc<Ir>,
}

/// The IR of a configuration that the core executes.
pub fn ir(text: &str) -> Arc<Ir> {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = kalc_compiler::host::Host::read(file, &MemoryFiles::default(), &Profile::default());
    let ir = Arc::new(host.ir);
    Plan::new(Arc::clone(&ir)).expect("the core executes it");
    ir
}

impl Stand {
    /// One that has started, with a kernel that holds something.
    pub fn start(text: &str, kernel: Table, left: &[ServiceKey], down: &[&str]) -> Stand {
        let ir = ir(text);
        let mut stand = Stand {
            director: Director::new(Arc::clone(&ir), 7),
            kernel,
            now: Instant::from_micros(1_000_000),
            edits: Vec::new(),
            told: Vec::new(),
            statuses: BTreeMap::new(),
            ir,
        };
        for name in down {
            stand.set(name, 1);
        }
        let actual = stand.kernel.clone();
        stand.step(Input::Start { actual: &actual, left });
        stand
    }

    /// What a check script says from now on.
    pub fn set(&mut self, name: &str, status: u8) {
        self.statuses.insert(name.to_owned(), status);
    }

    /// Lets time pass.
    pub fn run(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while let Some(at) = self.director.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step(Input::Tick);
        }
        self.now = end;
    }

    pub fn step(&mut self, input: Input<'_>) {
        let mut actions = Vec::new();
        self.director.step(self.now, input, &mut actions);
        self.carry_out(actions);
    }

    pub fn reload(&mut self, text: &str) {
        let mut actions = Vec::new();
        let ir = ir(text);
        self.director.reload(self.now, Arc::clone(&ir), &mut actions);
        self.ir = ir;
        self.carry_out(actions);
    }

    fn carry_out(&mut self, actions: Vec<Action>) {
        let before = self.kernel.clone();
        let mut prefixes: Vec<Table> = Vec::new();
        let mut ended = Vec::new();
        let mut has_told = false;
        for action in actions {
            match action {
                Action::Edit(edit) => {
                    assert!(!has_told, "{edit:?} comes after something was told");
                    edit.apply(&mut self.kernel).unwrap_or_else(|_| panic!("{edit:?} does not fit {:#?}", self.kernel));
                    self.edits.push(edit);
                    prefixes.push(self.kernel.clone());
                }
                Action::Flush => self.kernel.clear(),
                Action::Probe { probe, check, page: _ } => {
                    let real = &self.ir.virtual_servers[check.service as usize].real_servers[check.server as usize];
                    let CheckerKind::Misc { command: Some(command), .. } = &real.checkers[check.check as usize].kind
                    else {
                        panic!("only scripts here");
                    };
                    let name = command.arguments.last().expect("an argument");
                    let outcome = match self.statuses.get(name).copied().unwrap_or(0) {
                        0 => Outcome::Passed,
                        1 => Outcome::Failed(Failure::Exit(1)),
                        status => Outcome::PassedWithWeight(u32::from(status) - 2),
                    };
                    ended.push((probe, outcome));
                }
                Action::Notify(notice) => {
                    has_told = true;
                    self.told.push(notice.line);
                    for invocation in notice.commands {
                        let words = invocation.command.arguments.into_iter().chain(invocation.arguments);
                        self.told.push(format!("! {}", words.skip(1).collect::<Vec<_>>().join(" ")));
                    }
                }
                Action::Trace(Trace::Drift(edit)) => self.told.push(format!("drift {edit:?}")),
                Action::Trace(_)
                | Action::Cancel(_)
                | Action::SetTimeouts(_)
                | Action::StartSync(..)
                | Action::StopSync(_) => {}
            }
        }
        self.check_laws(&before, &prefixes);
        for (probe, outcome) in ended {
            self.step(Input::Probed { probe, outcome });
        }
    }

    /// A service takes clients whenever a server of it is up (or its sorry server stands in), and nothing that happens
    /// interrupts that on the way.
    fn check_laws(&self, before: &Table, prefixes: &[Table]) {
        for service in self.director.services() {
            let has_server = service.is_sorry || service.servers().any(|server| server.is_up && server.weight > 0);
            for key in service.keys() {
                let now = self.kernel.get(&key);
                if has_server && self.director.owned().contains(&key) {
                    assert!(now.is_some_and(Service::takes_clients), "{key} is empty: {now:#?}");
                }
                let took = before.get(&key).is_some_and(Service::takes_clients);
                if took && now.is_some_and(Service::takes_clients) {
                    let all = prefixes.iter().all(|prefix| prefix.get(&key).is_some_and(Service::takes_clients));
                    assert!(all, "{key} is empty on the way");
                }
            }
        }
    }

    /// What was told since the last time, joined by `; `.
    pub fn told(&mut self) -> String {
        std::mem::take(&mut self.told).join("; ")
    }

    /// The table in short: `[192.0.2.1]:tcp:80 rr: 11*1 12*1` by the last number of addresses.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (key, service) in &self.kernel {
            if !text.is_empty() {
                text.push_str("; ");
            }
            let _ = write!(text, "{key} {}:", service.settings.scheduler);
            for (to, destination) in &service.destinations {
                let address = to.address.to_string();
                let last = address.rsplit(['.', ':']).next().unwrap_or_default();
                let _ = write!(text, " {last}*{}", destination.settings.weight);
            }
        }
        text
    }
}
