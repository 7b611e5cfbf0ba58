//! The thread's loop: what happens goes into the core, and what it wants is done at once.

use super::hands::{Commands, Hands, Result};
use super::mailbox::Mailbox;
use super::{Setup, show};
use crate::ipvs::Ipvs;
use crate::load::Configuration;
use crate::netlink::{Change, Heard, Monitor};
use crate::probe::{Permission, Probes};
use crate::starter::Starter;
use crate::timer::now;
use kalc_core::director::{Action, Input, Trace};
use kalc_core::kernel::ServiceKey;
use kalc_core::{Director, Instant};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// How often the table is looked at, whether somebody else changed it.
const AUDIT_PAUSE: Duration = Duration::from_secs(30);
/// When it is looked at after something was refused: twice as long each time.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// The longest such time.
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(60);
/// Results of probes that one turn takes.
const RESULTS_PER_TURN: usize = 256;
/// How often, and how far apart, the last commands are offered to a side thread that has no room for them.
const FLUSHES_MAX: usize = 100;
const FLUSH_PAUSE: Duration = Duration::from_millis(1);

/// Everything that the thread owns.
pub struct Worker {
    core: Director,
    configuration: Arc<Configuration>,
    checks: Probes,
    starter: Starter,
    hands: Hands,
    left: Vec<ServiceKey>,
    mailbox: Arc<Mailbox>,
    /// What pings need of the system.
    permission: Option<Permission>,
    /// Addresses of this host, if a virtual server asks for them (`ha_suspend`).
    monitor: Option<Monitor>,
    known: BTreeSet<IpAddr>,
    audit_at: Instant,
    /// How long to wait after the next refusal.
    retry_pause: Duration,
    actions: Vec<Action>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    End,
}

impl Worker {
    /// A worker that has done nothing yet.
    pub fn new(setup: Setup, ipvs: Ipvs, configuration: Arc<Configuration>, mailbox: Arc<Mailbox>) -> Worker {
        let starter = setup.starter.clone();
        let left = setup.left.iter().map(ServiceKey::from).collect();
        Worker {
            core: Director::new(Arc::clone(&configuration.ir), seed()),
            checks: Probes::new(&configuration, &starter),
            starter,
            configuration,
            hands: Hands::new(setup, ipvs),
            left,
            mailbox,
            monitor: None,
            permission: None,
            known: BTreeSet::new(),
            audit_at: now() + AUDIT_PAUSE,
            retry_pause: RETRY_PAUSE,
            actions: Vec::new(),
        }
    }

    /// Runs until it is told to end.
    pub async fn run(mut self) {
        self.watch_addresses();
        self.checks.make_room();
        self.permission = self.permission.take().or_else(|| self.checks.permit());
        self.start();
        loop {
            let deadline = self.core.deadline();
            let is_behind = !self.hands.side.is_empty();
            tokio::select! {
                () = self.mailbox.filled() => {
                    if self.read_mail() == Next::End {
                        break;
                    }
                }
                (probe, outcome) = self.hands.probes.next() => self.take_results(Input::Probed { probe, outcome }),
                () = until(deadline) => self.feed(Input::Tick),
                () = until(Some(self.audit_at)) => self.audit(),
                ready = readable(self.monitor.as_ref()) => match ready {
                    Ok(()) => self.hear_addresses(),
                    Err(error) => self.blind(&error),
                },
                () = sleep(FLUSH_PAUSE), if is_behind => self.hands.side.flush(),
            }
        }
        self.feed(Input::Stop);
        for _ in 0..FLUSHES_MAX {
            if self.hands.side.is_empty() {
                break;
            }
            std::thread::sleep(FLUSH_PAUSE);
            self.hands.side.flush();
        }
    }

