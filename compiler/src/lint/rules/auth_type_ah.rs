//! `auth_type AH`.
//!
//! keepalived advises against it: only keepalived speaks it, firewalls have to pass protocol 51 beside 112, and a backup that
//! lost count of the packets refuses them. It also clears `state MASTER`, unless the host owns the addresses.
//!
//! Change to `auth_type PASS` on all hosts at once, or to `auth_hmac` with keepalived 2.4.0 and later.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type AH
//!         auth_pass s3cret01
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
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
//!         auth_pass s3cret01
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::vrrp_instance::STATE;
use kalc_grammar::schema::vrrp_instance::authentication::{AUTH_TYPE, AUTHENTICATION};
use kalc_grammar::value::Data;
use kalc_ir::vrrp::Auth;

pub(super) const META: Meta =
    Meta { code: "KA405", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        if !matches!(instance.auth, Auth::Ah { .. }) || instance.is_unknown("auth") {
            continue;
        }
        let id = block(instance);
        let Some(authentication) = config.last(id, &AUTHENTICATION) else { continue };
        let at = config.last(authentication, &AUTH_TYPE).unwrap_or(authentication);
        let finding = out
            .setting(host, at, format!("`{}` uses `auth_type AH`", instance.name))
            .why("only keepalived speaks it, firewalls have to pass protocol 51, and lost count of packets leads to two masters")
            .help("use `auth_type PASS`, or `auth_hmac` with keepalived 2.4.0 and later; change all hosts together");
        let master = config.last(id, &STATE).filter(|&state| {
            config.values(state).first().is_some_and(|value| value.data == Data::Choice("MASTER"))
        });
        if let (Some(state), false) = (master, instance.priority.is_owner()) {
            finding.label(config.setting(state).span, "keepalived clears this beside AH");
        }
    }
}
