//! What we want, as messages.

use super::wire::{Payload, af, attribute, command, daemon, destination, method, put, put_nested, put_text, service};
use kalc_core::director::{SyncRole, SyncSettings};
use kalc_core::kernel::{DestinationKey, DestinationSettings, Edit, ServiceKey, ServiceSettings, Takes};
use kalc_ir::Family;
use kalc_ir::global::LvsTimeouts;
use kalc_ir::ipvs::{Forwarding, Protocol, Tunnel, TunnelChecksum};
use std::net::IpAddr;

/// An edit of the table.
pub fn edit(edit: &Edit) -> Payload {
    let mut bytes = Vec::with_capacity(192);
    let command = match edit {
        Edit::AddService { service, settings } => {
            put_service(&mut bytes, service, Some(settings));
            command::NEW_SERVICE
        }
        Edit::SetService { service, settings } => {
            put_service(&mut bytes, service, Some(settings));
            command::SET_SERVICE
        }
        Edit::RemoveService { service } => {
            put_service(&mut bytes, service, None);
            command::DEL_SERVICE
        }
        Edit::AddDestination { service, destination, settings } => {
            put_service(&mut bytes, service, None);
            put_destination(&mut bytes, destination, Some(settings));
            command::NEW_DEST
        }
        Edit::SetDestination { service, destination, settings } => {
            put_service(&mut bytes, service, None);
            put_destination(&mut bytes, destination, Some(settings));
            command::SET_DEST
        }
        Edit::RemoveDestination { service, destination } => {
            put_service(&mut bytes, service, None);
            put_destination(&mut bytes, destination, None);
            command::DEL_DEST
        }
    };
    Payload { command, attributes: bytes }
}

/// All services.
pub fn list_services() -> Payload {
    Payload { command: command::GET_SERVICE, attributes: Vec::new() }
}

/// All destinations of a service.
pub fn list_destinations(service: &ServiceKey) -> Payload {
    let mut attributes = Vec::new();
    put_service(&mut attributes, service, None);
    Payload { command: command::GET_DEST, attributes }
}

/// Everything goes.
pub fn flush() -> Payload {
    Payload { command: command::FLUSH, attributes: Vec::new() }
}

/// How long connections are remembered, in whole seconds; what is not said stays.
pub fn timeouts(timeouts: &LvsTimeouts) -> Payload {
    let mut attributes = Vec::new();
    for (kind, time) in [
        (attribute::TIMEOUT_TCP, timeouts.tcp_us),
        (attribute::TIMEOUT_TCP_FIN, timeouts.tcpfin_us),
        (attribute::TIMEOUT_UDP, timeouts.udp_us),
    ] {
        // The kernel takes 0 as nothing said.
        let seconds = time.map_or(0, |time| u32::try_from(time / 1_000_000).unwrap_or(u32::MAX));
        put(&mut attributes, kind, &seconds.to_ne_bytes());
    }
    Payload { command: command::SET_CONFIG, attributes }
}

/// A daemon that copies connections begins, or ends (without settings).
pub fn sync(role: SyncRole, settings: Option<&SyncSettings>) -> Payload {
    let mut attributes = Vec::new();
    let state: u32 = match role {
        SyncRole::Master => 1,
        SyncRole::Backup => 2,
    };
    put_nested(&mut attributes, attribute::DAEMON, |bytes| {
        put(bytes, daemon::STATE, &state.to_ne_bytes());
        let Some(SyncSettings { daemon: settings, id }) = settings else { return };
        put_text(bytes, daemon::MCAST_IFN, &settings.interface);
        put(bytes, daemon::SYNC_ID, &u32::from(*id).to_ne_bytes());
        if let Some(length) = settings.max_length {
            put(bytes, daemon::SYNC_MAXLEN, &length.to_ne_bytes());
        }
        match settings.group {
            IpAddr::V4(group) => put(bytes, daemon::MCAST_GROUP, &group.octets()),
            IpAddr::V6(group) => put(bytes, daemon::MCAST_GROUP6, &group.octets()),
        }
        put(bytes, daemon::MCAST_PORT, &settings.port.to_ne_bytes());
        put(bytes, daemon::MCAST_TTL, &[settings.ttl]);
    });
    let command = if settings.is_some() { command::NEW_DAEMON } else { command::DEL_DAEMON };
    Payload { command, attributes }
}

