//! The table of IPVS: services, and the destinations behind each.

use kalc_ir::Family;
use kalc_ir::ipvs::{Forwarding, Protocol};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// All services.
pub type Table = BTreeMap<ServiceKey, Service>;

/// What makes a service the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey {
    /// Its family: that of its address; marks have one of their own.
    pub family: Family,
    /// What it takes.
    pub takes: Takes,
}

/// What a service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Takes {
    /// Packets to an address.
    Address {
        /// Their protocol.
        protocol: Protocol,
        /// The address.
        address: IpAddr,
        /// The port; 0 means every port.
        port: u16,
    },
    /// Packets with a firewall mark.
    Fwmark(u32),
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// How it works.
    pub settings: ServiceSettings,
    /// Where its packets may go.
    pub destinations: BTreeMap<DestinationKey, Destination>,
}

/// How a service works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSettings {
    /// The kernel's name of the scheduler.
    pub scheduler: Arc<str>,
    /// Bits of [`flag`].
    pub flags: u32,
    /// How long clients stay with their server, in seconds; 0 without [`flag::PERSISTENT`].
    pub timeout_s: u32,
    /// Which part of a client's address counts for that. IPv4: a mask, whose highest bit is that of the first octet.
    /// IPv6: the length of a prefix.
    pub netmask: u32,
    /// The kernel's name of the persistence engine.
    pub engine: Option<Arc<str>>,
}

/// Flags of a service (`IP_VS_SVC_F_*` in the kernel's `ip_vs.h`).
pub mod flag {
    /// Clients stay with their server.
    pub const PERSISTENT: u32 = 0x1;
    /// Each packet is balanced for itself.
    pub const ONE_PACKET: u32 = 0x4;
    /// First flag of the scheduler.
    pub const SCHEDULER_1: u32 = 0x8;
    /// Second flag of the scheduler.
    pub const SCHEDULER_2: u32 = 0x10;
    /// Third flag of the scheduler.
    pub const SCHEDULER_3: u32 = 0x20;
    /// All that are settings. The kernel keeps others to itself.
    pub const SETTINGS: u32 = PERSISTENT | ONE_PACKET | SCHEDULER_1 | SCHEDULER_2 | SCHEDULER_3;
}

/// What makes a destination of a service the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationKey {
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
}

/// A destination.
#[derive(Clone, Copy, Debug)]
pub struct Destination {
    /// How packets get there, and how many.
    pub settings: DestinationSettings,
    /// Where it stands among those that are added together: the schedulers that hash walk the kernel's list, so that two
    /// directors send a client to the same server only if both fill the list in the order of the configuration. No part
    /// of equality, since the kernel does not tell it.
    pub position: u32,
}

impl PartialEq for Destination {
    fn eq(&self, other: &Self) -> bool {
        self.settings == other.settings
    }
}

impl Eq for Destination {}

/// How packets get to a destination, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DestinationSettings {
    /// How packets reach it.
    pub forwarding: Forwarding,
    /// Its share of new clients; with 0 it gets none.
    pub weight: u32,
    /// Connections above which it gets no new ones; 0 means no limit.
    pub upper_threshold: u32,
    /// Connections below which it gets new ones again.
    pub lower_threshold: u32,
}

impl Service {
    /// Whether a new client finds a server here.
    pub fn takes_clients(&self) -> bool {
        self.destinations.values().any(|destination| destination.settings.weight > 0)
    }
}

impl fmt::Display for ServiceKey {
    /// As keepalived writes it in its log: `[192.0.2.1]:tcp:80`, `FWM 5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.takes, self.family) {
            (Takes::Address { protocol, address, port }, _) => {
                write!(f, "[{address}]:{}:{port}", protocol_word(Some(protocol)))
            }
            (Takes::Fwmark(mark), Family::Ipv4) => write!(f, "FWM {mark}"),
            (Takes::Fwmark(mark), Family::Ipv6) => write!(f, "FWM6 {mark}"),
        }
    }
}

impl fmt::Display for DestinationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]:{}", self.address, self.port)
    }
}

/// The word for a protocol in logs and pipes; services by firewall mark alone have none.
pub(crate) const fn protocol_word(protocol: Option<Protocol>) -> &'static str {
    match protocol {
        Some(Protocol::Tcp) => "tcp",
        Some(Protocol::Udp) => "udp",
        Some(Protocol::Sctp) => "sctp",
        None => "none",
    }
}
