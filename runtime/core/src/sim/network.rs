//! Who hears whom.

use super::random::Chance;
use crate::input::LinkId;
use crate::node::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a packet takes where nothing else is said.
const BASE_DELAY: Duration = Duration::from_micros(100);

/// The network between the hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    cuts: BTreeSet<(usize, usize)>,
    partitioned: BTreeSet<usize>,
    loss_permille: u16,
    duplicate_permille: u16,
    jitter: Duration,
    /// Segment of each interface of each host.
    segments: BTreeMap<(usize, LinkId), usize>,
}

impl Network {
    /// A network without faults.
    ///
    /// Interface names never decide what is one wire: interfaces on which instances have the same family and VRID are
    /// taken for one segment, since whoever puts hosts into one simulation means them to meet. Others are a segment of
    /// their own.
    pub fn new<'n>(nodes: impl Iterator<Item = &'n Node>) -> Self {
        let mut segments = BTreeMap::new();
        let mut by_router = BTreeMap::new();
        let mut count = 0;
        for (host, node) in nodes.enumerate() {
            for view in node.instances() {
                let instance = node.plan().ir.instance(view.id);
                let link = node.link_of(view.id);
                let router = (instance.family, instance.vrid);
                let known = segments.get(&(host, link)).or_else(|| by_router.get(&router)).copied();
                let segment = known.unwrap_or_else(|| {
                    count += 1;
                    count
                });
                segments.entry((host, link)).or_insert(segment);
                by_router.entry(router).or_insert(segment);
            }
        }
        Network {
            cuts: BTreeSet::new(),
            partitioned: BTreeSet::new(),
            loss_permille: 0,
            duplicate_permille: 0,
            jitter: Duration::ZERO,
            segments,
        }
    }

    /// Nothing gets from one host to another.
    pub fn cut(&mut self, from: usize, to: usize) {
        if from != to {
            self.cuts.insert((from, to));
        }
    }

    /// Nothing gets to or from a host.
    pub fn partition(&mut self, host: usize) {
        self.partitioned.insert(host);
    }

    /// Sets how much is lost.
    pub fn lose(&mut self, permille: u16) {
        self.loss_permille = permille;
    }

    /// Sets how much arrives twice.
    pub fn duplicate(&mut self, permille: u16) {
        self.duplicate_permille = permille;
    }

    /// Sets how much longer a packet may take than another.
    pub fn delay(&mut self, jitter: Duration) {
        self.jitter = jitter;
    }

    /// Ends all cuts, partitions, loss and duplicates.
    pub fn heal(&mut self) {
        self.cuts.clear();
        self.partitioned.clear();
        (self.loss_permille, self.duplicate_permille) = (0, 0);
    }

    /// Whether every packet gets through between all hosts.
    pub fn is_whole(&self) -> bool {
        self.cuts.is_empty() && self.partitioned.is_empty() && self.loss_permille == 0
    }

    /// The longest that a packet takes.
    pub fn delay_max(&self) -> Duration {
        BASE_DELAY + self.jitter
    }

    /// Whether two interfaces are on one wire.
    pub fn is_wired(&self, a: (usize, LinkId), b: (usize, LinkId)) -> bool {
        match (self.segments.get(&a), self.segments.get(&b)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        }
    }

    /// When copies of a packet arrive after it was sent: none, one or two.
    pub fn arrivals(&self, from: usize, to: usize, chance: &mut Chance) -> Vec<Duration> {
        let is_cut = self.cuts.contains(&(from, to))
            || self.partitioned.contains(&from)
            || self.partitioned.contains(&to)
            || chance.permille(self.loss_permille);
        if is_cut {
            return Vec::new();
        }
        let copies = if chance.permille(self.duplicate_permille) { 2 } else { 1 };
        (0..copies).map(|_| BASE_DELAY + chance.duration_below(self.jitter)).collect()
    }
}
