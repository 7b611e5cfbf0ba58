//! A check runs on some hosts of a virtual router only.
//!
//! A host without the check takes the addresses, or keeps them, while its service is dead. Checks are compared by their commands,
//! programs and files, not by their names.
//!
//! Track the same things on all hosts. Interfaces and BFD sessions differ from host to host and are not compared, and hosts with
//! equally many checks of their own are left alone.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx"
//!     interval 2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
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
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx"
//!     interval 2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ## file b.conf
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx"
//!     interval 2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```

use crate::cluster::tracker::{Key, Tracker, trackers};
use kalc_ir::Reason;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA618", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let mut lists: Vec<(usize, Vec<Tracker>)> = Vec::new();
        for &face in router {
            let mut list = trackers(&fleet.host(face).ir, fleet.instance(face));
            list.retain(|tracker| !matches!(tracker.key, Key::Interface(_) | Key::Bfd(_)));
            let unknown = fleet.is_unknown(face, "trackers") || list.iter().any(|tracker| text(tracker).is_empty());
            // A name that is not defined is told on its host.
            if !unknown && !lost(fleet, face) {
                lists.push((face, list));
            }
        }
        // The one with the most checks is the model; the later one of equals would be as good.
        let Some((model, most)) = lists.iter().max_by_key(|(face, list)| (list.len(), std::cmp::Reverse(*face))) else {
            continue;
        };
        for (face, list) in lists.iter().filter(|(face, _)| face != model) {
            let missing: Vec<&Tracker> = most.iter().filter(|tracker| !list.iter().any(|own| alike(own, tracker))).collect();
            let other = list.iter().any(|own| !most.iter().any(|tracker| alike(own, tracker)));
            let Some(tracker) = missing.first().filter(|_| !other) else { continue };
            let name = &fleet.faces[*face].name;
            let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
            let message =
                format!("`{name}` does not track {}{more}, {} does", tracker.describe(), fleet.peer_name(*model, *face));
            out.at(fleet.host(*face), fleet.span(*face, fleet.instance(*face).origin), message)
                .why("this host takes or keeps the addresses while what the other one checks is dead here")
                .help("track the same things on all hosts of this virtual router")
                .label_on(fleet.host(*model), fleet.span(*model, tracker.origin), "the peer tracks it here");
        }
    }
}

fn text(tracker: &Tracker) -> &str {
    match &tracker.key {
        Key::Script(text) | Key::Process(text) | Key::File(text) | Key::Interface(text) | Key::Bfd(text) => text,
    }
}

/// The same thing, or a check of the same name whose command differs by host.
fn alike(left: &Tracker, right: &Tracker) -> bool {
    let kind = |tracker: &Tracker| std::mem::discriminant(&tracker.key);
    left.key == right.key || kind(left) == kind(right) && left.name == right.name
}

/// Whether entries were left out.
fn lost(fleet: &Fleet<'_>, face: usize) -> bool {
    let instance = fleet.instance(face);
    let left_out = |dropped: &kalc_ir::Dropped| {
        dropped.keyword.starts_with("track_")
            || matches!(dropped.reason, Reason::NotDefined | Reason::WeightInSyncGroup | Reason::WeightOfOwner)
    };
    let group = instance.sync_group.map(|id| fleet.host(face).ir.sync_group(id));
    instance.dropped.iter().any(left_out) || group.is_some_and(|group| group.dropped.iter().any(left_out))
}
