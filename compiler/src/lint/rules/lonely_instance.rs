//! An instance has no peer among the hosts of its cluster.
//!
//! The other hosts have virtual routers together, and this instance is in none: its address, id or peer list fits nobody's. A slip
//! in one of them is the usual reason. An instance alone is master all the time and protects nothing.
//!
//! The rule speaks where a whole folder or a cluster of `kalc.toml` is checked, not for files that were named together. The message
//! names the instance that comes nearest.
//!
//! ```keepalived fail
//! ## file web1.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 102
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file web2.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 60
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.20/24
//!     }
//! }
//! ## file web3.conf
//! vrrp_instance VI_3 {
//!     interface eth0
//!     virtual_router_id 61
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.30/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 60
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.20/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file web1.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file web2.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::Face;
use crate::cluster::hears::wire;
use crate::cluster::peers::{may_be_peers, weigh};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::usage::decimal;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA627", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

/// With more of one name or id not all are weighed.
const MOST: usize = 64;

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    if !fleet.given.is_whole || fleet.hosts.len() < 2 {
        return;
    }
    let mut has_router = vec![false; fleet.hosts.len()];
    let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let mut by_source: FxHashMap<IpAddr, usize> = FxHashMap::default();
    for (index, face) in fleet.faces.iter().enumerate() {
        has_router[face.host] |= fleet.router_of(index).is_some();
        by_name.entry(&face.name).or_default().push(index);
        by_source.extend(face.source.map(|source| (source, index)));
    }
    let attached = |face: usize| fleet.attached.iter().any(|&(one, other)| face == one || face == other);
    for (index, face) in fleet.faces.iter().enumerate() {
        let two = fleet.hosts.len() == 2;
        let unknown = ["vrid", "virtual_addresses", "transport"].iter().any(|field| fleet.is_unknown(index, field));
        if fleet.router_of(index).is_some() || attached(index) || unknown || !(has_router[face.host] || two) {
            continue;
        }
        let of_id = face.vrid.map_or(&[][..], |vrid| fleet.with_vrid(vrid));
        let named = by_name.get(&*face.name).map_or(&[][..], Vec::as_slice);
        let near = of_id.iter().take(MOST).chain(named.iter().take(MOST)).copied();
        let candidates = near.filter(|&other| may_be_peers(face, &fleet.faces[other]));
        let best = candidates.max_by_key(|&other| (weigh(face, &fleet.faces[other]).points(), std::cmp::Reverse(other)));
        // Two that are nearest to each other are told once, at the later one.
        if best.is_some_and(|other| other > index && fleet.router_of(other).is_none()) {
            continue;
        }
        // What is told as a collision or as a half-made change needs no second finding.
        let told = |other: usize| {
            fleet.collide(index, other) || fleet.is_half_edited(index, other, weigh(face, &fleet.faces[other]))
        };
        if of_id.iter().take(MOST).any(|&other| other != index && told(other)) {
            continue;
        }
        report(fleet, index, best, &by_source, out);
    }
}

fn report(fleet: &Fleet<'_>, index: usize, best: Option<usize>, by_source: &FxHashMap<IpAddr, usize>, out: &mut Findings<'_>) {
    let face = &fleet.faces[index];
    let absent = !face.peers.is_empty() && !face.peers.iter().any(|peer| by_source.contains_key(peer));
    let place = fleet.span(index, fleet.instance(index).origin);
    if absent {
        let peers: Vec<String> = face.peers.iter().take(3).map(IpAddr::to_string).collect();
        let message = format!("the configuration of the peer{} of `{}` is not here: {}", if face.peers.len() == 1 { "" } else { "s" }, face.name, peers.join(", "));
        out.at(fleet.host(index), place, message)
            .severity(Severity::Info)
            .why("nothing could be compared with it")
            .help("check the files of all hosts together");
        return;
    }
    let finding = out
        .at(fleet.host(index), place, format!("`{}` has no peer on any other host", face.name))
        .why("alone it is master all the time and protects nothing");
    match best {
        Some(other) => {
            let theirs = &fleet.faces[other];
            let text = format!("the nearest is `{}` in {}: {}", theirs.name, fleet.host(other).name(), compare(fleet, index, other));
            let there = fleet.span(other, fleet.instance(other).origin);
            finding
                .help("peers share the virtual addresses and the id, or send to each other")
                .label_on(fleet.host(other), there, text);
        }
        None => {
            finding.help("peers share the virtual addresses and the id, or send to each other; no other host has this id or name");
        }
    }
}

/// What two faces have in common and what keeps them apart.
fn compare(fleet: &Fleet<'_>, index: usize, other: usize) -> String {
    let (mine, theirs) = (&fleet.faces[index], &fleet.faces[other]);
    let evidence = weigh(mine, theirs);
    let mut common = Vec::new();
    if evidence.same_name {
        common.push("name".to_owned());
    }
    if evidence.same_vrid {
        common.push("id".to_owned());
    }
    let mut apart = Vec::new();
    if let (Some(own), Some(there), false) = (mine.vrid, theirs.vrid, evidence.same_vrid) {
        apart.push(format!("id {there} instead of {own}"));
    }
    let has_none = |face: &Face| face.addresses().next().is_none();
    match (has_none(mine), has_none(theirs)) {
        _ if evidence.disjoint => apart.push("no address in common".to_owned()),
        (true, false) => apart.push("no virtual address here".to_owned()),
        (false, true) => apart.push("no virtual address there".to_owned()),
        (true, true) | (false, false) => {}
    }
    match (mine.unicast, theirs.unicast) {
        (true, false) => apart.push("multicast instead of unicast".to_owned()),
        (false, true) => apart.push("unicast instead of multicast".to_owned()),
        (true, true) | (false, false) if evidence.apart => apart.push("they do not send to each other".to_owned()),
        (true, true) | (false, false) => {}
    }
    if let (Some(own), Some(there)) = (wire(fleet, index), wire(fleet, other))
        && own != there
    {
        apart.push("another authentication".to_owned());
    }
    let interval = |face: usize| {
        let us = fleet.instance(face).advert_interval_us;
        (!fleet.is_unknown(face, "advert_interval_us")).then_some(us)
    };
    if let (Some(own), Some(there)) = (interval(index), interval(other))
        && own != there
    {
        apart.push(format!("adverts every {} s instead of {} s", decimal(there, 6), decimal(own, 6)));
    }
    let same = if common.is_empty() { String::new() } else { format!("the same {}", common.join(" and ")) };
    match (same.is_empty(), apart.is_empty()) {
        (true, _) => apart.join(", "),
        (false, true) => same,
        (false, false) => format!("{same}, but {}", apart.join(", ")),
    }
}
