//! Peers of one virtual router have the same priority.
//!
//! While one of them is master it stays so. But after a common start, and in a cluster of three or more when the master dies,
//! equal priorities take over in the same moment: for an instant two hosts are master, both announce the addresses, and the one
//! with the lower source address gives way. At 255 the protocol lets neither give way, so that is an error; in a larger cluster a
//! tie is a warning; between two hosts it is only worth knowing.
//!
//! Give every host its own priority. If nobody is to take the addresses back after a repair, `nopreempt` on all hosts with
//! `state BACKUP` does that with different priorities too. Some clouds' guides want the tie: `priority-tie = "allow"` in the
//! cloud's table of `kalc.toml` says so.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
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
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use kalc_grammar::schema::vrrp_instance::PRIORITY;
use std::collections::BTreeMap;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA607", severity: Severity::Info, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        // Under different ids there is no election between them.
        let mut by_priority: BTreeMap<(u8, Option<u8>), Vec<usize>> = BTreeMap::new();
        for &face in router.iter().filter(|&&face| !fleet.is_unknown(face, "priority")) {
            by_priority.entry((fleet.instance(face).priority.get(), fleet.faces[face].vrid)).or_default().push(face);
        }
        for ((priority, _), mut faces) in by_priority {
            if priority < 255 {
                let permits = |face: &usize| fleet.host(*face).settings.profiles.iter().any(|p| p.permits_priority_tie);
                faces.retain(|face| !permits(face));
            }
            let Some((face, others)) = faces.split_last() else { continue };
            let others: Vec<usize> =
                others.iter().copied().filter(|&other| !fleet.is_one_host(other, *face)).collect();
            let Some(&first) = others.first() else { continue };
            let (severity, why) = match priority {
                255 => (Severity::Error, "at 255 each host is the owner of the addresses, and the protocol lets neither give way: both stay master"),
                _ if router.len() > 2 => (Severity::Warning, "when the master dies both take over in the same moment, and for an instant two hosts hold the addresses"),
                _ => (Severity::Info, "after a common start both take over in the same moment, and the one with the lower address gives way"),
            };
            let message =
                format!("`{}` has priority {priority}, and so has {}", fleet.faces[*face].name, fleet.peer_name(first, *face));
            let place = |face| fleet.written(face, None, &PRIORITY);
            let mut finding = out
                .at(fleet.host(*face), place(*face), message)
                .severity(severity)
                .why(why)
                .help("give every host its own priority, the preferred one the highest");
            for &other in others.iter().take(4) {
                finding = finding.label_on(fleet.host(other), place(other), format!("{priority} here too"));
            }
        }
    }
}
