//! A host does not send its adverts to all of its peers.
//!
//! In unicast a host is heard by those in its `unicast_peer` list alone, and each host listens on the address from which it sends
//! (`unicast_src_ip`). A peer that is missing in the list, or is there with another of its addresses, hears nothing. If it has
//! the lower priority it becomes master beside the other; if it has the higher one all looks well until a check lowers its
//! priority, and `nopreempt` on it does nothing.
//!
//! Every host lists all others, each by the address from which that one sends.
//!
//! ```keepalived fail
//! ## file a.conf
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
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.2
//!     unicast_peer {
//!         192.0.2.3
//!     }
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
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.2
//!     unicast_peer {
//!         192.0.2.1
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER;
use std::collections::BTreeSet;
use std::net::IpAddr;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA611", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.wide {
        for &face in router {
            let mine = &fleet.faces[face];
            let unreadable = fleet.is_unknown(face, "transport") || fleet.has_bad_entries(face, &UNICAST_PEER);
            if !mine.unicast || unreadable {
                continue;
            }
            let deaf = |&&peer: &&usize| {
                let theirs = &fleet.faces[peer];
                let known = theirs.unicast && !fleet.is_unknown(peer, "transport") && !fleet.is_unknown(peer, "source");
                // Two files with one address are two versions of one host; different ids are told as such.
                let other = theirs.source != mine.source && theirs.vrid == mine.vrid;
                peer != face && other && known && theirs.source.is_some_and(|source| !mine.peers.contains(&source))
            };
            let missing: Vec<usize> = router.iter().filter(deaf).copied().collect();
            if !missing.is_empty() {
                report(fleet, face, &missing, out);
            }
        }
    }
}

fn report(fleet: &Fleet<'_>, face: usize, missing: &[usize], out: &mut Findings<'_>) {
    let mine = &fleet.faces[face];
    let Some(&peer) = missing.first() else { return };
    let Some(source) = fleet.faces[peer].source else { return };
    let host = fleet.host(peer).name();
    // The address of the same host that is listed instead.
    let own = own_addresses(fleet, peer);
    let entry = fleet.instance(face).unicast_peers().unwrap_or_default().iter().find(|entry| own.contains(&entry.address));
    let (span, message) = match entry {
        Some(entry) => (
            fleet.span(face, entry.origin),
            format!("`{}` sends to {} of {host}, which listens on {source}", mine.name, entry.address),
        ),
        None => {
            let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
            let span = fleet.written(face, None, &UNICAST_PEER);
            (span, format!("`{}` does not send to {host} ({source}){more}", mine.name))
        }
    };
    let finding = out
        .at(fleet.host(face), span, message)
        .why(format!("{host} never hears it and becomes master beside it, at once or as soon as a check lowers its priority"))
        .help(format!("write `{source}` under `unicast_peer`: every host lists all others by the address they send from"));
    let address = fleet.field(peer, "source", "");
    finding.label_on(fleet.host(peer), address, "the peer sends from this address");
}

/// Addresses of the host of a face other than the one it sends from, as far as its file tells.
fn own_addresses(fleet: &Fleet<'_>, face: usize) -> BTreeSet<IpAddr> {
    let (host, source) = (fleet.host(face), fleet.faces[face].source);
    let sources = host.ir.vrrp_instances.iter().filter_map(|instance| instance.source);
    let fixed = host.ir.static_addresses.iter().map(|address| address.address);
    let virtual_ones = fleet.faces[face].addresses();
    sources.chain(fixed).chain(virtual_ones).filter(|&ip| Some(ip) != source).collect()
}
