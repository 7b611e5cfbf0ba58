//! Two hosts of a cluster have the same `router_id`.
//!
//! The name stands in mails and SNMP answers and nowhere in the protocol, so nothing breaks. But nobody can tell which
//! host a message is from.
//!
//! Leave `router_id` out: then it is the name of the host. Or write another one on each.
//!
//! ```keepalived fail
//! ## file a.conf
//! global_defs {
//!     router_id LVS
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! global_defs {
//!     router_id LVS
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! global_defs {
//!     router_id lb1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! global_defs {
//!     router_id lb2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use std::collections::BTreeSet;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA623", severity: Severity::Info, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for router in &fleet.routers {
        for (at, &face) in router.iter().enumerate() {
            let Some((id, place)) = name(fleet, face) else { continue };
            let same = |&&other: &&usize| name(fleet, other).is_some_and(|(theirs, _)| theirs == id);
            let Some(&other) = router[..at].iter().find(same) else { continue };
            let Some((_, there)) = name(fleet, other) else { continue };
            if !told.insert(fleet.faces[face].host) {
                continue;
            }
            let host = fleet.host(other);
            let message = format!("`router_id {id}` is that of {} too", host.name());
            out.at(fleet.host(face), fleet.span(face, place), message)
                .why("mails and SNMP answers do not tell the hosts apart")
                .help("leave `router_id` out: then it is the name of the host")
                .label_on(host, fleet.span(other, there), "the same here");
        }
    }
}

/// The name that a host is given in its file.
fn name<'h>(fleet: &Fleet<'h>, face: usize) -> Option<(&'h str, kalc_ir::OriginId)> {
    let global = &fleet.host(face).ir.global;
    let unknown = global.unknown.iter().any(|unknown| unknown.is_in("router_id"));
    let id = global.router_id.as_deref().filter(|_| !unknown)?;
    Some((id, global.origins.get("router_id")?))
}
