//! The first IPv6 address of an instance is not link-local.
//!
//! RFC 9568, section 5.2.9, wants the link-local address of the virtual router first: routers of other makers refuse adverts
//! without it, and hosts take it as their next hop. keepalived insists on it in strict mode only.
//!
//! Put a `fe80::` address first, on all hosts.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         2001:db8::10/64
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
//!         2001:db8::10/64
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!         2001:db8::10/64
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     unicast_src_ip 2001:db8::1
//!     unicast_peer {
//!         2001:db8::2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         2001:db8::11/64
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_ir::vrrp::Transport;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA351", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        if !matches!(instance.transport, Transport::Multicast { .. }) || instance.is_unknown("transport") {
            continue;
        }
        let Some(first) = instance.virtual_addresses.first() else { continue };
        let is_link_local = |ip: IpAddr| matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        if first.address.is_ipv4() || is_link_local(first.address) || instance.is_unknown("virtual_addresses") {
            continue;
        }
        let local = instance.virtual_addresses.iter().find(|address| is_link_local(address.address));
        let at = place::span(host, first.origin);
        let finding = out
            .at(host, at, format!("the first address of `{}` is not link-local", instance.name))
            .severity(if instance.is_strict { Severity::Error } else { Severity::Warning })
            .why(if instance.is_strict {
                "keepalived reports it in strict mode; the standard wants the link-local address first"
            } else {
                "the standard wants the link-local address first: routers of other makers refuse the adverts, and hosts need it as next hop"
            });
        match local {
            Some(local) => {
                let other = place::span(host, local.origin);
                let text = |span| host.slice(span).to_owned();
                finding
                    .help("put the link-local address first, on all hosts")
                    .label(other, "this one belongs there")
                    .suggested_fix(&[(at, text(other)), (other, text(at))]);
            }
            None => {
                finding.help("put a `fe80::` address first, on all hosts");
            }
        }
    }
}
