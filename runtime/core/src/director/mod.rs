//! A director of IPVS, without its hands: which services the kernel should hold, by the health of the real servers.
//!
//! `step` feeds one input. Checks ([`check`](crate::check)) give verdicts, verdicts move servers, servers move the
//! quorum of their virtual server, and what the kernel should hold follows from that; [`diff`] finds the edits. What is
//! changed is changed before anybody is told of it.
//!
//! The director believes that its edits were made. Whoever makes them says otherwise with [`Input::Audit`], which also
//! finds what others changed.

mod action;
mod desired;
mod reload;
mod server;
mod service;
mod sync_daemon;
mod tell;
mod view;

pub use action::{Action, CheckId, Input, ProbeId, Quorum, ServiceMail, ServiceNotice, SyncRole, SyncSettings, Trace};
pub use desired::SERVICES_MAX;
pub(crate) use desired::refuse;
pub(crate) use service::name;
pub use view::{ServerView, ServiceView};

use crate::check::{Checker, Effect, Event, first_wait};
use crate::kernel::{Edit, ServiceKey, Table, diff};
use crate::schedule::Schedule;
use crate::sim::random::Chance;
use crate::time::Instant;
use desired::Front;
use kalc_ir::global::FlushOnStop;
use kalc_ir::{CheckerKind, Ir};
use server::Server;
use service::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use sync_daemon::SyncState;
use tell::Servers;
use tell::When;

/// All virtual servers of one host.
#[derive(Clone, Debug)]
pub struct Director {
    ir: Arc<Ir>,
    phase: Phase,
    /// By their place in the configuration.
    services: Vec<Service>,
    /// Which virtual servers ask for a service of the kernel, in the order of the configuration.
    claims: BTreeMap<ServiceKey, Vec<(usize, Front)>>,
    /// What the kernel holds of ours, as far as is known.
    actual: Table,
    /// Services that are ours to remove: those of the configuration, and what was left by others of us.
    owned: BTreeSet<ServiceKey>,
    /// Addresses of the host.
    addresses: BTreeSet<IpAddr>,
    sync: SyncState,
    /// Probes that have not ended, with the check and its number of the run.
    probes: BTreeMap<ProbeId, (CheckId, u32)>,
    next_probe: u64,
    schedule: Schedule<CheckId>,
    chance: Chance,
    /// Kept so that it need not be allocated again.
    effects: Vec<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    Stopped,
}

impl Director {
    /// A director that waits for [`Input::Start`]. The seed spreads first checks over time (`warmup`).
    pub fn new(ir: Arc<Ir>, seed: u64) -> Director {
        let mut director = Director {
            phase: Phase::Waiting,
            services: Vec::new(),
            claims: BTreeMap::new(),
            actual: Table::new(),
            owned: BTreeSet::new(),
            addresses: BTreeSet::new(),
            sync: SyncState::default(),
            probes: BTreeMap::new(),
            next_probe: 0,
            schedule: Schedule::new(),
            chance: Chance::new(seed),
            effects: Vec::new(),
            ir,
        };
        director.build(Instant::ZERO);
        director
    }

    /// Makes virtual servers from the configuration as if they were new.
    fn build(&mut self, now: Instant) {
        let ir = Arc::clone(&self.ir);
        self.claims = BTreeMap::new();
        self.schedule = Schedule::new();
        self.services = Vec::with_capacity(ir.virtual_servers.len());
        for (index, server) in ir.virtual_servers.iter().enumerate() {
            let fronts = desired::fronts(server, &ir);
            for front in &fronts {
                self.claims.entry(front.key).or_default().push((index, *front));
            }
            let mut servers = Vec::with_capacity(server.real_servers.len());
            for real in &server.real_servers {
                let check = |spec| Checker::new(spec, first_wait(spec, self.chance.next()));
                servers.push(Server::new(real, real.checkers.iter().map(check).collect(), now));
            }
            let is_suspended = server.ha_suspend && !self.holds_one_of(&fronts);
            let name = service::name(server).into();
            let quorum = Quorum::NeverHeld;
            self.services.push(Service { name, fronts, servers, quorum, since: now, is_suspended });
        }
    }

