//! All machines of one host.
//!
//! `step` feeds one input. What an input changes is settled before `step` returns: trackers become priorities and
//! faults ([`health`](self)), instances change their state, sync groups follow, timers are armed.

mod health;
mod reload;
mod view;

pub use view::{GroupView, InstanceView, ProcessView, ScriptView};

use crate::action::{Action, Cause, NoticeEvent, Trace};
use crate::input::{Input, LinkFacts, LinkId, RunId};
use crate::plan::{InstancePlan, Plan};
use crate::schedule::Schedule;
use crate::time::Instant;
use crate::track::{ProcessTracker, ScriptTracker};
use crate::vrrp::group::Group;
use crate::vrrp::{Cx, Instance, State, Wish};
use crate::wire::{Packet, Refusal};
use kalc_ir::{Family, InstanceId, ScriptId, SyncGroupId};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// One host's daemon, without its hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    plan: Plan,
    phase: Phase,
    /// Names of interfaces; they keep their places over reloads.
    names: Vec<Arc<str>>,
    /// What is known of them.
    links: Vec<Option<LinkFacts>>,
    /// How long changes of some of them must last to count.
    delays: BTreeMap<LinkId, Delays>,
    /// Changes that do not count yet: whether the interface is up now.
    pending: BTreeMap<LinkId, bool>,
    /// What the clock on the wall is ahead of `now`.
    utc_ahead: Duration,
    /// Watched source addresses that are not on the host.
    missing: BTreeSet<IpAddr>,
    instances: Vec<Instance>,
    /// What each instance watches, with interfaces resolved.
    watches: Vec<health::Watches>,
    groups: Vec<Group>,
    scripts: Vec<ScriptTracker>,
    /// Which scripts an instance uses; others are not run.
    is_used: Vec<bool>,
    files: Vec<i64>,
    processes: Vec<ProcessTracker>,
    /// Which BFD sessions are up, as far as VRRP is to hear of them.
    bfds: Vec<bool>,
    by_vrid: BTreeMap<(Family, u8), Vec<InstanceId>>,
    schedule: Schedule<Timer>,
    next_run: u64,
    /// Whether something that [`Node::settle`] reads has changed.
    is_dirty: bool,
}

/// How far the node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Running,
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Instance(InstanceId),
    Script(ScriptId),
    Process(u32),
    Link(LinkId),
}

/// `interface_up_down_delays`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Delays {
    down: Duration,
    up: Duration,
}

impl Node {
    /// A node that waits for [`Input::Start`].
    pub fn new(plan: Plan) -> Node {
        let mut node = Node {
            phase: Phase::Waiting,
            names: Vec::new(),
            links: Vec::new(),
            delays: BTreeMap::new(),
            pending: BTreeMap::new(),
            utc_ahead: Duration::ZERO,
            missing: BTreeSet::new(),
            instances: Vec::new(),
            watches: Vec::new(),
            groups: Vec::new(),
            scripts: Vec::new(),
            is_used: Vec::new(),
            files: Vec::new(),
            processes: Vec::new(),
            bfds: Vec::new(),
            by_vrid: BTreeMap::new(),
            schedule: Schedule::new(),
            next_run: 0,
            is_dirty: true,
            plan,
        };
        node.build(Instant::ZERO);
        node
    }

