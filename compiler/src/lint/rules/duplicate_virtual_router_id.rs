//! Two instances of one host have the same virtual router id on one interface.
//!
//! They would send and hear each other's adverts. keepalived refuses to start, but only on a machine that has the
//! interface, so its test stays silent elsewhere.
//!
//! Give each virtual router of an interface its own id. An IPv4 and an IPv6 instance may share one, and so may instances
//! with different multicast groups, or unicast instances without a common peer.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_6 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! vrrp_instance VI_3 {
//!     interface eth1
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::vrrp_instance::VIRTUAL_ROUTER_ID;
use kalc_ir::net::Family;
use kalc_ir::vrrp::{Instance, Transport};
use rustc_hash::FxHashMap;

pub(super) const META: Meta = Meta { code: "KA304", severity: Severity::Error, fix: Fixable::None, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut known: FxHashMap<(u8, Option<&str>), Vec<&Instance>> = FxHashMap::default();
    for instance in &host.ir.vrrp_instances {
        let Some(vrid) = instance.vrid.filter(|_| !instance.is_unknown("vrid") && !instance.is_unknown("interface")) else {
            continue;
        };
        let others = known.entry((vrid.get(), instance.interface.as_deref())).or_default();
        if let Some(other) = others.iter().find(|other| meet(other, instance)) {
            let place = |instance: &Instance| {
                let block = block(instance);
                host.config.setting(host.config.last(block, &VIRTUAL_ROUTER_ID).unwrap_or(block)).span
            };
            let on = instance.interface.as_ref().map(|name| format!(" on `{name}`")).unwrap_or_default();
            out.at(
                host,
                place(instance),
                format!("virtual_router_id {} is already taken{on} by `{}`", vrid.get(), other.name),
            )
            .why("the two would take each other's adverts for their own; keepalived refuses to start on a host that has the interface")
            .help("take an id that no other virtual router on this network has")
            .label(place(other), format!("`{}` has it here", other.name));
        }
        others.push(instance);
    }
}

/// Whether two instances with one id and one interface hear each other.
fn meet(a: &Instance, b: &Instance) -> bool {
    let family = |instance: &Instance| instance.family.unwrap_or(Family::Ipv4);
    family(a) == family(b)
        && match (&a.transport, &b.transport) {
            (Transport::Multicast { group: left }, Transport::Multicast { group: right }) => left == right,
            (Transport::Unicast { peers: left, .. }, Transport::Unicast { peers: right, .. }) => {
                a.source == b.source && left.iter().any(|peer| right.iter().any(|other| other.address == peer.address))
            }
            (Transport::Multicast { .. }, Transport::Unicast { .. })
            | (Transport::Unicast { .. }, Transport::Multicast { .. }) => false,
        }
}
