//! Packets of BFD come in and go out.
//!
//! A socket for each family and port listens (RFC 5881 section 4); each session sends from a port of its own, which it keeps.
//! They are in one epoll, as those of adverts are, and a turn takes a bounded number of packets.

use crate::clear::clear;
use crate::sys::{Poll, Watched, watch};
use kalc_core::Instant;
use kalc_core::bfd::{Action, Origin, PORT, PORT_MULTIHOP, Refusal, Sessions};
use kalc_core::chance::Chance;
use kalc_ir::{Bfd, Ir};
use nix::libc;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::collections::BTreeMap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use tokio::io::unix::AsyncFd;

/// Packets that a turn takes from one socket.
const PACKETS_PER_TURN: usize = 64;
/// Longer than any control packet, which says its length in a byte.
const PACKET_BYTES: usize = 256;
/// The first of the ports that sessions send from (RFC 5881 section 4), up to the last one there is.
const PORTS_FROM: u16 = 49_152;
/// How many ports are tried.
const TRIES: usize = 32;
/// `SO_PRIORITY`: the interactive band of the usual queue.
const PRIORITY: u32 = 7;
/// Internetwork control, as for adverts.
const TRAFFIC_CLASS: u32 = 0xc0;

/// Where packets come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ear {
    is_v6: bool,
    is_multihop: bool,
}

/// How a session sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Voice {
    neighbor: IpAddr,
    source: Option<IpAddr>,
    is_multihop: bool,
    ttl: u8,
}

/// All sockets of BFD, and the sessions.
pub struct Bfds {
    /// The machine.
    pub sessions: Sessions,
    epoll: AsyncFd<Watched<Poll>>,
    ears: Vec<(Ear, Socket)>,
    voices: BTreeMap<Voice, Socket>,
    ports: Chance,
}

impl Bfds {
    /// The sessions of a configuration, with their sockets; needs a tokio runtime.
    ///
    /// # Errors
    /// If there is no epoll. What cannot be opened is told, and those sessions stay down.
    pub fn open(ir: &std::sync::Arc<Ir>, seed: u64, now: Instant) -> io::Result<Bfds> {
        let epoll = watch(Poll(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?))?;
        let sessions = Sessions::new(std::sync::Arc::clone(ir), seed, now);
        let (ears, voices) = (Vec::new(), BTreeMap::new());
        let mut bfds = Bfds { sessions, epoll, ears, voices, ports: Chance::new(!seed) };
        bfds.configure(ir);
        Ok(bfds)
    }

    /// Opens what a configuration needs, and closes the rest.
    pub fn configure(&mut self, ir: &Ir) {
        let ears: std::collections::BTreeSet<Ear> = ir
            .bfd_instances
            .iter()
            .filter_map(|bfd| Some(Ear { is_v6: bfd.neighbor?.is_ipv6(), is_multihop: bfd.is_multihop }))
            .collect();
        let epoll = &self.epoll.get_ref().0.0;
        self.ears.retain(|(ear, socket)| {
            let is_wanted = ears.contains(ear);
            if !is_wanted {
                // Closing takes it out as well; a failure here has no other consequence.
                let _ = epoll.delete(socket);
            }
            is_wanted
        });
        for ear in ears {
            if self.ears.iter().any(|(known, _)| *known == ear) {
                continue;
            }
            match listen(ear) {
                Ok(socket) => {
                    let event = EpollEvent::new(EpollFlags::EPOLLIN, 0);
                    match epoll.add(&socket, event) {
                        Ok(()) => self.ears.push((ear, socket)),
                        Err(error) => tracing::error!("cannot wait for BFD: {error}"),
                    }
                }
                Err(error) => {
                    let port = if ear.is_multihop { PORT_MULTIHOP } else { PORT };
                    tracing::error!("cannot listen for BFD at port {port}: {error}");
                }
            }
        }
        let wanted: std::collections::BTreeSet<Voice> = ir.bfd_instances.iter().filter_map(voice).collect();
        self.voices.retain(|voice, _| wanted.contains(voice));
        for voice in wanted {
            if self.voices.contains_key(&voice) {
                continue;
            }
            match speak(voice, &mut self.ports) {
                Ok(socket) => drop(self.voices.insert(voice, socket)),
                Err(error) => tracing::error!("no socket for BFD with {}: {error}", voice.neighbor),
            }
        }
    }

    /// Waits until there may be a packet.
    pub async fn readable(&self) -> io::Result<()> {
        self.epoll.readable().await.map(|mut guard| guard.retain_ready())
    }

