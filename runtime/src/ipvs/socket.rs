//! The socket: edits in batches, and the table as it is.

use super::decode::{self, Counters};
use super::wire::Payload;
use super::{OpenError, encode, family};
use crate::netlink::{enlarge, messages};
use crate::starter::Starter;
use kalc_core::director::{SyncRole, SyncSettings};
use kalc_core::kernel::{Destination, DestinationKey, Edit, Service, ServiceKey, Table};
use kalc_ir::global::LvsTimeouts;
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_generic::GenlMessage;
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use std::collections::BTreeMap;
use std::io;

/// Edits in one call.
const PIECE: usize = 256;
/// Room for the answers if every edit of a piece fails.
const BUFFER_BYTES: usize = 2 << 20;

/// A way to the kernel's load balancer; it waits for the kernel.
pub struct Ipvs {
    socket: Socket,
    family: u16,
    sequence: u32,
    bytes: Vec<u8>,
    answers: Vec<u8>,
}

/// An edit that was not made.
#[derive(Debug)]
pub struct Failure {
    /// Which of those that were asked for.
    pub index: usize,
    /// The kernel's reason.
    pub error: io::Error,
}

/// What the kernel holds.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Services and destinations.
    pub table: Table,
    /// What went through each service.
    pub services: BTreeMap<ServiceKey, Counters>,
    /// What went to each destination.
    pub destinations: BTreeMap<(ServiceKey, DestinationKey), Counters>,
}

impl Ipvs {
    /// Opens it, and loads the kernel's module if it is missing.
    ///
    /// # Errors
    /// If this kernel has no IPVS, or does not let us.
    pub fn open(starter: &Starter) -> Result<Ipvs, OpenError> {
        let mut socket = Socket::new(NETLINK_GENERIC)?;
        enlarge(&socket, BUFFER_BYTES)?;
        socket.bind(&SocketAddr::new(0, 0))?;
        // Answers need not repeat the question. A kernel that does not know that repeats it.
        let _ = socket.set_cap_ack(true);
        let family = family::find(&socket, starter)?;
        Ok(Ipvs { socket, family, sequence: 0, bytes: Vec::new(), answers: vec![0; 64 << 10] })
    }

    /// Makes edits in their order. Says which were not made; the others were.
    ///
    /// # Errors
    /// If the kernel does not answer at all.
    pub fn run(&mut self, edits: &[Edit]) -> io::Result<Vec<Failure>> {
        let mut failures = Vec::new();
        for (number, piece) in edits.chunks(PIECE).enumerate() {
            let codes = self.send(piece.iter().map(encode::edit))?;
            let failed = codes.into_iter().enumerate().filter(|(_, code)| *code != 0);
            failures.extend(failed.map(|(index, code)| Failure {
                index: number * PIECE + index,
                error: io::Error::from_raw_os_error(code),
            }));
        }
        Ok(failures)
    }

