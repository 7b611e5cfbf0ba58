//! What the director wants done, done.

use super::record::Record;
use super::running::Running;
use super::{Setup, log};
use crate::ipvs::Ipvs;
use crate::ledger::Ledger;
use crate::load::Configuration;
use crate::outbox::Outbox;
use crate::probe::Probes;
use crate::script::Program;
use crate::side::SideCommand;
use kalc_core::director::{Action, ServiceNotice, SyncRole, SyncSettings};
use kalc_core::kernel::{Edit, ServiceKey};
use nix::libc;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

/// Everything that carries out actions.
pub struct Hands {
    /// The kernel's table.
    pub ipvs: Ipvs,
    ledger: Ledger<Record>,
    /// Probes that run.
    pub probes: Running,
    /// Scripts.
    pub side: Outbox,
    /// Edits that were not made, and were told of.
    refused: BTreeSet<String>,
}

/// Whether all went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Result {
    /// The kernel holds what was asked for.
    Done,
    /// It refused something.
    Refused,
}

/// Checks and commands of a configuration, and of the one before it: what is gone is told by the old one's commands.
pub struct Commands<'a> {
    /// The present configuration.
    pub now: &'a Arc<Configuration>,
    /// Its checks.
    pub checks: &'a Probes,
    /// The one before, during a reload.
    pub before: Option<&'a Arc<Configuration>>,
}

impl Hands {
    /// With nothing running.
    pub fn new(setup: Setup, ipvs: Ipvs) -> Hands {
        let Setup { ledger, left: _, side, starter: _ } = setup;
        Hands { ipvs, ledger, probes: Running::default(), side: Outbox::new(side), refused: BTreeSet::new() }
    }

    /// Does everything: first what the kernel holds, in its order, then everything else in its order, so that a script
    /// finds the table as it was told. `owned` is what the director owns by now.
    pub fn carry_out(
        &mut self,
        actions: &mut Vec<Action>,
        owned: &BTreeSet<ServiceKey>,
        commands: &Commands<'_>,
    ) -> Result {
        let mut edits = Vec::new();
        let mut rest = Vec::new();
        let mut result = Result::Done;
        let mut worst = |new: Result| {
            if new == Result::Refused {
                result = Result::Refused;
            }
        };
        for action in actions.drain(..) {
            match action {
                Action::Edit(edit) => edits.push(edit),
                Action::Flush => {
                    worst(self.edit(&std::mem::take(&mut edits), owned));
                    worst(self.told("the table cannot be emptied", |ipvs| ipvs.flush()));
                    self.write_down(owned.iter());
                }
                Action::SetTimeouts(timeouts) => {
                    worst(self.told("lvs_timeouts", |ipvs| ipvs.set_timeouts(&timeouts)));
                }
                Action::StartSync(role, settings) => worst(self.start_sync(role, &settings)),
                Action::StopSync(role) => worst(self.told("lvs_sync_daemon", |ipvs| ipvs.stop_sync(role))),
                Action::Probe { .. } | Action::Cancel(_) | Action::Notify(_) | Action::Trace(_) => rest.push(action),
            }
        }
        worst(self.edit(&edits, owned));
        for action in rest {
            match action {
                Action::Probe { probe, check, page } => {
                    let place = (check.service as usize, check.server as usize, check.check as usize);
                    // Every check of the configuration is ready.
                    if let Some(ready) = commands.checks.get(place.0, place.1, place.2) {
                        self.probes.begin(probe, Arc::clone(ready), page);
                    }
                }
                Action::Cancel(probe) => self.probes.cancel(probe),
                Action::Notify(notice) => self.tell(notice, commands),
                Action::Trace(trace) => log::trace(&trace),
                Action::Edit(_)
                | Action::Flush
                | Action::SetTimeouts(_)
                | Action::StartSync(..)
                | Action::StopSync(_) => {}
            }
        }
        result
    }

    /// The table is as it should be: what was refused before may be told again.
    pub fn all_is_well(&mut self) {
        self.refused.clear();
    }

    /// Whether something was refused since all was well.
    pub fn was_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Makes edits. What will be ours is written down before, what no longer is afterwards.
    fn edit(&mut self, edits: &[Edit], owned: &BTreeSet<ServiceKey>) -> Result {
        if edits.is_empty() {
            return Result::Done;
        }
        let leaving = |edit: &Edit| matches!(edit, Edit::RemoveService { .. }).then(|| edit.service());
        let leaving: Vec<ServiceKey> = edits.iter().filter_map(leaving).collect();
        if edits.iter().any(|edit| matches!(edit, Edit::AddService { .. })) {
            self.write_down(owned.iter().chain(&leaving));
        }
        let failures = match self.ipvs.run(edits) {
            Ok(failures) => failures,
            Err(error) => {
                tracing::error!("the kernel's load balancer does not answer: {error}");
                return Result::Refused;
            }
        };
        if !leaving.is_empty() {
            self.write_down(owned.iter());
        }
        let mut result = Result::Done;
        for failure in failures {
            let edit = &edits[failure.index];
            if !is_gone_anyway(edit, &failure.error) {
                self.refuse(format!("{}: {}", log::edit(edit), failure.error));
                result = Result::Refused;
            }
        }
        result
    }

    /// Tells of something that was refused, once until all is well again.
    fn refuse(&mut self, what: String) {
        if self.refused.len() < 1024 && !self.refused.contains(&what) {
            tracing::error!("{what}");
            self.refused.insert(what);
        }
    }

    fn told(&mut self, what: &str, act: impl FnOnce(&mut Ipvs) -> io::Result<()>) -> Result {
        match act(&mut self.ipvs) {
            Ok(()) => Result::Done,
            Err(error) => {
                tracing::error!("{what}: {error}");
                Result::Refused
            }
        }
    }

    /// Starts copying, anew if an earlier daemon was killed and left that behind.
    fn start_sync(&mut self, role: SyncRole, settings: &SyncSettings) -> Result {
        self.told("lvs_sync_daemon", |ipvs| match ipvs.start_sync(role, settings) {
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {
                ipvs.stop_sync(role)?;
                ipvs.start_sync(role, settings)
            }
            result => result,
        })
    }

    fn write_down<'a>(&mut self, keys: impl Iterator<Item = &'a ServiceKey>) {
        if let Err(error) = self.ledger.write(keys.map(Record::from).collect()) {
            tracing::error!("cannot write down what is held: {error}; a killed daemon would leave it behind");
        }
    }

    fn tell(&mut self, notice: ServiceNotice, commands: &Commands<'_>) {
        let program = |command: &kalc_ir::Command| -> Option<Program> {
            let known = std::iter::once(commands.now).chain(commands.before).find_map(|own| own.programs.get(command));
            match known {
                Some(Ok(program)) => Some(program.clone()),
                // Told when the configuration was read.
                Some(Err(why)) => {
                    tracing::debug!("{} does not run: {why}", command.arguments.join(" "));
                    None
                }
                None => {
                    tracing::error!("{} is of no configuration that is known", command.arguments.join(" "));
                    None
                }
            }
        };
        let programs = notice.commands.iter().filter_map(|invocation| program(&invocation.command)).collect();
        self.side.push(SideCommand::NotifyService { line: notice.line, programs, mail: notice.mail });
    }
}

/// Whether an edit failed because what it takes away is not there.
fn is_gone_anyway(edit: &Edit, error: &io::Error) -> bool {
    let is_removal = matches!(edit, Edit::RemoveService { .. } | Edit::RemoveDestination { .. });
    is_removal && matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH))
}
