//! A script may run longer than the time between two runs.
//!
//! While it runs keepalived skips the next ones and logs that it is still running. A script that hangs is noticed after
//! `fall` times the timeout, not `fall` times the interval.
//!
//! Write a `timeout` below the `interval`.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     interval 2
//!     timeout 10
//!     fall 3
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
//!     script "/usr/local/bin/check"
//!     interval 10
//!     timeout 8
//!     fall 3
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::fraction;
use crate::lint::{Findings, Fixable, Meta, place};

pub(super) const META: Meta =
    Meta { code: "KA504", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for script in &host.ir.scripts {
        let is_unknown = script.unknown.iter().any(|u| ["interval_us", "timeout_us", "fall"].iter().any(|f| u.is_in(f)));
        let Some(timeout) = script.origins.get("timeout_us").filter(|_| !is_unknown) else { continue };
        if script.timeout_us <= script.interval_us {
            continue;
        }
        let seconds = |micros: u64| fraction(micros, 1_000_000);
        let (name, interval) = (&script.name, seconds(script.interval_us));
        let is_mild = script.fall == 1 && script.timeout_us <= 2 * script.interval_us;
        let latest = seconds(script.timeout_us.saturating_mul(u64::from(script.fall)));
        let message = format!("`{name}` may run {} s and is due every {interval} s", seconds(script.timeout_us));
        let finding = out
            .at(host, place::span(host, timeout), message)
            .severity(if is_mild { Severity::Hint } else { Severity::Warning })
            .why(format!("while it runs the next runs are skipped: a script that hangs is a failure after {latest} s only"))
            .help("write a `timeout` below the `interval`, or a longer `interval`");
        if let Some(interval) = script.origins.get("interval_us") {
            finding.label(place::span(host, interval), "the interval is here");
        }
    }
}
