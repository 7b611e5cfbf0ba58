//! Who is whose peer: evidence for every pair of instances on different hosts, and the virtual routers that follow.
//!
//! Nothing is a peer just because it is near: two clusters made from one how-to share names, secrets and numbers. Points
//! are given for what only peers share (a virtual address, each other in the peer list) and taken for what peers cannot
//! have (disjoint addresses, peer lists that exclude each other).

use super::face::Face;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// From so many points two instances are peers.
const PEERS: i32 = 60;
/// From so many points they may be; below they are strangers.
const CANDIDATES: i32 = 40;
/// By so many points a candidate must be better than the next to be the one.
const CLEARLY: i32 = 10;
/// From so many instances with one address not every pair is weighed.
const CROWD: usize = 64;
/// In such a crowd each is weighed with so many others.
const NEIGHBOURS: usize = 8;

/// What speaks for and against a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// A virtual address, advertised or excluded and not link-local, in common.
    pub common_address: bool,
    /// Directions in which one sends to the other by unicast: 0, 1 or 2.
    pub unicast: u8,
    /// The same virtual router id.
    pub same_vrid: bool,
    /// Sources in one network, or a common address: probably one segment.
    pub near: bool,
    /// Whether the hosts' own addresses, as `kalc.toml` says them, are of one network; `None` if it does not say.
    pub one_network: Option<bool>,
    /// In sync groups whose members have the same ids.
    pub same_group: bool,
    /// The same instance name, and not one that every how-to has.
    pub same_name: bool,
    /// The same secret, and not one that every how-to has.
    pub same_secret: bool,
    /// Different multicast groups, or unicast lists that leave each other out.
    pub apart: bool,
    /// Both have addresses and none in common.
    pub disjoint: bool,
}

impl Evidence {
    /// The sum. A shared address and a shared id, or mutual unicast and a shared id, make peers; id, segment and name
    /// together do not.
    pub fn points(self) -> i32 {
        let mut points = 0;
        let mut add = |holds: bool, worth: i32| points += if holds { worth } else { 0 };
        add(self.common_address, 50);
        add(self.unicast == 2, 50);
        add(self.unicast == 1, 30);
        add(self.same_vrid, 25);
        add(self.one_network == Some(true), 15);
        add(self.one_network == Some(false), -60);
        add(self.near && self.one_network.is_none(), 5);
        add(self.same_group, 10);
        add(self.same_name, 8);
        add(self.same_secret, 8);
        add(self.apart, -30);
        add(self.disjoint, -30);
        points
    }

    /// Whether the two are surely of one virtual router.
    pub fn peers(self) -> bool {
        self.points() >= PEERS
    }

    /// Whether they surely are not.
    pub fn strangers(self) -> bool {
        self.points() < CANDIDATES
    }
}

/// Weighs a pair of faces.
pub fn weigh(left: &Face, right: &Face) -> Evidence {
    let sends = |from: &Face, to: &Face| from.senders().any(|source| to.peers.contains(&source));
    let unicast = u8::from(sends(left, right)) + u8::from(sends(right, left));
    let common_address = left.addresses().any(|ip| !is_link_local(ip) && right.holds(ip));
    let exclude = left.unicast && right.unicast && unicast == 0 && left.source.is_some() && right.source.is_some();
    let groups =
        !left.unicast && !right.unicast && left.group.is_some() && right.group.is_some() && left.group != right.group;
    Evidence {
        common_address,
        unicast,
        same_vrid: left.vrid.is_some() && left.vrid == right.vrid,
        one_network: one_network(left, right),
        near: common_address || matches!((left.source, right.source), (Some(a), Some(b)) if same_network(a, b)),
        same_group: !left.partners.is_empty() && left.partners == right.partners,
        same_name: left.name == right.name && !left.has_common_name,
        same_secret: left.secret.is_some() && left.secret == right.secret && !left.sample_secret,
        apart: exclude || groups,
        disjoint: !left.vips.is_empty()
            && !right.vips.is_empty()
            && left.vips.is_disjoint(&right.vips)
            && !common_address,
    }
}

