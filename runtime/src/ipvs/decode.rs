//! What the kernel says, understood as far as it can be.

use super::wire::{
    af, attribute, attributes, counter, destination, find, method, port_of, service, text_of, u16_of, u32_of, u64_of,
};
use kalc_core::kernel::{DestinationKey, DestinationSettings, ServiceKey, ServiceSettings, Takes, flag};
use kalc_ir::Family;
use kalc_ir::ipvs::{Forwarding, Protocol, Tunnel, TunnelChecksum};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What went through a service or to a destination since it was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections.
    pub connections: u64,
    /// Packets from clients.
    pub packets_in: u64,
    /// Packets to clients; with DR and TUN they go another way.
    pub packets_out: u64,
    /// Bytes from clients.
    pub bytes_in: u64,
    /// Bytes to clients.
    pub bytes_out: u64,
    /// Destinations only: connections that are open.
    pub active: u32,
    /// Destinations only: connections that are remembered.
    pub inactive: u32,
    /// Destinations only: clients that would come back here.
    pub persistent: u32,
}

/// A service of the table; `None` if it is one that this daemon could not have made.
pub fn service(message: &[u8]) -> Option<(ServiceKey, ServiceSettings, Counters)> {
    let bytes = find(message, attribute::SERVICE)?;
    let number = |kind| find(bytes, kind).and_then(u32_of);
    let family = family(find(bytes, service::AF).and_then(u16_of)?)?;
    let takes = match number(service::FWMARK) {
        Some(mark) => Takes::Fwmark(mark),
        None => Takes::Address {
            protocol: protocol(find(bytes, service::PROTOCOL).and_then(u16_of)?)?,
            address: address(family, find(bytes, service::ADDR)?)?,
            port: find(bytes, service::PORT).and_then(port_of)?,
        },
    };
    let flags = find(bytes, service::FLAGS).and_then(|value| u32_of(value.get(..4)?))? & flag::SETTINGS;
    let netmask = find(bytes, service::NETMASK)?;
    let settings = ServiceSettings {
        scheduler: find(bytes, service::SCHED_NAME).and_then(text_of)?.into(),
        flags,
        // Without persistence the kernel may still know of a time that means nothing.
        timeout_s: if flags & flag::PERSISTENT == 0 { 0 } else { number(service::TIMEOUT)? },
        netmask: match family {
            Family::Ipv4 => u32::from_be_bytes(netmask.try_into().ok()?),
            Family::Ipv6 => u32_of(netmask)?,
        },
        engine: find(bytes, service::PE_NAME).and_then(text_of).filter(|name| !name.is_empty()).map(Into::into),
    };
    let counters = find(bytes, service::STATS64).map(counters).unwrap_or_default();
    Some((ServiceKey { family, takes }, settings, counters))
}

/// A destination of a service; `None` if it is one that this daemon could not have made.
pub fn destination(message: &[u8], of: &ServiceKey) -> Option<(DestinationKey, DestinationSettings, Counters)> {
    let bytes = find(message, attribute::DEST)?;
    let number = |kind| find(bytes, kind).and_then(u32_of);
    // The family may follow the address. Kernels before 3.18 do not tell it.
    let family = match find(bytes, destination::ADDR_FAMILY) {
        Some(value) => family(u16_of(value)?)?,
        None => of.family,
    };
    let key = DestinationKey {
        address: address(family, find(bytes, destination::ADDR)?)?,
        port: find(bytes, destination::PORT).and_then(port_of)?,
    };
    let forwarding = match number(destination::FWD_METHOD)? & method::MASK {
        method::MASQ => Forwarding::Nat,
        method::DROUTE => Forwarding::Dr,
        method::TUNNEL => tunnel(bytes)?,
        _ => return None,
    };
    let settings = DestinationSettings {
        forwarding,
        weight: number(destination::WEIGHT)?,
        upper_threshold: number(destination::U_THRESH)?,
        lower_threshold: number(destination::L_THRESH)?,
    };
    let counters = Counters {
        active: number(destination::ACTIVE_CONNS).unwrap_or(0),
        inactive: number(destination::INACT_CONNS).unwrap_or(0),
        persistent: number(destination::PERSIST_CONNS).unwrap_or(0),
        ..find(bytes, destination::STATS64).map(counters).unwrap_or_default()
    };
    Some((key, settings, counters))
}

fn tunnel(bytes: &[u8]) -> Option<Forwarding> {
    // Kernels before 5.3 know no kinds of tunnels.
    let tunnel = match find(bytes, destination::TUN_TYPE) {
        None | Some([0]) => Tunnel::Ipip,
        Some([1]) => Tunnel::Gue { port: find(bytes, destination::TUN_PORT).and_then(port_of)? },
        Some([2]) => Tunnel::Gre,
        Some(_) => return None,
    };
    let checksum = match find(bytes, destination::TUN_FLAGS).and_then(u16_of) {
        None | Some(0) => TunnelChecksum::None,
        Some(1) => TunnelChecksum::Checksum,
        Some(2) => TunnelChecksum::Remote,
        Some(_) => return None,
    };
    Some(Forwarding::Tun { tunnel, checksum })
}

fn counters(bytes: &[u8]) -> Counters {
    let mut found = Counters::default();
    for (kind, value) in attributes(bytes) {
        let Some(value) = u64_of(value) else { continue };
        match kind {
            counter::CONNS => found.connections = value,
            counter::INPKTS => found.packets_in = value,
            counter::OUTPKTS => found.packets_out = value,
            counter::INBYTES => found.bytes_in = value,
            counter::OUTBYTES => found.bytes_out = value,
            // Rates, which whoever reads counters twice knows better.
            _ => {}
        }
    }
    found
}

