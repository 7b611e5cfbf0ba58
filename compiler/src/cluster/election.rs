//! Who becomes master: the stable outcomes of an election, with everything fine and after each single failure.
//!
//! A set of masters is stable if none of them hears a better one, and everybody else hears one that is good enough, or
//! any one if it may not preempt. One stable set of one node is a determined master, several such sets depend on who
//! came first, a larger stable set is a double master for ever, and no stable set is a circle.

use super::hears::{Hears, hears};
use super::timing::Timers;
use super::tracker::{Key, Tracker, effective, trackers};
use crate::fleet::Fleet;
use kalc_ir::unit::Priority;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// With more members sets are not enumerated.
const MOST_MEMBERS: usize = 8;

/// A member of a virtual router.
#[derive(Clone, Debug)]
pub struct Member {
    /// Index of its face in the fleet.
    pub face: usize,
    /// Its host.
    pub host: String,
    /// Its name there.
    pub instance: String,
    /// Its priority as configured.
    pub base: Priority,
    /// What it watches.
    pub trackers: Vec<Tracker>,
    /// Its times.
    pub timers: Timers,
    /// Whether it takes over from a lower master.
    pub preempts: bool,
    /// The address it sends from, if it is written; the higher one wins a tie.
    pub source: Option<IpAddr>,
}

/// One node in one scenario, as the election sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its effective priority; `None` if it is away or in the fault state.
    pub effective: Option<u8>,
    /// Whether it takes over from a lower master.
    pub preempts: bool,
    /// The address it sends from.
    pub source: Option<IpAddr>,
}

/// What an election ends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All nodes are away or in the fault state.
    Nobody,
    /// This one, whatever happened before.
    Master(usize),
    /// Any of these: who was first stays. The second value is who that is, if it can be told: after a common start, or
    /// after a failure the master of before.
    FirstComer(Vec<usize>, Option<usize>),
    /// More than one at once, for ever: the stable sets.
    Several(Vec<Vec<usize>>),
    /// Nobody for long: each gives way to another one.
    Circle,
}

impl Outcome {
    /// The master, or who is after a common start.
    pub fn master(&self) -> Option<usize> {
        match self {
            Outcome::Master(node) => Some(*node),
            Outcome::FirstComer(_, cold) => *cold,
            Outcome::Nobody | Outcome::Several(_) | Outcome::Circle => None,
        }
    }
}

/// All stable sets of masters, smallest first. `hears(y, x)`: y accepts adverts of x.
pub fn stable_sets(nodes: &[Node], hears: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let alive: Vec<usize> = (0..nodes.len()).filter(|&node| nodes[node].effective.is_some()).collect();
    // A tie of addresses that nobody wrote down has a winner all the same; which one does not matter here.
    let rank = |node: usize| (nodes[node].effective, nodes[node].source, std::cmp::Reverse(node));
    let mut sets = Vec::new();
    for mask in 1..1usize << alive.len().min(MOST_MEMBERS) {
        let is_in = |at: usize| mask & (1 << at) != 0;
        let masters = || alive.iter().enumerate().filter(|&(at, _)| is_in(at)).map(|(_, &node)| node);
        let quiet = masters().all(|m| !masters().any(|other| other != m && hears(m, other) && rank(other) > rank(m)));
        let content = alive.iter().enumerate().filter(|&(at, _)| !is_in(at)).all(|(_, &node)| {
            masters().any(|m| hears(node, m) && (!nodes[node].preempts || nodes[m].effective >= nodes[node].effective))
        });
        if quiet && content {
            sets.push(masters().collect::<Vec<_>>());
        }
    }
    sets.sort_by_key(|set| (set.len(), set.clone()));
    sets
}

/// The outcome that follows from the stable sets. `waits` is how long each node listens at a common start.
pub fn outcome(nodes: &[Node], sets: Vec<Vec<usize>>, waits: impl Fn(usize) -> u64) -> Outcome {
    if nodes.iter().all(|node| node.effective.is_none()) {
        return Outcome::Nobody;
    }
    let single: Vec<usize> = sets.iter().filter(|set| set.len() == 1).map(|set| set[0]).collect();
    match (sets.len(), &single[..]) {
        (0, _) => Outcome::Circle,
        (1, [master]) => Outcome::Master(*master),
        (all, singles) if all == singles.len() => {
            // The first timer wins; of equal ones the higher address stays, if both are known.
            let key = |&node: &usize| (waits(node), std::cmp::Reverse(nodes[node].source));
            let first = single.iter().copied().min_by_key(key);
            let cold = first.filter(|&first| {
                let rivals = || single.iter().filter(|&&node| node != first && waits(node) == waits(first));
                rivals().all(|&node| nodes[node].source.is_some() && nodes[first].source.is_some())
            });
            Outcome::FirstComer(single, cold)
        }
        _ => Outcome::Several(sets),
    }
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Everything is fine.
    Healthy,
    /// One tracker of one member has failed.
    Tracker {
        /// Index of the member.
        member: usize,
        /// Index of its tracker.
        tracker: usize,
    },
    /// The same thing has failed for all who watch it.
    Everywhere(Key),
    /// A member is away.
    Away(usize),
}

/// Who is master when something has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What has happened.
    pub event: Event,
    /// The effective priority of each member; `None` if it is away or in the fault state.
    pub effective: Vec<Option<u8>>,
    /// Whether the files leave open what a failed tracker does.
    pub is_unknown: bool,
    /// What follows; `None` where the files do not say.
    pub outcome: Option<Outcome>,
    /// The stable sets it follows from.
    pub stable_sets: Vec<Vec<usize>>,
}

