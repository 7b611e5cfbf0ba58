//! Peers of one virtual router do not have the same virtual addresses.
//!
//! An advert names the addresses of its sender. keepalived up to 2.3.2 drops an advert that does not name its own ones, so both
//! hosts become master (`vrrp_skip_check_adv_addr` spares only a sender that was accepted before). Later versions log it and go
//! on: then an address that one host lacks is gone for as long as that host is master.
//!
//! Prefix length, device, label and order do not count, and neither do addresses under `virtual_ipaddress_excluded`.
//!
//! The rule also speaks where two hosts have the same id, instance name and secret and no address in common: that is
//! a change that was made on one side only.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.11/24
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
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     authentication {
//!         auth_type PASS
//!         auth_pass kX9uTr2b
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.90/24
//!     }
//!     authentication {
//!         auth_type PASS
//!         auth_pass kX9uTr2b
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.11/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!         192.0.2.10/32
//!     }
//! }
//! ```

use crate::cluster::peers::{may_be_peers, one_segment, weigh};
use kalc_grammar::schema::vrrp_instance::VIRTUAL_IPADDRESS;
use kalc_grammar::source::Span;
use std::collections::BTreeSet;
use std::net::IpAddr;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA604", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.wide {
        for (face, model) in fleet.deviating(router, |face| known(fleet, face)) {
            // Hosts of different versions or ids do not hear each other whatever the addresses.
            if fleet.same_version(face, model) && fleet.faces[face].vrid == fleet.faces[model].vrid {
                report(fleet, face, model, out);
            }
        }
    }
    for (right, face) in fleet.faces.iter().enumerate() {
        let pair = face.vrid.map_or(&[][..], |vrid| fleet.with_vrid(vrid));
        let &[left, second] = pair else { continue };
        if second != right || known(fleet, left).is_none() || known(fleet, right).is_none() {
            continue;
        }
        let evidence = weigh(&fleet.faces[left], face);
        let possible = may_be_peers(&fleet.faces[left], face) && one_segment(&fleet.faces[left], face, evidence);
        if possible && evidence.strangers() && evidence.disjoint && fleet.is_half_edited(left, right, evidence) {
            report(fleet, right, left, out);
        }
    }
}

/// The addresses that adverts name; `None` where the files do not say.
fn known<'f>(fleet: &'f Fleet<'_>, face: usize) -> Option<&'f BTreeSet<IpAddr>> {
    let unknown = fleet.is_unknown(face, "virtual_addresses") || fleet.has_bad_entries(face, &VIRTUAL_IPADDRESS);
    (!unknown).then(|| &fleet.faces[face].vips)
}

fn report(fleet: &Fleet<'_>, face: usize, model: usize, out: &mut Findings<'_>) {
    let (mine, theirs) = (&fleet.faces[face].vips, &fleet.faces[model].vips);
    let missing: Vec<IpAddr> = theirs.difference(mine).copied().collect();
    let surplus: Vec<IpAddr> = mine.difference(theirs).copied().collect();
    let (name, peer) = (&fleet.faces[face].name, fleet.peer_name(model, face));
    let message = match (&surplus[..], &missing[..]) {
        ([], missing) => format!("`{name}` does not have {}, {peer} does", list(missing)),
        (surplus, []) => format!("`{name}` has {}, {peer} does not", list(surplus)),
        (surplus, missing) => format!("`{name}` has {} where {peer} has {}", list(surplus), list(missing)),
    };
    out.at(fleet.host(face), place(fleet, face, &surplus), message)
        .why("up to keepalived 2.3.2 each host drops the other's adverts, so both become master; later versions only log it, and an address that one host lacks is gone while that host is master")
        .help("write the same addresses under `virtual_ipaddress` on all hosts of this virtual router")
        .label_on(fleet.host(model), place(fleet, model, &missing), "the peer's addresses are here");
}

/// The first of some addresses in the file, else the list.
fn place(fleet: &Fleet<'_>, face: usize, of: &[IpAddr]) -> Span {
    let entry = fleet.instance(face).virtual_addresses.iter().find(|address| of.contains(&address.address));
    match entry {
        Some(entry) => fleet.span(face, entry.origin),
        None => fleet.written(face, None, &VIRTUAL_IPADDRESS),
    }
}

fn list(addresses: &[IpAddr]) -> String {
    let words: Vec<String> = addresses.iter().take(3).map(IpAddr::to_string).collect();
    match addresses.len() {
        0..=3 => words.join(", "),
        more => format!("{} and {} more", words.join(", "), more - 3),
    }
}
