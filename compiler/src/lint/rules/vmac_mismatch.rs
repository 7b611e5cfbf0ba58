//! Only some hosts of a virtual router use a virtual MAC address.
//!
//! `use_vmac` gives the virtual router one MAC address that moves with the addresses, so that neighbours need to learn nothing.
//! If one host uses it and the other does not, or they use different ones, the MAC changes with every failover.
//!
//! Write the same `use_vmac` or `use_ipvlan` on all hosts of a virtual router, or none.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
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
//!     use_vmac
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use kalc_ir::net::Mac;
use kalc_ir::vrrp::VirtualInterface;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA615", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

/// What the neighbours see.
#[derive(PartialEq)]
enum Seen {
    Real,
    Vmac(Option<Mac>),
    Ipvlan,
}

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        // The usual address follows from the id; different ids are told as such.
        let same_id = router.iter().all(|&face| fleet.faces[face].vrid == fleet.faces[router[0]].vrid);
        let known = |face: usize| (!fleet.is_unknown(face, "virtual_interface")).then(|| seen(fleet, face, same_id));
        for (face, model) in fleet.deviating(router, known) {
            let words = |face| describe(&seen(fleet, face, same_id));
            let name = &fleet.faces[face].name;
            let message = format!("`{name}` uses {}, {} {}", words(face), fleet.peer_name(model, face), words(model));
            let place = |face| fleet.field(face, "virtual_interface", "");
            out.at(fleet.host(face), place(face), message)
                .why("the MAC address of the virtual addresses changes with every failover")
                .help("write the same `use_vmac` or `use_ipvlan` on all hosts of this virtual router, or none")
                .label_on(fleet.host(model), place(model), "the peer's is here");
        }
    }
}

fn seen(fleet: &Fleet<'_>, face: usize, same_id: bool) -> Seen {
    match &fleet.instance(face).virtual_interface {
        VirtualInterface::None => Seen::Real,
        VirtualInterface::Vmac { mac, .. } => Seen::Vmac(mac.filter(|_| same_id)),
        VirtualInterface::Ipvlan { .. } => Seen::Ipvlan,
    }
}

fn describe(seen: &Seen) -> String {
    match seen {
        Seen::Real => "its interface's own MAC address".to_owned(),
        Seen::Vmac(Some(mac)) => format!("the virtual MAC address {mac}"),
        Seen::Vmac(None) => "a virtual MAC address".to_owned(),
        Seen::Ipvlan => "an ipvlan".to_owned(),
    }
}
