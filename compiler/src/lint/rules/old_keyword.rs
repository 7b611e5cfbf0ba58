//! A keyword that keepalived has replaced.
//!
//! It still works, or keepalived says that it does not; the next version may not know it. The message of `-t` names the
//! replacement, and for some of these words there is only a line in the log.
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
//!     lvs_process_name kalc-test
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
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::{Keyword, Status};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA902", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for setting in &host.config.settings {
        let around = setting.parent.map(|parent| host.config.setting(parent).keyword);
        told(host, out, setting.keyword, setting.name, around.and_then(|around| around.lookup(instead(setting.keyword)?)));
        let (from, to) = setting.values;
        for value in &host.config.values[from as usize..to as usize] {
            if let Data::Option(option) = value.data {
                told(host, out, option, value.span, setting.keyword.option(instead(option).unwrap_or_default()));
            }
        }
    }
}

/// What is to be written instead of a keyword.
fn instead(keyword: &Keyword) -> Option<&'static str> {
    match keyword.status {
        Status::Deprecated(instead) => Some(instead),
        Status::Current | Status::Alias(_) => None,
    }
}

/// Speaks of an old keyword; `new` is the one that stands for it in its place, if there is one there.
fn told(host: &Host, out: &mut Findings<'_>, keyword: &'static Keyword, at: Span, new: Option<&'static Keyword>) {
    let Some(instead) = instead(keyword) else { return };
    // Its own rule, because it is wrong elsewhere too.
    if keyword.name == "nb_get_retry" {
        return;
    }
    let finding = out
        .at(host, at, format!("`{}` is an old keyword", keyword.name))
        .why("keepalived has replaced it and may drop it")
        .help(format!("use `{instead}`"));
    // Only where the values mean the same to the new one.
    if new.is_some_and(|new| new.kind == keyword.kind && new.params == keyword.params && new.unit == keyword.unit) {
        finding.suggested_fix(&[(at, instead.to_owned())]);
    }
}
