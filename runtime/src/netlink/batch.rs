//! Many changes in one call.
//!
//! Only the last message of a piece asks to be acknowledged; the others answer if they fail. The kernel works through a
//! piece without a pause, so a piece is small enough to be done before an advert of the shortest interval is due.

use super::{enlarge, messages};
use kalc_ir::route::Place;
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_packet_route::route::RouteMessage;
use netlink_packet_route::rule::RuleMessage;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use std::io;

/// Changes in one piece.
pub const PIECE: usize = 400;
/// Room for the answers if every change of a piece fails.
const BUFFER_BYTES: usize = 2 << 20;

/// A change.
#[derive(Clone, Debug)]
pub enum Edit {
    /// An address is added.
    Add(AddressMessage),
    /// An address is removed.
    Remove(AddressMessage),
    /// A route is added at its place among others to the same destination.
    AddRoute(RouteMessage, Place),
    /// A route is removed.
    RemoveRoute(RouteMessage),
    /// A rule is added, unless there is one like it.
    AddRule(RuleMessage),
    /// A rule is removed.
    RemoveRule(RuleMessage),
    /// An interface is made.
    AddLink(LinkMessage),
    /// An interface is changed.
    SetLink(LinkMessage),
    /// An interface is removed.
    RemoveLink(LinkMessage),
}

impl Edit {
    /// Appends the message.
    fn write(self, sequence: u32, flags: u16, bytes: &mut Vec<u8>) {
        let mut header = NetlinkHeader::default();
        header.sequence_number = sequence;
        header.flags = NLM_F_REQUEST | flags;
        let payload = match self {
            Edit::Add(message) => {
                header.flags |= NLM_F_CREATE | NLM_F_EXCL;
                RouteNetlinkMessage::NewAddress(message)
            }
            Edit::Remove(message) => RouteNetlinkMessage::DelAddress(message),
            Edit::AddRoute(message, place) => {
                header.flags |= match place {
                    Place::First => NLM_F_CREATE,
                    Place::Last => NLM_F_CREATE | NLM_F_APPEND,
                    Place::Alone => NLM_F_CREATE | NLM_F_EXCL,
                };
                RouteNetlinkMessage::NewRoute(message)
            }
            Edit::RemoveRoute(message) => RouteNetlinkMessage::DelRoute(message),
            Edit::AddRule(message) => {
                header.flags |= NLM_F_CREATE | NLM_F_EXCL;
                RouteNetlinkMessage::NewRule(message)
            }
            Edit::RemoveRule(message) => RouteNetlinkMessage::DelRule(message),
            Edit::AddLink(message) => {
                header.flags |= NLM_F_CREATE | NLM_F_EXCL;
                RouteNetlinkMessage::NewLink(message)
            }
            Edit::SetLink(message) => RouteNetlinkMessage::SetLink(message),
            Edit::RemoveLink(message) => RouteNetlinkMessage::DelLink(message),
        };
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(payload));
        message.finalize();
        let start = bytes.len();
        bytes.resize(start + message.buffer_len().next_multiple_of(4), 0);
        message.serialize(&mut bytes[start..]);
    }

    /// The message in hexadecimal digits.
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::new();
        self.clone().write(0, 0, &mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The removal of a route or a rule from [`to_text`](Edit::to_text); `None` if it is none.
    pub fn removal(text: &str) -> Option<Edit> {
        let digits = text.as_bytes().chunks_exact(2);
        let digit = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Vec<u8> = digits.map(digit).collect::<Option<_>>()?;
        let mut found = None;
        messages(&bytes, |message| {
            found = match message.payload {
                NetlinkPayload::InnerMessage(RouteNetlinkMessage::DelRoute(route)) => Some(Edit::RemoveRoute(route)),
                NetlinkPayload::InnerMessage(RouteNetlinkMessage::DelRule(rule)) => Some(Edit::RemoveRule(rule)),
                _ => None,
            };
        });
        found
    }
}

/// A socket for changes; it waits for the kernel.
pub struct Batch {
    socket: Socket,
    sequence: u32,
    bytes: Vec<u8>,
    answers: Vec<u8>,
}

impl Batch {
    /// Opens one.
    pub fn open() -> io::Result<Batch> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        enlarge(&socket, BUFFER_BYTES)?;
        socket.bind(&SocketAddr::new(0, 0))?;
        // Answers need not repeat the question. A kernel that does not know that repeats it.
        let _ = socket.set_cap_ack(true);
        Ok(Batch { socket, sequence: 0, bytes: Vec::new(), answers: vec![0; 64 << 10] })
    }

    /// Makes changes, at most [`PIECE`], in their order. Gives an error number for each that failed, 0 for the others.
    ///
    /// # Errors
    /// If the kernel does not answer at all.
    pub fn run(&mut self, edits: Vec<Edit>) -> io::Result<Vec<i32>> {
        let count = edits.len();
        let mut results = vec![0; count];
        if count == 0 {
            return Ok(results);
        }
        let base = self.sequence.wrapping_add(1);
        self.bytes.clear();
        for (index, edit) in edits.into_iter().enumerate() {
            self.sequence = self.sequence.wrapping_add(1);
            let flags = if index + 1 == count { NLM_F_ACK } else { 0 };
            edit.write(self.sequence, flags, &mut self.bytes);
        }
        self.socket.send(&self.bytes, 0)?;
        let mut is_done = false;
        while !is_done {
            let mut free = &mut self.answers[..];
            let length = match self.socket.recv(&mut free, 0) {
                Ok(length) => length.min(self.answers.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            messages::<RouteNetlinkMessage>(&self.answers[..length], |message| {
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
}
