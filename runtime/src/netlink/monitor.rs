//! Keeps [`Interfaces`] true: a dump at the start, events from then on, a new dump when events were lost.
//!
//! Nothing here waits. A dump comes in pieces as events do, and every turn takes a bounded number of pieces.

use super::interfaces::{Change, Interfaces};
use super::{enlarge, messages};
use crate::clear::clear;
use crate::sys::{Watched, watch};
use netlink_packet_core::{NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::libc;
use std::io;
use tokio::io::unix::AsyncFd;

/// Groups of events (`linux/rtnetlink.h`): links, IPv4 addresses, IPv6 addresses.
const GROUPS: [u32; 3] = [1, 5, 9];
/// Room for events: some thousand addresses may come at once.
const BUFFER_BYTES: usize = 4 << 20;
/// Pieces of events that one turn takes.
const PIECES_PER_TURN: usize = 64;
/// Events that a dump in progress keeps for later. With more of them it begins again.
const KEPT_MAX: usize = 20_000;
/// Larger than any piece of a dump.
const PIECE_BYTES: usize = 64 << 10;

/// What the kernel tells of interfaces.
pub struct Monitor {
    interfaces: Interfaces,
    events: AsyncFd<Watched<Socket>>,
    dump_socket: AsyncFd<Watched<Socket>>,
    dump: Option<Dump>,
    sequence: u32,
    buffer: Vec<u8>,
    /// Times that events were lost.
    pub overruns: u64,
}

/// A dump in progress.
struct Dump {
    stage: Stage,
    fresh: Interfaces,
    /// Events since its beginning: what they say may be newer than what the dump says.
    kept: Vec<NetlinkMessage<RouteNetlinkMessage>>,
    /// The kernel says that what it dumped changed meanwhile.
    is_torn: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Links,
    Addresses,
}

/// What a turn brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// Single changes.
    Changes(Vec<Change>),
    /// Everything was read anew.
    Everything,
}

impl Monitor {
    /// Subscribes, and reads everything for the first time; needs a tokio runtime. This call alone may wait.
    pub fn open() -> io::Result<Monitor> {
        let mut events = Socket::new(NETLINK_ROUTE)?;
        enlarge(&events, BUFFER_BYTES)?;
        events.bind(&SocketAddr::new(0, 0))?;
        for group in GROUPS {
            events.add_membership(group)?;
        }
        events.set_non_blocking(true)?;
        let mut dumps = Socket::new(NETLINK_ROUTE)?;
        dumps.bind(&SocketAddr::new(0, 0))?;
        let mut monitor = Monitor {
            interfaces: Interfaces::default(),
            events: watch(events)?,
            dump_socket: watch(dumps)?,
            dump: None,
            sequence: 0,
            buffer: vec![0; PIECE_BYTES],
            overruns: 0,
        };
        monitor.begin_dump()?;
        while monitor.dump.is_some() {
            monitor.dump_piece(0)?;
        }
        monitor.dump_socket.get_ref().0.set_non_blocking(true)?;
        Ok(monitor)
    }

    /// What is known.
    pub fn interfaces(&self) -> &Interfaces {
        &self.interfaces
    }

    /// Waits until there is something to [`read`](Monitor::read).
    pub async fn readable(&self) -> io::Result<()> {
        tokio::select! {
            ready = self.events.readable() => ready.map(|mut guard| guard.retain_ready()),
            ready = self.dump_socket.readable(), if self.dump.is_some() => ready.map(|mut guard| guard.retain_ready()),
        }
    }