    /// Makes instances, groups and trackers from the plan; interfaces that are known stay.
    fn build(&mut self, now: Instant) {
        let ir = Arc::clone(&self.plan.ir);
        let plans = self.plan.instances.clone();
        self.instances = plans.into_iter().map(|plan| self.instance_of(plan)).collect();
        self.watches = (0..self.instances.len()).map(|index| self.watches_of(index)).collect();
        self.groups =
            (0u32..).zip(&ir.sync_groups).map(|(index, group)| Group::new(SyncGroupId(index), group)).collect();
        self.scripts = ir.scripts.iter().map(|script| ScriptTracker::new(script, now)).collect();
        self.is_used = vec![false; self.scripts.len()];
        for (script, _) in self.watches.iter().flat_map(|watches| &watches.scripts) {
            self.is_used[script.index()] = true;
        }
        self.delays = BTreeMap::new();
        for delay in &ir.interface_delays {
            let link = self.link(&delay.interface);
            // As keepalived bounds them (measured): otherwise a master would sleep through a takeover.
            let instances = self.instances.iter().filter(|instance| instance.link == link);
            let interval = instances.map(|instance| instance.plan.interval()).min();
            let longest = interval.map_or(Duration::MAX, |interval| interval * 2 - interval / 256);
            let bounded = |micros| Duration::from_micros(micros).min(longest);
            self.delays.insert(link, Delays { down: bounded(delay.down_us), up: bounded(delay.up_us) });
        }
        self.files = vec![0; ir.files.len()];
        self.processes = ir.processes.iter().map(ProcessTracker::new).collect();
        self.bfds = vec![false; ir.bfd_instances.len()];
        self.by_vrid = BTreeMap::new();
        for instance in &self.instances {
            let key = (instance.plan.family, instance.plan.vrid.get());
            self.by_vrid.entry(key).or_default().push(instance.plan.id);
        }
        // Delays may be others by now, or none.
        for (link, is_up) in std::mem::take(&mut self.pending) {
            if let Some(facts) = self.links.get_mut(link.index()).and_then(Option::as_mut) {
                facts.is_up = is_up;
            }
        }
        self.schedule = Schedule::new();
        self.is_dirty = true;
    }

    fn instance_of(&mut self, plan: InstancePlan) -> Instance {
        let (link, voice) = (self.link(&plan.interface.clone()), self.link(&plan.voice.clone()));
        Instance::new(plan, link, voice)
    }

    /// The number of an interface; a name that is new gets one. Before a reload it makes interfaces known that only the
    /// new configuration speaks of, so that they can be told of beforehand and do not look missing for a moment.
    pub fn link(&mut self, name: &str) -> LinkId {
        let index = self.names.iter().position(|known| &**known == name).unwrap_or_else(|| {
            self.names.push(name.into());
            self.links.push(None);
            self.names.len() - 1
        });
        LinkId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Feeds one input that happened at `now`, and appends what is to be done.
    ///
    /// `now` must not be before that of an earlier call.
    pub fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Action>) {
        if self.phase == Phase::Stopped {
            return;
        }
        match input {
            Input::Start => {
                self.start(now);
                self.tick(now, out);
            }
            Input::Link { link, facts } => self.set_link(now, link, facts),
            Input::Packet { link, packet } => self.packet(now, link, &packet, out),
            Input::ScriptEnded { run, outcome } => {
                let passed = outcome == crate::input::ScriptOutcome::Passed;
                let script = self.scripts.iter_mut().zip(0u32..).find(|(script, _)| script.running == Some(run));
                // A run that an earlier configuration began belongs to nobody any more.
                if let Some((script, index)) = script {
                    let is_changed = script.ended(passed);
                    // Instances may wait for the first result, whatever it is.
                    self.is_dirty |= is_changed || script.runs == 1;
                    if is_changed {
                        out.push(Action::Trace(Trace::Script { script: ScriptId(index), is_up: passed }));
                    }
                }
            }
            Input::Source { address, is_here } => {
                self.is_dirty |= if is_here { self.missing.remove(&address) } else { self.missing.insert(address) };
            }
            Input::File { file, value } => {
                if let Some(slot) = self.files.get_mut(file.index()) {
                    self.is_dirty |= *slot != value;
                    *slot = value;
                }
            }
            Input::Processes { process, running } => {
                if let Some(tracker) = self.processes.get_mut(process.index()) {
                    self.is_dirty |= tracker.count(now, running);
                    self.schedule.arm(Timer::Process(process.0), tracker.change_at);
                }
            }
            Input::Bfd { bfd, is_up } => {
                let serves = self.plan.ir.bfd_instances.get(bfd.index()).is_some_and(|bfd| bfd.serves_vrrp);
                if let Some(slot) = self.bfds.get_mut(bfd.index()).filter(|_| serves) {
                    self.is_dirty |= *slot != is_up;
                    *slot = is_up;
                }
            }
            Input::Clock { utc } => self.utc_ahead = utc.saturating_sub(now.saturating_since(Instant::ZERO)),
            Input::Tick => self.tick(now, out),
            Input::Stop => return self.stop(now, out),
        }
        self.settle(now, out);
    }

    /// The earliest time at which [`Input::Tick`] must be fed, if any.
    pub fn deadline(&self) -> Option<Instant> {
        self.schedule.next()
    }

