//! A quorum that the real servers cannot reach, or a hysteresis that is too wide for it.
//!
//! The quorum is a sum of weights. keepalived lowers one that is above the sum of all, and a hysteresis that is not below
//! the quorum, and says so in a message that few read: the service then counts as up with fewer servers than was asked
//! for. Where every real server has weight 0 nothing is scheduled at all, the quorum becomes 0 and the hysteresis wraps
//! round to 4294967295 (measured).
//!
//! Silent where checks change weights while they run (`misc_dynamic`, `FILE_CHECK`).
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wrr
//!     lb_kind NAT
//!     protocol TCP
//!     quorum 3
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wrr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         weight 0
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wrr
//!     lb_kind NAT
//!     protocol TCP
//!     quorum 2
//!     hysteresis 2
//!     real_server 192.0.2.21 80 {
//!         weight 4
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wrr
//!     lb_kind NAT
//!     protocol TCP
//!     quorum 3
//!     hysteresis 2
//!     real_server 192.0.2.21 80 {
//!         weight 3
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         weight 0
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server 192.0.2.10 81 {
//!     lb_algo wrr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 81 {
//!         weight 0
//!         MISC_CHECK {
//!             misc_path "/usr/local/bin/load 192.0.2.21"
//!             misc_dynamic
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::value::Data;
use kalc_ir::{CheckerKind, RealServer, Reason, VirtualServer};

pub(super) const META: Meta =
    Meta { code: "KA808", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        if is_known(server) {
            weights(host, server, out);
        }
    }
}

/// Whether the weights are those of the file, and all servers that were meant are there.
fn is_known(server: &VirtualServer) -> bool {
    let field = |field: &'static str| move |unknown: &kalc_ir::Unknown| unknown.is_in(field);
    let lost = |reason: Reason| matches!(reason, Reason::BadName | Reason::BadValue | Reason::Misspelt);
    let dynamic = |real: &RealServer| {
        real.checkers.iter().any(|checker| match checker.kind {
            CheckerKind::File { .. } | CheckerKind::Misc { is_dynamic: true, .. } => true,
            CheckerKind::Misc { is_dynamic: false, .. }
            | CheckerKind::Tcp { .. }
            | CheckerKind::Http(_)
            | CheckerKind::Smtp { .. }
            | CheckerKind::Dns { .. }
            | CheckerKind::Ping { .. }
            | CheckerKind::Udp { .. }
            | CheckerKind::Bfd { .. } => false,
        }) || real.unknown.iter().any(field("weight"))
            || real.dropped.iter().any(|dropped| lost(dropped.reason))
    };
    let unknown = ["real_servers", "weight", "quorum", "hysteresis"];
    !unknown.iter().any(|name| server.unknown.iter().any(field(name)))
        && !server.dropped.iter().any(|dropped| lost(dropped.reason))
        && !server.real_servers.iter().any(dynamic)
}

fn weights(host: &Host, server: &VirtualServer, out: &mut Findings<'_>) {
    let sum: u64 = server.real_servers.iter().map(|real| u64::from(real.weight)).sum();
    if sum == 0 {
        out.setting(host, SettingId(server.origin.0), "all real servers of this virtual server have weight 0")
            .why("no client is ever sent to any of them, and the quorum is lowered to 0")
            .help("give at least one of them a weight");
        return;
    }
    let number = |id: SettingId| match host.config.values(id).first().map(|value| value.data) {
        Some(Data::Int(number)) => u64::try_from(number).ok(),
        Some(_) | None => None,
    };
    let statement = |field: &str| written(&server.origins, field).and_then(|id| Some((id, number(id)?)));
    let (quorum, hysteresis) = (statement("quorum"), statement("hysteresis"));
    if let Some((id, quorum)) = quorum.filter(|&(_, quorum)| quorum > sum) {
        out.setting(host, id, format!("quorum {quorum} is above {sum}, the sum of all weights"))
            .why(format!("keepalived lowers it to {sum} and reports that"))
            .help(format!("write at most {sum}, or raise weights"));
        return;
    }
    let quorum = quorum.map_or(1, |(_, quorum)| quorum);
    if let Some((id, hysteresis)) = hysteresis.filter(|&(_, hysteresis)| hysteresis >= quorum) {
        let most = quorum.saturating_sub(1);
        out.setting(host, id, format!("hysteresis {hysteresis} is not below the quorum, {quorum}"))
            .why(format!("keepalived lowers it to {most} and reports that"))
            .help(format!("write at most {most}, or raise the quorum"));
    }
}
