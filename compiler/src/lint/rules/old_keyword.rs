//! A keyword that keepalived has replaced or dropped.
//!
//! One that is replaced still works, or keepalived says that it does not; the next version may not know it. One that is gone
//! (`lvs_id`, `nat_mask`, `plugin_dir`, `real_group`, `sync_instance`, from old how-tos) is an unknown word today: the
//! line is skipped and the test of the file fails. `native_ipv6` does nothing where an address tells the family.
//!
//! With a `target` that old, nothing is said.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     lvs_sync_daemon_interface eth0
//! }
//! ```
//!
//! ```keepalived fail
//! global_defs {
//!     lvs_id LB1
//! }
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     nat_mask 255.255.255.0
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! global_defs {
//!     router_id LB1
//! }
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_track_file load {
//!     file /run/load
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_file {
//!         load
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! track_file load {
//!     file /run/load
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_file {
//!         load
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=keepalived-1.2.13
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     nat_mask 255.255.255.0
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     lvs_sync_daemon eth0 VI_1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::line_of_words;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::history::{self, Removed};
use kalc_grammar::schema::vrrp_instance::NATIVE_IPV6;
use kalc_grammar::schema::{Keyword, Status};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::Family;

pub(super) const META: Meta =
    Meta { code: "KA902", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

/// Words that mean the same as what replaced them, in the same place.
const RENAMED: [&str; 4] = ["vmac_garp_intvl", "vrrp_vmac_garp_intvl", "thread_timer_expired", "vrrp_track_file"];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for setting in &host.config.settings {
        told(host, out, setting.keyword, setting.name);
        let (from, to) = setting.values;
        for value in &host.config.values[from as usize..to as usize] {
            if let Data::Option(option) = value.data {
                told(host, out, option, value.span);
            }
        }
    }
    for fault in &host.faults {
        if let (FaultKind::UnknownKeyword { .. }, At::Logical(word)) = (&fault.kind, fault.at)
            && let Some(removed) = history::removed(host.slice(word))
        {
            gone(host, out, word, removed);
        }
    }
    native_ipv6(host, out);
}

fn told(host: &Host, out: &mut Findings<'_>, keyword: &'static Keyword, at: Span) {
    let Status::Deprecated(instead) = keyword.status else { return };
    // Its own rule, because it is wrong elsewhere too.
    if keyword.name == "nb_get_retry" {
        return;
    }
    let word = instead.rsplit('.').next().unwrap_or(instead);
    if history::first(word).is_some_and(|first| host.settings.is_older_than(first)) {
        return;
    }
    let finding = out
        .at(host, at, format!("`{}` is an old keyword", keyword.name))
        .why("keepalived has replaced it and may drop it")
        .help(format!("use `{instead}`"));
    if RENAMED.contains(&keyword.name) {
        finding.safe_fix(&[(at, instead.to_owned())]);
    }
}

fn gone(host: &Host, out: &mut Findings<'_>, word: Span, removed: Removed) {
    if removed.last.is_some_and(|(major, minor, patch)| host.settings.is_older_than((major, minor, patch + 1))) {
        return;
    }
    let finding = out
        .at(host, word, format!("keepalived has no `{}` any more", removed.word))
        .severity(Severity::Error)
        .why("keepalived reports the line and skips it; its test of the file fails");
    match (removed.instead, removed.last) {
        (Some(instead), _) => {
            finding.help(format!("write `{instead}`")).suggested_fix(&[(word, instead.to_owned())]);
        }
        (None, Some(_)) => {
            finding.help("delete the line: nothing changes").safe_fix(&[(line_of_words(host, word), String::new())]);
        }
        (None, None) => {
            finding.help("delete it; nothing of today's keepalived does the same");
        }
    }
}

/// The family is told by any address.
fn native_ipv6(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let is_told = instance.virtual_addresses.iter().any(|address| Family::of(address.address) == Family::Ipv6);
        let statement = host.config.last(SettingId(instance.origin.0), &NATIVE_IPV6);
        if let Some(id) = statement.filter(|_| is_told) {
            out.setting(host, id, "`native_ipv6` is an old keyword")
                .why("the addresses tell the family, and the word is left over from a time when they did not")
                .help("delete the line");
        }
    }
}
