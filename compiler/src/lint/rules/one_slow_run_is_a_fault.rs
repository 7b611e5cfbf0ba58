//! One slow run of a script takes the addresses away.
//!
//! A run that takes longer than the `timeout` counts as failed. Without a weight a failure is a fault, with `fall 1`, which is
//! what counts where nothing is written, the first one is enough: a host that is busy for a second loses the addresses.
//!
//! Let several runs in a row fail: `fall 3`, and `rise 2` for the way back. `fall 1` in the file says that it is meant.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/bin/curl -sf http://127.0.0.1/health"
//!     interval 1
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
//! vrrp_script chk {
//!     script "/usr/bin/curl -sf http://127.0.0.1/health"
//!     fall 3
//!     interval 1
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
//! vrrp_script chk_http {
//!     script "/usr/bin/curl -sf http://127.0.0.1/health"
//!     interval 1
//!     fall 3
//! }
//! vrrp_script chk_process {
//!     script "/usr/bin/pgrep nginx"
//! }
//! vrrp_script chk_once {
//!     script "/usr/local/bin/check"
//!     fall 1
//! }
//! vrrp_script chk_weight {
//!     script "/usr/local/bin/check2"
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk_http
//!         chk_process
//!         chk_once
//!         chk_weight
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands::program;
use crate::lint::takes::fraction;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::track::script::FALL;
use kalc_ir::track::Script;
use rustc_hash::FxHashSet;

pub(super) const META: Meta =
    Meta { code: "KA505", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

/// The longest time of which a busy host may be late.
const SHORT_US: u64 = 2_000_000;
/// Programs that look at processes or files of this host and are done at once.
const QUICK: [&str; 12] =
    ["killall", "pidof", "pgrep", "pkill", "kill", "systemctl", "test", "[", "true", "false", "echo", "ls"];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let ir = &host.ir;
    let lists = ir.vrrp_instances.iter().map(|i| &i.trackers).chain(ir.sync_groups.iter().map(|g| &g.trackers));
    let faults: FxHashSet<usize> = lists
        .flat_map(|list| &list.scripts)
        .filter(|tracked| tracked.weight.is_fault() && !tracked.weight.is_reversed)
        .map(|tracked| tracked.id.index())
        .collect();
    for (index, script) in ir.scripts.iter().enumerate() {
        let is_fault = faults.contains(&index);
        let id = place::statement(script.origin);
        let is_unknown = ["fall", "interval_us", "timeout_us", "command"].iter().any(|f| script.unknown.iter().any(|u| u.is_in(f)));
        let written = host.config.last(id, &FALL).is_some();
        if !is_fault || is_unknown || written || script.fall != 1 || script.timeout_us > SHORT_US || is_quick(script) {
            continue;
        }
        let time = fraction(script.timeout_us, 1_000_000);
        let finding = out
            .setting(host, id, format!("one run of `{}` over {time} s takes the addresses away", script.name))
            .why("a run that exceeds its time counts as failed, and without `fall` and without a weight the first failure is a fault")
            .help("add `fall 3` and `rise 2`; `fall 1` says that the first failure is meant to count");
        let last = host.config.children(id).last();
        if let Some(last) = last {
            finding.suggested_fix(&[place::line_above(host, last, "fall 3")]);
        }
    }
}

/// Whether the command does not wait for anything.
fn is_quick(script: &Script) -> bool {
    script.command.as_ref().is_none_or(|command| {
        let first = command.arguments.first().map_or("", String::as_str);
        QUICK.contains(&program(command)) || first.starts_with("</")
    })
}
