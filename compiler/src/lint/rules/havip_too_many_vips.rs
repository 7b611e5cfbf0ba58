//! Tencent Cloud: more addresses on one interface than its limit on ARP lets announce more than once.
//!
//! A new master announces each address `garp_master_repeat` times in one go. Tencent Cloud drops what is above its limit
//! for an interface; with more than five addresses and the usual five repetitions some addresses stay with the old master.
//!
//! Write `vrrp_garp_master_repeat 1`.
//!
//! ```keepalived fail
//! ## for profile=tencent
//! global_defs {
//!     vrrp_garp_master_delay 1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 172.16.16.5
//!     unicast_peer {
//!         172.16.16.6
//!     }
//!     virtual_ipaddress {
//!         172.16.16.11
//!         172.16.16.12
//!         172.16.16.13
//!         172.16.16.14
//!         172.16.16.15
//!         172.16.16.16
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! global_defs {
//!     vrrp_garp_master_repeat 1
//!     vrrp_garp_master_delay 1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 172.16.16.5
//!     unicast_peer {
//!         172.16.16.6
//!     }
//!     virtual_ipaddress {
//!         172.16.16.11
//!         172.16.16.12
//!         172.16.16.13
//!         172.16.16.14
//!         172.16.16.15
//!         172.16.16.16
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for profile=tencent
//! global_defs {
//!     vrrp_garp_master_delay 1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_repeat 1
//!     unicast_src_ip 172.16.16.5
//!     unicast_peer {
//!         172.16.16.6
//!     }
//!     virtual_ipaddress {
//!         172.16.16.11
//!         172.16.16.12
//!         172.16.16.13
//!         172.16.16.14
//!         172.16.16.15
//!         172.16.16.16
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 52
//!     unicast_src_ip 172.16.17.5
//!     unicast_peer {
//!         172.16.17.6
//!     }
//!     virtual_ipaddress {
//!         172.16.17.11
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::announce::{self, Line};
use crate::lint::{Findings, Fixable, Meta, Needs, phrase};
use crate::settings::Cloud;
use kalc_grammar::config::SettingId;
use kalc_grammar::source::Span;
use kalc_ir::Instance;

pub(super) const META: Meta =
    Meta { code: "KA754", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };
pub(super) const CLOUDS: Needs = Needs::Cloud(&[Cloud::Tencent]);

/// So many addresses of an interface may be announced more than once.
const MOST: u64 = 5;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for line in announce::lines(host) {
        if !is_too_much(host, &line) {
            continue;
        }
        let loud: Vec<&Instance> = line.instances.iter().map(|(instance, _)| *instance).filter(is_loud).collect();
        let [first, others @ ..] = &loud[..] else { continue };
        let message = format!("{} addresses on `{}`, each announced {} times", line.addresses(), line.interface, first.garp_master_repeat);
        let mut finding = out
            .at(host, announce::span(host, announce::origin(host, first, "garp_master_repeat")), message)
            .why("Tencent Cloud limits ARP: above five addresses some of the announcements are lost, and those addresses stay with the old master")
            .help("write `vrrp_garp_master_repeat 1` in `global_defs`");
        for other in others {
            finding = finding.label(announce::span(host, other.origin), "this instance too");
        }
        if let Some(edits) = edits(host, &loud) {
            finding.suggested_fix(&edits);
        }
    }
}

/// Whether the interface has more addresses than that cloud lets announce as the instances do.
pub(super) fn is_too_much(host: &Host, line: &Line<'_>) -> bool {
    let is_there = host.settings.cloud(&[Cloud::Tencent]).is_some();
    is_there && line.addresses() > MOST && line.instances.iter().any(|(instance, _)| is_loud(instance))
}

fn is_loud(instance: &&Instance) -> bool {
    instance.garp_master_repeat > 1 && !instance.is_unknown("garp_master_repeat")
}

/// Each place where a number is written, and a line for the instances that write none.
fn edits(host: &Host, loud: &[&Instance]) -> Option<Vec<(Span, String)>> {
    let field = "garp_master_repeat";
    let mut places: Vec<u32> = Vec::new();
    let mut inherits = false;
    for instance in loud {
        match instance.origins.get(field).or(host.ir.global.origins.get(field)) {
            Some(origin) => places.push(origin.0),
            None => inherits = true,
        }
    }
    places.sort_unstable();
    places.dedup();
    let mut edits = Vec::new();
    for place in places {
        edits.push((host.config.values(SettingId(place)).first()?.span, "1".to_owned()));
    }
    if inherits {
        edits.push(phrase::global_line(host, "vrrp_garp_master_repeat 1")?);
    }
    Some(edits)
}
