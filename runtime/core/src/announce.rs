//! Announcements of addresses (gratuitous ARP, unsolicited neighbour advertisements), each as soon as it may leave.
//!
//! An [`Announcer`] is a machine of its own, beside the [`Node`](crate::Node): whoever sends frames feeds it bursts, and
//! asks when and what to send. It knows no frames, names or clocks.
//!
//! What leaves one interface is a lane: `vrrp_garp_interval` and `vrrp_gna_interval` hold between any two frames of a
//! lane, whoever wants them sent; the interfaces of a `garp_group` share one. Everything that is not paced is one lane
//! more, so that it leaves in the order in which it was asked for. Within a lane bursts take turns round by round: the
//! first round of the last burst does not wait for the fifth of the first one.
//!
//! Memory: a burst is a list, a round and an index, however many frames it means; 5,000 addresses five times are 160 kB.
//! A burst that repeats one which has not left completely only adds its rounds to it, so what waits is bounded by what
//! can be announced.
//!
//! Differs: keepalived 2.2.7 loses most repeats while frames are queued; here, as in 2.4.3, each frame leaves.

use crate::time::Instant;
use kalc_ir::Ir;
use kalc_ir::net::Family;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// One frame to come: an address, and the interface that it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Announcement {
    /// Number of the interface.
    pub interface: u32,
    /// The address.
    pub address: IpAddr,
}

/// How fast announcements may follow one another on an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    everywhere: Gaps,
    groups: Vec<Gaps>,
    group_of: BTreeMap<u32, u32>,
}

/// Least times between two frames; zero is no pace at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// `vrrp_garp_interval` or `garp_interval`
    pub garp: Duration,
    /// `vrrp_gna_interval` or `gna_interval`
    pub gna: Duration,
}

impl Pace {
    /// The same pace on every interface, each for itself (`vrrp_garp_interval`, `vrrp_gna_interval`).
    pub fn new(everywhere: Gaps) -> Self {
        Pace { everywhere, groups: Vec::new(), group_of: BTreeMap::new() }
    }

    /// The pace of a configuration; `link` gives the number of an interface, if it has one.
    ///
    /// A group that names only one of the two intervals has no pace for the other, whatever holds elsewhere: so it was
    /// measured with keepalived 2.2.7.
    pub fn from_ir(ir: &Ir, mut link: impl FnMut(&str) -> Option<u32>) -> Self {
        let micros = Duration::from_micros;
        let global = &ir.global;
        let mut pace = Pace::new(Gaps { garp: micros(global.garp_interval_us), gna: micros(global.gna_interval_us) });
        for group in &ir.garp_groups {
            let gap = |us: Option<u64>| micros(us.unwrap_or(0));
            let gaps = Gaps { garp: gap(group.garp_interval_us), gna: gap(group.gna_interval_us) };
            pace.group(gaps, group.interfaces.iter().filter_map(|name| link(name)));
        }
        pace
    }

    /// Makes interfaces share one pace (`garp_group`). An interface stays in the first group that names it.
    pub fn group(&mut self, gaps: Gaps, interfaces: impl IntoIterator<Item = u32>) {
        let group = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(gaps);
        for interface in interfaces {
            self.group_of.entry(interface).or_insert(group);
        }
    }

    /// In which lane an announcement leaves, and how much time is between the frames there.
    fn lane(&self, announcement: Announcement) -> (LaneId, Duration) {
        let (speed, gaps) = match self.group_of.get(&announcement.interface) {
            Some(&group) => (Speed::Group(group), self.groups.get(group as usize).copied().unwrap_or_default()),
            None => (Speed::Interface(announcement.interface), self.everywhere),
        };
        let family = Family::of(announcement.address);
        let gap = match family {
            Family::Ipv4 => gaps.garp,
            Family::Ipv6 => gaps.gna,
        };
        if gap.is_zero() { (LaneId::UNPACED, gap) } else { (LaneId(speed, family), gap) }
    }
}

/// What shares a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Speed {
    Group(u32),
    Interface(u32),
    /// The last in order: it may always send, and must not keep others from it.
    Unpaced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LaneId(Speed, Family);

impl LaneId {
    const UNPACED: LaneId = LaneId(Speed::Unpaced, Family::Ipv4);
}

/// Frames that leave one after the other.
#[derive(Clone, Debug)]
struct Lane {
    gap: Duration,
    /// When the next frame may leave.
    ready: Instant,
    /// The one in front is at work. Invariant: no two have the same owner and items; none is empty or at its end.
    bursts: VecDeque<Burst>,
}

/// What is left of a burst.
#[derive(Clone, Debug)]
struct Burst {
    owner: u32,
    items: Arc<[Announcement]>,
    /// Rounds that are not over.
    rounds: u32,
    /// Place in the current round.
    index: usize,
}

