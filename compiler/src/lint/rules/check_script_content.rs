//! A script that stops keepalived, or has it read its configuration again.
//!
//! A check that stops its own supervisor ends it for good: nobody is left to notice that the service is well again. A
//! restart from a script that runs at a change of state starts the election in the middle of one.
//!
//! Let the check end with a status other than 0: keepalived then gives the addresses away, and takes them back later.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/bin/sh -c 'pidof nginx || systemctl stop keepalived'"
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
//! vrrp_script chk {
//!     script "/usr/bin/systemctl is-active keepalived-exporter"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//!     notify_master "/usr/bin/systemctl restart haproxy"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands::{self, commands};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::track::script::SCRIPT;
use kalc_ir::{Command, OriginId};
use rustc_hash::FxHashSet;

pub(super) const META: Meta =
    Meta { code: "KA510", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let ir = &host.ir;
    let lists = ir.vrrp_instances.iter().map(|i| &i.trackers).chain(ir.sync_groups.iter().map(|g| &g.trackers));
    let tracked: FxHashSet<usize> = lists.flat_map(|list| list.scripts.iter().map(|script| script.id.index())).collect();
    // Only what is tracked runs.
    let idle: Vec<u32> = (0..ir.scripts.len())
        .filter(|index| !tracked.contains(index))
        .filter_map(|index| ir.scripts[index].command.as_ref().map(|command| command.origin.0))
        .collect();
    for command in commands(host) {
        if idle.contains(&command.origin.0) {
            continue;
        }
        let Some(what) = harm(command) else { continue };
        let is_check = is_check(host, command.origin);
        out.at(host, commands::place(host, command), format!("this script runs `{what}`"))
            .why(if is_check {
                "the check ends its own supervisor, and nobody is left to notice that the service is well again"
            } else {
                "the daemon that started the script is stopped or starts anew in the middle of a change"
            })
            .help(if is_check {
                "let it end with a status other than 0: keepalived gives the addresses away and takes them back later"
            } else {
                "leave the daemon alone here; a weight, or a file that `track_file` watches, moves the addresses"
            });
    }
}

fn is_check(host: &Host, origin: OriginId) -> bool {
    host.config.setting(kalc_grammar::config::SettingId(origin.0)).keyword == &SCRIPT
}

/// What a command does to keepalived.
fn harm(command: &Command) -> Option<String> {
    let text = command.arguments.join(" ");
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '\'' | '"'))
        .filter(|word| !word.is_empty())
        .collect();
    let name = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let is_daemon = |word: &str| matches!(word, "keepalived" | "keepalived.service");
    let stops = |word: &str| matches!(word, "stop" | "restart" | "try-restart" | "kill" | "disable" | "reload");
    words.windows(3).find_map(|three| match [&*name(three[0]), three[1], three[2]] {
        ["systemctl" | "rc-service", verb, unit] if stops(verb) && is_daemon(unit) => Some(three.join(" ")),
        ["service" | "rc-service", unit, verb] if stops(verb) && is_daemon(unit) => Some(three.join(" ")),
        ["killall" | "pkill", option, unit] if option.starts_with('-') && option != "-0" && is_daemon(unit) => {
            Some(three.join(" "))
        }
        _ => None,
    })
    .or_else(|| {
        words.windows(2).find_map(|two| match [&*name(two[0]), two[1]] {
            ["killall" | "pkill", unit] if is_daemon(unit) => Some(two.join(" ")),
            ["keepalived", "stop" | "restart"] if two[0].starts_with("/etc/init.d/") => Some(two.join(" ")),
            _ => None,
        })
    })
}
