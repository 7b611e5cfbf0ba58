//! A unicast peer that is no other host.
//!
//! An instance that lists its own address sends to itself. A virtual address as peer moves away with every failover, and
//! nobody answers at a loopback, multicast, broadcast or unspecified address. keepalived accepts them all.
//!
//! List the addresses of the other hosts, and of them only.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.1
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
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
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         127.0.0.1
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
//!     unicast_peer {
//!         192.0.2.1
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_ir::Instance;
use std::net::{IpAddr, Ipv4Addr};

pub(super) const META: Meta = Meta { code: "KA317", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

/// What is wrong with a peer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Own,
    Virtual,
    Nobody(&'static str),
}

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let peers = instance.unicast_peers().unwrap_or_default();
        let good = peers.iter().filter(|peer| wrong(host, instance, peer.address).is_none()).count();
        for peer in peers {
            let (ip, name) = (peer.address, &instance.name);
            let (message, why) = match wrong(host, instance, ip) {
                None => continue,
                Some(Wrong::Own) => {
                    (format!("`{name}` lists its own address {ip} as a peer"), "it sends its adverts to itself")
                }
                Some(Wrong::Virtual) => (
                    format!("the peer {ip} is a virtual address of `{name}`"),
                    "the address moves with the master, so adverts go to whoever holds it and not to the other host",
                ),
                Some(Wrong::Nobody(kind)) => {
                    (format!("the peer {ip} of `{name}` is {kind} address"), "no other host receives adverts there")
                }
            };
            let id = place::statement(peer.origin);
            let finding = out.setting(host, id, message).why(why);
            if wrong(host, instance, ip) == Some(Wrong::Own) && good > 0 {
                let finding = finding.help("delete the line").suggested_fix(&[place::without(host, id)]);
                if let Some(source) = instance.origins.get("source") {
                    finding.label(place::span(host, source), "this host's address");
                }
            } else {
                finding.help("list the addresses of the other hosts, and of them only");
            }
        }
    }
}

fn wrong(host: &Host, instance: &Instance, peer: IpAddr) -> Option<Wrong> {
    let mut virtuals = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
    let is_given = host.settings.addresses.iter().any(|own| own.address == peer);
    if is_given || (instance.source == Some(peer) && !instance.is_unknown("source")) {
        Some(Wrong::Own)
    } else if virtuals.any(|address| address.address == peer) {
        Some(Wrong::Virtual)
    } else if peer.is_loopback() {
        Some(Wrong::Nobody("a loopback"))
    } else if peer.is_multicast() {
        Some(Wrong::Nobody("a multicast"))
    } else if peer.is_unspecified() {
        Some(Wrong::Nobody("the unspecified"))
    } else if peer == IpAddr::V4(Ipv4Addr::BROADCAST) {
        Some(Wrong::Nobody("the broadcast"))
    } else {
        None
    }
}
