//! Scripts run, and `enable_script_security` is not set.
//!
//! keepalived then runs scripts as root that others may change: whoever can write to one of them, or to a folder above it,
//! is root. It logs a security violation at every start, and its test ends with status 6, whatever else it found.
//!
//! Set `enable_script_security`, with a `script_user` who may do no more than the scripts need.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! global_defs {
//!     enable_script_security
//!     script_user keepalived_script
//! }
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     enable_script_security
//!     script_user keepalived_script
//! }
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_track_process nginx {
//!     process nginx
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_process {
//!         nginx
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands::{self, commands};
use crate::lint::{Findings, Fixable, Meta, names, place};
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::script::ENABLE_SCRIPT_SECURITY;
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA411", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let global = &host.ir.global;
    // A file that is included elsewhere has no globals of its own, and one that could not be read may have them.
    // Where its word is misspelt, that is told there.
    let misspelt = || host.config.blocks(&GLOBAL_DEFS).any(|block| host.config.last(block, &ENABLE_SCRIPT_SECURITY).is_some());
    if global.enable_script_security || misspelt() || names::is_incomplete(host) {
        return;
    }
    let all = commands(host);
    let Some(first) = all.iter().min_by_key(|command| command.origin.0) else { return };
    let number = match all.len() {
        1 => "a script runs".to_owned(),
        number => format!("{number} scripts run"),
    };
    let user = if global.script_user.is_none() { "\n    script_user keepalived_script" } else { "" };
    let block = host.config.blocks(&GLOBAL_DEFS).next();
    let edit = match block {
        Some(block) => {
            let text = format!("enable_script_security{}", user.replace("\n    ", "\n"));
            place::line_at_end(host, block, &text)
        }
        None => {
            let at = host.config.roots().next().map_or(0, |id| host.config.setting(id).span.start);
            Some((Span::new(at, at), format!("global_defs {{\n    enable_script_security{user}\n}}\n")))
        }
    };
    let finding = out
        .at(host, commands::place(host, first), format!("{number} without `enable_script_security`"))
        .why("keepalived runs scripts as root that others may change; it reports a security violation, and its test fails with status 6")
        .help("set `enable_script_security` in `global_defs`, and a `script_user` who may do what the scripts need");
    if let Some(edit) = edit {
        finding.suggested_fix(&[edit]);
    }
}
