//! Instances are in one sync group on one host and not on its peer.
//!
//! A sync group moves its members together: a failure of one takes all of them to the other host. If the peer has them
//! in no group, or in one with other members, a failure there moves one instance alone, and each host ends up master of a
//! half.
//!
//! Write the same members into the group on all hosts. The names of groups do not count.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_sync_group G {
//!     group {
//!         IN
//!         OUT
//!     }
//! }
//! vrrp_instance IN {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance OUT {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance IN {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance OUT {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_sync_group G {
//!     group {
//!         IN
//!         OUT
//!     }
//! }
//! vrrp_instance IN {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance OUT {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_sync_group PAIR {
//!     group {
//!         IN
//!         OUT
//!     }
//! }
//! vrrp_instance IN {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance OUT {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ```

use kalc_ir::vrrp::SyncGroup;
use kalc_grammar::source::Span;
use std::collections::BTreeSet;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA616", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    // Every member of a group shows the difference; it is told once for two hosts.
    let mut told = BTreeSet::new();
    for router in &fleet.routers {
        let known = |face: usize| {
            let unknown = group(fleet, face).is_some_and(|group| !group.unknown.is_empty() || !group.dropped.is_empty());
            let incomplete = fleet.is_unknown(face, "sync_group");
            (!unknown && !incomplete).then(|| partners(fleet, face))
        };
        for (face, model) in fleet.deviating(router, known) {
            if !told.insert((id(fleet, face), id(fleet, model))) {
                continue;
            }
            let (mine, theirs) = (describe(fleet, face), describe(fleet, model));
            let name = &fleet.faces[face].name;
            let message = format!("`{name}` is {mine}, {} is {theirs}", fleet.peer_name(model, face));
            out.at(fleet.host(face), place(fleet, face), message)
                .why("a failure moves several instances on one host and one alone on the other, and each ends up master of a half")
                .help("write the same members into the `vrrp_sync_group` on all hosts")
                .label_on(fleet.host(model), place(fleet, model), "the peer's is here");
        }
    }
}

fn group<'h>(fleet: &Fleet<'h>, face: usize) -> Option<&'h SyncGroup> {
    let group = fleet.host(face).ir.sync_group(fleet.instance(face).sync_group?);
    (group.members.len() > 1 || !group.unknown.is_empty() || !group.dropped.is_empty()).then_some(group)
}

/// The virtual routers that move with a face: by number where they have peers, else by id.
fn partners(fleet: &Fleet<'_>, face: usize) -> BTreeSet<(Option<usize>, Option<u8>)> {
    let host = fleet.faces[face].host;
    let first = face - fleet.faces[face].instance;
    let members = group(fleet, face).map_or(&[][..], |group| &group.members);
    let others = members.iter().map(|member| first + member.index()).filter(|&other| other != face);
    others
        .map(|other| {
            debug_assert_eq!(fleet.faces[other].host, host);
            let router = fleet.router_of(other);
            (router, if router.is_some() { None } else { fleet.faces[other].vrid })
        })
        .collect()
}

/// A host and its group, or the instance that has none.
fn id(fleet: &Fleet<'_>, face: usize) -> (usize, Option<u32>) {
    let group = group(fleet, face).and(fleet.instance(face).sync_group).map(|id| id.0);
    (fleet.faces[face].host, group)
}

fn describe(fleet: &Fleet<'_>, face: usize) -> String {
    let Some(group) = group(fleet, face) else { return "in no sync group".to_owned() };
    let ir = &fleet.host(face).ir;
    let others = group.members.iter().map(|&member| &ir.instance(member).name);
    let others: Vec<String> =
        others.filter(|name| **name != fleet.faces[face].name).take(3).map(|name| format!("`{name}`")).collect();
    format!("in a sync group with {}", others.join(", "))
}

fn place(fleet: &Fleet<'_>, face: usize) -> Span {
    match group(fleet, face) {
        Some(group) => fleet.span(face, group.origins.get("members").unwrap_or(group.origin)),
        None => fleet.span(face, fleet.instance(face).origin),
    }
}