    /// The deadline, if it is one at which a backup hears no master any more.
    pub fn takeover_at(&self) -> Option<Instant> {
        let (at, timer) = self.schedule.first()?;
        match timer {
            Timer::Instance(id) => {
                let instance = self.instances.get(id.index())?;
                matches!(instance.state, State::Backup { .. }).then_some(at)
            }
            Timer::Script(_) | Timer::Process(_) | Timer::Link(_) => None,
        }
    }

    /// An interface is as told. Whether it is up counts only once that has lasted, if it is one of those with delays; one that
    /// comes, or goes altogether, counts at once.
    fn set_link(&mut self, now: Instant, link: LinkId, mut facts: Option<LinkFacts>) {
        let Some(slot) = self.links.get_mut(link.index()) else { return };
        let delays = self.delays.get(&link).filter(|_| self.phase == Phase::Running);
        if let (Some(delays), Some(old), Some(new)) = (delays, *slot, &mut facts) {
            if old.is_up == new.is_up {
                self.pending.remove(&link);
                self.schedule.arm(Timer::Link(link), None);
            } else {
                if self.pending.insert(link, new.is_up) != Some(new.is_up) {
                    let delay = if new.is_up { delays.up } else { delays.down };
                    self.schedule.arm(Timer::Link(link), Some(now + delay));
                }
                new.is_up = old.is_up;
            }
        } else {
            self.pending.remove(&link);
            self.schedule.arm(Timer::Link(link), None);
        }
        self.is_dirty |= *slot != facts;
        *slot = facts;
    }

    fn start(&mut self, now: Instant) {
        self.phase = Phase::Running;
        self.is_dirty = true;
        let global = &self.plan.ir.global;
        let after_boot = Instant::ZERO + Duration::from_micros(global.vrrp_delay_after_boot_us);
        let begin_at = (now + Duration::from_micros(global.vrrp_startup_delay_us)).max(after_boot);
        for index in 0..self.instances.len() {
            self.instances[index].state = State::Init { begin_at: Some(begin_at) };
            self.arm(index);
        }
        self.start_scripts(now);
    }

    fn start_scripts(&mut self, now: Instant) {
        for (index, script) in (0u32..).zip(&mut self.scripts) {
            if self.is_used[index as usize] {
                script.next_at = script.next_at.max(now);
                self.schedule.arm(Timer::Script(ScriptId(index)), Some(script.next_at));
            }
        }
    }

    fn tick(&mut self, now: Instant, out: &mut Vec<Action>) {
        // Bounded: every key fires at most once, since each arms itself behind `now`.
        while let Some(timer) = self.schedule.pop_due(now) {
            match timer {
                Timer::Instance(id) => {
                    let wish = self.instances[id.index()].tick(&mut cx(now, self.utc_ahead, &self.links, out));
                    if let Some(wish) = wish {
                        self.grant(now, id, wish, out);
                    }
                    self.arm(id.index());
                }
                Timer::Script(id) => {
                    let script = &mut self.scripts[id.index()];
                    if script.tick(now) {
                        self.next_run += 1;
                        let run = RunId(self.next_run);
                        script.running = Some(run);
                        out.push(Action::RunScript { script: id, run });
                    }
                    self.schedule.arm(timer, Some(script.next_at));
                }
                Timer::Link(link) => {
                    let is_up = self.pending.remove(&link);
                    let facts = self.links.get_mut(link.index()).and_then(Option::as_mut);
                    if let (Some(is_up), Some(facts)) = (is_up, facts) {
                        facts.is_up = is_up;
                        self.is_dirty = true;
                    }
                }
                Timer::Process(index) => {
                    let tracker = &mut self.processes[index as usize];
                    self.is_dirty |= tracker.tick(now);
                    self.schedule.arm(timer, tracker.change_at);
                }
            }
        }
    }

