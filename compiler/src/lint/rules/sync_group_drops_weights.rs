//! A tracker with a weight in a member of a sync group.
//!
//! Members change state together, so keepalived does not let one of them have a priority of its own making: it removes
//! scripts and BFD sessions with a weight from members, and the check does not exist any more. Interfaces and files lose
//! their weight instead, and their failure is a fault. `sync_group_tracking_weight` in the group permits weights.
//!
//! Leave the weight out, so that a failure is a fault of the whole group, or let the group track it.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -20
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
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk weight 0
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk weight 0
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```

use super::nopreempt_defeats_weight::weight_zero;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::track::lists::{TRACK_FILE, TRACK_INTERFACE};
use kalc_ir::{Instance, Reason};

pub(super) const META: Meta =
    Meta { code: "KA562", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let mut told: Vec<SettingId> = Vec::new();
        for dropped in instance.dropped.iter().filter(|dropped| dropped.reason == Reason::WeightInSyncGroup) {
            let id = place::statement(dropped.origin);
            if !told.contains(&id) {
                told.push(id);
                report(host, instance, id, &dropped.text, out);
            }
        }
    }
}

fn report(host: &Host, instance: &Instance, id: SettingId, name: &str, out: &mut Findings<'_>) {
    let Some(group) = instance.sync_group.map(|group| host.ir.sync_group(group)) else { return };
    let list = host.config.setting(id).parent.map(|list| host.config.setting(list).keyword);
    let keeps = list.is_some_and(|list| list == &TRACK_INTERFACE)
        || list.is_some_and(|list| list == &TRACK_FILE) && instance.trackers.files.iter().any(|f| place::statement(f.origin) == id);
    let (message, why) = if keeps {
        (
            format!("the weight of `{name}` does not count: `{}` is in the sync group `{}`", instance.name, group.name),
            "keepalived reports it and sets it to 0: a failure is a fault of the whole group",
        )
    } else {
        (
            format!("`{name}` is not tracked at all: it has a weight, and `{}` is in the sync group `{}`", instance.name, group.name),
            "keepalived reports it and removes the tracker, so its failure changes nothing",
        )
    };
    let finding = out
        .setting(host, id, message)
        .why(why)
        .help("write `weight 0`, so that a failure is a fault of the whole group; or set `sync_group_tracking_weight` in the group")
        .label(place::span(host, group.origin), "the group is here");
    if let Some(edit) = weight_zero(host, id) {
        finding.suggested_fix(&[edit]);
    }
}
