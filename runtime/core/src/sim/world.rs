//! The world: one queue of events, hosts, and the carrying out of what their nodes want.

use super::fault::{Fault, ScriptWill};
use super::hosts::{addresses, labels, owns};
use super::network::Network;
use super::oracle::{Oracle, Violation};
use super::random::Chance;
use super::timeline::{Entry, Labels};
use crate::action::{Action, Advertisement, Cause, Trace};
use crate::input::{Input, LinkFacts, LinkId, RunId, ScriptOutcome};
use crate::node::Node;
use crate::plan::Plan;
use crate::time::Instant;
use crate::vrrp::StateName;
use crate::wire::Packet;
use kalc_ir::BfdId;
use kalc_ir::{Family, InstanceId};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a script takes that does not hang.
const SCRIPT_TIME: Duration = Duration::from_millis(10);
/// Packets that wait for a paused host; a socket's buffer has an end too.
const WAITING_MAX: usize = 256;
/// Clocks do not begin at the same moment, and never at 0, from which nothing could be taken.
const EPOCH: Duration = Duration::from_secs(1_000);

/// When worlds begin by the clock on the wall: some day in 2027, later than any clock counts from.
const UTC: Duration = Duration::from_secs(1_800_000_000);

/// One host.
#[derive(Clone, Debug)]
pub struct HostSetup {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub plan: Plan,
}

/// Everything that a world follows from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The hosts.
    pub hosts: Vec<HostSetup>,
    /// What decides what chance would.
    pub seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    plan: Plan,
    node: Node,
    is_running: bool,
    is_paused: bool,
    has_carrier: bool,
    /// Its clock is the world's and that.
    offset: Duration,
    facts: Vec<LinkFacts>,
    bound: BTreeSet<InstanceId>,
    waiting: VecDeque<Arrival>,
    wills: Vec<ScriptWill>,
    /// Grows with each start: what was scheduled for an earlier life is void.
    life: u32,
    /// When it will be woken.
    alarm: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    link: LinkId,
    source: IpAddr,
    destination: IpAddr,
    ttl: u8,
    bytes: Arc<[u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Fault(usize),
    Arrival { host: usize, arrival: Arrival },
    Alarm { host: usize, life: u32 },
    ScriptEnd { host: usize, life: u32, run: RunId, passed: bool, in_time: bool },
}

/// A cluster in virtual time.
#[derive(Clone, Debug)]
pub struct World {
    now: Instant,
    hosts: Vec<Host>,
    network: Network,
    chance: Chance,
    queue: BinaryHeap<Reverse<(Instant, u64, Event)>>,
    sequence: u64,
    faults: Vec<Fault>,
    oracle: Oracle,
    timeline: Vec<(Instant, Entry)>,
    labels: Labels,
    violations: usize,
}

impl World {
    /// A world in which all hosts start at once, at time 0.
    pub fn new(setup: Setup) -> World {
        let labels = labels(&setup.hosts);
        let nodes: Vec<Node> = setup.hosts.iter().map(|host| Node::new(host.plan.clone())).collect();
        let network = Network::new(nodes.iter());
        let addresses = addresses(&nodes);
        let hosts = setup.hosts.into_iter().zip(nodes).zip(addresses).map(|((setup, node), facts)| Host {
            wills: vec![ScriptWill::Pass; setup.plan.ir.scripts.len()],
            plan: setup.plan,
            node,
            is_running: false,
            is_paused: false,
            has_carrier: true,
            offset: EPOCH,
            facts,
            bound: BTreeSet::new(),
            waiting: VecDeque::new(),
            life: 0,
            alarm: None,
        });
        let mut world = World {
            now: Instant::ZERO,
            hosts: hosts.collect(),
            network,
            chance: Chance::new(setup.seed),
            queue: BinaryHeap::new(),
            sequence: 0,
            faults: Vec::new(),
            oracle: Oracle::default(),
            timeline: Vec::new(),
            labels,
            violations: 0,
        };
        world.oracle = Oracle::new(&world);
        for host in 0..world.hosts.len() {
            world.start(host);
        }
        world.judge();
        world
    }

    /// Something will happen.
    pub fn schedule(&mut self, at: Instant, fault: Fault) {
        self.faults.push(fault);
        self.push(at, Event::Fault(self.faults.len() - 1));
    }

    /// Something happens now.
    pub fn inflict(&mut self, fault: Fault) {
        self.timeline.push((self.now, Entry::Fault(fault)));
        self.carry(fault);
        self.judge();
    }

