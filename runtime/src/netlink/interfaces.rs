//! The interfaces of the host and their addresses, as the kernel tells them. Pure: messages in, changes out.

use super::route::Device;
use kalc_core::LinkFacts;
use kalc_ir::net::Mac;
use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use netlink_packet_route::link::{InfoData, InfoVrf, LinkAttribute, LinkFlags, LinkInfo, LinkMessage};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// All interfaces.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    by_index: BTreeMap<u32, Interface>,
    /// Grows with each address that is new, so that their order is known.
    next: u64,
}

/// One interface.
#[derive(Clone, Debug, Default)]
pub struct Interface {
    /// Its number; another one when it has vanished and returned.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// `IFF_UP` and `IFF_RUNNING`.
    pub is_up: bool,
    /// Its Ethernet address.
    pub mac: Option<Mac>,
    /// The table of a VRF device.
    pub vrf_table: Option<u32>,
    /// Number of the bridge, bond or VRF device that it belongs to.
    pub controller: Option<u32>,
    addresses: BTreeMap<(IpAddr, u8), Known>,
}

/// What is known of an address.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The kernel lists them in this order.
    order: u64,
    /// IPv4: another address of its network comes first. IPv6: temporary.
    is_secondary: bool,
    /// The kernel may not send from it (yet).
    is_unusable: bool,
}

/// What a message changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An interface appeared, changed, or was renamed.
    Interface {
        /// Its number.
        index: u32,
        /// Its name before, if that was another one.
        old_name: Option<String>,
    },
    /// An interface is gone.
    InterfaceGone {
        /// Its name.
        name: String,
    },
    /// An address appeared or changed.
    Address {
        /// The number of its interface.
        index: u32,
        /// The address.
        address: IpAddr,
    },
    /// An address is gone.
    AddressGone {
        /// The number of its interface.
        index: u32,
        /// The address.
        address: IpAddr,
        /// Its prefix length.
        prefix: u8,
    },
}

impl Interfaces {
    /// The interface of that name.
    pub fn named(&self, name: &str) -> Option<&Interface> {
        self.by_index.values().find(|interface| interface.name == name)
    }

    /// The interface of that number.
    pub fn at(&self, index: u32) -> Option<&Interface> {
        self.by_index.get(&index)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Interface> {
        self.by_index.values()
    }

    /// The addresses of all of them.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.iter().flat_map(|interface| interface.addresses.keys().map(|(address, _)| *address))
    }

    /// Takes in a message of a dump or an event.
    pub fn apply(&mut self, message: &NetlinkMessage<RouteNetlinkMessage>) -> Option<Change> {
        let NetlinkPayload::InnerMessage(message) = &message.payload else { return None };
        match message {
            RouteNetlinkMessage::NewLink(link) => Some(self.link(link)),
            RouteNetlinkMessage::DelLink(link) => {
                // A bridge tells of a port that leaves it with the same message; the interface itself is still there.
                let is_interface = link.header.interface_family == netlink_packet_route::AddressFamily::Unspec;
                let gone = is_interface.then(|| self.by_index.remove(&link.header.index)).flatten();
                gone.map(|gone| Change::InterfaceGone { name: gone.name })
            }
            RouteNetlinkMessage::NewAddress(address) => self.address(address),
            RouteNetlinkMessage::DelAddress(address) => self.address_gone(address),
            _ => None,
        }
    }

    fn link(&mut self, message: &LinkMessage) -> Change {
        let index = message.header.index;
        let interface = self.by_index.entry(index).or_insert_with(|| Interface { index, ..Interface::default() });
        let needed = LinkFlags::Up | LinkFlags::Running;
        interface.is_up = message.header.flags.contains(needed);
        let mut old_name = None;
        // One that belongs to none any more is told without the attribute.
        interface.controller = None;
        for attribute in &message.attributes {
            match attribute {
                LinkAttribute::IfName(name) if *name != interface.name => {
                    let old = std::mem::replace(&mut interface.name, name.clone());
                    old_name = (!old.is_empty()).then_some(old);
                }
                LinkAttribute::Address(bytes) => {
                    interface.mac = <[u8; 6]>::try_from(bytes.as_slice()).ok().map(Mac);
                }
                LinkAttribute::Controller(controller) => interface.controller = Some(*controller),
                LinkAttribute::LinkInfo(info) => {
                    let table = info.iter().find_map(|info| match info {
                        LinkInfo::Data(InfoData::Vrf(data)) => data.iter().find_map(|data| match data {
                            InfoVrf::TableId(table) => Some(*table),
                            _ => None,
                        }),
                        _ => None,
                    });
                    interface.vrf_table = table;
                }
                _ => {}
            }
        }
        Change::Interface { index, old_name }
    }