fn put_service(bytes: &mut Vec<u8>, key: &ServiceKey, settings: Option<&ServiceSettings>) {
    put_nested(bytes, attribute::SERVICE, |bytes| {
        put(bytes, service::AF, &family(key.family).to_ne_bytes());
        match key.takes {
            Takes::Address { protocol, address, port } => {
                put(bytes, service::PROTOCOL, &number(protocol).to_ne_bytes());
                put(bytes, service::ADDR, &sixteen(address));
                put(bytes, service::PORT, &port.to_be_bytes());
            }
            Takes::Fwmark(mark) => put(bytes, service::FWMARK, &mark.to_ne_bytes()),
        }
        let Some(settings) = settings else { return };
        put_text(bytes, service::SCHED_NAME, &settings.scheduler);
        // Flags, and which of them count: all.
        let mut flags = [0; 8];
        flags[..4].copy_from_slice(&settings.flags.to_ne_bytes());
        flags[4..].copy_from_slice(&u32::MAX.to_ne_bytes());
        put(bytes, service::FLAGS, &flags);
        put(bytes, service::TIMEOUT, &settings.timeout_s.to_ne_bytes());
        let netmask = match key.family {
            // The kernel's number lies in memory as the octets of the mask do.
            Family::Ipv4 => settings.netmask.to_be_bytes(),
            Family::Ipv6 => settings.netmask.to_ne_bytes(),
        };
        put(bytes, service::NETMASK, &netmask);
        if let Some(engine) = &settings.engine {
            put_text(bytes, service::PE_NAME, engine);
        }
    });
}

fn put_destination(bytes: &mut Vec<u8>, key: &DestinationKey, settings: Option<&DestinationSettings>) {
    put_nested(bytes, attribute::DEST, |bytes| {
        put(bytes, destination::ADDR, &sixteen(key.address));
        put(bytes, destination::PORT, &key.port.to_be_bytes());
        put(bytes, destination::ADDR_FAMILY, &family(Family::of(key.address)).to_ne_bytes());
        let Some(settings) = settings else { return };
        let forwarding = match settings.forwarding {
            Forwarding::Nat => method::MASQ,
            Forwarding::Dr => method::DROUTE,
            Forwarding::Tun { .. } => method::TUNNEL,
        };
        put(bytes, destination::FWD_METHOD, &forwarding.to_ne_bytes());
        put(bytes, destination::WEIGHT, &settings.weight.to_ne_bytes());
        put(bytes, destination::U_THRESH, &settings.upper_threshold.to_ne_bytes());
        put(bytes, destination::L_THRESH, &settings.lower_threshold.to_ne_bytes());
        if let Forwarding::Tun { tunnel, checksum } = settings.forwarding {
            let (kind, port): (u8, u16) = match tunnel {
                Tunnel::Ipip => (0, 0),
                Tunnel::Gue { port } => (1, port),
                Tunnel::Gre => (2, 0),
            };
            let flags: u16 = match checksum {
                TunnelChecksum::None => 0,
                TunnelChecksum::Checksum => 1,
                TunnelChecksum::Remote => 2,
            };
            put(bytes, destination::TUN_TYPE, &[kind]);
            put(bytes, destination::TUN_PORT, &port.to_be_bytes());
            put(bytes, destination::TUN_FLAGS, &flags.to_ne_bytes());
        }
    });
}

const fn family(family: Family) -> u16 {
    match family {
        Family::Ipv4 => af::INET,
        Family::Ipv6 => af::INET6,
    }
}

/// The protocol's number in IP.
const fn number(protocol: Protocol) -> u16 {
    match protocol {
        Protocol::Tcp => nix::libc::IPPROTO_TCP as u16,
        Protocol::Udp => nix::libc::IPPROTO_UDP as u16,
        Protocol::Sctp => nix::libc::IPPROTO_SCTP as u16,
    }
}

/// An address in sixteen bytes, as the kernel wants both families; IPv4 takes the first four.
fn sixteen(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&address.octets());
            bytes
        }
        IpAddr::V6(address) => address.octets(),
    }
}
