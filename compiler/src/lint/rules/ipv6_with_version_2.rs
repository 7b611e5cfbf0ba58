//! IPv6 addresses and `version 2`.
//!
//! No standard has version 2 of VRRP for IPv6. If the line stands before the addresses keepalived really sends it, without a
//! message, and no other router understands it; behind them it is reported and ignored. A `vrrp_version 2` in `global_defs`
//! does no harm: IPv6 instances use version 3 all the same.
//!
//! Delete the line, on all hosts.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     version 2
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_version 2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::vrrp_instance::VERSION;
use kalc_grammar::value::Data;
use kalc_ir::{Family, VrrpVersion};

pub(super) const META: Meta =
    Meta { code: "KA352", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in host.ir.vrrp_instances.iter().filter(|instance| instance.family == Some(Family::Ipv6)) {
        let Some(version) = host.config.first(block(instance), &VERSION) else { continue };
        if !host.config.values(version).first().is_some_and(|value| value.data == Data::Int(2)) {
            continue;
        }
        let why = match instance.version {
            VrrpVersion::V2 => "keepalived sends version 2 without a message, and no other router understands it",
            VrrpVersion::V3 => "keepalived reports the line and uses version 3",
        };
        out.setting(host, version, format!("`{}` has IPv6 addresses and `version 2`", instance.name))
            .why(why)
            .help("delete the line, on all hosts: IPv6 has version 3")
            .suggested_fix(&[place::without(host, version)]);
    }
}