    /// Ends every fault: the network is whole, all hosts run, have carrier, and their scripts pass.
    pub fn heal_all(&mut self) {
        self.inflict(Fault::Heal);
        for host in 0..self.hosts.len() {
            for script in 0..self.hosts[host].wills.len() {
                if self.hosts[host].wills[script] != ScriptWill::Pass {
                    self.inflict(Fault::Script { host, script, will: ScriptWill::Pass });
                }
            }
            if !self.hosts[host].has_carrier {
                self.inflict(Fault::LinkUp(host));
            }
            if self.hosts[host].is_paused {
                self.inflict(Fault::Resume(host));
            }
            if !self.hosts[host].is_running {
                self.inflict(Fault::Start(host));
            }
        }
    }

    /// Lets time pass, and everything happen that happens until then.
    pub fn run_until(&mut self, until: Instant) {
        while let Some(Reverse((at, _, _))) = self.queue.peek()
            && *at <= until
            && let Some(Reverse((at, _, event))) = self.queue.pop()
        {
            self.now = self.now.max(at);
            self.happen(event);
            self.judge();
        }
        self.now = self.now.max(until);
    }

    /// The time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How many hosts there are.
    pub fn host_count(&self) -> usize {
        self.hosts.len()
    }

    /// A host's node.
    ///
    /// # Panics
    /// If there is no such host.
    pub fn node(&self, host: usize) -> &Node {
        &self.hosts[host].node
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Whether its daemon runs.
    pub fn is_running(&self, host: usize) -> bool {
        self.hosts.get(host).is_some_and(|host| host.is_running)
    }

    /// Whether its daemon runs and the host does not stand still.
    pub fn is_awake(&self, host: usize) -> bool {
        self.hosts.get(host).is_some_and(|host| host.is_running && !host.is_paused)
    }

    /// The state of an instance; INIT where no daemon runs.
    pub fn state(&self, host: usize, instance: InstanceId) -> StateName {
        let known = self.hosts.get(host).filter(|host| host.is_running);
        known.and_then(|host| host.node.instances().nth(instance.index())).map_or(StateName::Init, |view| view.state)
    }

    /// Whether the host has the addresses of an instance.
    pub fn has_addresses(&self, host: usize, instance: InstanceId) -> bool {
        self.hosts.get(host).is_some_and(|host| host.bound.contains(&instance))
    }

    /// Whether nothing but time keeps an instance from being master.
    pub(super) fn can_be_master(&self, host: usize, instance: InstanceId) -> bool {
        let node = &self.hosts[host].node;
        let group = node.plan().ir.instance(instance).sync_group;
        let members = group.map_or(&[][..], |group| &node.plan().ir.sync_group(group).members);
        let is_well = |member: &InstanceId| matches!(self.state(host, *member), StateName::Backup | StateName::Master);
        self.hosts[host].has_carrier && members.iter().all(is_well)
    }

    /// What happened so far.
    pub fn timeline(&self) -> &[(Instant, Entry)] {
        &self.timeline
    }

    /// Names for the timeline.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// How many laws were broken.
    pub fn violations(&self) -> impl Iterator<Item = (Instant, &Violation)> {
        self.timeline.iter().filter_map(|(at, entry)| match entry {
            Entry::Violation(violation) => Some((*at, violation)),
            Entry::Fault(_) | Entry::Trace { .. } => None,
        })
    }

    /// Whether no law was broken.
    pub fn is_lawful(&self) -> bool {
        self.violations == 0
    }

    fn push(&mut self, at: Instant, event: Event) {
        self.sequence += 1;
        self.queue.push(Reverse((at, self.sequence, event)));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Fault(index) => {
                let fault = self.faults[index];
                self.timeline.push((self.now, Entry::Fault(fault)));
                self.carry(fault);
            }
            Event::Arrival { host, arrival } => self.arrive(host, arrival),
            Event::Alarm { host, life } => {
                let at = self.hosts[host].alarm;
                if self.hosts[host].life == life && at == Some(self.now) {
                    self.hosts[host].alarm = None;
                    if self.is_awake(host) {
                        self.feed(host, Input::Tick);
                    }
                }
            }
            Event::ScriptEnd { host, life, run, passed, in_time } => {
                if self.hosts[host].life == life && self.is_running(host) {
                    let outcome = match (passed, in_time) {
                        (true, _) => ScriptOutcome::Passed,
                        (false, true) => ScriptOutcome::Failed,
                        (false, false) => ScriptOutcome::TimedOut,
                    };
                    self.feed(host, Input::ScriptEnded { run, outcome });
                }
            }
        }
    }

