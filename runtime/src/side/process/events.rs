//! What the kernel tells of processes (its process connector; `linux/cn_proc.h`).

use crate::sys::{self, Watched};
use netlink_sys::{Socket, SocketAddr};
use std::io;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::time::timeout;

/// `NETLINK_CONNECTOR`
const CONNECTOR: isize = 11;
/// `CN_IDX_PROC` and `CN_VAL_PROC`
const PROC: u32 = 1;
/// `PROC_CN_MCAST_LISTEN`
const LISTEN: u32 = 1;
/// Lengths of a netlink header, a connector header, and the common part of an event.
const NETLINK: usize = 16;
const HEADER: usize = 20;
const EVENT: usize = 16;
/// How long the kernel may take to say that it will tell.
const CONSENT: Duration = Duration::from_millis(500);

/// Something that happened to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It has a child. Threads are none.
    Forked {
        /// The process.
        parent: u32,
        /// Its child.
        child: u32,
    },
    /// It executes another program, or calls itself something else.
    Renamed {
        /// The process.
        pid: u32,
    },
    /// It has ended.
    Ended {
        /// The process.
        pid: u32,
    },
    /// There was more than could be told.
    Missed,
}

/// A source of changes.
pub(super) struct Events {
    socket: AsyncFd<Watched<Socket>>,
}

impl Events {
    /// Asks the kernel to tell; `None` if it does not.
    pub async fn open() -> Option<Events> {
        match timeout(CONSENT, Events::listen()).await {
            Ok(Ok(events)) => Some(events),
            Ok(Err(error)) => {
                tracing::info!("the kernel does not tell of processes ({error}); looking every second");
                None
            }
            Err(_) => {
                tracing::info!("the kernel does not tell of processes here; looking every second");
                None
            }
        }
    }

    async fn listen() -> io::Result<Events> {
        let mut socket = Socket::new(CONNECTOR)?;
        socket.bind(&SocketAddr::new(0, PROC))?;
        socket.set_non_blocking(true)?;
        socket.send_to(&request(), &SocketAddr::new(0, 0), 0)?;
        let events = Events { socket: sys::watch(socket)? };
        // The first event is the answer: an error number, or 0.
        let mut buffer = Vec::new();
        loop {
            events.receive(&mut buffer).await?;
            match consent(&buffer) {
                Some(0) => return Ok(events),
                Some(error) => return Err(io::Error::from_raw_os_error(error.unsigned_abs().cast_signed())),
                None => {}
            }
        }
    }

    /// The next changes; several at once if there are.
    pub async fn next(&mut self) -> io::Result<Vec<Change>> {
        let mut buffer = Vec::new();
        loop {
            match self.receive(&mut buffer).await {
                Ok(()) => {}
                Err(error) if error.raw_os_error() == Some(nix::libc::ENOBUFS) => return Ok(vec![Change::Missed]),
                Err(error) => return Err(error),
            }
            let changes: Vec<Change> = change(&buffer).into_iter().collect();
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    async fn receive(&self, buffer: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let mut guard = self.socket.readable().await?;
            let received = guard.try_io(|socket| socket.get_ref().0.recv_from_full());
            match received {
                Ok(received) => {
                    let (bytes, from) = received?;
                    // Other programs may send to this socket; only the kernel is believed.
                    if from.port_number() == 0 {
                        *buffer = bytes;
                        return Ok(());
                    }
                }
                Err(_would_block) => {}
            }
        }
    }
}

/// A message that asks for events.
fn request() -> Vec<u8> {
    let length = NETLINK + HEADER + 4;
    let mut bytes = Vec::with_capacity(length);
    let mut word = |value: u32| bytes.extend_from_slice(&value.to_ne_bytes());
    word(u32::try_from(length).unwrap_or_default());
    // Type NLMSG_DONE (3) and no flags, as two halves.
    word(u32::from_ne_bytes({
        let [a, b] = 3u16.to_ne_bytes();
        [a, b, 0, 0]
    }));
    word(0);
    word(0);
    word(PROC);
    word(PROC);
    word(0);
    word(0);
    word(u32::from_ne_bytes({
        let [a, b] = 4u16.to_ne_bytes();
        [a, b, 0, 0]
    }));
    word(LISTEN);
    bytes
}

/// A 32-bit word of the event in a message.
fn word(message: &[u8], offset: usize) -> Option<u32> {
    let start = NETLINK + HEADER + offset;
    let bytes = message.get(start..start + 4)?;
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}

/// The answer to the request, if that is what a message is.
fn consent(message: &[u8]) -> Option<i32> {
    (word(message, 0)? == 0).then(|| word(message, EVENT).map(u32::cast_signed))?
}

/// What a message tells, if it is of interest.
fn change(message: &[u8]) -> Option<Change> {
    let at = |index: usize| word(message, EVENT + 4 * index);
    let is_process = |pid: u32, group: u32| pid == group;
    match word(message, 0)? {
        0x0000_0001 => {
            let (parent, child, child_group) = (at(1)?, at(2)?, at(3)?);
            is_process(child, child_group).then_some(Change::Forked { parent, child })
        }
        0x0000_0002 | 0x0000_0200 => {
            let (pid, group) = (at(0)?, at(1)?);
            is_process(pid, group).then_some(Change::Renamed { pid })
        }
        0x8000_0000 => {
            let (pid, group) = (at(0)?, at(1)?);
            is_process(pid, group).then_some(Change::Ended { pid })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(what: u32, words: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0; NETLINK + HEADER];
        bytes.extend_from_slice(&what.to_ne_bytes());
        bytes.resize(NETLINK + HEADER + EVENT, 0);
        words.iter().for_each(|word| bytes.extend_from_slice(&word.to_ne_bytes()));
        bytes
    }

    #[test]
    fn processes_are_told_and_threads_are_not() {
        assert_eq!(change(&message(1, &[5, 5, 6, 6])), Some(Change::Forked { parent: 5, child: 6 }));
        assert_eq!(change(&message(1, &[5, 5, 6, 5])), None);
        assert_eq!(change(&message(2, &[7, 7])), Some(Change::Renamed { pid: 7 }));
        assert_eq!(change(&message(0x200, &[8, 7, 0, 0])), None);
        assert_eq!(change(&message(0x8000_0000, &[7, 7, 0, 0])), Some(Change::Ended { pid: 7 }));
        assert_eq!(change(&message(4, &[7, 7])), None);
        assert_eq!(consent(&message(0, &[0])), Some(0));
        assert_eq!(consent(&message(2, &[7, 7])), None);
    }

    #[test]
    fn short_messages_are_nothing() {
        let whole = message(1, &[5, 5, 6, 6]);
        for length in 0..whole.len() {
            assert_eq!(change(&whole[..length]), None, "{length}");
        }
    }
}
