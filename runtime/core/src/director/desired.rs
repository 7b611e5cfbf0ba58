//! What a virtual server asks of the kernel: which services it stands for, how they work, where packets may go.

use super::service::Service;
use crate::kernel::{self, Destination, DestinationKey, DestinationSettings, ServiceKey, ServiceSettings, Takes, flag};
use kalc_ir::ipvs::{Forwarding, Granularity, GroupEntry, Persistence, RealServer, VirtualServer};
use kalc_ir::{Family, Ir, OriginId, ipvs};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Services that one configuration may ask for; beyond that it is refused.
pub const SERVICES_MAX: u64 = 65_536;

/// Says of each virtual server that cannot be executed what keeps it from that.
pub(crate) fn refuse(ir: &Ir, mut refused: impl FnMut(&'static str, &VirtualServer, OriginId)) {
    let mut services: u64 = 0;
    for server in &ir.virtual_servers {
        services = services.saturating_add(count(server, ir));
        if services > SERVICES_MAX {
            return refused("more services than the daemon holds", server, server.origin);
        }
        match &server.service {
            ipvs::Service::Unknown { .. } => refused("virtual_server", server, server.origin),
            ipvs::Service::Group { group: None, .. } => refused("virtual_server_group", server, server.origin),
            ipvs::Service::Address { .. } | ipvs::Service::Fwmark(_) | ipvs::Service::Group { group: Some(_), .. } => {}
        }
    }
}

/// One service that a virtual server stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Front {
    pub key: ServiceKey,
    /// How ports of destinations are found.
    ports: Ports,
}

/// How the port of a destination is found. Measured with keepalived 2.2.7: DR and TUN cannot rewrite ports, so that
/// behind an entry of a group they are those of the entry, and 0 behind a mark. Behind a virtual server of its own the
/// IR has it right already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ports {
    OfServer,
    OfEntry(u16),
}

impl Front {
    pub fn destination(self, address: IpAddr, port: u16, forwarding: Forwarding) -> DestinationKey {
        let port = match (self.ports, forwarding) {
            (Ports::OfServer, _) | (_, Forwarding::Nat) => port,
            (Ports::OfEntry(port), Forwarding::Dr | Forwarding::Tun { .. }) => port,
        };
        DestinationKey { address, port }
    }
}

/// How many services a virtual server stands for.
fn count(server: &VirtualServer, ir: &Ir) -> u64 {
    match &server.service {
        ipvs::Service::Address { .. } | ipvs::Service::Fwmark(_) => 1,
        ipvs::Service::Unknown { .. } => 0,
        ipvs::Service::Group { group, .. } => group.map_or(0, |id| {
            let entries = &ir.virtual_server_group(id).entries;
            entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entries_of(entry)))
        }),
    }
}

fn entries_of(entry: &GroupEntry) -> u64 {
    match entry {
        GroupEntry::Addresses { first, last, .. } => {
            let span = number(*last).saturating_sub(number(*first)).saturating_add(1);
            u64::try_from(span).unwrap_or(u64::MAX)
        }
        GroupEntry::Fwmark { .. } => 1,
    }
}

