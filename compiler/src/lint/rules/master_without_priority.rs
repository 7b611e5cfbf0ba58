//! `state MASTER` without a `priority`.
//!
//! keepalived then uses 255, which declares the addresses to be this host's own: its trackers with a weight and its
//! `nopreempt` are dropped, nothing can lower the number, and two such hosts fight for the addresses. Nothing is reported.
//!
//! Write a priority, below 255.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     priority 254
//!     state MASTER
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
//! vrrp_instance VI_1 {
//!     state MASTER
//!     priority 254
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::PRIORITY;

pub(super) const META: Meta =
    Meta { code: "KA305", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let is_unknown = instance.is_unknown("priority") || instance.is_unknown("state") || names::is_incomplete(host);
        if is_unknown || !instance.priority.is_owner() || host.config.last(block(instance), &PRIORITY).is_some() {
            continue;
        }
        let Some(state) = instance.origins.get("state") else { continue };
        let state: SettingId = place::statement(state);
        out.setting(host, state, format!("`{}` starts as master and has no priority", instance.name))
            .why("keepalived then uses 255, the priority of an owner of the addresses: trackers and `nopreempt` are dropped, and nothing can lower it")
            .help("write a `priority` below 255, the highest of all hosts")
            .suggested_fix(&[place::line_above(host, state, "priority 254")]);
    }
}
