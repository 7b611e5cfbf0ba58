//! The hosts of one virtual router do not agree who is to be master.
//!
//! `state MASTER` stands on two of them, or on one whose priority is not the highest. Since keepalived 2.0 the word decides
//! little: the priority says who is master, and `state MASTER` only switches `nopreempt` and `preempt_delay` off. Before 2.0
//! every host with `state MASTER` took the addresses when it started. Where word and number disagree, one of them is usually on the
//! wrong host.
//!
//! Write `state MASTER` on the host with the highest priority only, or `state BACKUP` on all.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state MASTER
//!     priority 90
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state BACKUP
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state MASTER
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state MASTER
//!     priority 90
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state MASTER
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state BACKUP
//!     priority 90
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state BACKUP
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state BACKUP
//!     priority 90
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::tracker::{healthy, trackers};
use kalc_grammar::schema::vrrp_instance::{PRIORITY, STATE};
use kalc_ir::vrrp::InitialState;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA609", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let unknown = |&face: &usize| ["priority", "state", "trackers"].iter().any(|f| fleet.is_unknown(face, f));
        if router.iter().any(unknown) {
            continue;
        }
        let effective = |face: usize| {
            let instance = fleet.instance(face);
            healthy(instance.priority, &trackers(&fleet.host(face).ir, instance)).priority
        };
        let says_master = |&face: &usize| {
            let instance = fleet.instance(face);
            instance.state == InitialState::Master && instance.origins.contains("state")
        };
        let masters: Vec<usize> = router.iter().copied().filter(says_master).collect();
        let highest = router.iter().copied().map(effective).max().unwrap_or(0);
        let state = |face| fleet.written(face, None, &STATE);
        match masters[..] {
            [] => {}
            [master] => {
                // Of equal priorities the first is as good as any.
                let better = router.iter().copied().find(|&face| effective(face) == highest);
                let Some(better) = better.filter(|_| effective(master) < highest) else { continue };
                let peer = fleet.peer_name(better, master);
                let (name, own) = (&fleet.faces[master].name, effective(master));
                let message = format!("`{name}` says `state MASTER`, but {peer} has the higher priority ({highest}, here {own})");
                out.at(fleet.host(master), state(master), message)
                    .why("the priority decides: this host gives the addresses up as soon as it hears the other one")
                    .help("write `state BACKUP` here, or exchange the priorities if this host is to be the preferred one")
                    .label_on(fleet.host(better), fleet.written(better, None, &PRIORITY), "the higher priority is here");
            }
            [first, ..] => {
                // Owners that tie are told as such.
                if masters.iter().filter(|&&face| fleet.instance(face).priority.is_owner()).count() > 1 {
                    continue;
                }
                let best = masters.iter().copied().max_by_key(|&face| (effective(face), std::cmp::Reverse(face))).unwrap_or(first);
                let Some(other) = masters.iter().copied().rfind(|&face| face != best && !fleet.is_one_host(face, best)) else { continue };
                let name = &fleet.faces[other].name;
                let message = format!("`{name}` says `state MASTER`, and so does {}", fleet.peer_name(best, other));
                out.at(fleet.host(other), state(other), message)
                    .why("the priority decides who is master; before keepalived 2.0 both took the addresses when they started")
                    .help("write `state BACKUP` on all hosts but the one with the highest priority")
                    .label_on(fleet.host(best), state(best), "here too");
            }
        }
    }
}
