//! Signals that the daemon understands.

use nix::libc::SIGRTMIN;
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// SIGTERM, SIGINT: to end.
    Terminate,
    /// SIGHUP: to read the configuration again.
    Reload,
    /// SIGUSR1: to write the state to the log.
    Dump,
    /// SIGRTMIN+2, keepalived's signal for JSON: to write the state of instances to a file.
    Json,
}

/// The signals, from the moment this is made.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    user1: Signal,
    json: Signal,
}

impl Signals {
    pub fn new() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            json: signal(SignalKind::from_raw(SIGRTMIN() + 2))?,
        })
    }

    /// The next one. Several of a kind that come together are one.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Terminate,
            _ = self.interrupt.recv() => Asked::Terminate,
            _ = self.hangup.recv() => Asked::Reload,
            _ = self.user1.recv() => Asked::Dump,
            _ = self.json.recv() => Asked::Json,
        }
    }
}
