//! Adverts come in.
//!
//! All sockets are in one epoll of their own, which is one file for tokio: however many interfaces there are, waiting
//! costs the same. A turn takes a bounded number of packets from each socket that has some, so that a flood on one
//! interface does not silence another.

use super::filter::{HEADER_LENGTH_V6, filter};
use super::wanted::{Ear, Wanted};
use crate::clear::clear;
use crate::sys::{self, Poll, Watched, watch};
use kalc_core::LinkId;
use kalc_core::wire::Packet;
use kalc_ir::Family;
use nix::libc;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, SockAddr, Socket, Type};
use std::collections::BTreeMap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::fd::AsRawFd;
use tokio::io::unix::AsyncFd;

/// Packets that a turn takes from one socket.
const PACKETS_PER_TURN: usize = 64;
/// Sockets that a turn serves.
const SOCKETS_PER_TURN: usize = 64;
/// Longer than any advert: 255 IPv6 addresses are 4,088 bytes.
const PACKET_BYTES: usize = 8192;

/// All sockets that adverts come in by.
pub struct Receivers {
    epoll: AsyncFd<Watched<Poll>>,
    sockets: BTreeMap<u64, Receiver>,
    next: u64,
    buffer: Vec<u8>,
    /// Packets that did not fit into the buffer of a socket.
    pub overrun: u64,
}

struct Receiver {
    ear: Ear,
    wanted: Wanted,
    socket: Socket,
    /// What the kernel counted, modulo 2 to the 32.
    dropped: u32,
}

/// A socket that could not be opened or set.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for protocol {} at {}: {source}", ear.protocol, ear.address)]
pub struct Problem {
    /// Where it was to listen.
    pub ear: Ear,
    /// The system's reason.
    pub source: io::Error,
}

