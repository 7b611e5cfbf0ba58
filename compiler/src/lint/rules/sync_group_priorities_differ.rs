//! Members of a sync group have different priorities on this host.
//!
//! It does no harm while every member ranks the hosts in the same order. If one member prefers host A and another one host B,
//! each host wins an election and is pulled back by the other member, again and again. Where kalc sees all hosts it knows:
//! then it says nothing, or that this is an error.
//!
//! Give all members of a group one priority on each host.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     priority 90
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::vrrp_instance::PRIORITY;
use kalc_grammar::source::Span;
use kalc_ir::{Instance, SyncGroup};
use std::cmp::Ordering;

pub(super) const META: Meta =
    Meta { code: "KA563", severity: Severity::Info, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for group in &host.ir.sync_groups {
        let Some((first, other)) = differing(host, group) else { continue };
        out.at(host, place::span(host, group.origin), format!("members of `{}` have different priorities", group.name))
            .why("if the members do not rank the hosts in one order, the group changes state again and again")
            .help("give all members one priority on each host")
            .label(priority(host, first), format!("`{}` has {}", first.name, first.priority))
            .label(priority(host, other), format!("`{}` has {}", other.name, other.priority));
    }
}

/// Two members with different priorities, unless those of owners and others are mixed, which is KA561's.
fn differing<'h>(host: &'h Host, group: &SyncGroup) -> Option<(&'h Instance, &'h Instance)> {
    let members: Vec<&Instance> = group.members.iter().map(|&member| host.ir.instance(member)).collect();
    let unknown = |member: &&Instance| member.is_unknown("priority") || member.is_unknown("state");
    if members.iter().any(unknown) || members.iter().any(|member| member.priority.is_owner()) {
        return None;
    }
    let first = *members.first()?;
    members.iter().find(|member| member.priority != first.priority).map(|other| (first, *other))
}

/// Whether every member ranks the hosts in the same order is known where the peers of all of them are.
pub(super) fn reconsider(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for (index, host) in fleet.hosts.iter().enumerate() {
        for group in &host.ir.sync_groups {
            if differing(host, group).is_none() {
                continue;
            }
            let faces: Vec<usize> = group.members.iter().filter_map(|member| face_of(fleet, index, member.index())).collect();
            let routers: Vec<&Vec<usize>> =
                faces.iter().filter_map(|&face| fleet.router_of(face)).map(|router| &fleet.routers[router]).collect();
            if routers.len() < group.members.len() {
                continue;
            }
            match contradiction(fleet, &routers) {
                None => out.withdraw(host, place::span(host, group.origin)),
                Some(((a, b), (c, d))) => contradicts(fleet, host, group, [a, b, c, d], out),
            }
        }
    }
}

fn face_of(fleet: &Fleet<'_>, host: usize, instance: usize) -> Option<usize> {
    fleet.faces.iter().position(|face| face.host == host && face.instance == instance)
}

/// Two hosts that two routers rank the other way round: the better and the worse face in each.
fn contradiction(fleet: &Fleet<'_>, routers: &[&Vec<usize>]) -> Option<((usize, usize), (usize, usize))> {
    let rank = |router: &[usize], a: usize, b: usize| -> Option<(usize, usize, Ordering)> {
        let of = |host: usize| router.iter().copied().find(|&face| fleet.faces[face].host == host);
        let (a, b) = (of(a)?, of(b)?);
        Some((a, b, fleet.instance(a).priority.cmp(&fleet.instance(b).priority)))
    };
    let [first, others @ ..] = routers else { return None };
    let hosts: Vec<usize> = first.iter().map(|&face| fleet.faces[face].host).collect();
    for (at, &a) in hosts.iter().enumerate() {
        for &b in &hosts[at + 1..] {
            let Some((x, y, order)) = rank(first, a, b) else { continue };
            for other in others {
                match rank(other, a, b) {
                    Some((v, w, reverse)) if order != Ordering::Equal && reverse == order.reverse() => {
                        return Some(if order == Ordering::Greater { ((x, y), (w, v)) } else { ((y, x), (v, w)) });
                    }
                    Some(_) | None => {}
                }
            }
        }
    }
    None
}

fn contradicts(fleet: &Fleet<'_>, host: &Host, group: &SyncGroup, faces: [usize; 4], out: &mut Findings<'_>) {
    let [a, b, c, d] = faces;
    let name = |face: usize| fleet.host(face).name().to_owned();
    let instance = |face: usize| &fleet.faces[face].name;
    let message =
        format!("in `{}` the member `{}` prefers {}, and `{}` prefers {}", group.name, instance(a), name(a), instance(c), name(c));
    let mut finding = out
        .at(host, place::span(host, group.origin), message)
        .severity(Severity::Error)
        .why("each host wins one election and is pulled back by the other member: the group changes state again and again")
        .help("let every member rank the hosts in the same order: one priority for all members on each host");
    for face in [a, b, c, d] {
        let of = fleet.host(face);
        finding = finding.label_on(of, priority(of, fleet.instance(face)), format!("{} here", fleet.instance(face).priority));
    }
}

/// Where the priority of an instance is written.
fn priority(host: &Host, instance: &Instance) -> Span {
    let id = block(instance);
    host.config.setting(host.config.last(id, &PRIORITY).unwrap_or(id)).span
}