    fn start(&mut self) {
        let mut wanted: BTreeSet<ServiceKey> = self.left.iter().copied().collect();
        wanted.extend(self.core.services().flat_map(|service| service.keys()));
        let found = match self.hands.ipvs.list(|key| wanted.contains(key)) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!("cannot read the table of virtual servers: {error}");
                self.retry_soon();
                Default::default()
            }
        };
        for key in self.left.iter().filter(|key| found.table.contains_key(key)) {
            tracing::warn!("service {key} was left by a daemon that was killed");
        }
        let left = std::mem::take(&mut self.left);
        self.feed(Input::Start { actual: &found.table, left: &left });
    }

    /// Feeds one input and does what follows from it.
    fn feed(&mut self, input: Input<'_>) {
        self.core.step(now(), input, &mut self.actions);
        self.carry_out(None);
    }

    /// Feeds one result and those that are there by now, so that edits of many servers go out together.
    fn take_results(&mut self, first: Input<'_>) {
        self.core.step(now(), first, &mut self.actions);
        for _ in 0..RESULTS_PER_TURN {
            let Some((probe, outcome)) = self.hands.probes.ended() else { break };
            self.core.step(now(), Input::Probed { probe, outcome }, &mut self.actions);
        }
        self.carry_out(None);
    }

    fn carry_out(&mut self, before: Option<&Arc<Configuration>>) {
        let commands = Commands { now: &self.configuration, checks: &self.checks, before };
        if self.hands.carry_out(&mut self.actions, self.core.owned(), &commands) == Result::Refused {
            self.retry_soon();
        }
    }

    fn retry_soon(&mut self) {
        self.audit_at = now() + self.retry_pause;
        self.retry_pause = (self.retry_pause * 2).min(RETRY_PAUSE_MAX);
    }

    fn read_mail(&mut self) -> Next {
        let pending = self.mailbox.take();
        if let Some(configuration) = pending.configuration {
            self.reload(configuration);
        }
        for (instance, state) in &pending.roles {
            self.feed(Input::Role { instance, state: *state });
        }
        for (file, value) in pending.files {
            self.feed(Input::File { file, value });
        }
        for (bfd, is_up) in pending.bfds {
            self.feed(Input::Bfd { bfd, is_up });
        }
        for (mut status, answer) in pending.questions {
            status.virtual_servers = show::virtual_servers(&self.core, &mut self.hands.ipvs);
            // Who asked may have gone away.
            let _ = answer.send(status);
        }
        if pending.is_ending { Next::End } else { Next::GoOn }
    }

    fn reload(&mut self, configuration: Arc<Configuration>) {
        let before = std::mem::replace(&mut self.configuration, configuration);
        self.checks = Probes::new(&self.configuration, &self.starter);
        self.checks.make_room();
        self.permission = self.permission.take().or_else(|| self.checks.permit());
        self.watch_addresses();
        self.core.reload(now(), Arc::clone(&self.configuration.ir), &mut self.actions);
        self.carry_out(Some(&before));
    }

    /// Looks whether the table is as it should be.
    fn audit(&mut self) {
        self.audit_at = now() + AUDIT_PAUSE;
        let owned = self.core.owned();
        let found = match self.hands.ipvs.list(|key| owned.contains(key)) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!("cannot read the table of virtual servers: {error}");
                return self.retry_soon();
            }
        };
        self.core.step(now(), Input::Audit(&found.table), &mut self.actions);
        if self.actions.is_empty() {
            self.retry_pause = RETRY_PAUSE;
            self.hands.all_is_well();
        } else if self.hands.was_refused() {
            // It is not somebody else who is to blame.
            self.actions.retain(|action| !matches!(action, Action::Trace(Trace::Drift(_))));
        }
        self.carry_out(None);
        if self.monitor.is_none() {
            self.watch_addresses();
        }
    }

    /// Follows the addresses of this host if a virtual server asks for them, and tells those that are there.
    fn watch_addresses(&mut self) {
        let is_wanted = self.configuration.ir.virtual_servers.iter().any(|server| server.ha_suspend);
        if !is_wanted {
            self.monitor = None;
        } else if self.monitor.is_none() {
            match Monitor::open() {
                Ok(monitor) => self.monitor = Some(monitor),
                Err(error) => self.blind(&error),
            }
        }
        self.tell_addresses();
    }

    fn hear_addresses(&mut self) {
        match self.monitor.as_mut().map(Monitor::read) {
            Some(Ok(Heard::Changes(changes))) => {
                let is_about_addresses = |change: &Change| match change {
                    Change::Address { .. } | Change::AddressGone { .. } | Change::InterfaceGone { .. } => true,
                    Change::Interface { .. } => false,
                };
                if changes.iter().any(is_about_addresses) {
                    self.tell_addresses();
                }
            }
            Some(Ok(Heard::Everything)) => self.tell_addresses(),
            Some(Err(error)) => self.blind(&error),
            None => {}
        }
    }

    /// Without events nobody knows whether an address is here; checks stay as they are, and the next audit tries again.
    fn blind(&mut self, error: &std::io::Error) {
        tracing::error!("cannot follow the addresses of this host (ha_suspend): {error}");
        self.monitor = None;
    }

    fn tell_addresses(&mut self) {
        let Some(monitor) = &self.monitor else { return };
        let here: BTreeSet<IpAddr> = monitor.interfaces().addresses().collect();
        let changes: Vec<(IpAddr, bool)> = here
            .difference(&self.known)
            .map(|address| (*address, true))
            .chain(self.known.difference(&here).map(|address| (*address, false)))
            .collect();
        self.known = here;
        for (address, is_here) in changes {
            self.feed(Input::Address { address, is_here });
        }
    }
}

/// Waits until that time, or for ever.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep(at.saturating_since(now())).await,
        None => std::future::pending().await,
    }
}

async fn readable(monitor: Option<&Monitor>) -> std::io::Result<()> {
    match monitor {
        Some(monitor) => monitor.readable().await,
        None => std::future::pending().await,
    }
}

/// A number that differs from start to start: it only spreads first checks over time.
fn seed() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
