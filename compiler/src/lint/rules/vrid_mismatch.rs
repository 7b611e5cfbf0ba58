//! Two hosts hold the same virtual address under different virtual router ids.
//!
//! Adverts of another id are not for this instance. Each host elects itself, and both answer for the address all the time. Most
//! often the id was changed on one host only.
//!
//! Write the same `virtual_router_id` on all hosts that share the address. Where little but the address speaks for a
//! cluster, this is a warning.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
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
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::peers::{is_link_local, weigh};
use kalc_grammar::schema::vrrp_instance::VIRTUAL_ROUTER_ID;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA605", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.wide {
        let known = |face| if fleet.is_unknown(face, "vrid") { None } else { fleet.faces[face].vrid };
        for (face, model) in fleet.deviating(router, known) {
            let (mine, theirs) = (&fleet.faces[face], &fleet.faces[model]);
            let evidence = weigh(mine, theirs);
            let common = mine.addresses().find(|&ip| !is_link_local(ip) && theirs.holds(ip));
            let (Some(own), Some(other), Some(ip)) = (mine.vrid, theirs.vrid, common) else { continue };
            let message = format!(
                "`{}` has virtual_router_id {own}, {} has {other}, and both hold {ip}",
                mine.name,
                fleet.peer_name(model, face)
            );
            let place = |face| fleet.written(face, None, &VIRTUAL_ROUTER_ID);
            // Two hosts are there to be compared; among many, one address and a name that everybody uses may be chance.
            let sure = fleet.hosts.len() == 2 || evidence.same_secret || evidence.unicast > 0;
            let severity = if evidence.peers() && sure { Severity::Error } else { Severity::Warning };
            out.at(fleet.host(face), place(face), message)
                .severity(severity)
                .why("two elections decide over one address, so two hosts answer for it all the time")
                .help(format!("write the same id on all hosts of the cluster, such as `virtual_router_id {other}`"))
                .label_on(fleet.host(model), place(model), format!("{other} here"));
        }
    }
}
