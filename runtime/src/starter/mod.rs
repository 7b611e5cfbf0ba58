//! The process that starts others.
//!
//! The daemon speaks with the network, so it may not execute anything ([`confine`](crate::confine)). What a configuration
//! wants executed, or written outside of the daemon's folder, is done by a second process, which was there before the
//! first was confined. It reads the configuration itself and does what that names, and nothing else:
//!
//! ```text
//!   daemon ── Request ──▶ starter ──▶ scripts, named pipes, first numbers of tracked files, a module of the kernel
//!          ◀── Answer ───
//! ```
//!
//! A daemon that somebody has taken over can have the scripts of the configuration run when they should not, with words of its choice behind
//! their arguments where there are such (`notify`), and that is all.

mod client;
mod files;
mod serve;
mod wire;

pub use client::{Run, Starter};
pub(crate) use files::MadePipe;

use crate::load::{Configuration, Namer};
use crate::log::{self, Format, Level};
use crate::sys;
use nix::libc;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, setsockopt, socketpair, sockopt};
use nix::sys::time::TimeVal;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;

/// Bytes of requests that may wait for the starter.
const ROOM: usize = 4 << 20;
/// How long it may leave the daemon waiting for room.
const PATIENCE: TimeVal = TimeVal::new(2, 0);

/// Makes the process, which then reads the configuration; returns in the daemon only.
///
/// # Errors
/// If there are threads already (they would be missing in it), or the system has no room.
pub fn fork(names: Namer, format: Format) -> io::Result<Starter> {
    let threads = fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        return Err(io::Error::other(format!("there are {threads} threads already")));
    }
    let (own, its) = pair()?;
    match sys::fork()? {
        Some(pid) => Ok(Starter::new(own, Some(pid))),
        None => {
            drop(own);
            std::process::exit(live(its, names, format));
        }
    }
}

/// The life of the new process; its exit status.
fn live(channel: OwnedFd, names: Namer, format: Format) -> i32 {
    // Only what it is called in `ps`.
    let _ = nix::sys::prctl::set_name(c"kalc-starter");
    let result = log::start(format, Level::Info).and_then(|()| {
        // What blocks the configuration the daemon tells; it ends then, and so the channel.
        let Some(known) = serve::Known::read(&names) else { return Ok(()) };
        known.settle()?;
        serve::serve(channel, known, Some(names), serve::Kind::Process)
    });
    let status = match result {
        Ok(()) => 0,
        Err(error) => {
            tracing::error!("the process that starts scripts ends: {error}");
            1
        }
    };
    log::flush();
    status
}

impl Starter {
    /// One that is a thread of this process, for what is no daemon: with the rights of this process, and for the commands
    /// of a configuration, and of those that are read later.
    ///
    /// # Errors
    /// If the system has no room.
    pub fn in_thread(known: &Configuration, names: Option<Namer>) -> io::Result<Starter> {
        let (own, its) = pair()?;
        let known = serve::Known::of(known);
        std::thread::Builder::new().name("kalc-starter".to_owned()).spawn(move || {
            if let Err(error) = serve::serve(its, known, names, serve::Kind::Thread) {
                tracing::error!("scripts cannot be started: {error}");
            }
        })?;
        let starter = Starter::new(own, None);
        starter.listen()?;
        Ok(starter)
    }
}

/// A channel that keeps messages apart and has an end.
fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (own, its) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
    for end in [&own, &its] {
        // Only root may go beyond the system's limit; with less room requests wait earlier.
        if setsockopt(end, sockopt::SndBufForce, &ROOM).is_err() {
            setsockopt(end, sockopt::SndBuf, &ROOM)?;
        }
        setsockopt(end, sockopt::SendTimeout, &PATIENCE)?;
    }
    Ok((own, its))
}

/// What the daemon is told if the starter is no more.
fn gone() -> io::Error {
    io::Error::from_raw_os_error(libc::ESRCH)
}