    fn address(&mut self, message: &AddressMessage) -> Option<Change> {
        let index = message.header.index;
        let address = own_address(message)?;
        let flags = flags(message);
        let interface = self.by_index.get_mut(&index)?;
        let unusable = AddressFlags::Tentative | AddressFlags::Dadfailed;
        let (is_secondary, is_unusable) = (flags.contains(AddressFlags::Secondary), flags.intersects(unusable));
        let order = self.next;
        self.next += 1;
        let known = interface.addresses.entry((address, message.header.prefix_len));
        let known = known.or_insert(Known { order, is_secondary, is_unusable });
        (known.is_secondary, known.is_unusable) = (is_secondary, is_unusable);
        Some(Change::Address { index, address })
    }

    fn address_gone(&mut self, message: &AddressMessage) -> Option<Change> {
        let index = message.header.index;
        let address = own_address(message)?;
        let prefix = message.header.prefix_len;
        self.by_index.get_mut(&index)?.addresses.remove(&(address, prefix));
        Some(Change::AddressGone { index, address, prefix })
    }
}

impl Interface {
    /// What it is to routes.
    pub fn device(&self) -> Device {
        Device { index: self.index, vrf_table: self.vrf_table }
    }

    /// What the node wants to know of it. Adverts do not leave from virtual addresses, which may be gone any moment.
    pub fn facts(&self, is_virtual: impl Fn(IpAddr) -> bool) -> LinkFacts {
        let first = |is_right: &dyn Fn(IpAddr) -> bool| {
            let is_usable =
                |address: IpAddr, known: &Known| !known.is_unusable && !is_virtual(address) && is_right(address);
            let usable = self.addresses.iter().filter(|((address, _), known)| is_usable(*address, known));
            usable.min_by_key(|(_, known)| (known.is_secondary, known.order)).map(|((address, _), _)| *address)
        };
        let is_link_local = |address: IpAddr| match address {
            IpAddr::V4(_) => false,
            IpAddr::V6(address) => address.is_unicast_link_local(),
        };
        LinkFacts {
            is_up: self.is_up,
            mac: self.mac,
            ipv4: match first(&|address| address.is_ipv4()) {
                Some(IpAddr::V4(address)) => Some(address),
                Some(IpAddr::V6(_)) | None => None,
            },
            ipv6: match first(&is_link_local) {
                Some(IpAddr::V6(address)) => Some(address),
                Some(IpAddr::V4(_)) | None => None,
            },
        }
    }

    /// Whether it has an address, whatever its prefix length.
    pub fn has(&self, address: IpAddr) -> bool {
        self.addresses.range((address, 0)..=(address, u8::MAX)).next().is_some()
    }

    /// Whether it has an address with that prefix length.
    pub fn has_exactly(&self, address: IpAddr, prefix: u8) -> bool {
        self.addresses.contains_key(&(address, prefix))
    }
}

/// The own end of an address; on a point-to-point link the other end is told as well.
fn own_address(message: &AddressMessage) -> Option<IpAddr> {
    let mut address = None;
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(local) => return Some(*local),
            AddressAttribute::Address(other) => address = Some(*other),
            _ => {}
        }
    }
    address
}

/// All 32 flags if the kernel tells them, else the first eight.
fn flags(message: &AddressMessage) -> AddressFlags {
    let all = message.attributes.iter().find_map(|attribute| match attribute {
        AddressAttribute::Flags(flags) => Some(*flags),
        _ => None,
    });
    all.unwrap_or_else(|| AddressFlags::from_bits_retain(u32::from(message.header.flags.bits())))
}
