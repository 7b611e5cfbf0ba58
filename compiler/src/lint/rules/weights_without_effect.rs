//! Real servers have different weights, and the scheduler does not look at them.
//!
//! `rr` takes the servers in turn and `lc` the one with the fewest connections; only the schedulers with a `w` before that,
//! and a few others, send more clients to a server with more weight. keepalived says nothing.
//!
//! Write `wrr` or `wlc`. Weight 0 takes a server out with every scheduler, so it does not count as a difference here.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         weight 3
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         weight 1
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wrr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         weight 3
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         weight 1
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         weight 3
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         weight 3
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.23 80 {
//!         weight 0
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;

pub(super) const META: Meta =
    Meta { code: "KA810", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        let better = match server.scheduler.name() {
            "rr" => "wrr",
            "lc" => "wlc",
            _ => continue,
        };
        let unknown = |unknown: &kalc_ir::Unknown| unknown.is_in("weight") || unknown.is_in("scheduler");
        if server.unknown.iter().any(unknown) || server.real_servers.iter().any(|real| real.unknown.iter().any(unknown)) {
            continue;
        }
        let mut weights = server.real_servers.iter().filter(|real| real.weight > 0);
        let Some(first) = weights.next() else { continue };
        let Some(other) = weights.find(|real| real.weight != first.weight) else { continue };
        let Some(id) = written(&server.origins, "scheduler") else { continue };
        let Some(value) = host.config.values(id).first() else { continue };
        let span = |real: &kalc_ir::RealServer| {
            let at = written(&real.origins, "weight").unwrap_or(SettingId(real.origin.0));
            host.config.setting(at).span
        };
        out.at(host, value.span, format!("`{}` does not look at weights, and they differ here", server.scheduler.name()))
            .why(format!("a server of weight {} gets as many clients as one of weight {}", first.weight, other.weight))
            .help(format!("write `{better}`, or give all servers one weight"))
            .label(span(first), format!("weight {}", first.weight))
            .label(span(other), format!("weight {}", other.weight))
            .suggested_fix(&[(value.span, better.to_owned())]);
    }
}
