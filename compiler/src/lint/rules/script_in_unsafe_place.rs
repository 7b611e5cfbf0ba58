//! A script lies where others may change it.
//!
//! Anyone may write to `/tmp`, `/var/tmp` and `/dev/shm`, a user to `/home`, and a relative path starts at whatever folder
//! the daemon was started in. With `enable_script_security` keepalived refuses a script for root if somebody else may
//! write to it or to a folder above it; without, that somebody is root.
//!
//! Put scripts to `/usr/libexec/keepalived` or `/etc/keepalived`, owned by root.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/tmp/check.sh"
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
//!     script "/usr/libexec/keepalived/check.sh /tmp/state"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//!     notify_master "/sbin/ip route add 198.51.100.0/24 via 192.0.2.1"
//! }
//! ```

use super::not_on_this_host::effective_user;
use crate::diagnostic::Severity;
use crate::facts::Program;
use crate::host::Host;
use crate::lint::commands::{self, commands};
use crate::lint::{Findings, Fixable, Meta};
use kalc_ir::Command;
use rustc_hash::FxHashSet;

pub(super) const META: Meta =
    Meta { code: "KA413", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

/// Folders in which everyone, or a user, may write.
const OPEN: [&str; 4] = ["tmp", "var/tmp", "dev/shm", "home"];
/// Folders that belong to root.
const CLOSED: [&str; 9] = ["usr", "bin", "sbin", "etc", "opt", "lib", "lib64", "nix", "root"];
/// Programs that every host has at a place of its own.
const PROGRAMS: [&str; 4] = ["ip", "ipvsadm", "nft", "sysctl"];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut seen = FxHashSet::default();
    for command in commands(host) {
        let Some(path) = commands::script_path(command) else { continue };
        // A word without a folder is KA507's; one path is one mistake.
        if !path.contains('/') || PROGRAMS.contains(&commands::program(command)) || path.starts_with('<') || !seen.insert(path) {
            continue;
        }
        let (what, severity) = if !path.starts_with('/') {
            ("is relative to whatever folder the daemon was started in", Severity::Warning)
        } else if OPEN.iter().any(|folder| is_in(path, folder)) {
            ("lies where others than root may write", Severity::Warning)
        } else if let Some(open) = open_to_others(host, command, path) {
            tell_open(host, command, path, &open, out);
            continue;
        } else if is_root(host, command) && !CLOSED.iter().any(|folder| is_in(path, folder)) {
            ("runs as root from an unusual place", Severity::Info)
        } else {
            continue;
        };
        out.at(host, commands::place(host, command), format!("the script `{path}` {what}"))
            .severity(severity)
            .why("whoever may change it, or a folder above it, runs commands as the user of the script; with script security keepalived refuses it")
            .help("put it into `/usr/libexec/keepalived` or `/etc/keepalived`, owned by root, and write the whole path");
    }
}

/// What others than root may change about a script that root runs, where the machine is known.
fn open_to_others(host: &Host, command: &Command, path: &str) -> Option<String> {
    let facts = host.settings.facts.as_deref()?;
    let by_root = effective_user(host, facts, command) == Some("root");
    match facts.programs.get(path)? {
        Program::File { open_to_others, .. } if by_root => open_to_others.clone(),
        Program::File { .. } | Program::Missing | Program::NotAFile => None,
    }
}

fn tell_open(host: &Host, command: &Command, path: &str, open: &str, out: &mut Findings<'_>) {
    let what = if open == path { "it" } else { open };
    out.at(host, commands::place(host, command), format!("root runs `{path}`, and others may change {what}"))
        .why("whoever may write there is root; with script security keepalived refuses the script")
        .help(format!("make `{open}` writable by root only, or let another user run the script"));
}

/// Whether a path leads into a folder of the root.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix('/').and_then(|path| path.strip_prefix(folder)).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the file says that root runs it.
fn is_root(host: &Host, command: &Command) -> bool {
    command.user.as_ref().or(host.ir.global.script_user.as_ref()).is_some_and(|user| user == "root")
}
