//! Strict mode lets nobody reach the virtual addresses.
//!
//! The standard says that a router which does not own the addresses does not answer on them. In strict mode keepalived
//! therefore installs a firewall rule that drops every packet to them: no ping, no service. Version 3 can be told
//! otherwise by `accept`; in version 2 keepalived clears that word. This is behind most reports of a virtual address that
//! is there and dead. keepalived's test says nothing.
//!
//! Delete `vrrp_strict`, or use version 3 with `accept`. A router that only forwards says `no_accept`.
//!
//! ```keepalived fail
//! global_defs {
//!     vrrp_strict
//! }
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
//! ```keepalived fixed
//! global_defs {
//! }
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
//! vrrp_instance VI_1 {
//!     strict_mode on
//!     accept
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
//!     accept
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
//! global_defs {
//!     vrrp_strict
//! }
//! vrrp_instance VI_1 {
//!     version 3
//!     accept
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     no_accept
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! vrrp_instance VI_3 {
//!     strict_mode off
//!     interface eth0
//!     virtual_router_id 53
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.12/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use crate::settings::Target;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::{ACCEPT, NO_ACCEPT};
use kalc_ir::{Instance, OriginId, VrrpVersion};

pub(super) const META: Meta =
    Meta { code: "KA309", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // kalc's own daemon sets no firewall rules; KA931 speaks of that.
    if host.settings.target == Some(Target::Kalc) {
        return;
    }
    // One statement may do it to many instances.
    let mut by_statement: Vec<(SettingId, Vec<&Instance>)> = Vec::new();
    for instance in host.ir.vrrp_instances.iter().filter(|instance| is_dead(host, instance)) {
        let Some(statement) = statement(host, instance).map(place::statement) else { continue };
        match by_statement.iter_mut().find(|(id, _)| *id == statement) {
            Some((_, instances)) => instances.push(instance),
            None => by_statement.push((statement, vec![instance])),
        }
    }
    for (statement, instances) in by_statement {
        let names: Vec<String> = instances.iter().map(|instance| format!("`{}`", instance.name)).collect();
        let all_v3 = instances.iter().all(|instance| instance.version == VrrpVersion::V3);
        let cleared = instances.iter().find_map(|instance| host.config.last(block(instance), &ACCEPT));
        let help = if all_v3 {
            "delete it, or add `accept` to the instance"
        } else {
            "delete it, or use `version 3` with `accept` on all hosts; a pure router says `no_accept`"
        };
        let mut finding = out
            .setting(host, statement, format!("in strict mode nobody reaches the addresses of {}", names.join(", ")))
            .why("keepalived installs a firewall rule that drops every packet to them, unless the host owns them; its test says nothing")
            .help(help);
        if let Some(accept) = cleared {
            finding = finding.label(host.config.setting(accept).span, "version 2 in strict mode clears this");
        }
        finding.suggested_fix(&[place::without(host, statement)]);
    }
}

/// Whether strict mode makes the addresses of an instance unreachable, and nobody said that this is meant.
fn is_dead(host: &Host, instance: &Instance) -> bool {
    let is_unknown =
        ["is_strict", "accepts", "priority", "version", "virtual_addresses"].iter().any(|field| instance.is_unknown(field));
    let has_address = !instance.virtual_addresses.is_empty() || !instance.excluded_addresses.is_empty();
    instance.is_strict
        && !instance.accepts
        && !instance.priority.is_owner()
        && !is_unknown
        && has_address
        && host.config.last(block(instance), &NO_ACCEPT).is_none()
}

/// What makes an instance strict.
pub(super) fn statement(host: &Host, instance: &Instance) -> Option<OriginId> {
    instance.origins.get("is_strict").or_else(|| host.ir.global.origins.get("vrrp_strict"))
}
