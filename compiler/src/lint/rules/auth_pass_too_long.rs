//! The secret of an instance is longer than the eight bytes that VRRP carries.
//!
//! Authentication of VRRP version 2 has room for eight bytes (RFC 2338, section 5.3.10). keepalived cuts what is longer
//! and sends the rest nowhere, so the tail protects nothing, and two secrets that differ only behind the eighth byte are
//! the same secret.
//!
//! Cutting the text to eight bytes changes no packet. Better: a new secret of eight random characters on all hosts of
//! the virtual router.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type PASS
//!         auth_pass much-too-long
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type PASS
//!         auth_pass "eight#ok"
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, BadValue, FaultKind};
use kalc_grammar::schema::vrrp_instance::authentication::AUTH_PASS;

pub(super) const META: Meta =
    Meta { code: "KA401", severity: Severity::Error, fix: Fixable::Safe, blocks_run: false };

/// What goes on the wire, in bytes (RFC 2338, section 5.3.10).
const SECRET_BYTES: usize = 8;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let (FaultKind::BadValue { keyword, reason: BadValue::TooLong, .. }, At::Logical(span)) = (&fault.kind, fault.at)
        else {
            continue;
        };
        if **keyword != AUTH_PASS {
            continue;
        }
        let text = host.slice(span);
        let secret = kalc_grammar::config::unquote(text);
        let finding = out
            .at(host, span, format!("auth_pass is {} bytes; VRRP carries {SECRET_BYTES}", secret.len()))
            .why("keepalived cuts it, so everything behind the eighth byte protects nothing")
            .help("use a secret of at most eight characters, the same on all hosts of this virtual router");
        // Only between characters: half of one would be another text.
        if secret.is_char_boundary(SECRET_BYTES) {
            finding.safe_fix(&[(span, text.replace(secret, &secret[..SECRET_BYTES]))]);
        }
    }
}
