//! An `authentication` block lacks its type or its secret, so there is no authentication.
//!
//! Both lines are needed. Without `auth_type` keepalived stores the secret and does not use it, without a word; adverts
//! go out with type 0, and peers that do use a secret refuse them. The same happens the other way round.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_pass s3cret01
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
//!         auth_pass s3cret01
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type PASS
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_pass s3cret01
//!         auth_type PASS
//!     }
//! }
//! ```

use super::auth_ignored::ignored;
use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::vrrp_instance::authentication::{AUTH_PASS, AUTH_TYPE, AUTHENTICATION};

pub(super) const META: Meta =
    Meta { code: "KA403", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        let Some(authentication) = config.last(block(instance), &AUTHENTICATION) else { continue };
        if ignored(host, instance).is_some() {
            continue;
        }
        // Wrong words and missing values are other rules'.
        match (config.last(authentication, &AUTH_TYPE), config.last(authentication, &AUTH_PASS)) {
            (None, Some(pass)) => {
                out.setting(host, pass, format!("the secret of `{}` is not used: there is no auth_type", instance.name))
                    .why("adverts go out without authentication, and peers that use it refuse them")
                    .help("add `auth_type PASS` to the block")
                    .suggested_fix(&[place::line_above(host, pass, "auth_type PASS")]);
            }
            (Some(kind), None) => {
                out.setting(host, kind, format!("`{}` has an auth_type and no auth_pass", instance.name))
                    .why("without a secret there is no authentication, and peers that use it refuse the adverts")
                    .help("add `auth_pass` with at most eight characters, the same on all hosts");
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}
