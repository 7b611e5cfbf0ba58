//! The control socket: how `kalc status`, `kalc reload` and `kalc ctl` talk to a daemon.
//!
//! A Unix socket in the daemon's folder, for its owner only. The client sends a [`Request`] as one line of JSON and gets
//! an [`Answer`] as one line; then it may ask again.

pub mod client;
pub(crate) mod server;

use crate::log::Level;
use crate::status::Status;
use serde::{Deserialize, Serialize};

/// Name of the socket in the daemon's folder.
pub const SOCKET: &str = "kalc.sock";
/// Where a daemon's files are unless something else is said.
pub const RUN_DIR: &str = "/run/kalc";

/// Bytes of a request.
pub(crate) const REQUEST_BYTES_MAX: usize = 4096;
/// Bytes of an answer: some ten thousand instances.
pub(crate) const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// The state.
    Status,
    /// To read the configuration again.
    Reload,
    /// To write the state to the log.
    Dump,
    /// The state of instances as keepalived tells it.
    KeepalivedJson,
    /// To log more or less from now on.
    LogLevel {
        /// The least important level that is logged.
        level: Level,
    },
    /// To end.
    Stop,
}

/// What it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// The state.
    Status {
        /// All of it.
        status: Box<Status>,
    },
    /// The state of instances as keepalived tells it.
    KeepalivedJson {
        /// A list, as JSON.
        json: String,
    },
    /// The configuration was read and runs.
    Reloaded {
        /// Its fingerprint.
        config_fingerprint: String,
        /// What was found in it, one line each.
        findings: Vec<String>,
    },
    /// The configuration was read and is not run; the old one goes on.
    Refused {
        /// What blocks it, one line each.
        findings: Vec<String>,
    },
    /// Done.
    Done,
    /// Not done.
    Failed {
        /// Why.
        message: String,
    },
}
