//! Weights that take the priority past its ends.
//!
//! keepalived cuts the sum of the priority and the weights to 1 and 254. Where two hosts are cut they meet at one number, and
//! the difference that was to decide is gone.
//!
//! Choose priorities with room for all weights: 150 and 140 with weights of 20. Where kalc sees all hosts and the cut changes
//! no order it says nothing, and neither about a single check that takes the priority below 1.
//!
//! ```keepalived fail
//! vrrp_script one {
//!     script "/usr/local/bin/one"
//!     weight 10
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 250
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         one
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script one {
//!     script "/usr/local/bin/one"
//!     weight -250
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
//!         one
//!     }
//! }
//! ```

use crate::cluster::election::{Member, member};
use crate::cluster::face::block;
use crate::cluster::tracker::{Effective, Tracker, effective, trackers};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::PRIORITY;
use kalc_ir::{Instance, Priority};

pub(super) const META: Meta =
    Meta { code: "KA503", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        if ["priority", "state", "trackers"].iter().any(|field| instance.is_unknown(field)) || instance.priority.is_owner() {
            continue;
        }
        let all = trackers(&host.ir, instance);
        if all.iter().any(|tracker| tracker.is_unknown) {
            continue;
        }
        let (lowest, highest) = range(instance.priority, &all);
        let (message, why) = if highest > 254 {
            (
                format!("priority and weights of `{}` add up to {highest}", instance.name),
                "keepalived cuts the sum at 254, so a difference between hosts may be gone",
            )
        } else if lowest < 1 && weighted(&all).count() > 1 {
            (
                format!("the weights of `{}` take its priority to {lowest}", instance.name),
                "keepalived cuts the sum at 1, so further failures change nothing",
            )
        } else {
            continue;
        };
        let mut finding = out
            .setting(host, statement(host, instance), message)
            .why(why)
            .help("choose priorities with room for all weights on every host, or smaller weights");
        for tracker in weighted(&all) {
            let weight = tracker.weight.change;
            finding = finding.label(place::span(host, tracker.origin), format!("weight {weight}"));
        }
    }
}

/// Peers that are cut in the same order do no harm.
pub(super) fn reconsider(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let members: Vec<Member> = router.iter().map(|&face| member(fleet, face)).collect();
        let unknown = router.iter().any(|&face| {
            fleet.is_unknown(face, "trackers") || fleet.is_unknown(face, "priority") || fleet.is_unknown(face, "state")
        });
        if unknown || members.iter().any(|member| member.trackers.iter().any(|tracker| tracker.is_unknown)) {
            continue;
        }
        for (at, &face) in router.iter().enumerate() {
            let order = |other: &Member| keeps_order(&members[at], other);
            if members.iter().enumerate().all(|(index, other)| index == at || order(other)) {
                let host = fleet.host(face);
                out.withdraw(host, host.config.setting(statement(host, fleet.instance(face))).span);
            }
        }
    }
}

/// Where the priority is written.
fn statement(host: &Host, instance: &Instance) -> SettingId {
    host.config.last(block(instance), &PRIORITY).unwrap_or(block(instance))
}

fn weighted(all: &[Tracker]) -> impl Iterator<Item = &Tracker> {
    all.iter().filter(|tracker| !tracker.weight.is_fault())
}

/// The smallest and the largest sum, whatever fails.
fn range(base: Priority, all: &[Tracker]) -> (i32, i32) {
    let base_sum = i32::from(base.get());
    let change = |at: usize, failed: bool| effective(base, &all[at..=at], |_| failed).sum - base_sum;
    let ends = |at: usize| {
        let (fine, failed) = (change(at, false), change(at, true));
        (fine.min(failed), fine.max(failed))
    };
    (0..all.len()).map(ends).fold((base_sum, base_sum), |(low, high), (less, more)| (low + less, high + more))
}

/// Whether two members stand in the same order with the sums cut and uncut: with everything fine, after each single
/// failure of either, and after all of them.
fn keeps_order(a: &Member, b: &Member) -> bool {
    let states = |member: &Member| {
        let single = (0..member.trackers.len()).map(|at| effective(member.base, &member.trackers, |t| t == at));
        let ends = [effective(member.base, &member.trackers, |_| false), effective(member.base, &member.trackers, |_| true)];
        single.chain(ends).collect::<Vec<Effective>>()
    };
    let same = |a: &Effective, b: &Effective| a.sum.cmp(&b.sum) == a.priority.cmp(&b.priority) || a.is_fault || b.is_fault;
    let (a, b) = (states(a), states(b));
    a.iter().all(|left| b.iter().all(|right| same(left, right)))
}
