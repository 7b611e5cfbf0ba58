//! A virtual address is none that a host can have.
//!
//! keepalived takes every address that it can read, without a word: the network address and the broadcast address of the
//! prefix, loopback and multicast addresses, `0.0.0.0`, a prefix of length 0. The kernel refuses some of them when the host
//! becomes master; with the others the host answers for nobody, or for everybody: `/0` makes the whole Internet a neighbour.
//! The usual cause is a range that was meant as one, or a slip of the last number.
//!
//! With IPv6, an address whose host part is zero means all routers of the network (RFC 4291, section 2.6.1). It works, and
//! is rarely meant.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.255/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/0
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.0/31
//!         192.0.2.255
//!         198.51.100.255/23
//!     }
//!     virtual_ipaddress_excluded {
//!         127.0.0.53/8 dev lo
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_ir::Address;
use std::net::IpAddr;

pub(super) const META: Meta = Meta { code: "KA214", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        for address in &instance.virtual_addresses {
            judge(host, address, false, out);
        }
        for address in &instance.excluded_addresses {
            judge(host, address, true, out);
        }
    }
}

fn judge(host: &Host, address: &Address, excluded: bool, out: &mut Findings<'_>) {
    let Some(value) = host.config.values(SettingId(address.origin.0)).first() else { return };
    let (ip, prefix) = (address.address, address.prefix);
    let on_loopback = excluded && address.interface.as_deref() == Some("lo");
    let (message, severity, why) = if ip.is_unspecified() {
        (format!("{ip} is no address of a host"), Severity::Error, NOBODY)
    } else if ip.is_loopback() && !on_loopback {
        (format!("{ip} is a loopback address"), Severity::Error, "every host has it for itself; nobody else can reach it")
    } else if ip.is_multicast() && !address.joins_group {
        (format!("{ip} is a multicast address"), Severity::Error, NOBODY)
    } else if address.peer.is_some() {
        return;
    } else if prefix == 0 {
        (
            format!("{ip}/0 has every address there is as a neighbour"),
            Severity::Error,
            "keepalived takes it and reports nothing; packets for everywhere then go out on this interface",
        )
    } else {
        match (place_in_network(ip, prefix), ip) {
            (Some(Place::First), IpAddr::V4(_)) => {
                (format!("{ip} is the address of the network {ip}/{prefix} itself"), Severity::Error, NOBODY)
            }
            (Some(Place::Last), IpAddr::V4(_)) => {
                (format!("{ip} is the broadcast address of its network, a /{prefix}"), Severity::Error, NOBODY)
            }
            (Some(Place::First), IpAddr::V6(_)) => (
                format!("{ip} means all routers of its network, a /{prefix}"),
                Severity::Info,
                "the host part is zero, which RFC 4291 keeps for that",
            ),
            _ => return,
        }
    };
    out.at(host, value.span, message).severity(severity).why(why).help("write an address that a host of the network can have");
}

const NOBODY: &str = "keepalived takes it and reports nothing; no client can talk to it";

/// The addresses of a network that are not for hosts.
enum Place {
    First,
    Last,
}

/// Networks of one or two addresses have no such places (RFC 3021, RFC 6164).
fn place_in_network(ip: IpAddr, prefix: u8) -> Option<Place> {
    let (bits, width) = match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    };
    let host = 1u128.checked_shl(width - u32::from(prefix)).unwrap_or(0).wrapping_sub(1);
    match bits & host {
        _ if u32::from(prefix) + 1 >= width => None,
        0 => Some(Place::First),
        part if part == host => Some(Place::Last),
        _ => None,
    }
}