/// The services that a virtual server stands for, in the order of the configuration.
pub(super) fn fronts(server: &VirtualServer, ir: &Ir) -> Vec<Front> {
    let family = server.family.unwrap_or(Family::Ipv4);
    let protocol = server.protocol.unwrap_or(ipvs::Protocol::Udp);
    let at = |address: IpAddr, port: u16, ports: Ports| Front {
        key: ServiceKey { family: Family::of(address), takes: Takes::Address { protocol, address, port } },
        ports,
    };
    let mark = |family: Family, mark: u32, ports: Ports| Front {
        key: ServiceKey { family, takes: Takes::Fwmark(mark) },
        ports,
    };
    match &server.service {
        ipvs::Service::Address { address, port } => vec![at(*address, *port, Ports::OfServer)],
        ipvs::Service::Fwmark(number) => vec![mark(family, *number, Ports::OfServer)],
        ipvs::Service::Unknown { .. } | ipvs::Service::Group { group: None, .. } => Vec::new(),
        ipvs::Service::Group { group: Some(id), .. } => {
            let mut fronts = Vec::new();
            for entry in &ir.virtual_server_group(*id).entries {
                match *entry {
                    GroupEntry::Addresses { first, last, port, origin: _ } => {
                        let addresses = (number(first)..=number(last)).take(SERVICES_MAX as usize);
                        fronts.extend(addresses.map(|number| at(address(number, first), port, Ports::OfEntry(port))));
                    }
                    GroupEntry::Fwmark { mark: number, family: own, origin: _ } => {
                        fronts.push(mark(own.unwrap_or(family), number, Ports::OfEntry(0)));
                    }
                }
            }
            fronts
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of that number, of the family of another one.
fn address(number: u128, like: IpAddr) -> IpAddr {
    match like {
        // Numbers between two addresses of a family belong to it.
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from_bits(number as u32)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from_bits(number)),
    }
}

/// How a service of a virtual server works.
fn settings(server: &VirtualServer, family: Family) -> ServiceSettings {
    let mut flags = 0;
    for (is_on, bit) in [
        (server.persistence.is_some(), flag::PERSISTENT),
        (server.one_packet, flag::ONE_PACKET),
        (server.scheduler_flag_1, flag::SCHEDULER_1),
        (server.scheduler_flag_2, flag::SCHEDULER_2),
        (server.scheduler_flag_3, flag::SCHEDULER_3),
    ] {
        flags |= if is_on { bit } else { 0 };
    }
    let all = match family {
        Family::Ipv4 => u32::MAX,
        Family::Ipv6 => 128,
    };
    // keepalived 2.2.7 leaves the granularity of groups out (measured, with marks and addresses of both families).
    let is_group = matches!(server.service, ipvs::Service::Group { .. });
    let persistence = server.persistence.as_ref();
    let netmask = |persistence: &Persistence| match persistence.granularity {
        Granularity::Mask(mask) if !is_group => mask.to_bits(),
        Granularity::Prefix(length) if !is_group => length.into(),
        Granularity::Host | Granularity::Mask(_) | Granularity::Prefix(_) => all,
    };
    ServiceSettings {
        scheduler: server.scheduler.name().into(),
        flags,
        timeout_s: persistence.map_or(0, |own| u32::try_from(own.timeout_us / 1_000_000).unwrap_or(u32::MAX)),
        netmask: persistence.map_or(all, netmask),
        engine: persistence.and_then(|own| own.engine.as_deref()).map(Arc::from),
    }
}

/// One service as it should be now, for the virtual servers that ask for it. Of two that ask for the same one, the
/// first says how it works, and of two that name the same destination the first one's word counts (measured with
/// keepalived 2.2.7).
pub(super) fn service<'a>(
    claims: impl IntoIterator<Item = (&'a VirtualServer, &'a Service, Front)>,
) -> Option<kernel::Service> {
    let mut found: Option<kernel::Service> = None;
    for (server, state, front) in claims {
        let service = found.get_or_insert_with(|| kernel::Service {
            settings: settings(server, front.key.family),
            destinations: BTreeMap::new(),
        });
        let mut position = u32::try_from(service.destinations.len()).unwrap_or(u32::MAX);
        for (key, settings) in destinations(server, state, front) {
            service.destinations.entry(key).or_insert(Destination { settings, position });
            position = position.saturating_add(1);
        }
    }
    found
}

/// Where the packets of a service may go, in the order of the configuration, a sorry server behind the others.
fn destinations(server: &VirtualServer, state: &Service, front: Front) -> Vec<(DestinationKey, DestinationSettings)> {
    let is_sorry = state.is_sorry(server);
    let mut found = Vec::with_capacity(server.real_servers.len());
    for (real, known) in server.real_servers.iter().zip(&state.servers) {
        let weight = if known.is_up && !is_sorry {
            known.weight(real)
        } else if real.inhibit_on_failure {
            0
        } else {
            continue;
        };
        let key = front.destination(real.address, real.port, real.forwarding);
        found.push((key, of_real_server(real, weight)));
    }
    if let Some(sorry) = &server.sorry_server
        && (is_sorry || sorry.inhibit)
    {
        let key = front.destination(sorry.address, sorry.port, sorry.forwarding);
        let settings = DestinationSettings {
            forwarding: sorry.forwarding,
            weight: u32::from(is_sorry),
            upper_threshold: 0,
            lower_threshold: 0,
        };
        match found.iter_mut().find(|(known, _)| *known == key) {
            // A sorry server that is a real server, too: whichever takes clients counts.
            Some((_, known)) if known.weight == 0 => *known = settings,
            Some(_) => {}
            None => found.push((key, settings)),
        }
    }
    found
}

fn of_real_server(real: &RealServer, weight: u32) -> DestinationSettings {
    DestinationSettings {
        forwarding: real.forwarding,
        weight,
        upper_threshold: real.upper_threshold,
        lower_threshold: real.lower_threshold,
    }
}