    fn carry(&mut self, fault: Fault) {
        match fault {
            Fault::Kill(host) => self.kill(host),
            Fault::Stop(host) => {
                if self.is_awake(host) {
                    self.feed(host, Input::Stop);
                    self.kill(host);
                }
            }
            Fault::Start(host) => {
                if !self.is_running(host) {
                    self.start(host);
                }
            }
            Fault::LinkDown(host) => self.set_carrier(host, false),
            Fault::LinkUp(host) => self.set_carrier(host, true),
            Fault::Pause(host) => self.hosts[host].is_paused = self.hosts[host].is_running,
            Fault::Resume(host) => self.resume(host),
            Fault::Cut { from, to } => self.network.cut(from, to),
            Fault::Partition(host) => self.network.partition(host),
            Fault::Heal => self.network.heal(),
            Fault::Loss(permille) => self.network.lose(permille),
            Fault::Duplicate(permille) => self.network.duplicate(permille),
            Fault::Delay(jitter) => self.network.delay(jitter),
            Fault::Jump(host, by) => {
                self.hosts[host].offset += by;
                self.oracle.forget(host);
                if self.is_awake(host) {
                    self.tell_clock(host);
                    self.feed(host, Input::Tick);
                }
            }
            Fault::Script { host, script, will } => {
                if let Some(slot) = self.hosts[host].wills.get_mut(script) {
                    *slot = will;
                }
            }
        }
    }

    fn start(&mut self, host: usize) {
        let state = &mut self.hosts[host];
        state.node = Node::new(state.plan.clone());
        (state.is_running, state.is_paused) = (true, false);
        state.life += 1;
        state.alarm = None;
        self.oracle.forget(host);
        self.tell_links(host);
        self.tell_clock(host);
        // Nothing here speaks BFD: neighbours outside are reached.
        for index in (0..).take(self.hosts[host].node.plan().ir.bfd_instances.len()) {
            self.feed(host, Input::Bfd { bfd: BfdId(index), is_up: true });
        }
        self.feed(host, Input::Start);
    }

    /// The clocks on the walls of all hosts show the same time, whatever their own clocks count from.
    fn tell_clock(&mut self, host: usize) {
        self.feed(host, Input::Clock { utc: UTC + self.now.saturating_since(Instant::ZERO) });
    }

    fn kill(&mut self, host: usize) {
        let state = &mut self.hosts[host];
        (state.is_running, state.is_paused) = (false, false);
        state.bound.clear();
        state.waiting.clear();
        self.oracle.forget(host);
    }

    fn set_carrier(&mut self, host: usize, has_carrier: bool) {
        self.hosts[host].has_carrier = has_carrier;
        if self.is_awake(host) {
            self.tell_links(host);
        }
    }

    fn resume(&mut self, host: usize) {
        if !self.hosts[host].is_paused {
            return;
        }
        self.hosts[host].is_paused = false;
        self.oracle.forget(host);
        self.tell_links(host);
        self.tell_clock(host);
        // As the driver does: what waits in the sockets is heard before any timer speaks.
        for arrival in std::mem::take(&mut self.hosts[host].waiting) {
            self.arrive(host, arrival);
        }
        self.feed(host, Input::Tick);
    }

    fn tell_links(&mut self, host: usize) {
        for index in 0..self.hosts[host].facts.len() {
            let state = &self.hosts[host];
            let facts = LinkFacts { is_up: state.has_carrier, ..state.facts[index] };
            let link = LinkId(u32::try_from(index).unwrap_or(u32::MAX));
            self.feed(host, Input::Link { link, facts: Some(facts) });
        }
    }

