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
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type PASS
//!         auth_pass much-too
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

use super::auth_ignored::ignored;
use crate::cluster::face::{SECRET_BYTES, block};
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::vrrp_instance::authentication::{AUTH_PASS, AUTHENTICATION};
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA401", severity: Severity::Error, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        if ignored(host, instance).is_some() {
            continue;
        }
        let blocks = config.all(block(instance), &AUTHENTICATION);
        for value in blocks.flat_map(|id| config.all(id, &AUTH_PASS)).filter_map(|id| config.values(id).first()) {
            let secret = config.text_of(value);
            if value.data == Data::Unknown || secret.len() <= SECRET_BYTES {
                continue;
            }
            let finding = out
                .at(host, value.span, format!("auth_pass is {} bytes; VRRP carries {SECRET_BYTES}", secret.len()))
                .why("keepalived cuts it, so everything behind the eighth byte protects nothing")
                .help("use a secret of at most eight characters, the same on all hosts of this virtual router");
            // Only between characters: half of one would be another text.
            if secret.is_char_boundary(SECRET_BYTES) {
                let text = config.slice(value.span).replace(&*secret, &secret[..SECRET_BYTES]);
                finding.safe_fix(&[(value.span, text)]);
            }
        }
    }
}