    /// Takes in what has come, at most a turn's worth. `refused` hears of what does not count.
    pub fn drain(
        &mut self,
        now: impl Fn() -> Instant,
        out: &mut Vec<Action>,
        mut refused: impl FnMut(IpAddr, Refusal),
    ) -> io::Result<()> {
        if self.ears.is_empty() {
            return Ok(());
        }
        let mut events = [EpollEvent::empty(); 4];
        let count = match self.epoll.get_ref().0.0.wait(&mut events, EpollTimeout::ZERO) {
            Ok(count) => count,
            Err(nix::errno::Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        if count == 0 {
            clear(&self.epoll);
            return Ok(());
        }
        for (ear, socket) in &self.ears {
            for _ in 0..PACKETS_PER_TURN {
                let mut buffer = [0; PACKET_BYTES];
                match one(*ear, socket, &mut buffer) {
                    Ok(Some((origin, length))) => {
                        let bytes = buffer.get(..length).unwrap_or_default();
                        if let Err(reason) = self.sessions.hear(now(), origin, bytes, out) {
                            refused(origin.source, reason);
                        }
                    }
                    Ok(None) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // What the kernel kept for the next reader.
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Sends a packet of a session.
    ///
    /// # Errors
    /// If there is no socket for it, or the system does not take it.
    pub fn send(&self, bfd: &Bfd, bytes: &[u8]) -> io::Result<()> {
        let voice = voice(bfd).ok_or(io::ErrorKind::NotFound)?;
        let socket = self.voices.get(&voice).ok_or(io::ErrorKind::NotConnected)?;
        let port = if bfd.is_multihop { PORT_MULTIHOP } else { PORT };
        socket.send_to(bytes, &SockAddr::from(SocketAddr::from((voice.neighbor, port)))).map(drop)
    }
}

fn voice(bfd: &Bfd) -> Option<Voice> {
    Some(Voice { neighbor: bfd.neighbor?, source: bfd.source, is_multihop: bfd.is_multihop, ttl: bfd.ttl })
}

/// A packet, with what is known of it; `None` if the kernel did not tell that.
fn one(ear: Ear, socket: &Socket, buffer: &mut [u8]) -> io::Result<Option<(Origin, usize)>> {
    let mut parts = [IoSliceMut::new(buffer)];
    let mut room = nix::cmsg_space!(libc::c_int);
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut room), MsgFlags::MSG_DONTWAIT)?;
    let ttl = message.cmsgs()?.find_map(|beside| match beside {
        ControlMessageOwned::Ipv4Ttl(ttl) | ControlMessageOwned::Ipv6HopLimit(ttl) => u8::try_from(ttl).ok(),
        _ => None,
    });
    let source = message.address.and_then(|address| {
        let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
    });
    let length = message.bytes;
    Ok(source.zip(ttl).map(|(source, ttl)| (Origin { source, ttl, is_multihop: ear.is_multihop }, length)))
}

fn listen(ear: Ear) -> io::Result<Socket> {
    let domain = if ear.is_v6 { Domain::IPV6 } else { Domain::IPV4 };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    let any: IpAddr = if ear.is_v6 {
        socket.set_only_v6(true)?;
        setsockopt(&socket, sockopt::Ipv6RecvHopLimit, &true)?;
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        setsockopt(&socket, sockopt::Ipv4RecvTtl, &true)?;
        Ipv4Addr::UNSPECIFIED.into()
    };
    let port = if ear.is_multihop { PORT_MULTIHOP } else { PORT };
    socket.bind(&SockAddr::from(SocketAddr::from((any, port))))?;
    Ok(socket)
}

fn speak(voice: Voice, ports: &mut Chance) -> io::Result<Socket> {
    let is_v6 = voice.neighbor.is_ipv6();
    let domain = if is_v6 { Domain::IPV6 } else { Domain::IPV4 };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.set_priority(PRIORITY)?;
    // It is there to send; what comes in is dropped by the kernel.
    socket.attach_filter(&[socket2::SockFilter::new(0x06, 0, 0, 0)])?;
    // The source may be an address that comes later.
    let any: IpAddr = if is_v6 {
        socket.set_freebind_v6(true)?;
        socket.set_unicast_hops_v6(voice.ttl.into())?;
        socket.set_tclass_v6(TRAFFIC_CLASS)?;
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        socket.set_freebind_v4(true)?;
        socket.set_ttl_v4(voice.ttl.into())?;
        socket.set_tos_v4(TRAFFIC_CLASS)?;
        Ipv4Addr::UNSPECIFIED.into()
    };
    let source = voice.source.unwrap_or(any);
    let mut result = Err(io::ErrorKind::AddrInUse.into());
    for _ in 0..TRIES {
        let offset = ports.below(u64::from(u16::MAX - PORTS_FROM) + 1);
        let port = PORTS_FROM.saturating_add(u16::try_from(offset).unwrap_or(0));
        result = socket.bind(&SockAddr::from(SocketAddr::from((source, port))));
        match &result {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Ok(()) | Err(_) => break,
        }
    }
    result.map(|()| socket)
}
