//! A BFD session with a peer, and without a weight.
//!
//! Weight 0 makes the loss of the session a fault. If the neighbour is the other host, then each host may only be up while
//! the other one is: when one of them dies the other goes to the fault state too, and nobody has the addresses.
//!
//! Give it a weight, or let the session watch the router that both hosts need.
//!
//! ```keepalived fail
//! bfd_instance peer {
//!     neighbor_ip 192.0.2.2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     track_bfd {
//!         peer
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! bfd_instance gateway {
//!     neighbor_ip 192.0.2.254
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     track_bfd {
//!         gateway
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_ir::Instance;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA516", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let peers = instance.unicast_peers().unwrap_or_default();
        report(host, instance, |ip| peers.iter().any(|peer| peer.address == ip), out);
    }
}

/// The sources of the peers are known too.
pub(super) fn reconsider(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        for &face in router {
            let instance = fleet.instance(face);
            let peers = instance.unicast_peers().unwrap_or_default();
            let is_source = |ip| router.iter().any(|&other| other != face && fleet.faces[other].source == Some(ip));
            let is_peer = |ip| is_source(ip) || peers.iter().any(|peer| peer.address == ip);
            report(fleet.host(face), instance, is_peer, out);
        }
    }
}

fn report(host: &Host, instance: &Instance, is_peer: impl Fn(IpAddr) -> bool, out: &mut Findings<'_>) {
    for tracked in instance.trackers.bfds.iter().filter(|tracked| tracked.weight.is_fault()) {
        let bfd = host.ir.bfd(tracked.id);
        let Some(neighbour) = bfd.neighbor.filter(|&ip| is_peer(ip)) else { continue };
        out.at(
            host,
            place::span(host, tracked.origin),
            format!("`{}` is in fault whenever its peer {neighbour} is away", instance.name),
        )
        .why("without a weight the loss of the session is a fault: when one host dies the other gives up too")
        .help("give it a weight such as `weight -20`, or watch the router that both hosts need")
        .label(place::span(host, bfd.origin), "the session is here");
    }
}
