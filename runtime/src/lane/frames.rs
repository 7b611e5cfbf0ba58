//! Gratuitous ARP and neighbour advertisements leave, as whole Ethernet frames.

use crate::sys;
use kalc_core::wire::arp::GratuitousArp;
use kalc_core::wire::ndisc::NeighbourAdvertisement;
use kalc_ir::net::Mac;
use socket2::{Domain, SockAddr, Socket, Type};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How long it is remembered whether an interface forwards.
const FORWARDING_FOR: Duration = Duration::from_secs(5);

/// A socket for frames.
pub struct Frames {
    socket: Socket,
    addresses: BTreeMap<u32, SockAddr>,
    forwarding: BTreeMap<u32, (Instant, bool)>,
}

impl Frames {
    /// Opens it. It receives nothing: protocol 0 is none.
    pub fn open() -> io::Result<Frames> {
        let socket = Socket::new(Domain::PACKET, Type::RAW, None)?;
        socket.set_nonblocking(true)?;
        Ok(Frames { socket, addresses: BTreeMap::new(), forwarding: BTreeMap::new() })
    }

    /// Forgets interfaces that are gone.
    pub fn forget(&mut self) {
        self.addresses.clear();
        self.forwarding.clear();
    }

    /// Announces an address on an interface.
    pub fn announce(&mut self, address: IpAddr, interface: u32, name: &str, mac: Mac) -> io::Result<()> {
        let to = match self.addresses.entry(interface) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(sys::frame_address(interface, 0)?),
        };
        match address {
            IpAddr::V4(address) => self.socket.send_to(&GratuitousArp { mac, address }.encode(), to)?,
            IpAddr::V6(address) => {
                let now = Instant::now();
                let known = self.forwarding.get(&interface).filter(|(at, _)| now - *at < FORWARDING_FOR);
                let is_router = known.map_or_else(|| forwards(name), |(_, is_router)| *is_router);
                if known.is_none() {
                    self.forwarding.insert(interface, (now, is_router));
                }
                self.socket.send_to(&NeighbourAdvertisement { mac, address, is_router }.encode(), to)?
            }
        };
        Ok(())
    }
}

/// Whether an interface forwards IPv6; one that cannot be asked does not.
fn forwards(name: &str) -> bool {
    let path = format!("/proc/sys/net/ipv6/conf/{name}/forwarding");
    !name.contains('/') && std::fs::read_to_string(path).is_ok_and(|text| text.trim() != "0")
}
