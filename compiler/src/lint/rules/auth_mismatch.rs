//! Peers of one virtual router do not authenticate alike.
//!
//! A host drops every advert whose authentication type or secret is not its own. Peers that differ never hear each other,
//! so each becomes master and all hold the addresses at once. What counts is what goes on the wire: the type, and the
//! first eight bytes of the secret.
//!
//! Give all hosts of a virtual router the same `auth_type` and the same `auth_pass`.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     authentication {
//!         auth_type PASS
//!         auth_pass first
//!     }
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     authentication {
//!         auth_type PASS
//!         auth_pass second
//!     }
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     version 3
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     version 3
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::hears::{Wire, wire};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::vrrp_instance::authentication::{AUTH_PASS, AUTH_TYPE, AUTHENTICATION};

pub(super) const META: Meta =
    Meta { code: "KA601", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        for (face, model) in fleet.deviating(router, |face| wire(fleet, face)) {
            let (host, other) = (fleet.host(face), fleet.host(model));
            let (name, peer) = (&fleet.faces[face].name, other.name());
            let (Some(mine), Some(theirs)) = (wire(fleet, face), wire(fleet, model)) else { continue };
            let same_type = kind(&mine) == kind(&theirs);
            let keyword = if same_type { &AUTH_PASS } else { &AUTH_TYPE };
            let message = if same_type {
                format!("the secret of `{name}` is not the one of its peer in {peer}")
            } else {
                format!("`{name}` uses {}, its peer in {peer} {}", kind(&mine), kind(&theirs))
            };
            out.at(host, fleet.written(face, Some(&AUTHENTICATION), keyword), message)
                .why("each host drops the other's adverts, so both become master and hold the addresses at once")
                .help("give all hosts of this virtual router the same `auth_type` and `auth_pass`")
                .label_on(other, fleet.written(model, Some(&AUTHENTICATION), keyword), "the peer's is here");
        }
    }
}

fn kind(wire: &Wire<'_>) -> &'static str {
    match wire {
        Wire::None => "no authentication",
        Wire::Pass(_) => "`auth_type PASS`",
        Wire::Ah(_) => "`auth_type AH`",
        Wire::Hmac(_) => "`auth_hmac`",
    }
}
