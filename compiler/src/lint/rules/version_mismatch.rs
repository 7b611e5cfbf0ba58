//! Peers of one virtual router speak different versions of VRRP.
//!
//! Version 2 and version 3 have different packets, and a host drops those of the other version: there is no fallback. Peers
//! that differ never hear each other, so each becomes master and all hold the addresses at once.
//!
//! Write the same `vrrp_version` (or `version` in the instance) on all hosts of a virtual router. A change of version is made on
//! all hosts in one maintenance window.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
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
//!     virtual_router_id 51
//!     version 3
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA603", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let known = |face| (!fleet.is_unknown(face, "version")).then(|| fleet.instance(face).version);
        for (face, model) in fleet.deviating(router, known) {
            let number = |face| fleet.instance(face).version.number();
            let (mine, theirs, name) = (number(face), number(model), &fleet.faces[face].name);
            let message = format!("`{name}` speaks version {mine}, {} version {theirs}", fleet.peer_name(model, face));
            let place = |face| fleet.field(face, "version", "vrrp_version");
            out.at(fleet.host(face), place(face), message)
                .why("each host drops packets of the other version, so both become master and hold the addresses at once")
                .help("write the same `vrrp_version` on all hosts of this virtual router")
                .label_on(fleet.host(model), place(model), format!("version {theirs} here"));
        }
    }
}
