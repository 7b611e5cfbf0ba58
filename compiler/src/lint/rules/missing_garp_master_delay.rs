//! Nobody decided when the second burst of gratuitous ARP is sent after an instance becomes master.
//!
//! A new master announces its addresses twice: at once, and again after `garp_master_delay`. Without a line the second
//! burst comes after 5 seconds; it is what repairs a first one that was lost, because a switch port was still closed
//! or the old master had not yet given the address up. Until then neighbours send to the host that is gone. With 0 there
//! is no second burst at all.
//!
//! Write the number that your outage can bear, in the instance or, for all of them, as `vrrp_garp_master_delay` in
//! `global_defs`. `garp_master_delay 5` changes nothing; `1` shortens the outage after a lost announcement.
//!
//! For Tencent Cloud, which asks for the line, a missing one is an error.
//!
//! Silent where the address moves with its MAC (`use_vmac`), where `vrrp_min_garp` is a decision for one burst, and for
//! instances without addresses.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
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
//!     garp_master_delay 0
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_garp_master_delay 1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
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
//!     use_vmac
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, phrase};
use crate::settings::Cloud;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::garp::{VRRP_GARP_MASTER_DELAY, VRRP_MIN_GARP};
use kalc_grammar::schema::vrrp_instance::garp::GARP_MASTER_DELAY;
use kalc_grammar::schema::vrrp_instance::interface::USE_VMAC;
use kalc_grammar::schema::vrrp_instance::{VIRTUAL_IPADDRESS, VRRP_INSTANCE};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA701", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

const HELP: &str = "write `garp_master_delay 1` in the instance, or `5` to keep what runs today";

/// So many instances are named and shown; the rest is counted.
const NAMED: usize = 20;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    let global = |keyword| config.blocks(&GLOBAL_DEFS).find_map(|block| config.last(block, keyword));
    let is_off = |id| host.config.values(id).first().is_some_and(|value| value.data == Data::Bool(false));
    if global(&VRRP_MIN_GARP).is_some_and(|id| !is_off(id)) {
        return;
    }
    let decided = global(&VRRP_GARP_MASTER_DELAY);
    if let Some(id) = decided.filter(|&id| is_zero(host, id)) {
        none_at_all(host, out, id);
    }
    let mut silent = Vec::new();
    for instance in config.blocks(&VRRP_INSTANCE) {
        let has_address = config.all(instance, &VIRTUAL_IPADDRESS).any(|list| config.children(list).next().is_some());
        if !has_address || config.last(instance, &USE_VMAC).is_some() {
            continue;
        }
        match config.last(instance, &GARP_MASTER_DELAY) {
            Some(id) if is_zero(host, id) => none_at_all(host, out, id),
            Some(_) => {}
            None if decided.is_some() => {}
            None => silent.push(instance),
        }
    }
    let [first, others @ ..] = &silent[..] else { return };
    let names: Vec<String> = silent.iter().take(NAMED).map(|&id| format!("`{}`", config.name(id))).collect();
    let more = silent.len().saturating_sub(names.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let edits: Vec<(Span, String)> = silent.iter().filter_map(|&id| phrase::first_line(host, id, &["garp_master_delay 5"])).collect();
    let severity = match host.settings.cloud(&[Cloud::Tencent]) {
        Some(_) => Severity::Error,
        None => META.severity,
    };
    let mut finding = out
        .at(host, config.setting(*first).span, format!("no garp_master_delay in {}{more}", names.join(", ")))
        .severity(severity)
        .why("the second gratuitous ARP burst then comes after 5 s: a neighbour that missed the first one sends to the old master until then")
        .help(HELP);
    for &other in others.iter().take(NAMED) {
        finding = finding.label(config.setting(other).span, "here too");
    }
    finding.safe_fix(&edits);
}

fn is_zero(host: &Host, id: SettingId) -> bool {
    host.config.values(id).first().is_some_and(|value| value.data == Data::Int(0))
}

fn none_at_all(host: &Host, out: &mut Findings<'_>, id: SettingId) {
    out.setting(host, id, "a delay of 0 means that there is no second gratuitous ARP burst")
        .why("a neighbour that misses the only burst sends to the old master until its own entry runs out")
        .help("write 1 or more seconds");
}
