//! An `authentication` block that keepalived does not use.
//!
//! Version 3 of VRRP has no authentication (RFC 9568, section 9), strict mode forbids it, and `auth_type AH` exists for
//! IPv4 only. keepalived drops the block, and adverts go out without a secret that the operator believes in.
//!
//! Delete the block; adverts stay what they are. keepalived 2.4.0 and later offer `auth_hmac` for both versions.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     version 3
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
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     version 3
//!     interface eth0
//!     virtual_router_id 51
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
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::vrrp_instance::authentication::{AUTH_TYPE, AUTHENTICATION};
use kalc_grammar::value::Data;
use kalc_ir::net::Family;
use kalc_ir::unit::VrrpVersion;
use kalc_ir::vrrp::Instance;

pub(super) const META: Meta =
    Meta { code: "KA402", severity: Severity::Error, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let Some(authentication) = host.config.last(block(instance), &AUTHENTICATION) else { continue };
        let Some(reason) = ignored(host, instance) else { continue };
        out.setting(host, authentication, format!("the `authentication` of `{}` is not used: {reason}", instance.name))
            .why("adverts go out without a secret, and are taken from anyone")
            .help("delete the block, or use `auth_hmac` with keepalived 2.4.0 or later")
            .safe_fix(&[place::without(host, authentication)]);
    }
}

/// Why an instance's authentication is not used.
pub(super) fn ignored(host: &Host, instance: &Instance) -> Option<&'static str> {
    let uses_ah = || {
        let config = &host.config;
        let authentication = config.last(block(instance), &AUTHENTICATION)?;
        let kind = config.last(authentication, &AUTH_TYPE)?;
        Some(config.values(kind).first()?.data == Data::Choice("AH"))
    };
    if instance.is_unknown("version") {
        None
    } else if instance.version == VrrpVersion::V3 {
        Some(match instance.family {
            Some(Family::Ipv6) => "IPv6 needs version 3 of VRRP, which has none",
            Some(Family::Ipv4) | None => "version 3 of VRRP has none",
        })
    } else if instance.is_strict {
        Some("strict mode forbids it")
    } else if instance.family == Some(Family::Ipv6) && uses_ah() == Some(true) {
        Some("`auth_type AH` exists for IPv4 only")
    } else {
        None
    }
}