    /// Takes in what has come, at most a turn's worth.
    pub fn read(&mut self) -> io::Result<Heard> {
        let mut changes = Vec::new();
        let mut is_new = false;
        for _ in 0..PIECES_PER_TURN {
            match self.event_piece(&mut changes) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                    self.overruns += 1;
                    self.begin_dump()?;
                }
                Err(error) => return Err(error),
            }
        }
        if self.dump.is_some() {
            for _ in 0..PIECES_PER_TURN / 8 {
                if !self.dump_piece(libc::MSG_DONTWAIT)? {
                    break;
                }
                if self.dump.is_none() {
                    is_new = true;
                    break;
                }
            }
        }
        Ok(if is_new { Heard::Everything } else { Heard::Changes(changes) })
    }

    /// Takes in one piece of events; false if there is none.
    fn event_piece(&mut self, changes: &mut Vec<Change>) -> io::Result<bool> {
        let Some(length) = receive(&self.events, &mut self.buffer, libc::MSG_DONTWAIT)? else { return Ok(false) };
        let (interfaces, dump) = (&mut self.interfaces, &mut self.dump);
        let mut is_too_much = false;
        messages::<RouteNetlinkMessage>(&self.buffer[..length], |message| {
            changes.extend(interfaces.apply(&message));
            if let Some(dump) = dump {
                is_too_much = dump.kept.len() >= KEPT_MAX;
                dump.kept.push(message);
            }
        });
        if is_too_much {
            self.begin_dump()?;
        }
        Ok(true)
    }

    fn begin_dump(&mut self) -> io::Result<()> {
        self.dump = Some(Dump { stage: Stage::Links, fresh: Interfaces::default(), kept: Vec::new(), is_torn: false });
        self.ask(RouteNetlinkMessage::GetLink(LinkMessage::default()))
    }

    fn ask(&mut self, message: RouteNetlinkMessage) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | NLM_F_DUMP;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.dump_socket.get_ref().0.send(&bytes, 0).map(drop)
    }

    /// Takes in one piece of the dump; false if there is none.
    fn dump_piece(&mut self, flags: i32) -> io::Result<bool> {
        let length = match receive(&self.dump_socket, &mut self.buffer, flags) {
            Ok(Some(length)) => length,
            Ok(None) => return Ok(false),
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                self.begin_dump()?;
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        let (sequence, mut is_at_end, mut is_stale_end, mut refused) = (self.sequence, false, false, None);
        let Some(dump) = &mut self.dump else { return Ok(true) };
        messages::<RouteNetlinkMessage>(&self.buffer[..length], |message| {
            let is_done = matches!(message.payload, NetlinkPayload::Done(_));
            if message.header.sequence_number != sequence {
                is_stale_end |= is_done;
                return;
            }
            is_at_end |= is_done;
            dump.is_torn |= message.header.flags & NLM_F_DUMP_INTR != 0;
            if let NetlinkPayload::Error(answer) = &message.payload {
                refused = answer.code.map(|code| code.get().saturating_neg());
            }
            dump.fresh.apply(&message);
        });
        // While an earlier dump is still being read the kernel is busy; the end of that one asks again.
        if let Some(code) = refused.filter(|code| *code != libc::EBUSY) {
            return Err(io::Error::from_raw_os_error(code));
        }
        if is_stale_end {
            self.begin_dump()?;
        } else if is_at_end {
            self.next_stage()?;
        }
        Ok(true)
    }

    fn next_stage(&mut self) -> io::Result<()> {
        let Some(dump) = &mut self.dump else { return Ok(()) };
        if dump.is_torn {
            return self.begin_dump();
        }
        match dump.stage {
            Stage::Links => {
                dump.stage = Stage::Addresses;
                self.ask(RouteNetlinkMessage::GetAddress(AddressMessage::default()))
            }
            Stage::Addresses => {
                if let Some(Dump { mut fresh, kept, .. }) = self.dump.take() {
                    for message in &kept {
                        fresh.apply(message);
                    }
                    self.interfaces = fresh;
                }
                Ok(())
            }
        }
    }
}

/// One datagram; `None` if there is none, and then the next wait is a real one.
fn receive(socket: &AsyncFd<Watched<Socket>>, buffer: &mut [u8], flags: i32) -> io::Result<Option<usize>> {
    loop {
        let mut free = &mut *buffer;
        match socket.get_ref().0.recv(&mut free, flags) {
            Ok(length) => return Ok(Some(length)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                clear(socket);
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
}
