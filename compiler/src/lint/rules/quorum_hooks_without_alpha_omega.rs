//! A command for the gain or loss of the quorum runs for servers that nobody has checked, or not at the end.
//!
//! Without `alpha` a real server counts as up before its first check, so `quorum_up` announces a service that may be dead.
//! Without `omega` the end of keepalived is no loss, so `quorum_down` does not run and the announcement stays behind.
//!
//! Write both in the virtual server. Checks that all say `alpha on` for themselves will do too. Commands that only write
//! to the log are left alone.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     quorum_up "/usr/local/bin/announce 192.0.2.10"
//!     quorum_down "/usr/local/bin/withdraw 192.0.2.10"
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 80 {
//!     alpha
//!     omega
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     quorum_up "/usr/local/bin/announce 192.0.2.10"
//!     quorum_down "/usr/local/bin/withdraw 192.0.2.10"
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     omega
//!     quorum_up "/usr/local/bin/announce 192.0.2.10"
//!     quorum_down "/usr/local/bin/withdraw 192.0.2.10"
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             alpha on
//!         }
//!     }
//! }
//! virtual_server 192.0.2.10 81 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     quorum_up "/usr/bin/logger -t web up"
//!     real_server 192.0.2.21 81 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_grammar::config::SettingId;
use kalc_ir::{Command, VirtualServer};

pub(super) const META: Meta =
    Meta { code: "KA816", severity: Severity::Info, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        let mut hooks = [&server.quorum_up, &server.quorum_down].into_iter().flatten().filter(|hook| !only_logs(hook));
        let Some(hook) = hooks.next() else { continue };
        let missing: Vec<&str> = [("alpha", has_alpha(server)), ("omega", server.omega)]
            .into_iter()
            .filter_map(|(word, has)| (!has).then_some(word))
            .collect();
        let why = match missing.as_slice() {
            ["alpha"] => "real servers count as up before their first check, so the command announces what may be dead",
            ["omega"] => "the end of keepalived then does not count as loss, and what was announced stays",
            [] => continue,
            _ => {
                "real servers count as up before their first check, and the end of keepalived does not count as loss"
            }
        };
        let at = SettingId(hook.origin.0);
        let names: Vec<String> = missing.iter().map(|word| format!("`{word}`")).collect();
        let keyword = host.config.setting(at).keyword.name;
        let finding = out
            .setting(host, at, format!("`{keyword}` without {}", names.join(" and ")))
            .why(why)
            .help(format!("write {} in the virtual server", names.join(" and ")));
        if let Some(edit) = phrase::first_line(host, SettingId(server.origin.0), &missing) {
            finding.suggested_fix(&[edit]);
        }
    }
}

/// Whether every server waits for its checks; one without a check is up whatever is written.
fn has_alpha(server: &VirtualServer) -> bool {
    server.alpha
        || server
            .real_servers
            .iter()
            .all(|real| real.alpha || !real.checkers.is_empty() && real.checkers.iter().all(|checker| checker.alpha))
}

fn only_logs(command: &Command) -> bool {
    command.arguments.first().is_some_and(|program| program == "logger" || program.ends_with("/logger"))
}