/// A virtual router with all that decides its elections.
#[derive(Clone, Debug)]
pub struct Router {
    /// Its members, in the order of the hosts.
    pub members: Vec<Member>,
    /// `hears[y][x]`: whether y accepts adverts of x.
    pub hears: Vec<Vec<Hears>>,
    /// What the files leave open, with the reason; empty if everything can be worked out.
    pub unknown: Vec<String>,
}

impl Router {
    /// The router of some faces.
    pub fn new(fleet: &Fleet<'_>, faces: &[usize]) -> Self {
        let members: Vec<Member> = faces.iter().map(|&face| member(fleet, face)).collect();
        let hears: Vec<Vec<Hears>> = faces
            .iter()
            .map(|&to| faces.iter().map(|&from| if to == from { Hears::Yes } else { hears(fleet, to, from) }).collect())
            .collect();
        let mut unknown: Vec<String> = Vec::new();
        let mut add = |reason: String| {
            if !unknown.contains(&reason) {
                unknown.push(reason);
            }
        };
        for reason in hears.iter().flatten() {
            if let Hears::Unknown(reason) = reason {
                add(reason.clone());
            }
        }
        for &face in faces {
            let (host, instance) = (fleet.host(face).name(), fleet.instance(face));
            for field in ["priority", "state", "preempts"] {
                if instance.is_unknown(field) {
                    add(format!("`{field}` of `{}` in {host} is known to the daemon only", instance.name));
                }
            }
            if instance.timer_expired_backup.is_some() || instance.owner_ignore_adverts {
                add(format!("`{}` in {host} changes the rules of the election", instance.name));
            }
        }
        if members.len() > MOST_MEMBERS {
            add(format!("more than {MOST_MEMBERS} members"));
        }
        Router { members, hears, unknown }
    }

    /// The nodes in some state of the trackers.
    fn nodes(&self, away: Option<usize>, failed: impl Fn(usize, usize) -> bool) -> Vec<Node> {
        let node = |(index, member): (usize, &Member)| {
            let effective = effective(member.base, &member.trackers, |tracker| failed(index, tracker));
            let effective = (away != Some(index) && !effective.is_fault).then_some(effective.priority);
            Node { effective, preempts: member.preempts, source: member.source }
        };
        self.members.iter().enumerate().map(node).collect()
    }

    /// Who is master after an event.
    pub fn scenario(&self, event: Event) -> Scenario {
        let failed = |member: usize, tracker: usize| match &event {
            Event::Healthy | Event::Away(_) => false,
            Event::Tracker { member: m, tracker: t } => (member, tracker) == (*m, *t),
            Event::Everywhere(key) => self.members[member].trackers[tracker].key == *key,
        };
        let away = if let Event::Away(member) = event { Some(member) } else { None };
        let nodes = self.nodes(away, failed);
        let is_unknown = self.members.iter().enumerate().any(|(index, member)| {
            member.trackers.iter().enumerate().any(|(at, tracker)| failed(index, at) && tracker.is_unknown)
        });
        let effective = nodes.iter().map(|node| node.effective).collect();
        if is_unknown || !self.unknown.is_empty() {
            return Scenario { event, effective, is_unknown, outcome: None, stable_sets: Vec::new() };
        }
        let sets = stable_sets(&nodes, |to, from| self.hears[to][from] == Hears::Yes);
        let waits = |node: usize| {
            nodes[node].effective.map_or(u64::MAX, |effective| self.members[node].timers.after_start(effective))
        };
        let mut outcome = outcome(&nodes, sets.clone(), waits);
        if let (Outcome::FirstComer(set, first), false) = (&mut outcome, event == Event::Healthy) {
            let before = self.scenario(Event::Healthy).outcome.and_then(|healthy| healthy.master());
            *first = before.filter(|master| set.contains(master)).or(*first);
        }
        Scenario { event, effective, is_unknown, outcome: Some(outcome), stable_sets: sets }
    }

    /// Everything fine, each tracker failed alone, what several watch failed everywhere, each host away.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let mut events = vec![Event::Healthy];
        let mut watchers: BTreeMap<&Key, usize> = BTreeMap::new();
        for (index, member) in self.members.iter().enumerate() {
            for (at, tracker) in member.trackers.iter().enumerate() {
                events.push(Event::Tracker { member: index, tracker: at });
                if !matches!(tracker.key, Key::Interface(_) | Key::Bfd(_)) {
                    *watchers.entry(&tracker.key).or_default() += 1;
                }
            }
        }
        let shared = watchers.iter().filter(|&(_, count)| *count > 1).map(|(&key, _)| Event::Everywhere(key.clone()));
        events.extend(shared);
        events.extend((0..self.members.len()).map(Event::Away));
        events.into_iter().map(|event| self.scenario(event)).collect()
    }
}

/// The member that a face is.
pub fn member(fleet: &Fleet<'_>, face: usize) -> Member {
    let (host, instance) = (fleet.host(face), fleet.instance(face));
    let global = &host.ir.global;
    let startup_delay_us = global.vrrp_startup_delay_us.max(global.vrrp_delay_after_boot_us);
    Member {
        face,
        host: host.name().to_owned(),
        instance: instance.name.clone(),
        base: instance.priority,
        trackers: trackers(&host.ir, instance),
        timers: Timers::new(instance, startup_delay_us),
        preempts: instance.preempts,
        source: instance.source,
    }
}
