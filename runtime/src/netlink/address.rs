//! One address of the configuration as the kernel wants it.

use kalc_ir::Address;
use kalc_ir::net::Scope;
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{
    AddressAttribute, AddressFlags, AddressHeader, AddressMessage, AddressScope, CacheInfo,
};
use std::net::IpAddr;

/// Lifetime that never ends (`linux/if_addr.h`).
const FOREVER: u32 = u32::MAX;

/// The message that adds an address to an interface.
pub fn to_add(address: &Address, interface: u32, scope: u8) -> AddressMessage {
    let mut message = to_remove(address.address, address.prefix, interface);
    message.header.scope = AddressScope::from(scope);
    // The kernel calls the other end the address, and the own end local; without another end they are the same.
    let other = address.peer.unwrap_or(address.address);
    message.attributes.push(AddressAttribute::Address(other));
    if let Some(broadcast) = address.broadcast {
        message.attributes.push(AddressAttribute::Broadcast(broadcast));
    }
    if let Some(label) = &address.label {
        message.attributes.push(AddressAttribute::Label(label.clone()));
    }
    let flags = flags(address);
    if !flags.is_empty() {
        message.attributes.push(AddressAttribute::Flags(flags));
    }
    // keepalived has no effect with 0 on an IPv4 address, where the kernel would call it deprecated (measured).
    if let Some(preferred) = address.preferred_lifetime_us.filter(|time| *time > 0 || address.address.is_ipv6()) {
        let mut lifetimes = CacheInfo::default();
        lifetimes.ifa_preferred = u32::try_from(preferred / 1_000_000).unwrap_or(FOREVER);
        lifetimes.ifa_valid = FOREVER;
        message.attributes.push(AddressAttribute::CacheInfo(lifetimes));
    }
    message
}

/// The message that takes an address off an interface.
pub fn to_remove(address: IpAddr, prefix: u8, interface: u32) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header = AddressHeader {
        family: if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 },
        prefix_len: prefix,
        index: interface,
        ..AddressHeader::default()
    };
    message.attributes.push(AddressAttribute::Local(address));
    message
}

fn flags(address: &Address) -> AddressFlags {
    let is_v6 = address.address.is_ipv6();
    let all = [
        (address.is_home, AddressFlags::Homeaddress),
        (is_v6 && !address.detects_duplicates, AddressFlags::Nodad),
        (address.manages_temporary, AddressFlags::Managetempaddr),
        (address.without_prefix_route, AddressFlags::Noprefixroute),
        (address.joins_group, AddressFlags::Mcautojoin),
    ];
    all.into_iter().filter(|(is_set, _)| *is_set).fold(AddressFlags::empty(), |flags, (_, flag)| flags | flag)
}

/// Number of a scope; `None` if this host has no such name.
pub fn scope(scope: &Scope, names: &super::names::Names) -> Option<u8> {
    match scope {
        Scope::Number(number) => Some(*number),
        Scope::Named(name) => names.number(name).and_then(|number| u8::try_from(number).ok()),
    }
}