const fn family(number: u16) -> Option<Family> {
    match number {
        af::INET => Some(Family::Ipv4),
        af::INET6 => Some(Family::Ipv6),
        _ => None,
    }
}

fn protocol(number: u16) -> Option<Protocol> {
    match i32::from(number) {
        nix::libc::IPPROTO_TCP => Some(Protocol::Tcp),
        nix::libc::IPPROTO_UDP => Some(Protocol::Udp),
        nix::libc::IPPROTO_SCTP => Some(Protocol::Sctp),
        _ => None,
    }
}

fn address(family: Family, bytes: &[u8]) -> Option<IpAddr> {
    match family {
        Family::Ipv4 => Some(IpAddr::V4(Ipv4Addr::from(*bytes.first_chunk::<4>()?))),
        Family::Ipv6 => Some(IpAddr::V6(Ipv6Addr::from(*bytes.first_chunk::<16>()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode;
    use super::*;
    use kalc_core::kernel::Edit;

    fn service_key(takes: Takes, family: Family) -> ServiceKey {
        ServiceKey { family, takes }
    }

    fn samples() -> Vec<(ServiceKey, ServiceSettings, DestinationKey, DestinationSettings)> {
        let settings = ServiceSettings {
            scheduler: "wrr".into(),
            flags: flag::PERSISTENT | flag::SCHEDULER_2,
            timeout_s: 360,
            netmask: 0xffff_ff00,
            engine: Some("sip".into()),
        };
        let plain = ServiceSettings { scheduler: "rr".into(), flags: 0, timeout_s: 0, netmask: 128, engine: None };
        let nat =
            DestinationSettings { forwarding: Forwarding::Nat, weight: 7, upper_threshold: 9, lower_threshold: 3 };
        let gue = Forwarding::Tun { tunnel: Tunnel::Gue { port: 6080 }, checksum: TunnelChecksum::Remote };
        let v4: IpAddr = "192.0.2.1".parse().expect("an address");
        let v6: IpAddr = "2001:db8::1".parse().expect("an address");
        let tcp = |address, port| Takes::Address { protocol: Protocol::Tcp, address, port };
        let to = |address| DestinationKey { address, port: 8080 };
        vec![
            (service_key(tcp(v4, 80), Family::Ipv4), settings.clone(), to(v4), nat),
            (
                service_key(tcp(v6, 0), Family::Ipv6),
                plain.clone(),
                to(v6),
                DestinationSettings { forwarding: gue, ..nat },
            ),
            (
                service_key(Takes::Fwmark(5), Family::Ipv6),
                plain,
                to(v4),
                DestinationSettings { forwarding: gue, ..nat },
            ),
            (
                service_key(Takes::Fwmark(9), Family::Ipv4),
                settings,
                to(v4),
                DestinationSettings { weight: 0, forwarding: Forwarding::Dr, ..nat },
            ),
        ]
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for (key, settings, to, how) in samples() {
            let message = encode::edit(&Edit::AddService { service: key, settings: settings.clone() }).attributes;
            assert_eq!(service(&message), Some((key, settings, Counters::default())));
            let edit = Edit::AddDestination { service: key, destination: to, settings: how };
            assert_eq!(destination(&encode::edit(&edit).attributes, &key), Some((to, how, Counters::default())));
        }
    }

    /// A service by address as a kernel 6.1 tells it (x86-64): TCP 192.0.2.1:80 wrr, persistent 50 with mask
    /// 255.255.255.0, with counters.
    #[test]
    fn what_a_kernel_says_of_a_service_is_understood() {
        let mut inside = Vec::new();
        for hex in [
            "06000100 02000000",                            // family
            "06000200 06000000",                            // protocol
            "14000300 c0000201 00000000 00000000 00000000", // address
            "06000400 00500000",                            // port
            "08000600 77727200",                            // scheduler
            "0c000700 03000000 ffffffff",                   // flags, with the kernel's own
            "08000800 32000000",                            // timeout
            "08000900 ffffff00",                            // mask
            "1c000c00 0c000100 0500000000000000 0c000200 0900000000000000",
        ] {
            inside.extend(bytes(hex));
        }
        let length = u16::try_from(inside.len() + 4).expect("short").to_ne_bytes();
        let message = [&length[..], &[1, 0], &inside].concat();
        let (key, settings, counters) = service(&message).expect("a service");
        assert_eq!(key.to_string(), "[192.0.2.1]:tcp:80");
        assert_eq!((settings.flags, settings.timeout_s, settings.netmask), (flag::PERSISTENT, 50, 0xffff_ff00));
        assert_eq!((counters.connections, counters.packets_in), (5, 9));
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("digits");
        digits.chunks(2).map(pair).collect()
    }

    /// Every message cut anywhere, and with every byte changed: nothing panics, and nothing is made up.
    #[test]
    fn broken_messages_are_refused_or_read_as_something_else() {
        for (key, settings, to, how) in samples() {
            let edit = Edit::AddDestination { service: key, destination: to, settings: how };
            let messages =
                [encode::edit(&Edit::AddService { service: key, settings }).attributes, encode::edit(&edit).attributes];
            for message in messages {
                for end in 0..message.len() {
                    let _ = (service(&message[..end]), destination(&message[..end], &key));
                }
                assert_eq!(destination(&message[..message.len() / 2], &key), None);
                for place in 0..message.len() {
                    for value in [0, 1, 0x7f, 0x80, 0xff] {
                        let mut broken = message.clone();
                        broken[place] = value;
                        let _ = (service(&broken), destination(&broken, &key));
                    }
                }
            }
        }
    }
}