    /// Finds whom a packet is for: the virtual router of that number on the wire it came in by, or, for unicast, the one
    /// that speaks from the address it was sent to.
    fn packet(&mut self, now: Instant, link: LinkId, packet: &Packet<'_>, out: &mut Vec<Action>) {
        let Some(peek) = packet.peek() else {
            out.push(Action::Trace(Trace::Refused { instance: None, source: None, reason: Refusal::Truncated }));
            return;
        };
        let candidates = self.by_vrid.get(&(peek.family, peek.vrid)).map_or(&[][..], Vec::as_slice);
        let is_for = |id: &&InstanceId| {
            let instance = &self.instances[id.index()];
            let is_unicast = instance.plan.ir().unicast_peers().is_some();
            match (peek.is_multicast, is_unicast) {
                (true, false) => instance.link == link,
                (false, true) => instance.source(&self.links) == Some(peek.destination),
                (true, true) | (false, false) => false,
            }
        };
        // Without one that fits, the one on this wire counts what it cannot use.
        let on_link = |id: &&InstanceId| self.instances[id.index()].link == link;
        let found = candidates.iter().find(is_for).or_else(|| candidates.iter().find(on_link)).copied();
        let Some(id) = found else {
            out.push(Action::Trace(Trace::UnknownVrid { vrid: peek.vrid, source: peek.source }));
            return;
        };
        let wish = self.instances[id.index()].packet(&mut cx(now, self.utc_ahead, &self.links, out), packet);
        if let Some(wish) = wish {
            self.grant(now, id, wish, out);
        }
        self.arm(id.index());
    }

    /// Does what an instance would do, as far as its sync group permits.
    fn grant(&mut self, now: Instant, id: InstanceId, wish: Wish, out: &mut Vec<Action>) {
        let others = self.others_in_group(id);
        match wish {
            Wish::Begin => {
                // A script without a first result holds the whole group back; `settle` goes on from here.
                self.instances[id.index()].state = State::Init { begin_at: None };
                self.watches[id.index()].is_waiting = true;
                self.is_dirty = true;
            }
            Wish::Master => {
                let is_ready = |other: &InstanceId| match self.instances[other.index()].state {
                    State::Master { .. } => true,
                    State::Backup { is_ready, master_down_at, .. } => is_ready || master_down_at <= now,
                    State::Init { .. } | State::Fault => false,
                };
                if !others.iter().all(is_ready) {
                    self.instances[id.index()].wait_for_group(now);
                    return;
                }
                self.instances[id.index()]
                    .become_master(&mut cx(now, self.utc_ahead, &self.links, out), Cause::MasterDown);
                for other in others {
                    if !self.instances[other.index()].state.is_master() {
                        self.instances[other.index()]
                            .become_master(&mut cx(now, self.utc_ahead, &self.links, out), Cause::Group);
                        self.arm(other.index());
                    }
                }
            }
            Wish::Backup(_) | Wish::GiveWay => {
                let cause = match wish {
                    Wish::Backup(address) => Cause::HigherPriority(address),
                    Wish::Begin | Wish::Master | Wish::GiveWay => Cause::Late,
                };
                self.instances[id.index()].become_backup(&mut cx(now, self.utc_ahead, &self.links, out), cause);
                for other in others {
                    if self.instances[other.index()].state.is_master() {
                        self.instances[other.index()]
                            .become_backup(&mut cx(now, self.utc_ahead, &self.links, out), Cause::Group);
                        self.arm(other.index());
                    }
                }
            }
        }
    }

    /// The other members of an instance's sync group.
    fn others_in_group(&self, id: InstanceId) -> Vec<InstanceId> {
        let group = self.instances[id.index()].plan.ir().sync_group;
        let members = group.map_or(&[][..], |group| self.plan.members(group));
        members.iter().copied().filter(|other| *other != id).collect()
    }

    fn arm(&mut self, index: usize) {
        let instance = &self.instances[index];
        self.schedule.arm(Timer::Instance(instance.plan.id), instance.state.deadline());
    }

    fn stop(&mut self, now: Instant, out: &mut Vec<Action>) {
        self.phase = Phase::Stopped;
        for instance in &mut self.instances {
            instance.stop(&mut cx(now, self.utc_ahead, &self.links, out), NoticeEvent::Stop);
        }
        let ir = &self.plan.ir;
        for group in &self.groups {
            group.notify(ir.sync_group(group.id), NoticeEvent::Stop, out);
        }
        self.schedule = Schedule::new();
    }
}

fn cx<'a>(now: Instant, utc_ahead: Duration, links: &'a [Option<LinkFacts>], out: &'a mut Vec<Action>) -> Cx<'a> {
    Cx { now, utc: now.saturating_since(Instant::ZERO) + utc_ahead, links, out }
}
