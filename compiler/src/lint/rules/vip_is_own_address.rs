//! A virtual address is also the address that the host sends from.
//!
//! When the host stops being master keepalived removes the address, and with it the source of its adverts: the host falls
//! into the fault state and does not come back.
//!
//! Take a free address for the clients. Only the owner of an address, with priority 255, sends from it.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.10
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 255
//!     mcast_src_ip 192.0.2.10
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};

pub(super) const META: Meta =
    Meta { code: "KA314", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let Some(source) = instance.source.filter(|_| !instance.is_unknown("source")) else { continue };
        if instance.priority.is_owner() || instance.is_unknown("priority") {
            continue;
        }
        let mut all = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
        let Some(address) = all.find(|address| address.address == source) else { continue };
        let finding = out
            .at(host, place::span(host, address.origin), format!("`{}` sends from its virtual address {source}", instance.name))
            .why("when it stops being master keepalived removes the address; the host then has none to send from and stays in the fault state")
            .help("take an address for the clients that no host has as its own");
        if let Some(written) = instance.origins.get("source") {
            finding.label(place::span(host, written), "the source address is written here");
        }
    }
}