/// Whether any network of one host is one of the other's.
fn one_network(left: &Face, right: &Face) -> Option<bool> {
    let pairs = left.own.iter().flat_map(|a| right.own.iter().map(|b| a.overlaps(*b)));
    pairs.flatten().reduce(|one, other| one || other)
}

/// Two faces that may be of one virtual router have one family, as far as it is known.
pub fn may_be_peers(left: &Face, right: &Face) -> bool {
    left.host != right.host && (left.family.is_none() || right.family.is_none() || left.family == right.family)
}

/// Who belongs to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// The virtual routers: sets of indices, in the order of their first member; each has two members or more, and no
    /// two of one host. A face without a peer is in none.
    pub routers: Vec<Vec<usize>>,
    /// Faces without a peer, each with the one face it probably belongs to. Nothing is computed from that, it only
    /// gives messages a direction.
    pub attached: Vec<(usize, usize)>,
}

/// Matches faces, except pairs that the user has said are no peers.
pub fn match_faces(faces: &[Face], not_peers: &FxHashSet<(usize, usize)>) -> Matching {
    let (mut ties, mut candidates) = (Vec::new(), Vec::new());
    for (left, right) in related(faces) {
        if not_peers.contains(&(left, right)) {
            continue;
        }
        let evidence = weigh(&faces[left], &faces[right]);
        let tie = (evidence.points(), evidence.same_vrid, left, right);
        if evidence.peers() {
            ties.push(tie);
        } else if !evidence.strangers() {
            candidates.push(tie);
        }
    }
    let routers = join(faces, ties);
    let attached = attach(faces, &routers, &candidates);
    Matching { routers, attached }
}

/// A tie: points, whether the id is the same, and the two faces.
type Tie = (i32, bool, usize, usize);

/// Connected sets of peers; where a set would hold two instances of one host, the weaker tie gives way.
fn join(faces: &[Face], mut ties: Vec<Tie>) -> Vec<Vec<usize>> {
    // The strongest first; a common id before none; then as given.
    ties.sort_by_key(|&(points, same_vrid, left, right)| (-points, !same_vrid, left, right));
    let mut sets: Vec<Option<Vec<usize>>> = (0..faces.len()).map(|face| Some(vec![face])).collect();
    let mut set_of: Vec<usize> = (0..faces.len()).collect();
    for (_, _, left, right) in ties {
        let (a, b) = (set_of[left], set_of[right]);
        if a == b {
            continue;
        }
        let hosts =
            |set: usize| -> FxHashSet<usize> { sets[set].iter().flatten().map(|&face| faces[face].host).collect() };
        if !hosts(a).is_disjoint(&hosts(b)) {
            continue;
        }
        let moved = sets[b].take().unwrap_or_default();
        for &face in &moved {
            set_of[face] = a;
        }
        if let Some(set) = &mut sets[a] {
            set.extend(moved);
        }
    }
    let mut routers: Vec<Vec<usize>> = sets.into_iter().flatten().filter(|set| set.len() > 1).collect();
    for router in &mut routers {
        router.sort_unstable();
    }
    routers.sort();
    routers
}

/// Gives each face without a peer the candidate that is clearly the best, unless its host is there already.
fn attach(faces: &[Face], routers: &[Vec<usize>], candidates: &[Tie]) -> Vec<(usize, usize)> {
    let mut router_of: FxHashMap<usize, usize> = FxHashMap::default();
    for (index, router) in routers.iter().enumerate() {
        router_of.extend(router.iter().map(|&face| (face, index)));
    }
    let mut of_face: FxHashMap<usize, Vec<(i32, usize)>> = FxHashMap::default();
    for &(points, _, left, right) in candidates {
        for (face, other) in [(left, right), (right, left)] {
            if !router_of.contains_key(&face) {
                of_face.entry(face).or_default().push((points, other));
            }
        }
    }
    let mut lonely: Vec<_> = of_face.into_iter().collect();
    lonely.sort_unstable();
    let mut attached: Vec<(usize, usize)> = Vec::new();
    for (face, mut others) in lonely {
        others.sort_by_key(|&(points, other)| (-points, other));
        let Some(&(best, other)) = others.first() else { continue };
        let home = router_of.get(&other);
        // Members of one router are one answer.
        let rival = others.iter().skip(1).find(|(_, rival)| home.is_none() || router_of.get(rival) != home);
        let clear = rival.is_none_or(|&(points, _)| points + CLEARLY <= best);
        let conflict = home.is_some_and(|&home| {
            let taken = |member: usize| faces[member].host == faces[face].host;
            routers[home].iter().any(|&member| taken(member))
                || attached.iter().any(|&(known, to)| taken(known) && router_of.get(&to) == Some(&home))
        });
        let known = attached.contains(&(other, face));
        if clear && !conflict && !known {
            attached.push((face, other));
        }
    }
    attached
}

