//! After two masters have met, the one that stays does not announce its addresses.
//!
//! When a master hears one of lower priority, that host has announced the same addresses, and neighbours may send to it.
//! keepalived then announces again, `garp_lower_prio_repeat` times for each address. With 0 it does not, and in strict mode
//! there is no such answer either. Without `garp_master_refresh` nothing ever corrects the neighbours.
//!
//! Write 1 or more, or let the master refresh.
//!
//! ```keepalived fail
//! global_defs {
//!     vrrp_garp_lower_prio_repeat 0
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
//!     vrrp_garp_lower_prio_repeat 1
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
//!     interface eth0
//!     virtual_router_id 51
//!     strict_mode on
//!     no_accept
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     garp_lower_prio_repeat 0
//!     garp_master_refresh 60
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     garp_lower_prio_repeat 0
//!     use_vmac
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, announce, phrase};
use kalc_grammar::config::SettingId;
use kalc_ir::Instance;
use rustc_hash::FxHashSet;

pub(super) const META: Meta =
    Meta { code: "KA705", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

const REPEAT: &str = "garp_lower_prio_repeat";

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut told = FxHashSet::default();
    for instance in host.ir.vrrp_instances.iter().filter(|instance| is_mute(host, instance)) {
        if instance.is_strict {
            strict(host, instance, out);
            continue;
        }
        let origin = announce::origin(host, instance, REPEAT);
        // A line in `global_defs` is one mistake for all.
        if !told.insert(origin.0) {
            continue;
        }
        let id = SettingId(origin.0);
        let finding = out
            .setting(host, id, "a rival master is not answered by an announcement")
            .why("what the rival announced stays in the neighbours' caches, and nothing is refreshed either")
            .help("write 1 or more, or `garp_master_refresh 60`");
        if let Some(value) = host.config.values(id).first().filter(|_| origin.0 != instance.origin.0) {
            finding.suggested_fix(&[(value.span, "1".to_owned())]);
        }
    }
}

fn strict(host: &Host, instance: &Instance, out: &mut Findings<'_>) {
    let origin = instance.origins.get("is_strict").or(host.ir.global.origins.get("vrrp_strict"));
    let finding = out
        .setting(host, SettingId(instance.origin.0), "strict mode does not answer a rival master by an announcement")
        .why("what the rival announced stays in the neighbours' caches, and nothing is refreshed either")
        .help("write `garp_master_refresh 60`, or leave strict mode");
    let finding = match origin {
        Some(origin) => finding.label(announce::span(host, origin), "strict mode is switched on here"),
        None => finding,
    };
    if let Some(edit) = phrase::first_line(host, SettingId(instance.origin.0), &["garp_master_refresh 60"]) {
        finding.suggested_fix(&[edit]);
    }
}

/// Whether an instance announces nothing after it heard a rival, and nothing later.
pub(super) fn is_mute(host: &Host, instance: &Instance) -> bool {
    let fields = [REPEAT, "garp_master_refresh_us", "is_strict"];
    let global = |field: &&str| host.ir.global.unknown.iter().any(|unknown| unknown.is_in(field));
    instance.garp_lower_prio_repeat == 0
        && instance.garp_master_refresh_us == 0
        && !fields.iter().any(|field| instance.is_unknown(field) || global(field))
        && announce::moves_addresses(instance)
}
