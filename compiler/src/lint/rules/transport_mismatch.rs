//! Peers of one virtual router send their adverts in different ways.
//!
//! One uses unicast and the other multicast, or they use different multicast groups. A host that expects one kind drops or never
//! gets the other, so each becomes master. An empty `unicast_peer` list means multicast too.
//!
//! Change all hosts of a virtual router together: a complete `unicast_peer` list on each, or none on any.
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
use kalc_grammar::source::Span;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA613", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.wide {
        let known = |face: usize| {
            let mine = &fleet.faces[face];
            let unknown = fleet.is_unknown(face, "transport") || !mine.unicast && mine.group.is_none();
            (!unknown).then_some((mine.unicast, mine.group))
        };
        for (face, model) in fleet.deviating(router, known) {
            // Different ids are told as such.
            if fleet.faces[face].vrid != fleet.faces[model].vrid {
                continue;
            }
            let (mine, theirs) = (kind(fleet, face), kind(fleet, model));
            let message = format!("`{}` uses {mine}, {} {theirs}", fleet.faces[face].name, fleet.peer_name(model, face));
            out.at(fleet.host(face), place(fleet, face), message)
                .why("neither hears the other, so both become master and hold the addresses at once")
                .help("use one way on all hosts of this virtual router: a `unicast_peer` list on each, or one multicast group")
                .label_on(fleet.host(model), place(fleet, model), format!("{theirs} here"));
        }
    }
}

fn kind(fleet: &Fleet<'_>, face: usize) -> String {
    let face = &fleet.faces[face];
    match face.group {
        _ if face.unicast => "unicast".to_owned(),
        Some(group) => format!("multicast group {group}"),
        None => "multicast".to_owned(),
    }
}

fn place(fleet: &Fleet<'_>, face: usize) -> Span {
    let config = &fleet.host(face).config;
    match config.last(fleet.block(face), &UNICAST_PEER) {
        Some(list) => config.setting(list).span,
        None => fleet.field(face, "transport.group", ""),
    }
}