impl Receivers {
    /// No socket; needs a tokio runtime.
    pub fn new() -> io::Result<Receivers> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Receivers {
            epoll: watch(Poll(epoll))?,
            sockets: BTreeMap::new(),
            next: 0,
            buffer: vec![0; PACKET_BYTES],
            overrun: 0,
        })
    }

    /// Opens what is missing, closes what is not wanted any more, and leaves the rest alone but for its filter.
    pub fn set(&mut self, mut wanted: BTreeMap<Ear, Wanted>, name_of: impl Fn(LinkId) -> String) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut gone = Vec::new();
        for (key, receiver) in &mut self.sockets {
            match wanted.remove(&receiver.ear) {
                Some(new) if new == receiver.wanted => {}
                Some(new) => {
                    if let Err(source) = adjust(&receiver.socket, &receiver.ear, &new) {
                        problems.push(Problem { ear: receiver.ear, source });
                    }
                    receiver.wanted = new;
                }
                None => gone.push(*key),
            }
        }
        for key in gone {
            if let Some(receiver) = self.sockets.remove(&key) {
                // Closing takes it out as well; a failure here has no other consequence.
                let _ = self.epoll.get_ref().0.0.delete(&receiver.socket);
            }
        }
        for (ear, wanted) in wanted {
            if let Err(source) = self.open(ear, wanted, &name_of(ear.link)) {
                problems.push(Problem { ear, source });
            }
        }
        problems
    }

    fn open(&mut self, ear: Ear, wanted: Wanted, name: &str) -> io::Result<()> {
        let socket = open(&ear, name)?;
        adjust(&socket, &ear, &wanted)?;
        let key = self.next;
        self.next += 1;
        self.epoll.get_ref().0.0.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, key))?;
        self.sockets.insert(key, Receiver { ear, wanted, socket, dropped: 0 });
        Ok(())
    }

    /// Waits until there may be a packet.
    pub async fn readable(&self) -> io::Result<()> {
        self.epoll.readable().await.map(|mut guard| guard.retain_ready())
    }

    /// Hands over what has come, at most a turn's worth.
    pub fn drain(&mut self, mut hear: impl FnMut(LinkId, Packet<'_>)) -> io::Result<()> {
        let mut events = [EpollEvent::empty(); SOCKETS_PER_TURN];
        let count = match self.epoll.get_ref().0.0.wait(&mut events, EpollTimeout::ZERO) {
            Ok(count) => count,
            Err(nix::errno::Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        if count == 0 {
            clear(&self.epoll);
        }
        for event in &events[..count] {
            let Some(receiver) = self.sockets.get_mut(&event.data()) else { continue };
            for _ in 0..PACKETS_PER_TURN {
                match receiver.one(&mut self.buffer, &mut self.overrun, &mut hear) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // The interface went down, or a peer's host said that nobody listens: what the kernel kept for the
                    // next reader. It is told by the interface itself.
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

impl Receiver {
    fn one(
        &mut self,
        buffer: &mut [u8],
        overrun: &mut u64,
        hear: &mut impl FnMut(LinkId, Packet<'_>),
    ) -> io::Result<()> {
        let mut parts = [IoSliceMut::new(buffer)];
        let mut room = nix::cmsg_space!(libc::in6_pktinfo, libc::c_int, u32);
        let message =
            recvmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &mut parts, Some(&mut room), MsgFlags::MSG_DONTWAIT)?;
        let (mut destination, mut hop_limit) = (Ipv6Addr::UNSPECIFIED, 0);
        for beside in message.cmsgs()? {
            match beside {
                ControlMessageOwned::Ipv6PacketInfo(info) => destination = info.ipi6_addr.s6_addr.into(),
                ControlMessageOwned::Ipv6HopLimit(limit) => hop_limit = u8::try_from(limit).unwrap_or(0),
                ControlMessageOwned::RxqOvfl(dropped) => {
                    *overrun += u64::from(dropped.wrapping_sub(self.dropped));
                    self.dropped = dropped;
                }
                _ => {}
            }
        }
        let source = message.address.and_then(|address| address.as_sockaddr_in6().map(|address| address.ip()));
        let length = message.bytes;
        let bytes = buffer.get(..length).unwrap_or_default();
        if self.ear.frames_from.is_some() {
            if let Some(packet) = whole(self.ear.family, bytes) {
                hear(self.ear.link, packet);
            }
            return Ok(());
        }
        match self.ear.family {
            Family::Ipv4 => hear(self.ear.link, Packet::V4 { bytes }),
            Family::Ipv6 => {
                let source = source.unwrap_or(Ipv6Addr::UNSPECIFIED);
                hear(self.ear.link, Packet::V6 { source, destination, hop_limit, bytes });
            }
        }
        Ok(())
    }
}

/// A packet with its header as a frame carried it, without the padding of the frame; `None` if it is none of the family, or
/// the frame ended before it.
fn whole(family: Family, bytes: &[u8]) -> Option<Packet<'_>> {
    let two = |at: usize| bytes.get(at..)?.first_chunk().map(|two| usize::from(u16::from_be_bytes(*two)));
    let address = |at: usize| bytes.get(at..)?.first_chunk().map(|octets: &[u8; 16]| Ipv6Addr::from(*octets));
    match family {
        Family::Ipv4 => Some(Packet::V4 { bytes: bytes.get(..two(2)?)? }),
        Family::Ipv6 => {
            let header_length = HEADER_LENGTH_V6 as usize;
            let end = header_length + two(4)?;
            let (is_v6, hop_limit) = (bytes.first()? >> 4 == 6, *bytes.get(7)?);
            let bytes = bytes.get(header_length..end).filter(|_| is_v6)?;
            Some(Packet::V6 { source: address(8)?, destination: address(24)?, hop_limit, bytes })
        }
    }
}

/// A socket that hears frames of a macvlan, each from its IP header on.
fn open_for_frames(ear: &Ear) -> io::Result<Socket> {
    let ether_type = match ear.family {
        Family::Ipv4 => libc::ETH_P_IP,
        Family::Ipv6 => libc::ETH_P_IPV6,
    };
    // Without a protocol nothing comes in before all is set.
    let socket = Socket::new(Domain::PACKET, Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    socket.attach_filter(&[socket2::SockFilter::new(0x06, 0, 0, 0)])?;
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    socket.bind(&sys::frame_address(ear.index, u16::try_from(ether_type).map_err(io::Error::other)?)?)?;
    Ok(socket)
}

/// A socket that hears one address. Of packets to a group it hears those of its own interface only.
fn open(ear: &Ear, name: &str) -> io::Result<Socket> {
    if ear.frames_from.is_some() {
        return open_for_frames(ear);
    }
    let domain = match ear.family {
        Family::Ipv4 => Domain::IPV4,
        Family::Ipv6 => Domain::IPV6,
    };
    let socket = Socket::new(domain, Type::RAW, Some(Protocol::from(i32::from(ear.protocol))))?;
    socket.set_nonblocking(true)?;
    // Nothing is to come in before all is set.
    socket.attach_filter(&[socket2::SockFilter::new(0x06, 0, 0, 0)])?;
    let is_group = ear.address.is_multicast();
    if is_group {
        socket.bind_device(Some(name.as_bytes()))?;
    }
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    match ear.address {
        IpAddr::V4(address) => {
            if is_group {
                socket.set_multicast_all_v4(false)?;
                socket.join_multicast_v4_n(&address, &InterfaceIndexOrAddress::Index(ear.index))?;
            } else {
                // The address may come later.
                socket.set_freebind_v4(true)?;
            }
            socket.bind(&SockAddr::from(SocketAddr::from((address, 0))))?;
        }
        IpAddr::V6(address) => {
            socket.set_recv_hoplimit_v6(true)?;
            setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
            if is_group {
                socket.set_multicast_all_v6(false)?;
                socket.join_multicast_v6(&address, ear.index)?;
            } else {
                socket.set_freebind_v6(true)?;
            }
            let is_near = is_group || address.is_unicast_link_local();
            let scope = if is_near { ear.index } else { 0 };
            socket.bind(&SockAddr::from(SocketAddrV6::new(address, 0, 0, scope)))?;
        }
    }
    Ok(socket)
}

/// Sets what a reload may change.
fn adjust(socket: &Socket, ear: &Ear, wanted: &Wanted) -> io::Result<()> {
    if let Some(bytes) = wanted.buffer_bytes {
        let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
        if setsockopt(socket, sockopt::RcvBufForce, &bytes).is_err() {
            setsockopt(socket, sockopt::RcvBuf, &bytes)?;
        }
    }
    match filter(ear, wanted) {
        Some(program) => socket.attach_filter(&program),
        None => socket.detach_filter(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_packet_has_neither_padding_nor_less_than_it_says() {
        let mut v4 = vec![0x45, 0xc0, 0, 28, 0, 1, 0, 0, 255, 112, 0, 0, 10, 0, 0, 1, 224, 0, 0, 18];
        v4.extend([0x31, 51, 100, 0, 0, 100, 0, 0]);
        let mut padded = v4.clone();
        padded.resize(46, 0);
        assert!(matches!(whole(Family::Ipv4, &padded), Some(Packet::V4 { bytes }) if bytes == v4));
        for length in 0..v4.len() {
            assert!(whole(Family::Ipv4, &v4[..length]).is_none(), "{length}");
        }

        let mut v6 = vec![0x6c, 0, 0, 0, 0, 8, 112, 255];
        let (from, to): (Ipv6Addr, Ipv6Addr) = ("fe80::1".parse().expect("one"), "ff02::12".parse().expect("one"));
        v6.extend(from.octets().into_iter().chain(to.octets()));
        let advert = [0x31, 51, 100, 0, 0, 100, 0, 0];
        v6.extend(advert);
        let whole_length = v6.len();
        v6.resize(60, 0);
        let Some(Packet::V6 { source, destination, hop_limit, bytes }) = whole(Family::Ipv6, &v6) else {
            panic!("it is whole");
        };
        assert_eq!((source, destination, hop_limit, bytes), (from, to, 255, &advert[..]));
        for length in 0..whole_length {
            assert!(whole(Family::Ipv6, &v6[..length]).is_none(), "{length}");
        }
        assert!(whole(Family::Ipv6, &padded).is_none());
    }
}
