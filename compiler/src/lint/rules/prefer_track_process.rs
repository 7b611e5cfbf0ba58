//! A script that only looks whether a program runs.
//!
//! `vrrp_track_process` (keepalived 2.0.11 and later) hears of it from the kernel, at once and without starting a program
//! every second. It needs a kernel that reports process events, which containers often do not have.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/bin/killall -0 nginx"
//!     interval 2
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
//! vrrp_track_process chk {
//!     process nginx
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_process {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_track_process nginx {
//!     process nginx
//! }
//! vrrp_script chk {
//!     script "/usr/bin/killall -0 nginx haproxy"
//!     interval 2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_process {
//!         nginx
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands::{place as command_place, program};
use crate::lint::values::line_of;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::{SettingId, unquote};
use kalc_grammar::schema::track::lists::TRACK_SCRIPT;
use kalc_grammar::schema::track::script::{SCRIPT, WEIGHT};
use kalc_grammar::schema::Symbol;
use kalc_grammar::source::Span;
use kalc_ir::Command;
use kalc_ir::track::Script;

pub(super) const META: Meta =
    Meta { code: "KA509", severity: Severity::Hint, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // In a namespace of its own the daemon hears of processes outside of it.
    if host.ir.global.net_namespace.is_some() {
        return;
    }
    for script in &host.ir.scripts {
        let Some(command) = &script.command else { continue };
        let Some(process) = process(command) else { continue };
        let finding = out
            .at(host, command_place(host, command), format!("`{}` only looks whether `{process}` runs", script.name))
            .why("`vrrp_track_process` hears of its end from the kernel, at once and without a program every second")
            .help(format!("write a `vrrp_track_process` with `process {process}`, and name it in `track_process`"));
        if let Some(edits) = rewrite(host, script, process) {
            finding.suggested_fix(&edits);
        }
    }
}

/// The one program that a command looks for.
fn process(command: &Command) -> Option<&str> {
    let words: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    let name = match (program(command), &words[1..]) {
        ("killall", ["-0", name]) | ("pidof" | "pgrep", [name] | ["-x", name]) => *name,
        _ => return None,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.starts_with('-') && name.chars().all(is_plain)).then_some(name)
}

/// The same as a tracked process: the block is rewritten, and each list that holds nothing else becomes one of processes.
fn rewrite(host: &Host, script: &Script, process: &str) -> Option<Vec<(Span, String)>> {
    let config = &host.config;
    let block = place::statement(script.origin);
    let mut edits = vec![(config.setting(block).name, "vrrp_track_process".to_owned())];
    for child in config.children(block) {
        let setting = config.setting(child);
        if setting.keyword == &SCRIPT {
            edits.push((setting.span, format!("process {process}")));
        } else if setting.keyword != &WEIGHT {
            edits.push((line_of(host, child), String::new()));
        }
    }
    let is_it = |name: &&kalc_grammar::config::Name| {
        name.symbol == Symbol::Script && unquote(host.slice(name.span)) == script.name
    };
    for name in config.uses.iter().filter(is_it) {
        let list: SettingId = config.setting(name.setting).parent?;
        let alone = config.setting(list).keyword == &TRACK_SCRIPT && config.children(list).count() == 1;
        if !alone {
            return None;
        }
        edits.push((config.setting(list).name, "track_process".to_owned()));
    }
    Some(edits)
}
