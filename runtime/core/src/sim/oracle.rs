//! Laws that must hold after every event.
//!
//! They look from outside: at who is master, who has addresses, what was sent and heard. Bounds are those of the
//! protocol: while two masters hear each other one of them yields within the longest advert interval; while nobody is
//! master a backup takes over within its master-down interval.

use super::world::World;
use crate::input::LinkId;
use crate::time::Instant;
use crate::vrrp::StateName;
use crate::vrrp::timers::skew;
use kalc_ir::{Family, InstanceId};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Which laws there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// Two masters that hear each other do not last.
    OneMaster,
    /// A host that could be master is, soon.
    SomeMaster,
    /// Addresses are on masters and nowhere else.
    AddressesOnMaster,
    /// `nopreempt` is respected.
    NoPreempt,
    /// Nobody sends without end.
    NoStorm,
}

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Two masters of one virtual router although every packet gets through.
    TwoMasters {
        /// Of which virtual router.
        vrid: u8,
        /// The masters.
        hosts: Vec<usize>,
        /// For how long already.
        lasted: Duration,
    },
    /// No master although a host could be one.
    NoMaster {
        /// Of which virtual router.
        vrid: u8,
        /// Who could.
        hosts: Vec<usize>,
        /// For how long already.
        lasted: Duration,
    },
    /// A master without addresses, or addresses without a master.
    AddressesNotOnMaster {
        /// Where.
        host: usize,
        /// Of which instance.
        instance: InstanceId,
    },
    /// An instance with `nopreempt` took over from a master that it heard.
    Preempted {
        /// Where.
        host: usize,
        /// Which.
        instance: InstanceId,
        /// When it had heard the master.
        heard_ago: Duration,
    },
    /// More adverts than any course of events can need.
    SendStorm {
        /// Where.
        host: usize,
        /// Which.
        instance: InstanceId,
        /// How many, within one interval.
        adverts: usize,
    },
}

impl Violation {
    /// Which law was broken.
    pub fn law(&self) -> Law {
        match self {
            Violation::TwoMasters { .. } => Law::OneMaster,
            Violation::NoMaster { .. } => Law::SomeMaster,
            Violation::AddressesNotOnMaster { .. } => Law::AddressesOnMaster,
            Violation::Preempted { .. } => Law::NoPreempt,
            Violation::SendStorm { .. } => Law::NoStorm,
        }
    }
}

/// Adverts of one instance within one interval: one by the clock, two answers, one on becoming master, one on leaving,
/// and as many again for what a restart or a flapping link may add.
const STORM: usize = 10;

/// What the machine may add to every bound: timers and packets that meet in one moment.
const GRACE: Duration = Duration::from_millis(2);

/// Since when something lasts that was told already: it is not told again before it has ended.
const TOLD: Instant = Instant::from_nanos(u64::MAX);

/// One virtual router: what is on different wires does not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Router {
    family: Family,
    vrid: u8,
    /// The first member, which stands for the wire.
    wire: (usize, LinkId),
}

/// Keeps the laws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oracle {
    routers: Vec<(Router, Vec<(usize, InstanceId)>)>,
    two_since: BTreeMap<usize, Instant>,
    none_since: BTreeMap<usize, Instant>,
    backup_since: BTreeMap<(usize, InstanceId), Instant>,
    heard: BTreeMap<(usize, InstanceId), Instant>,
    sent: BTreeMap<(usize, InstanceId), VecDeque<Instant>>,
}

impl Oracle {
    /// Finds the virtual routers of a world.
    pub fn new(world: &World) -> Self {
        let mut routers: Vec<(Router, Vec<(usize, InstanceId)>)> = Vec::new();
        for host in 0..world.host_count() {
            let node = world.node(host);
            for view in node.instances() {
                let instance = node.plan().ir.instance(view.id);
                let Some(vrid) = instance.vrid else { continue };
                let wire = (host, node.link_of(view.id));
                let router = Router { family: instance.family.unwrap_or(Family::Ipv4), vrid: vrid.get(), wire };
                let known = routers.iter_mut().find(|(known, _)| {
                    (known.family, known.vrid) == (router.family, router.vrid)
                        && world.network().is_wired(known.wire, wire)
                });
                match known {
                    Some((_, members)) => members.push((host, view.id)),
                    None => routers.push((router, vec![(host, view.id)])),
                }
            }
        }
        Oracle { routers, ..Oracle::default() }
    }

    /// An advert left.
    pub(super) fn sent(&mut self, world: &World, host: usize, instance: InstanceId) -> Option<Violation> {
        let plan = world.node(host).plan();
        let ir = plan.ir.instance(instance);
        let interval = Duration::from_micros(ir.advert_interval_us);
        let destinations = ir.unicast_peers().map_or(1, |peers| peers.len().max(1));
        let now = world.now();
        let times = self.sent.entry((host, instance)).or_default();
        times.push_back(now);
        while times.front().is_some_and(|&at| at + interval <= now) {
            times.pop_front();
        }
        let adverts = times.len() / destinations;
        if adverts <= STORM {
            return None;
        }
        times.clear();
        Some(Violation::SendStorm { host, instance, adverts })
    }

