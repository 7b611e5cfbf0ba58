//! Nobody checks a real server, so it stays in the table when it is dead.
//!
//! keepalived removes a real server when one of its checks fails. Without a check it counts as up for ever, and a part of
//! the clients is sent to it whatever happens.
//!
//! Add a check; `TCP_CHECK { connect_timeout 3 }` is the least. Silent for a server with weight 0, for this host itself, and
//! where a check is there but could not be read. Said once for each virtual server.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         weight 1
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     sorry_server 192.0.2.30 80
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         weight 0
//!     }
//!     real_server 127.0.0.1 80 {
//!         weight 1
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names::is_incomplete;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::fault::{At, FaultKind};
use kalc_ir::RealServer;

pub(super) const META: Meta =
    Meta { code: "KA851", severity: Severity::Info, fix: Fixable::None, blocks_run: false };

/// So many servers are shown; the rest is counted.
const SHOWN: usize = 5;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // The check may be in what is missing.
    if is_incomplete(host) {
        return;
    }
    for server in &host.ir.virtual_servers {
        let bare: Vec<&RealServer> = server.real_servers.iter().filter(|real| is_bare(host, real)).collect();
        let [first, others @ ..] = &bare[..] else { continue };
        let message = match others.len() {
            0 => format!("no check for real server {}", first.address),
            1 => format!("no check for real server {} and one more", first.address),
            more => format!("no check for real server {} and {more} more", first.address),
        };
        let span = |real: &RealServer| host.config.setting(SettingId(real.origin.0)).span;
        let mut finding = out
            .at(host, span(first), message)
            .why("it counts as up for ever, and clients are sent to it when it is dead")
            .help("add a check, such as `TCP_CHECK { connect_timeout 3 }` on three lines");
        for other in others.iter().take(SHOWN) {
            finding = finding.label(span(other), "none here");
        }
    }
}

fn is_bare(host: &Host, real: &RealServer) -> bool {
    let is_own = real.address.is_loopback() || host.settings.addresses.iter().any(|own| own.address == real.address);
    real.checkers.is_empty() && real.dropped.is_empty() && real.weight > 0 && !is_own && !has_unread(host, real)
}

/// Whether a block of the server could not be read; it probably is the check.
fn has_unread(host: &Host, real: &RealServer) -> bool {
    let whole = host.whole(SettingId(real.origin.0));
    host.faults.iter().any(|fault| {
        let unread = matches!(
            fault.kind,
            FaultKind::UnknownKeyword { opens_block: true, .. }
                | FaultKind::MisplacedKeyword { opens_block: true, .. }
                | FaultKind::LookAlike { .. }
                | FaultKind::Placeholder { keyword: None, .. }
        );
        matches!(fault.at, At::Logical(at) if unread && whole.start <= at.start && at.start < whole.end)
    })
}
