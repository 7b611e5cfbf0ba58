//! Many changes in one call.
//!
//! Only the last message of a piece asks to be acknowledged; the others answer if they fail. The kernel works through a
//! piece without a pause, so a piece is small enough to be done before an advert of the shortest interval is due.

use super::{enlarge, messages};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
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
            let mut header = NetlinkHeader::default();
            header.sequence_number = self.sequence;
            header.flags = NLM_F_REQUEST | if index + 1 == count { NLM_F_ACK } else { 0 };
            let payload = match edit {
                Edit::Add(message) => {
                    header.flags |= NLM_F_CREATE | NLM_F_EXCL;
                    RouteNetlinkMessage::NewAddress(message)
                }
                Edit::Remove(message) => RouteNetlinkMessage::DelAddress(message),
            };
            let mut message = NetlinkMessage::new(header, NetlinkPayload::from(payload));
            message.finalize();
            let start = self.bytes.len();
            self.bytes.resize(start + message.buffer_len().next_multiple_of(4), 0);
            message.serialize(&mut self.bytes[start..]);
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