    /// An advert of a master was accepted.
    pub(super) fn heard(&mut self, now: Instant, host: usize, instance: InstanceId) {
        self.heard.insert((host, instance), now);
    }

    /// What a host has heard does not count any more: it was away, or a master said goodbye.
    pub(super) fn forget(&mut self, host: usize) {
        self.heard.retain(|(known, _), _| *known != host);
        self.backup_since.retain(|(known, _), _| *known != host);
    }

    /// A master said goodbye to this instance.
    pub(super) fn forget_master(&mut self, host: usize, instance: InstanceId) {
        self.heard.remove(&(host, instance));
    }

    /// An instance became master because it heard nobody.
    pub(super) fn took_over(&self, world: &World, host: usize, instance: InstanceId) -> Option<Violation> {
        let ir = world.node(host).plan().ir.instance(instance);
        let members =
            self.routers.iter().map(|(_, members)| members).find(|members| members.contains(&(host, instance)))?;
        let shortest = members.iter().map(|&member| self.interval(world, member)).min()?;
        let heard_ago = world.now().saturating_since(*self.heard.get(&(host, instance))?);
        let is_respected = ir.preempts || heard_ago + GRACE >= shortest * u32::from(ir.down_timer_adverts);
        (!is_respected).then_some(Violation::Preempted { host, instance, heard_ago })
    }

    fn interval(&self, world: &World, (host, instance): (usize, InstanceId)) -> Duration {
        Duration::from_micros(world.node(host).plan().ir.instance(instance).advert_interval_us)
    }

    /// Looks at the whole world after an event.
    pub(super) fn judge(&mut self, world: &World) -> Vec<Violation> {
        let mut violations = Vec::new();
        let now = world.now();
        self.addresses(world, &mut violations);
        for index in 0..self.routers.len() {
            let (router, members) = self.routers[index].clone();
            let state = |&(host, instance): &(usize, InstanceId)| world.state(host, instance);
            let alive: Vec<_> = members.iter().copied().filter(|&(host, _)| world.is_awake(host)).collect();
            let masters: Vec<usize> =
                alive.iter().filter(|member| state(member) == StateName::Master).map(|&(host, _)| host).collect();
            let longest = members.iter().map(|&member| self.interval(world, member)).max().unwrap_or_default();

            if masters.len() < 2 || !world.network().is_whole() {
                self.two_since.remove(&index);
            } else {
                let since = *self.two_since.entry(index).or_insert(now);
                let lasted = now.saturating_since(since);
                if lasted > longest + 2 * world.network().delay_max() + GRACE {
                    self.two_since.insert(index, TOLD);
                    violations.push(Violation::TwoMasters { vrid: router.vrid, hosts: masters.clone(), lasted });
                }
            }

            for member in &members {
                if state(member) == StateName::Backup
                    && world.is_awake(member.0)
                    && world.can_be_master(member.0, member.1)
                {
                    self.backup_since.entry(*member).or_insert(now);
                } else {
                    self.backup_since.remove(member);
                }
            }
            if !masters.is_empty() {
                self.none_since.remove(&index);
                continue;
            }
            let none_since = *self.none_since.entry(index).or_insert(now);
            let overdue = |member: &&(usize, InstanceId)| {
                let Some(&since) = self.backup_since.get(member) else { return false };
                let ir = world.node(member.0).plan().ir.instance(member.1);
                let skew_max = skew(ir.version, 1, longest);
                // Members of a sync group wait for each other, each for an interval and its skew.
                let waits = if ir.sync_group.is_some() { longest + skew_max } else { Duration::ZERO };
                let bound = longest * u32::from(ir.down_timer_adverts) + skew_max + waits + world.network().delay_max();
                now.saturating_since(since.max(none_since)) > bound + GRACE
            };
            let hosts: Vec<usize> = members.iter().filter(overdue).map(|&(host, _)| host).collect();
            if !hosts.is_empty() {
                let lasted = now.saturating_since(none_since);
                self.none_since.insert(index, TOLD);
                violations.push(Violation::NoMaster { vrid: router.vrid, hosts, lasted });
            }
        }
        violations
    }

    fn addresses(&self, world: &World, violations: &mut Vec<Violation>) {
        for host in (0..world.host_count()).filter(|&host| world.is_running(host)) {
            for view in world.node(host).instances() {
                if (view.state == StateName::Master) != world.has_addresses(host, view.id) {
                    violations.push(Violation::AddressesNotOnMaster { host, instance: view.id });
                }
            }
        }
    }
}