    /// When [`Input::Tick`] must come, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        self.schedule.next()
    }

    /// Services that this director must remove some day. It is written down before edits are made, so that nothing is
    /// left when the daemon is killed.
    pub fn owned(&self) -> &BTreeSet<ServiceKey> {
        &self.owned
    }

    /// The configuration.
    pub fn ir(&self) -> &Arc<Ir> {
        &self.ir
    }

    /// Feeds one input; appends what follows from it, in order.
    pub fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Action>) {
        if self.phase == Phase::Stopped {
            return;
        }
        match input {
            Input::Start { actual, left } => self.start(now, actual, left, out),
            Input::Probed { probe, outcome } => {
                // A probe that nobody waits for any more tells nothing.
                if let Some((check, run)) = self.probes.remove(&probe) {
                    self.check(now, check, Event::Ended { run, outcome }, out);
                }
            }
            Input::File { file, value } => {
                let follows = |kind: &CheckerKind| matches!(kind, CheckerKind::File { file: own, .. } if *own == file);
                self.tell_followers(now, follows, &Event::File(value), out);
            }
            Input::Bfd { bfd, is_up } => {
                let follows = |kind: &CheckerKind| matches!(kind, CheckerKind::Bfd { bfd: own } if *own == bfd);
                if self.ir.bfd_instances.get(bfd.index()).is_some_and(|bfd| bfd.serves_checkers) {
                    self.tell_followers(now, follows, &Event::Bfd(is_up), out);
                }
            }
            Input::Address { address, is_here } => self.address(now, address, is_here, out),
            Input::Role { instance, state } => {
                self.sync.role(instance, state);
                self.settle_sync(out);
            }
            Input::Audit(actual) => self.audit(actual, out),
            Input::Tick => {
                while let Some(check) = self.schedule.pop_due(now) {
                    self.check(now, check, Event::Tick, out);
                }
            }
            Input::Stop => self.stop(out),
        }
    }

    fn start(&mut self, now: Instant, actual: &Table, left: &[ServiceKey], out: &mut Vec<Action>) {
        if self.phase != Phase::Waiting {
            return;
        }
        self.phase = Phase::Running;
        let ir = Arc::clone(&self.ir);
        self.owned = left.iter().copied().chain(self.claims.keys().copied()).collect();
        if ir.global.lvs_flush {
            out.push(Action::Flush);
        } else {
            self.believe(actual);
        }
        out.push(Action::SetTimeouts(ir.global.lvs_timeouts));
        let mut told = Vec::new();
        for (index, (service, server)) in self.services.iter_mut().zip(&ir.virtual_servers).enumerate() {
            service.since = now;
            service.servers.iter_mut().for_each(|server| server.since = now);
            if service.settle(server, now) {
                told.push(index);
            }
        }
        self.reconcile(self.owned.clone(), out);
        for index in 0..self.services.len() {
            if ir.global.rs_init_notifies {
                self.tell_servers_that_are_up(index, out);
            }
            if told.contains(&index) {
                self.tell_quorum(index, When::Start, out);
            }
            self.begin_checks(now, index, out);
        }
        self.settle_sync(out);
    }

    /// Starts the checks of a virtual server that have not started, or keeps them from it.
    fn begin_checks(&mut self, now: Instant, service: usize, out: &mut Vec<Action>) {
        if self.services[service].is_suspended {
            self.cancel(|check| check.service as usize == service, out);
            self.each_check(now, service, &Event::Suspend, out);
        } else {
            // One that is suspended goes on, one that is new begins; all others go on as they are.
            self.each_check(now, service, &Event::Resume, out);
            self.each_check(now, service, &Event::Start, out);
        }
    }

    fn each_check(&mut self, now: Instant, service: usize, event: &Event, out: &mut Vec<Action>) {
        let counts: Vec<usize> = self.services[service].servers.iter().map(|server| server.checks.len()).collect();
        for (server, count) in counts.into_iter().enumerate() {
            for check in 0..count {
                self.check(now, check_id(service, server, check), event.clone(), out);
            }
        }
    }

    /// Feeds a check one event, and does what follows from it.
    fn check(&mut self, now: Instant, id: CheckId, event: Event, out: &mut Vec<Action>) {
        let (service, server) = (id.service as usize, id.server as usize);
        let mut effects = std::mem::take(&mut self.effects);
        let Some(check) = self.checker(id) else { return };
        let before = (check.is_up(), check.weight());
        check.step(now, event, &mut effects);
        let changes = before != (check.is_up(), check.weight());
        let deadline = check.deadline();
        self.schedule.arm(id, deadline);
        for effect in effects.drain(..) {
            match effect {
                Effect::Probe { run, page } => {
                    let probe = ProbeId(self.next_probe);
                    self.next_probe += 1;
                    self.probes.insert(probe, (id, run));
                    out.push(Action::Probe { probe, check: id, page });
                }
                Effect::Verdict(_) => self.server_changed(now, service, server, changes, out),
                Effect::Failing { failure, tries_left } => {
                    let name = self.server_name(service, server);
                    let service = Arc::clone(&self.services[service].name);
                    out.push(Action::Trace(Trace::Failing { service, server: name, failure, tries_left }));
                }
            }
        }
        self.effects = effects;
    }

    fn checker(&mut self, id: CheckId) -> Option<&mut Checker> {
        let server = self.services.get_mut(id.service as usize)?.servers.get_mut(id.server as usize)?;
        server.checks.get_mut(id.check as usize)
    }

    /// A check of a server has come to another verdict, or to its first.
    ///
    /// A first verdict that says what was believed anyway `changes` nothing in the table: with many servers, all of
    /// them bring one soon after the start.
    fn server_changed(&mut self, now: Instant, service: usize, server: usize, changes: bool, out: &mut Vec<Action>) {
        let ir = Arc::clone(&self.ir);
        let virtual_server = &ir.virtual_servers[service];
        let known = &mut self.services[service].servers[server];
        let is_up = known.checks.iter().all(Checker::is_up);
        if known.is_up != is_up {
            (known.is_up, known.since) = (is_up, now);
        }
        let is_news = known.told != Some(is_up) && (is_up || known.checks.iter().any(has_failed));
        if is_news {
            known.told = Some(is_up);
        }
        let weight = known.weight(&virtual_server.real_servers[server]);
        let told_weight = std::mem::replace(&mut known.told_weight, weight);
        let is_quorum_news = changes && self.services[service].settle(virtual_server, now);
        if changes {
            self.reconcile_service(service, out);
        }
        if weight != told_weight {
            let name = self.server_name(service, server);
            let service = Arc::clone(&self.services[service].name);
            out.push(Action::Trace(Trace::Weight { service, server: name, from: told_weight, to: weight }));
        }
        if is_news {
            self.tell_server(service, server, is_up, out);
        }
        if is_quorum_news {
            self.tell_quorum(service, When::Later, out);
        }
    }

    /// Tells the checks that follow a file or a session.
    fn tell_followers(
        &mut self,
        now: Instant,
        follows: impl Fn(&CheckerKind) -> bool,
        event: &Event,
        out: &mut Vec<Action>,
    ) {
        let ir = Arc::clone(&self.ir);
        for (service, virtual_server) in ir.virtual_servers.iter().enumerate() {
            for (server, real) in virtual_server.real_servers.iter().enumerate() {
                for (index, check) in real.checkers.iter().enumerate() {
                    if follows(&check.kind) {
                        self.check(now, check_id(service, server, index), event.clone(), out);
                    }
                }
            }
        }
    }

    /// `ha_suspend`: checks run while the host holds the address of their virtual server.
    ///
    /// Differs: the checks of a group run while the host holds one of its addresses; with keepalived 2.2.7 they never
    /// run (measured).
    fn address(&mut self, now: Instant, address: IpAddr, is_here: bool, out: &mut Vec<Action>) {
        let is_changed = if is_here { self.addresses.insert(address) } else { self.addresses.remove(&address) };
        if !is_changed || self.phase != Phase::Running {
            return self.refresh_suspension();
        }
        for index in 0..self.services.len() {
            self.suspend_or_resume(now, index, out);
        }
    }

    fn refresh_suspension(&mut self) {
        for index in 0..self.services.len() {
            let is_suspended = self.should_suspend(index);
            self.services[index].is_suspended = is_suspended;
        }
    }

    fn should_suspend(&self, index: usize) -> bool {
        self.ir.virtual_servers[index].ha_suspend && !self.holds_one_of(&self.services[index].fronts)
    }

    fn suspend_or_resume(&mut self, now: Instant, index: usize, out: &mut Vec<Action>) {
        let is_suspended = self.should_suspend(index);
        if is_suspended == self.services[index].is_suspended {
            return;
        }
        self.services[index].is_suspended = is_suspended;
        let service = Arc::clone(&self.services[index].name);
        out.push(Action::Trace(Trace::Suspended { service, is_suspended }));
        if is_suspended {
            self.cancel(|check| check.service as usize == index, out);
        }
        let event = if is_suspended { Event::Suspend } else { Event::Resume };
        self.each_check(now, index, &event, out);
    }

    fn holds_one_of(&self, fronts: &[Front]) -> bool {
        use crate::kernel::Takes;
        fronts.iter().any(|front| match front.key.takes {
            Takes::Address { address, .. } => self.addresses.contains(&address),
            Takes::Fwmark(_) => false,
        })
    }

    /// Forgets probes, as far as they are of such checks.
    fn cancel(&mut self, is_void: impl Fn(CheckId) -> bool, out: &mut Vec<Action>) {
        self.probes.retain(|probe, (check, _)| {
            let is_void = is_void(*check);
            if is_void {
                out.push(Action::Cancel(*probe));
            }
            !is_void
        });
    }

    /// Takes in what the kernel holds of ours.
    fn believe(&mut self, actual: &Table) {
        self.actual = self.owned.iter().filter_map(|key| Some((*key, actual.get(key)?.clone()))).collect();
    }

    fn audit(&mut self, actual: &Table, out: &mut Vec<Action>) {
        if self.phase != Phase::Running {
            return;
        }
        self.believe(actual);
        let before = out.len();
        self.reconcile(self.owned.clone(), out);
        let edits = out.split_off(before);
        for edit in edits {
            if let Action::Edit(edit) = &edit {
                out.push(Action::Trace(Trace::Drift(edit.clone())));
            }
            out.push(edit);
        }
    }

    /// Makes the services of a virtual server as they should be.
    fn reconcile_service(&mut self, service: usize, out: &mut Vec<Action>) {
        let scope = self.services[service].fronts.iter().map(|front| front.key).collect();
        self.reconcile(scope, out);
    }

    /// Makes services as they should be.
    fn reconcile(&mut self, scope: BTreeSet<ServiceKey>, out: &mut Vec<Action>) {
        let ir = Arc::clone(&self.ir);
        let desired: Table = scope
            .iter()
            .filter_map(|key| {
                let claims = self.claims.get(key)?;
                let claims =
                    claims.iter().map(|(index, front)| (&ir.virtual_servers[*index], &self.services[*index], *front));
                Some((*key, desired::service(claims)?))
            })
            .collect();
        for edit in diff(&self.actual, &desired, &scope) {
            // The edit comes from this very table.
            if edit.apply(&mut self.actual).is_ok() {
                if matches!(edit, Edit::RemoveService { .. }) {
                    self.owned.remove(&edit.service());
                }
                out.push(Action::Edit(edit));
            }
        }
        // What is neither there nor wanted is nobody's.
        for key in scope {
            if !desired.contains_key(&key) && !self.actual.contains_key(&key) {
                self.owned.remove(&key);
            }
        }
    }

    fn stop(&mut self, out: &mut Vec<Action>) {
        self.phase = Phase::Stopped;
        self.schedule = Schedule::new();
        self.cancel(|_| true, out);
        self.sync.stop(out);
        let ir = Arc::clone(&self.ir);
        self.claims.clear();
        let flush = ir.global.lvs_flush_on_stop;
        if flush == FlushOnStop::All {
            out.push(Action::Flush);
            self.actual.clear();
            self.owned.clear();
        } else {
            self.reconcile(self.owned.clone(), out);
        }
        let servers = if flush == FlushOnStop::No { Servers::Told } else { Servers::Untold };
        for (server, known) in ir.virtual_servers.iter().zip(&self.services) {
            if server.omega {
                tell::loss(known, server, servers, out);
            }
        }
    }
}

/// Whether a check has found something wrong.
fn has_failed(check: &Checker) -> bool {
    check.has_concluded() && !check.is_up()
}

fn check_id(service: usize, server: usize, check: usize) -> CheckId {
    let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    CheckId { service: number(service), server: number(server), check: number(check) }
}
