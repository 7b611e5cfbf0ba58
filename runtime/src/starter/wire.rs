//! What the daemon and the starter tell each other: a message is JSON, and may carry an open file.

use crate::script::Program;
use kalc_ir::track::FileInit;
use nix::libc;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::PathBuf;

/// The longest message: a command line and its arguments.
const BYTES_MAX: usize = 256 << 10;

/// What the daemon wants. Each number is answered once.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// Its number.
    pub id: u64,
    /// What is wanted.
    pub wish: Wish,
}

/// What can be wanted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Wish {
    /// A program of the configuration, with further arguments; answered when it has ended.
    Run {
        /// The program.
        program: Program,
        /// What is added to its arguments.
        more: Vec<String>,
    },
    /// A signal to the process group of a run that was begun; no answer.
    Signal(Signal),
    /// That the configuration is read again. What it names may run from now on, too.
    Read,
    /// That what was read last is what runs; what ran before may still run until the next time.
    GoOver,
    /// A named pipe of the configuration, made if it is missing, open.
    OpenPipe(PathBuf),
    /// That a named pipe of this or the last configuration is gone.
    RemovePipe(PathBuf),
    /// That a tracked file gets its first number.
    Initialize {
        /// The file.
        path: PathBuf,
        /// The number.
        init: First,
    },
    /// That the file with the time of a reload is gone.
    RemoveTime,
    /// The kernel's module for load balancing.
    LoadIpvs,
}

/// Signals for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Signal {
    /// SIGTERM
    Terminate,
    /// SIGKILL
    Kill,
}

/// [`FileInit`] on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct First {
    value: i64,
    overwrites: bool,
}

impl From<FileInit> for First {
    fn from(init: FileInit) -> First {
        First { value: init.value, overwrites: init.overwrites }
    }
}

impl From<First> for FileInit {
    fn from(first: First) -> FileInit {
        FileInit { value: first.value, overwrites: first.overwrites }
    }
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// To which request.
    pub id: u64,
    /// What came of it, or an error number.
    pub outcome: Result<Reply, i32>,
}

/// What comes of wishes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// A run has ended, with this status (wait(2)).
    Ended(i32),
    /// The configuration that was read is this reading.
    Read(u64),
    /// A pipe is open; the file comes with the message.
    Open {
        /// Whether it was made.
        is_new: bool,
    },
    /// It is done.
    Done,
}

/// Sends a message.
///
/// # Errors
/// If it is too long, the other side is gone, or has not listened for a while.
pub(super) fn send(channel: &impl AsRawFd, message: &impl Serialize, file: Option<RawFd>) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    if bytes.len() > BYTES_MAX {
        return Err(io::Error::from_raw_os_error(libc::E2BIG));
    }
    let files: Vec<RawFd> = file.into_iter().collect();
    let control: Vec<ControlMessage<'_>> = match files.is_empty() {
        true => Vec::new(),
        false => vec![ControlMessage::ScmRights(&files)],
    };
    let pieces = [IoSlice::new(&bytes)];
    sendmsg::<()>(channel.as_raw_fd(), &pieces, &control, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// A place for messages that come.
pub(super) struct Inbox {
    bytes: Vec<u8>,
    control: Vec<u8>,
}

impl Inbox {
    pub fn new() -> Inbox {
        Inbox { bytes: vec![0; BYTES_MAX], control: nix::cmsg_space!([RawFd; 1]) }
    }

    /// The next message, and the file that came with it; `None` at the end.
    ///
    /// # Errors
    /// If none is there ([`io::ErrorKind::WouldBlock`], with that flag), or what came is no message.
    pub fn receive<T: DeserializeOwned>(
        &mut self,
        channel: &impl AsRawFd,
        flags: MsgFlags,
    ) -> io::Result<Option<(T, Option<OwnedFd>)>> {
        let mut file = None;
        let (length, is_whole) = {
            let mut pieces = [IoSliceMut::new(&mut self.bytes)];
            let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
            let message = recvmsg::<()>(channel.as_raw_fd(), &mut pieces, Some(&mut self.control), flags)?;
            for part in message.cmsgs()? {
                if let ControlMessageOwned::ScmRights(files) = part {
                    file = files.into_iter().map(crate::sys::own).next_back();
                }
            }
            (message.bytes, !message.flags.intersects(MsgFlags::MSG_TRUNC | MsgFlags::MSG_CTRUNC))
        };
        if length == 0 {
            return Ok(None);
        }
        if !is_whole {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let message = serde_json::from_slice(self.bytes.get(..length).unwrap_or_default())?;
        Ok(Some((message, file)))
    }
}
