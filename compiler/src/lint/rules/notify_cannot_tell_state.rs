//! `notify_master` and another event run the same command.
//!
//! keepalived adds the state to the command of `notify` only. A script that gets the same words for MASTER and for BACKUP or
//! FAULT cannot know which it is. (The same command for BACKUP, FAULT and STOP is fine: the work is the same.)
//!
//! Add the state to each command, or use one `notify`.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/local/sbin/changed"
//!     notify_backup "/usr/local/sbin/changed"
//!     notify_fault "/usr/local/sbin/changed"
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/local/sbin/changed MASTER"
//!     notify_backup "/usr/local/sbin/changed BACKUP"
//!     notify_fault "/usr/local/sbin/changed FAULT"
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/local/sbin/changed master"
//!     notify_backup "/usr/local/sbin/changed backup"
//!     notify_fault "/usr/local/sbin/changed backup"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::notify::NOTIFY_MASTER;
use kalc_grammar::source::Span;
use kalc_ir::notify::{Command, Notify};

pub(super) const META: Meta =
    Meta { code: "KA513", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        same(host, &instance.name, &instance.notify, out);
    }
    for group in &host.ir.sync_groups {
        same(host, &group.name, &group.notify, out);
    }
}

fn same(host: &Host, name: &str, notify: &Notify, out: &mut Findings<'_>) {
    let Some(master) = notify.master.as_deref() else { return };
    let others = [&notify.backup, &notify.fault, &notify.stop].map(|command| command.as_deref());
    let same: Vec<&Command> = others.into_iter().flatten().filter(|other| other.arguments == master.arguments).collect();
    if same.is_empty() {
        return;
    }
    let at = place::statement(master.origin);
    debug_assert!(host.config.setting(at).keyword == &NOTIFY_MASTER);
    let mut finding = out
        .setting(host, at, format!("the command of `{name}` cannot tell MASTER from other states"))
        .why("keepalived adds the state to the command of `notify` only; here the words are the same for each")
        .help("add the state to each command, or use one `notify`");
    for other in &same {
        finding = finding.label(place::span(host, other.origin), "the same command");
    }
    let edits: Vec<Option<(Span, String)>> =
        std::iter::once(&master).chain(&same).map(|&command| with_state(host, command)).collect();
    if let Some(edits) = edits.into_iter().collect::<Option<Vec<_>>>() {
        finding.suggested_fix(&edits);
    }
}

/// The command with its state as a last word.
fn with_state(host: &Host, command: &Command) -> Option<(Span, String)> {
    let id: SettingId = place::statement(command.origin);
    let keyword = host.config.setting(id).keyword.name;
    let state = keyword.strip_prefix("notify_")?.to_uppercase();
    let text = commands::text(host, command);
    (!text.contains('"')).then(|| (commands::place(host, command), format!("\"{text} {state}\"")))
}