/// Queues bursts of announcements and yields frames when they may leave.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    pace: Pace,
    lanes: BTreeMap<LaneId, Lane>,
    /// Invariant: the lanes that have bursts, with the time at which they may send.
    due: BTreeSet<(Instant, LaneId)>,
}

impl Announcer {
    /// Without anything to announce.
    pub fn new(pace: Pace) -> Self {
        Announcer { pace, lanes: BTreeMap::new(), due: BTreeSet::new() }
    }

    /// Has `items` announced `rounds` times, round by round: a, b, c, a, b, c. `owner` is a number for
    /// [`cancel`](Announcer::cancel). Takes time in the order of the items and of the bursts that wait.
    pub fn burst(&mut self, now: Instant, owner: u32, items: &[Announcement], rounds: u32) {
        // What has nothing to do and owes no pause any more need not be remembered.
        self.lanes.retain(|_, lane| !lane.bursts.is_empty() || lane.ready > now);
        self.enqueue(now, Burst { owner, items: items.into(), rounds, index: 0 });
    }

    /// Forgets what an owner wanted announced.
    pub fn cancel(&mut self, owner: u32) {
        for (&id, lane) in &mut self.lanes {
            if lane.bursts.is_empty() {
                continue;
            }
            lane.bursts.retain(|burst| burst.owner != owner);
            if lane.bursts.is_empty() {
                self.due.remove(&(lane.ready, id));
            }
        }
    }

    /// Takes the next frame that may leave now.
    pub fn next(&mut self, now: Instant) -> Option<Announcement> {
        let &(ready, id) = self.due.first().filter(|(ready, _)| *ready <= now)?;
        self.due.remove(&(ready, id));
        let lane = self.lanes.get_mut(&id)?;
        let burst = lane.bursts.front_mut()?;
        let announcement = burst.items.get(burst.index).copied();
        burst.index += 1;
        if burst.index >= burst.items.len() {
            burst.index = 0;
            burst.rounds -= 1;
            if burst.rounds == 0 {
                lane.bursts.pop_front();
            } else {
                lane.bursts.rotate_left(1);
            }
        }
        lane.ready = now + lane.gap;
        if !lane.bursts.is_empty() {
            self.due.insert((lane.ready, id));
        }
        announcement
    }

    /// When [`next`](Announcer::next) has something; `None` if nothing waits.
    pub fn deadline(&self) -> Option<Instant> {
        self.due.first().map(|&(ready, _)| ready)
    }

    /// Changes the pace; what waits goes on at the new one, from where it is.
    pub fn set_pace(&mut self, now: Instant, pace: Pace) {
        if pace == self.pace {
            return;
        }
        self.pace = pace;
        self.due.clear();
        // A lane that stays keeps its pause, though not its bursts: they may belong elsewhere now.
        let bursts: Vec<Burst> = self.lanes.values_mut().flat_map(|lane| lane.bursts.drain(..)).collect();
        for burst in bursts {
            self.enqueue(now, burst);
        }
    }

    /// Whether nothing waits.
    pub fn is_idle(&self) -> bool {
        self.due.is_empty()
    }

    /// Puts a burst in its lanes, in each the part that belongs there.
    fn enqueue(&mut self, now: Instant, burst: Burst) {
        if burst.rounds == 0 || burst.items.is_empty() {
            return;
        }
        let lanes: BTreeMap<LaneId, Duration> = burst.items.iter().map(|&item| self.pace.lane(item)).collect();
        for (&id, &gap) in &lanes {
            let mut part = burst.clone();
            if lanes.len() > 1 {
                let is_here = |item: &&Announcement| self.pace.lane(**item).0 == id;
                part.items = burst.items.iter().filter(is_here).copied().collect();
                part.index = burst.items[..burst.index].iter().filter(is_here).count();
                if part.index == part.items.len() {
                    part.index = 0;
                    part.rounds -= 1;
                }
            }
            if part.rounds > 0 {
                self.enqueue_in(now, id, gap, part);
            }
        }
    }

    fn enqueue_in(&mut self, now: Instant, id: LaneId, gap: Duration, burst: Burst) {
        let lane = self.lanes.entry(id).or_insert_with(|| Lane { gap, ready: now, bursts: VecDeque::new() });
        lane.gap = gap;
        let same = |other: &&mut Burst| other.owner == burst.owner && other.items == burst.items;
        if let Some(other) = lane.bursts.iter_mut().find(same) {
            other.rounds = other.rounds.saturating_add(burst.rounds);
            return;
        }
        if lane.bursts.is_empty() {
            lane.ready = lane.ready.max(now);
            self.due.insert((lane.ready, id));
        }
        lane.bursts.push_back(burst);
    }
}