    fn arrive(&mut self, host: usize, arrival: Arrival) {
        let state = &mut self.hosts[host];
        if !state.is_running || !state.has_carrier {
            return;
        }
        if state.is_paused {
            if state.waiting.len() < WAITING_MAX {
                state.waiting.push_back(arrival);
            }
            return;
        }
        let packet = match (arrival.source, arrival.destination) {
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                Packet::V6 { source, destination, hop_limit: arrival.ttl, bytes: &arrival.bytes }
            }
            _ => Packet::V4 { bytes: &arrival.bytes },
        };
        let counts = |node: &Node| -> Vec<(u64, u64)> {
            let of = |view: crate::node::InstanceView<'_>| {
                (view.counters.adverts_received, view.counters.priority_zero_received)
            };
            node.instances().map(of).collect()
        };
        let before = counts(&state.node);
        self.feed(host, Input::Packet { link: arrival.link, packet });
        let after = counts(&self.hosts[host].node);
        for (index, (before, after)) in (0u32..).zip(before.iter().zip(&after)) {
            let instance = InstanceId(index);
            if before.1 != after.1 {
                self.oracle.forget_master(host, instance);
            } else if before.0 != after.0 {
                self.oracle.heard(self.now, host, instance);
            }
        }
    }

    fn feed(&mut self, host: usize, input: Input<'_>) {
        let mut actions = Vec::new();
        let state = &mut self.hosts[host];
        let now = self.now + state.offset;
        state.node.step(now, input, &mut actions);
        for action in actions {
            self.act(host, action);
        }
        let state = &mut self.hosts[host];
        let life = state.life;
        let alarm = state.node.deadline().map(|at| (at - state.offset).max(self.now));
        if alarm != state.alarm {
            state.alarm = alarm;
            if let Some(at) = alarm {
                self.push(at, Event::Alarm { host, life });
            }
        }
    }

    fn act(&mut self, host: usize, action: Action) {
        match action {
            Action::Send(advert) => self.send(host, &advert),
            Action::Bind(instance) => {
                self.hosts[host].bound.insert(instance);
            }
            Action::Unbind(instance) => {
                self.hosts[host].bound.remove(&instance);
            }
            Action::Announce { .. } | Action::Notify(_) => {}
            Action::RunScript { script, run } => {
                let state = &self.hosts[host];
                let (will, life) = (state.wills[script.index()], state.life);
                let timeout = Duration::from_micros(state.plan.ir.script(script).timeout_us);
                let (after, passed, in_time) = match will {
                    ScriptWill::Pass => (SCRIPT_TIME, true, true),
                    ScriptWill::Fail => (SCRIPT_TIME, false, true),
                    ScriptWill::Hang => (timeout, false, false),
                };
                self.push(self.now + after, Event::ScriptEnd { host, life, run, passed, in_time });
            }
            Action::Trace(trace) => {
                if let Trace::Transition { instance, to: StateName::Master, cause: Cause::MasterDown, .. } = trace
                    && let Some(violation) = self.oracle.took_over(self, host, instance)
                {
                    self.report(violation);
                }
                self.timeline.push((self.now, Entry::Trace { host, trace }));
            }
        }
    }

    fn send(&mut self, from: usize, advert: &Advertisement) {
        if !self.hosts[from].has_carrier {
            return;
        }
        if let Some(instance) = self.sender(from, advert) {
            let mut oracle = std::mem::take(&mut self.oracle);
            let violation = oracle.sent(self, from, instance);
            self.oracle = oracle;
            if let Some(violation) = violation {
                self.report(violation);
            }
        }
        for to in (0..self.hosts.len()).filter(|&to| to != from) {
            for index in 0..self.hosts[to].facts.len() {
                let link = LinkId(u32::try_from(index).unwrap_or(u32::MAX));
                let hears = match advert.destination {
                    IpAddr::V4(group) if group.is_multicast() => self.network.is_wired((from, advert.link), (to, link)),
                    IpAddr::V6(group) if group.is_multicast() => self.network.is_wired((from, advert.link), (to, link)),
                    address => owns(&self.hosts[to].facts[index], address),
                };
                if !hears {
                    continue;
                }
                for after in self.network.arrivals(from, to, &mut self.chance) {
                    let arrival = Arrival {
                        link,
                        source: advert.source,
                        destination: advert.destination,
                        ttl: advert.ttl,
                        bytes: Arc::clone(&advert.bytes),
                    };
                    self.push(self.now + after, Event::Arrival { host: to, arrival });
                }
            }
        }
    }

    /// Whose advert it is.
    fn sender(&self, host: usize, advert: &Advertisement) -> Option<InstanceId> {
        let packet = match (advert.source, advert.destination) {
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                Packet::V6 { source, destination, hop_limit: advert.ttl, bytes: &advert.bytes }
            }
            _ => Packet::V4 { bytes: &advert.bytes },
        };
        let peek = packet.peek()?;
        let node = &self.hosts[host].node;
        let is_sender = |id: &InstanceId| {
            let ir = node.plan().ir.instance(*id);
            node.link_of(*id) == advert.link
                && ir.family.unwrap_or(Family::Ipv4) == peek.family
                && ir.vrid.map(kalc_ir::Vrid::get) == Some(peek.vrid)
        };
        node.instances().map(|view| view.id).find(is_sender)
    }

    fn judge(&mut self) {
        let mut oracle = std::mem::take(&mut self.oracle);
        let violations = oracle.judge(self);
        self.oracle = oracle;
        for violation in violations {
            self.report(violation);
        }
    }

    fn report(&mut self, violation: Violation) {
        self.violations += 1;
        self.timeline.push((self.now, Entry::Violation(violation)));
    }
}
