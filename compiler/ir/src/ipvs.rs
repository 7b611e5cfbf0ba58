//! `virtual_server`, `virtual_server_group` and `real_server`.

use crate::checker::Checker;
use crate::id::{OriginId, Origins, VirtualServerGroupId};
use crate::net::Family;
use crate::notify::Command;
use crate::raw::{Dropped, Raw, Unknown};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

/// A service that IPVS spreads over real servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VirtualServer {
    /// What it takes.
    pub service: Service,
    /// Its family: of the address, of the group, `ip_family`, else of the first real server; `None` if nothing tells.
    pub family: Option<Family>,
    /// `protocol` (UDP); `None` by firewall mark.
    pub protocol: Option<Protocol>,
    /// `lb_algo` (wlc).
    pub scheduler: Scheduler,
    /// First flag of the scheduler (`flag-1`, `sh-fallback`, `mh-fallback`).
    pub scheduler_flag_1: bool,
    /// Second flag of the scheduler (`flag-2`, `sh-port`, `mh-port`).
    pub scheduler_flag_2: bool,
    /// Third flag of the scheduler (`flag-3`).
    pub scheduler_flag_3: bool,
    /// One packet scheduling (`ops`), UDP only.
    pub one_packet: bool,
    /// `lb_kind` (NAT), for real servers that say none.
    pub forwarding: Forwarding,
    /// Whether clients stay with their server.
    pub persistence: Option<Persistence>,
    /// `delay_loop` (60 s), for real servers that say none.
    pub delay_loop_us: u64,
    /// Whether checks wait until this host holds the address (`ha_suspend`).
    pub ha_suspend: bool,
    /// Whether servers are down until their first check (`alpha`), for real servers that say none.
    pub alpha: bool,
    /// Whether the end of the daemon counts as the loss of all servers (`omega`).
    pub omega: bool,
    /// Sum of weights that the service needs (`quorum`, 1), at most the sum of all weights.
    pub quorum: u32,
    /// Margin around it (`hysteresis`, 0), below `quorum`.
    pub hysteresis: u32,
    /// `quorum_up`
    pub quorum_up: Option<Command>,
    /// `quorum_down`
    pub quorum_down: Option<Command>,
    /// Whether gain and loss of the quorum are mailed (`smtp_alert`).
    pub mails: bool,
    /// `virtualhost`
    pub virtualhost: Option<String>,
    /// `sorry_server`
    pub sorry_server: Option<SorryServer>,
    /// Its real servers; never empty.
    pub real_servers: Vec<RealServer>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// What a virtual server takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Packets to an address.
    Address {
        /// The address.
        address: IpAddr,
        /// The port; 0 means every port.
        port: u16,
    },
    /// Packets with a firewall mark.
    Fwmark(u32),
    /// What a group says.
    Group {
        /// Its name.
        name: String,
        /// The group; `None` if there is none, which keepalived finds out when it runs.
        group: Option<VirtualServerGroupId>,
    },
    /// Only the running daemon knows.
    Unknown {
        /// What is written.
        text: String,
    },
}

/// Transport protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// Who picks the real server for a new connection, by the kernel's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Scheduler(&'static str);

impl Scheduler {
    /// Weighted least connections, the default.
    pub const WLC: Scheduler = Scheduler("wlc");
    /// All that keepalived knows.
    pub const NAMES: [&'static str; 14] =
        ["rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos"];

    /// The scheduler of that name.
    pub fn new(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|known| **known == name).map(|known| Scheduler(known))
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

/// How packets reach a real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Forwarding {
    /// Addresses are rewritten.
    Nat,
    /// Packets are sent on unchanged.
    Dr,
    /// Packets are sent through a tunnel.
    Tun {
        /// How they are wrapped.
        tunnel: Tunnel,
        /// What checks them.
        checksum: TunnelChecksum,
    },
}

/// How packets of a tunnel are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tunnel {
    /// IP in IP.
    Ipip,
    /// Generic UDP encapsulation.
    Gue {
        /// UDP port.
        port: u16,
    },
    /// Generic routing encapsulation.
    Gre,
}

/// What checks the packets of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TunnelChecksum {
    /// Nothing.
    None,
    /// A checksum (`csum`).
    Checksum,
    /// Remote checksum offload (`remcsum`).
    Remote,
}

/// Clients that stay with their server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Persistence {
    /// For how long (`persistence_timeout`; 360 s where it comes by itself).
    pub timeout_us: u64,
    /// Which part of the client's address counts (`persistence_granularity`).
    pub granularity: Granularity,
    /// `persistence_engine`, at most 15 bytes.
    pub engine: Option<String>,
}

/// Which part of a client's address counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// All of it.
    Host,
    /// What the mask covers; keepalived takes masks with holes too.
    Mask(Ipv4Addr),
    /// The first bits of an IPv6 address.
    Prefix(u8),
}

/// `sorry_server`: who gets the clients while the quorum is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SorryServer {
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// `sorry_server_lvs_method`, else that of the virtual server.
    pub forwarding: Forwarding,
    /// Weight 0 instead of removal (`sorry_server_inhibit`).
    pub inhibit: bool,
    /// The statement.
    pub origin: OriginId,
}

/// One server behind a virtual server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RealServer {
    /// Its address.
    pub address: IpAddr,
    /// Its port; that of the virtual server with DR and TUN, or where none is written.
    pub port: u16,
    /// `weight` (that of the virtual server, 1).
    pub weight: u32,
    /// `lvs_method`, else that of the virtual server.
    pub forwarding: Forwarding,
    /// `uthreshold` (0, no limit).
    pub upper_threshold: u32,
    /// `lthreshold` (0).
    pub lower_threshold: u32,
    /// Weight 0 instead of removal when it fails (`inhibit_on_failure`).
    pub inhibit_on_failure: bool,
    /// Down until its first check succeeds (`alpha`).
    pub alpha: bool,
    /// `notify_up`
    pub notify_up: Option<Command>,
    /// `notify_down`
    pub notify_down: Option<Command>,
    /// Whether changes are mailed (`smtp_alert`; on where nothing is said).
    pub mails: bool,
    /// Its checks; without any it is never found dead.
    pub checkers: Vec<Checker>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// `virtual_server_group`: several addresses or marks with one set of real servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VirtualServerGroup {
    /// Its name.
    pub name: String,
    /// Its entries; never empty.
    pub entries: Vec<GroupEntry>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// The block.
    pub origin: OriginId,
}

/// One entry of a virtual server group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupEntry {
    /// Addresses one after the other; both are the same for a single one.
    Addresses {
        /// The first.
        first: IpAddr,
        /// The last.
        last: IpAddr,
        /// The port; 0 means every port.
        port: u16,
        /// The entry.
        origin: OriginId,
    },
    /// Packets with a firewall mark.
    Fwmark {
        /// The mark.
        mark: u32,
        /// Its family, if written.
        family: Option<Family>,
        /// The entry.
        origin: OriginId,
    },
}
