//! Addresses, families, and the addresses that keepalived sets on interfaces.

use crate::id::OriginId;
use crate::raw::{Dropped, Unknown};
use crate::unit::Vrid;
use serde::{Serialize, Serializer};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// Address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The family of an address.
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Family::Ipv4,
            IpAddr::V6(_) => Family::Ipv6,
        }
    }

    /// Prefix length of a single address: 32 or 128.
    pub const fn bits(self) -> u8 {
        match self {
            Family::Ipv4 => 32,
            Family::Ipv6 => 128,
        }
    }
}

/// Ethernet address; as text six octets in lower case joined by colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Mac {
    /// That of a virtual router (RFC 9568 section 7.3).
    pub fn of_virtual_router(family: Family, vrid: Vrid) -> Mac {
        let group = match family {
            Family::Ipv4 => 1,
            Family::Ipv6 => 2,
        };
        Mac([0x00, 0x00, 0x5e, 0x00, group, vrid.get()])
    }
}

/// An address that is set on an interface: an entry of `virtual_ipaddress`, `virtual_ipaddress_excluded` or
/// `static_ipaddress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Prefix length; 32 or 128 where none is written or `peer` is.
    pub prefix: u8,
    /// Interface that gets it: `dev`, else that of the instance (`default_interface` for static addresses). `None` means the one
    /// that is made for the instance ([`VirtualInterface`](crate::vrrp::VirtualInterface)).
    pub interface: Option<String>,
    /// How far it is valid (`scope`): the number of the kernel, or a name that only the host's tables know.
    pub scope: Scope,
    /// Broadcast address (`brd`), IPv4 only; `+` and `-` are worked out.
    pub broadcast: Option<Ipv4Addr>,
    /// Label (`label`), IPv4 only, at most 15 bytes.
    pub label: Option<String>,
    /// Other end of a point-to-point link (`peer`).
    pub peer: Option<IpAddr>,
    /// Seconds in microseconds for which it is preferred as a source (`preferred_lft`); `None` means forever.
    pub preferred_lifetime_us: Option<u64>,
    /// `home`.
    pub is_home: bool,
    /// Whether the kernel looks for a duplicate first (`-nodad`).
    pub detects_duplicates: bool,
    /// `mngtmpaddr`.
    pub manages_temporary: bool,
    /// `noprefixroute`.
    pub without_prefix_route: bool,
    /// `autojoin`.
    pub joins_group: bool,
    /// Whether its interface going down is a fault of the instance (off by `no_track`).
    pub is_tracked: bool,
    /// `use_vmac` on this address.
    pub uses_vmac: bool,
    /// `track_group`, static addresses only.
    pub track_group: Option<String>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// Words that keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// The entry.
    pub origin: OriginId,
}

impl Address {
    /// An entry with nothing behind the address: defaults as keepalived has them, but for
    /// [`preferred_lifetime_us`](Address::preferred_lifetime_us), which hangs on all other fields and is forever here.
    pub fn new(address: IpAddr, prefix: u8, origin: OriginId) -> Address {
        Address {
            address,
            prefix,
            interface: None,
            scope: Scope::GLOBAL,
            broadcast: None,
            label: None,
            peer: None,
            preferred_lifetime_us: None,
            is_home: false,
            detects_duplicates: false,
            manages_temporary: false,
            without_prefix_route: false,
            joins_group: false,
            is_tracked: true,
            uses_vmac: false,
            track_group: None,
            unknown: Vec::new(),
            dropped: Vec::new(),
            origin,
        }
    }
}

/// How far an address is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The number of the kernel: 0 global, 200 site, 253 link, 254 host, 255 nowhere.
    Number(u8),
    /// A name that the host's table `rt_scopes` may know.
    Named(String),
}

impl Scope {
    /// Valid everywhere.
    pub const GLOBAL: Scope = Scope::Number(0);
}
