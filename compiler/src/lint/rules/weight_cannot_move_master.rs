//! A check lowers the priority too little to move the master.
//!
//! The weight of a tracker only counts by what it does to the order of the hosts. If the preferred host is still the highest after
//! its check has failed, nothing moves, and the addresses stay where the service is dead. With one weight for all hosts it must
//! be larger than the distance of the two priorities; with an equal sum nothing moves either. keepalived cuts sums at 1 and 254.
//!
//! Write a weight that is large enough, bring the priorities together, or leave the weight out: then a failure is a fault and
//! the other host takes over at once.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx"
//!     interval 2
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 200
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
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx"
//!     interval 2
//!     weight -120
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 200
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
//!     weight -120
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx"
//!     interval 2
//!     weight 4
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
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
//!     weight 4
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 98
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```

use crate::cluster::election::{Member, member};
use crate::cluster::tracker::{Key, Tracker, effective, healthy};
use kalc_grammar::schema::vrrp_instance::PRIORITY;
use kalc_ir::track::Weight;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA617", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let unknown = |&face: &usize| ["priority", "state", "trackers"].iter().any(|f| fleet.is_unknown(face, f));
        let related = router.iter().all(|&face| {
            fleet.faces[face].vrid == fleet.faces[router[0]].vrid && fleet.same_version(face, router[0])
        });
        if !related || router.iter().any(unknown) {
            continue;
        }
        let members: Vec<Member> = router.iter().map(|&face| member(fleet, face)).collect();
        let priority = |member: &Member| healthy(member.base, &member.trackers).priority;
        let Some(best) = (0..members.len()).max_by_key(|&at| (priority(&members[at]), std::cmp::Reverse(at))) else {
            continue;
        };
        // Only a host that preempts can be moved to.
        let others = (0..members.len()).filter(|&at| at != best && members[at].preempts);
        let Some(next) = others.max_by_key(|&at| (priority(&members[at]), std::cmp::Reverse(at))) else { continue };
        if members.iter().any(|member| member.trackers.iter().any(|tracker| tracker.is_unknown)) {
            continue;
        }
        report(fleet, &members[best], &members[next], out);
    }
}

fn report(fleet: &Fleet<'_>, best: &Member, next: &Member, out: &mut Findings<'_>) {
    if best.base.is_owner() {
        return;
    }
    let rival = healthy(next.base, &next.trackers).priority;
    let weak: Vec<usize> = (0..best.trackers.len()).filter(|&at| counts(best, at) && after(best, at) >= rival).collect();
    for &at in &weak {
        let tracker = &best.trackers[at];
        let (own, failed) = (healthy(best.base, &best.trackers).priority, after(best, at));
        // Several that are meant to add up.
        let pairs = weak.len() > 1
            && weak.iter().filter(|&&other| other != at).all(|&other| {
                effective(best.base, &best.trackers, |t| t == at || t == other).priority < rival
            });
        let (peer, name) = (fleet.peer_name(next.face, best.face), tracker.describe());
        let message = format!("{name} cannot move `{}`: a failure takes it from {own} to {failed}, {peer} has {rival}", best.instance);
        let help = match enough(best, next, at) {
            _ if pairs => "any two of these checks together do; if one is to suffice, write a larger weight".to_owned(),
            Some(weight) => format!("write `weight {weight}`, or leave the weight out: then a failure is a fault, and the other host takes over at once"),
            None => "bring the priorities nearer to each other, or leave the weight out: then a failure is a fault, and the other host takes over at once".to_owned(),
        };
        out.at(fleet.host(best.face), fleet.span(best.face, tracker.origin), message)
            .severity(if pairs { Severity::Info } else { Severity::Error })
            .why("the addresses stay on this host although its check fails")
            .help(help)
            .label_on(fleet.host(next.face), fleet.written(next.face, None, &PRIORITY), "the peer's priority is here");
    }
}

/// Whether a tracker is meant to move the master by its weight.
fn counts(member: &Member, at: usize) -> bool {
    let tracker = &member.trackers[at];
    let faults = |other: &Tracker| other.key == tracker.key && other.weight.is_fault();
    !tracker.weight.is_fault()
        && !tracker.weight.is_reversed
        && !tracker.is_inherited
        && !matches!(tracker.key, Key::File(_))
        && !member.trackers.iter().any(faults)
}

/// The priority after the failure of one tracker.
fn after(member: &Member, failed: usize) -> u8 {
    effective(member.base, &member.trackers, |tracker| tracker == failed).priority
}

/// The smallest weight of the same sign that moves the master; written on both hosts if both have the tracker.
fn enough(best: &Member, next: &Member, at: usize) -> Option<i32> {
    let written = best.trackers[at].weight.change;
    let sign = |size: i32| if written > 0 { size } else { -size };
    let works = |size: &i32| {
        let weight = Weight { change: sign(*size), is_reversed: false };
        let set = |member: &Member| {
            let mut trackers = member.trackers.clone();
            let mine = |tracker: &&mut Tracker| tracker.key == best.trackers[at].key && !tracker.weight.is_fault();
            trackers.iter_mut().filter(mine).for_each(|tracker| tracker.weight = weight);
            trackers
        };
        let (ours, theirs) = (set(best), set(next));
        let failed = effective(best.base, &ours, |tracker| tracker == at).priority;
        let rival = healthy(next.base, &theirs).priority;
        failed < rival && healthy(best.base, &ours).priority >= rival
    };
    (written.abs() + 1..=253).find(works).map(sign)
}
