//! Adverts go out.
//!
//! One socket for each interface and family for adverts to groups, and one for each family for those to peers, which
//! go wherever the host's routes lead. IPv4 packets come whole from the core; the kernel only looks for the way.

use kalc_core::Advertisement;
use nix::libc;
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrIn, SockaddrIn6, sendmsg};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;

/// `TC_PRIO_CONTROL`: queues of the interface send these first.
const PRIORITY: u32 = 7;
/// Internetwork control (RFC 2474 section 4.2.2.2).
const TRAFFIC_CLASS: u32 = 0xc0;

/// All sockets that adverts go out by.
#[derive(Default)]
pub struct Senders {
    sockets: BTreeMap<(bool, Way), Socket>,
}

/// How adverts leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// By the interface of that number, without a route.
    Interface(u32),
    /// Where the routes lead.
    Routed,
}

impl Senders {
    /// Closes sockets of interfaces that are gone.
    pub fn retain(&mut self, is_there: impl Fn(u32) -> bool) {
        self.sockets.retain(|(_, way), _| match way {
            Way::Interface(index) => is_there(*index),
            Way::Routed => true,
        });
    }

    /// Opens the socket for adverts to such a destination, so that the first one of a takeover need not wait for it.
    ///
    /// # Errors
    /// If it cannot be opened; sending tries again, and tells.
    pub fn prepare(&mut self, destination: IpAddr, index: u32, name: &str) -> io::Result<()> {
        self.socket(destination, index, name).map(drop)
    }

    fn socket(&mut self, destination: IpAddr, index: u32, name: &str) -> io::Result<&Socket> {
        let way = if destination.is_multicast() { Way::Interface(index) } else { Way::Routed };
        let key = (destination.is_ipv6(), way);
        Ok(match self.sockets.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(open(key.0, way, name)?),
        })
    }

    /// Sends an advert by the interface of that number and name.
    pub fn send(&mut self, advert: &Advertisement, index: u32, name: &str) -> io::Result<()> {
        let is_group = advert.destination.is_multicast();
        let socket = self.socket(advert.destination, index, name)?;
        let flags = MsgFlags::MSG_DONTWAIT
            | if is_group { MsgFlags::from_bits_retain(libc::MSG_DONTROUTE) } else { MsgFlags::empty() };
        let parts = [IoSlice::new(&advert.bytes)];
        match (advert.source, advert.destination) {
            (IpAddr::V4(_), IpAddr::V4(destination)) => {
                let to = SockaddrIn::from(SocketAddrV4::new(destination, 0));
                sendmsg(socket.as_raw_fd(), &parts, &[], flags, Some(&to))?;
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let is_near = |address: Ipv6Addr| is_group || address.is_unicast_link_local();
                let to = SocketAddrV6::new(destination, 0, 0, if is_near(destination) { index } else { 0 });
                let from = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr { s6_addr: source.octets() },
                    ipi6_ifindex: if is_near(source) { index } else { 0 },
                };
                let hops = libc::c_int::from(advert.ttl);
                let beside = [ControlMessage::Ipv6PacketInfo(&from), ControlMessage::Ipv6HopLimit(&hops)];
                sendmsg(socket.as_raw_fd(), &parts, &beside, flags, Some(&SockaddrIn6::from(to)))?;
            }
            (IpAddr::V4(_) | IpAddr::V6(_), _) => return Err(io::ErrorKind::InvalidInput.into()),
        }
        Ok(())
    }
}

fn open(is_v6: bool, way: Way, name: &str) -> io::Result<Socket> {
    let socket = if is_v6 {
        let protocol = Protocol::from(i32::from(kalc_core::wire::PROTOCOL_VRRP));
        let socket = Socket::new(Domain::IPV6, Type::RAW, Some(protocol))?;
        socket.set_tclass_v6(TRAFFIC_CLASS)?;
        socket.set_multicast_loop_v6(false)?;
        // The address of the interface below, from a macvlan that does not have it.
        socket.set_freebind_v6(true)?;
        socket
    } else {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(libc::IPPROTO_RAW)))?;
        socket.set_header_included_v4(true)?;
        socket.set_multicast_loop_v4(false)?;
        socket
    };
    // It is there to send; what comes in is dropped by the kernel.
    socket.attach_filter(&[socket2::SockFilter::new(0x06, 0, 0, 0)])?;
    socket.set_nonblocking(true)?;
    socket.set_priority(PRIORITY)?;
    match way {
        Way::Interface(_) => socket.bind_device(Some(name.as_bytes()))?,
        Way::Routed => {}
    }
    Ok(socket)
}