    /// Empties the table, whoever filled it.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn flush(&mut self) -> io::Result<()> {
        self.send_one(encode::flush())
    }

    /// Sets how long connections are remembered.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub fn set_timeouts(&mut self, timeouts: &LvsTimeouts) -> io::Result<()> {
        self.send_one(encode::timeouts(timeouts))
    }

    /// Starts copying connections.
    ///
    /// # Errors
    /// If the kernel refuses: it copies already, or there is no such interface.
    pub fn start_sync(&mut self, role: SyncRole, settings: &SyncSettings) -> io::Result<()> {
        self.send_one(encode::sync(role, Some(settings)))
    }

    /// Stops copying connections.
    ///
    /// # Errors
    /// If the kernel refuses: it does not copy.
    pub fn stop_sync(&mut self, role: SyncRole) -> io::Result<()> {
        self.send_one(encode::sync(role, None))
    }

    /// The table as it is, as far as it is wanted.
    ///
    /// # Errors
    /// If the kernel does not tell.
    pub fn list(&mut self, is_wanted: impl Fn(&ServiceKey) -> bool) -> io::Result<Found> {
        let mut found = Found::default();
        self.dump(encode::list_services(), |bytes| {
            let Some((key, settings, counters)) = decode::service(bytes).filter(|(key, ..)| is_wanted(key)) else {
                return;
            };
            found.table.insert(key, Service { settings, destinations: BTreeMap::new() });
            found.services.insert(key, counters);
        })?;
        for (key, service) in &mut found.table {
            let destinations = &mut found.destinations;
            self.dump(encode::list_destinations(key), |bytes| {
                let Some((to, settings, counters)) = decode::destination(bytes, key) else { return };
                service.destinations.insert(to, Destination { settings, position: 0 });
                destinations.insert((*key, to), counters);
            })?;
        }
        Ok(found)
    }

    fn send_one(&mut self, payload: Payload) -> io::Result<()> {
        match self.send(std::iter::once(payload))?.first() {
            None | Some(0) => Ok(()),
            Some(code) => Err(io::Error::from_raw_os_error(*code)),
        }
    }

    /// Sends messages in one call; only the last one asks to be acknowledged, the others answer if they fail. Gives an
    /// error number for each, 0 if it was done.
    fn send(&mut self, payloads: impl ExactSizeIterator<Item = Payload>) -> io::Result<Vec<i32>> {
        let count = payloads.len();
        let mut results = vec![0; count];
        if count == 0 {
            return Ok(results);
        }
        let base = self.sequence.wrapping_add(1);
        self.bytes.clear();
        for (index, payload) in payloads.enumerate() {
            let flags = NLM_F_REQUEST | if index + 1 == count { NLM_F_ACK } else { 0 };
            self.append(payload, flags);
        }
        self.socket.send(&self.bytes, 0)?;
        let mut is_done = false;
        while !is_done {
            let length = self.receive()?;
            messages::<GenlMessage<Payload>>(&self.answers[..length], |message| {
                let NetlinkPayload::Error(answer) = message.payload else { return };
                let index = message.header.sequence_number.wrapping_sub(base) as usize;
                if let Some(result) = results.get_mut(index) {
                    *result = answer.code.map_or(0, |code| code.get().saturating_neg());
                    is_done |= index + 1 == count;
                }
            });
        }
        Ok(results)
    }

    /// Asks for a list, and gives the attributes of each entry.
    fn dump(&mut self, payload: Payload, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        self.bytes.clear();
        self.append(payload, NLM_F_REQUEST | NLM_F_DUMP);
        let sequence = self.sequence;
        self.socket.send(&self.bytes, 0)?;
        let mut end: Option<i32> = None;
        while end.is_none() {
            let length = self.receive()?;
            messages::<GenlMessage<Payload>>(&self.answers[..length], |message| {
                if message.header.sequence_number != sequence {
                    return;
                }
                match message.payload {
                    NetlinkPayload::InnerMessage(entry) => each(&entry.payload.attributes),
                    NetlinkPayload::Done(_) => end = Some(0),
                    NetlinkPayload::Error(answer) => {
                        end = Some(answer.code.map_or(0, |code| code.get().saturating_neg()));
                    }
                    _ => {}
                }
            });
        }
        match end {
            None | Some(0) => Ok(()),
            Some(code) => Err(io::Error::from_raw_os_error(code)),
        }
    }

    fn append(&mut self, payload: Payload, flags: u16) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = self.sequence;
        let mut inner = GenlMessage::from_payload(payload);
        inner.set_resolved_family_id(self.family);
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(inner));
        message.finalize();
        let start = self.bytes.len();
        self.bytes.resize(start + message.buffer_len().next_multiple_of(4), 0);
        message.serialize(&mut self.bytes[start..]);
    }

    fn receive(&mut self) -> io::Result<usize> {
        loop {
            let mut free = &mut self.answers[..];
            match self.socket.recv(&mut free, 0) {
                Ok(length) => return Ok(length.min(self.answers.len())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
