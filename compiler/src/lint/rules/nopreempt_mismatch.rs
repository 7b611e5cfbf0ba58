//! `nopreempt` is missing on the host with the highest priority.
//!
//! `nopreempt` keeps a host from taking the addresses back after a repair. It is the highest host that would do so: without the
//! word there, the addresses move a second time, which the other hosts were told to prevent. On lower hosts alone it has no effect in
//! normal operation, and it keeps them from taking over when a check lowers the priority of the master.
//!
//! Write `nopreempt` with `state BACKUP` on all hosts, or on none.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state BACKUP
//!     priority 101
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
//!     nopreempt
//!     priority 100
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
//!     nopreempt
//!     priority 101
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

use kalc_grammar::schema::vrrp_instance::{NOPREEMPT, PRIORITY};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA619", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let unknown = |&face: &usize| ["priority", "state", "preempts"].iter().any(|f| fleet.is_unknown(face, f));
        if router.iter().any(unknown) {
            continue;
        }
        let priority = |face: usize| fleet.instance(face).priority;
        let Some(&best) = router.iter().max_by_key(|&&face| priority(face)) else { continue };
        let tied = router.iter().any(|&face| face != best && priority(face) == priority(best));
        let config = &fleet.host(best).config;
        // Where the word stands and is cancelled, that is told on its host.
        let written = config.last(fleet.block(best), &NOPREEMPT).is_some();
        let Some(&other) = router.iter().find(|&&face| !fleet.instance(face).preempts) else { continue };
        if tied || written || !fleet.instance(best).preempts || priority(best).is_owner() {
            continue;
        }
        let name = &fleet.faces[best].name;
        let message = format!("`{name}` takes the addresses back, {} has `nopreempt`", fleet.peer_name(other, best));
        out.at(fleet.host(best), fleet.written(best, None, &PRIORITY), message)
            .why("this host has the highest priority, so `nopreempt` counts here: without it the addresses move again when it returns")
            .help("write `nopreempt` with `state BACKUP` on all hosts of this virtual router, or on none")
            .label_on(fleet.host(other), fleet.written(other, None, &NOPREEMPT), "`nopreempt` is here");
    }
}
