//! Peers of one virtual router compute the checksum of version 3 differently.
//!
//! For IPv4 the standards disagree whether addresses of the IP header are part of the checksum of version 3. keepalived includes
//! them unless `v3_checksum_as_v2` is set, for routers that do not. A receiver with the other setting drops the advert as
//! damaged, so both become master.
//!
//! Write `v3_checksum_as_v2` on all hosts of a virtual router, or on none.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     v3_checksum_as_v2
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
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     v3_checksum_as_v2
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
//!     v3_checksum_as_v2
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use kalc_ir::net::Family;
use kalc_ir::unit::VrrpVersion;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA621", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let known = |face: usize| {
            let instance = fleet.instance(face);
            // Hosts of version 2 do not hear those of version 3 whatever the checksum.
            let counts = instance.version == VrrpVersion::V3 && instance.family == Some(Family::Ipv4);
            let unknown = fleet.is_unknown(face, "v3_checksum_as_v2") || fleet.is_unknown(face, "version");
            (counts && !unknown).then_some(instance.v3_checksum_as_v2)
        };
        for (face, model) in fleet.deviating(router, known) {
            let words = |face: usize| if fleet.instance(face).v3_checksum_as_v2 { "that of version 2" } else { "that of version 3" };
            let (mine, theirs, name) = (words(face), words(model), &fleet.faces[face].name);
            let message = format!("`{name}` uses {mine} as its checksum, {} {theirs}", fleet.peer_name(model, face));
            let place = |face| fleet.field(face, "v3_checksum_as_v2", "v3_checksum_as_v2");
            out.at(fleet.host(face), place(face), message)
                .why("each host takes the other's adverts for damaged, so both become master and hold the addresses at once")
                .help("write `v3_checksum_as_v2` on all hosts of this virtual router, or on none")
                .label_on(fleet.host(model), place(model), "the peer's is here");
        }
    }
}
