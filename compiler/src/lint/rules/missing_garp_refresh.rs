//! A master announces its addresses when it takes them, and never again.
//!
//! After a split of the network both hosts were master for a while, and neighbours remember the one they heard last. When
//! the split heals the surviving master may send nothing, and caches stay wrong for as long as they last. With
//! `garp_master_refresh 60` the master repeats its announcement each minute, which ends any such mistake.
//!
//! Said once for a file. In the Tencent and Alibaba profiles it is a warning: their switches learn where an address is from
//! these packets alone. Silent where the address moves with its MAC (`use_vmac`), where `vrrp_min_garp` is a decision for one
//! announcement, and above 50 addresses without a pause between them, where a refresh would be a flood.
//!
//! ```keepalived fail
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
//! vrrp_instance VI_1 {
//!     garp_master_refresh 60
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
//!     vrrp_garp_master_refresh 60
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_refresh 0
//!     use_vmac
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! ```

use super::no_garp_after_split_brain::is_mute;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, announce, phrase};
use crate::settings::Cloud;
use kalc_grammar::config::SettingId;
use kalc_grammar::source::Span;
use kalc_ir::Instance;

pub(super) const META: Meta =
    Meta { code: "KA702", severity: Severity::Info, fix: Fixable::Suggested, blocks_run: false };

/// More addresses than this are no longer refreshed without a pause between the packets.
const MANY: u64 = 50;
/// So many instances are named and shown; the rest is counted.
const NAMED: usize = 20;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    if announce::is_minimal(host) {
        return;
    }
    let lines = announce::lines(host);
    let many = |instance: &Instance| {
        let mut lines = lines.iter().filter(|line| line.instances.iter().any(|(other, _)| std::ptr::eq(*other, instance)));
        lines.any(|line| line.addresses() > MANY && line.pause_us(host) == 0)
    };
    let instances = host.ir.vrrp_instances.iter().filter(|instance| {
        instance.garp_master_refresh_us == 0
            && !instance.is_unknown("garp_master_refresh_us")
            && announce::moves_addresses(instance)
            // That rule says more.
            && !is_mute(host, instance)
            && !many(instance)
    });
    let instances: Vec<&Instance> = instances.collect();
    let [first, others @ ..] = &instances[..] else { return };
    let names: Vec<String> = instances.iter().take(NAMED).map(|instance| format!("`{}`", instance.name)).collect();
    let more = instances.len().saturating_sub(names.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let severity = match host.settings.cloud(&[Cloud::Tencent, Cloud::Alibaba]) {
        Some(_) => Severity::Warning,
        None => META.severity,
    };
    let mut finding = out
        .at(host, announce::span(host, first.origin), format!("no garp_master_refresh in {}{more}", names.join(", ")))
        .severity(severity)
        .why("after a split of the network heals, neighbours that still know the other host keep sending to it")
        .help("write `garp_master_refresh 60`, in the instance or as `vrrp_garp_master_refresh` in `global_defs`");
    for other in others.iter().take(NAMED) {
        finding = finding.label(announce::span(host, other.origin), "here too");
    }
    let edits: Vec<(Span, String)> = instances.iter().filter_map(|instance| edit(host, instance)).collect();
    finding.suggested_fix(&edits);
}

/// The line in the instance: the one that says 0, or a new one.
fn edit(host: &Host, instance: &Instance) -> Option<(Span, String)> {
    match instance.origins.get("garp_master_refresh_us") {
        Some(written) => {
            let value = host.config.values(SettingId(written.0)).first()?;
            Some((value.span, "60".to_owned()))
        }
        None => phrase::first_line(host, SettingId(instance.origin.0), &["garp_master_refresh 60"]),
    }
}