/// Pairs that share something that can make them peers: an address, or one's source in the other's list. Found by
/// index, so that a thousand hosts are no million pairs.
fn related(faces: &[Face]) -> BTreeSet<(usize, usize)> {
    let mut by_address: FxHashMap<IpAddr, Vec<usize>> = FxHashMap::default();
    let mut by_source: FxHashMap<IpAddr, Vec<usize>> = FxHashMap::default();
    for (index, face) in faces.iter().enumerate() {
        for ip in face.addresses().filter(|ip| !is_link_local(*ip)) {
            by_address.entry(ip).or_default().push(index);
        }
        for source in face.senders() {
            by_source.entry(source).or_default().push(index);
        }
    }
    let mut pairs = BTreeSet::new();
    let mut add = |left: usize, right: usize| {
        if may_be_peers(&faces[left], &faces[right]) {
            pairs.insert((left.min(right), left.max(right)));
        }
    };
    for group in by_address.values() {
        if group.len() <= CROWD {
            for (at, &left) in group.iter().enumerate() {
                for &right in &group[at + 1..] {
                    add(left, right);
                }
            }
        } else {
            // So many do not belong together by the address alone: those of one id, each with the next ones.
            let mut crowd = group.clone();
            crowd.sort_by_key(|&face| (faces[face].vrid, face));
            for (at, &left) in crowd.iter().enumerate() {
                for &right in crowd[at + 1..].iter().take(NEIGHBOURS) {
                    add(left, right);
                }
            }
        }
    }
    for (index, face) in faces.iter().enumerate() {
        for peer in &face.peers {
            for &other in by_source.get(peer).into_iter().flatten().take(CROWD) {
                add(index, other);
            }
        }
    }
    pairs
}

/// Whether an address is of its link alone; such addresses are the same everywhere.
pub fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// The /24 or /64 of an address, as a number.
pub type Network = (bool, u64);

/// The network that an address is probably in.
pub fn network(ip: IpAddr) -> Network {
    match ip {
        IpAddr::V4(ip) => (false, u64::from(u32::from(ip) >> 8)),
        IpAddr::V6(ip) => (true, (u128::from(ip) >> 64) as u64),
    }
}

/// Whether two addresses are in one /24, or one /64: probably one segment.
pub fn same_network(left: IpAddr, right: IpAddr) -> bool {
    network(left) == network(right)
}

/// One segment as far as sources say, or, where they do not, by addresses of one network.
pub fn one_segment(a: &Face, b: &Face, evidence: Evidence) -> bool {
    if let Some(known) = evidence.one_network {
        return known;
    }
    let known = a.source.is_some() && b.source.is_some();
    evidence.near || !known && a.vips.iter().any(|left| b.vips.iter().any(|right| same_network(*left, *right)))
}

impl Evidence {
    /// What speaks for and against the pair, in words.
    pub fn words(self) -> Vec<&'static str> {
        let all = [
            (self.common_address, "a virtual address in common"),
            (self.unicast == 2, "each sends to the other"),
            (self.unicast == 1, "one sends to the other"),
            (self.same_vrid, "the same id"),
            (self.one_network == Some(true), "addresses of one network"),
            (self.same_group, "matching sync groups"),
            (self.same_name, "the same name"),
            (self.same_secret, "the same secret"),
            (self.apart, "but they do not send to each other"),
            (self.disjoint, "but no virtual address in common"),
            (self.one_network == Some(false), "but no network in common"),
        ];
        all.iter().filter(|(holds, _)| *holds).map(|&(_, words)| words).collect()
    }
}
