//! Everything that may block or take its time, on an operating system thread of its own: scripts, tracked files and
//! processes, signals, the control socket, the service manager. Nothing here delays an advert.
//!
//! ```text
//!             SideCommand (never waits)
//!   driver ──────────────────────────────▶ side thread ──▶ child processes, files, sockets
//!          ◀──────────────────────────────
//!             SideEvent
//! ```
//!
//! The driver owns the [`Node`](kalc_core::Node); this side never sees it. What it wants to show of it, it asks for with
//! [`SideEvent::Snapshot`].

mod appointment;
mod checks;
mod file;
mod mail;
mod notices;
mod pipes;
mod process;
mod reload;
mod rest;
mod run_dir;
mod signals;
mod systemd;
mod thread;

use crate::load::{Configuration, Loaded, Loader};
use crate::script::Program;
use crate::starter::Starter;
use crate::status::Status;
use kalc_core::director::ServiceMail;
use kalc_core::{Notice, RunId, ScriptOutcome};
use kalc_ir::{ProcessId, ScriptId, TrackFileId};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait for the side thread, and events that may wait for the driver.
pub const COMMANDS_MAX: usize = 4096;
/// Events that may wait for the driver. The side thread waits when it is full; the driver never does.
pub const EVENTS_MAX: usize = 1024;

/// What the side thread is started with.
pub struct Setup {
    /// Where the control socket and the pid file are; made if it is missing.
    pub run_dir: PathBuf,
    /// Another place for the pid file.
    pub pid_file: Option<PathBuf>,
    /// Where metrics and the page are served, if at all.
    pub metrics: Option<SocketAddr>,
    /// Reads the configuration again, for a reload.
    pub load: Loader,
    /// Runs its commands.
    pub starter: Starter,
}

/// Which configuration ids are of: it grows with each [`SideCommand::Configure`]. Events of an older one are void.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl Epoch {
    /// That of the configuration that the daemon starts with.
    pub const FIRST: Epoch = Epoch(1);
}

/// What the driver wants done.
#[derive(Debug)]
pub enum SideCommand {
    /// Goes over to a configuration: what follows speaks of its ids. Files and processes are told anew.
    Configure {
        /// Its number.
        epoch: Epoch,
        /// The configuration.
        configuration: Arc<Configuration>,
    },
    /// Runs a check; [`SideEvent::ScriptEnded`] follows in every case.
    RunScript {
        /// This run.
        run: RunId,
        /// Which check, of the configuration that came last.
        script: ScriptId,
    },
    /// Tells commands and named pipes of a change, in the order of these commands.
    Notify(Notice),
    /// Tells named pipes of a state that has not changed.
    TellPipes(Notice),
    /// Tells of a change of virtual or real servers, in the order of these commands.
    NotifyService {
        /// The line for named pipes, without its end.
        line: String,
        /// What to run.
        programs: Vec<Program>,
        /// What to mail.
        mail: Option<ServiceMail>,
    },
    /// The first configuration runs: the service manager is told.
    Started,
    /// The driver has done its part of the end. What was to be told is told, then the thread ends.
    Finish,
}

/// What the driver is told and asked.
#[derive(Debug)]
pub enum SideEvent {
    /// A check has ended.
    ScriptEnded {
        /// Which run.
        run: RunId,
        /// How.
        outcome: ScriptOutcome,
    },
    /// A tracked file holds another number. Told once for each file soon after [`SideCommand::Configure`], too.
    File {
        /// Of which configuration.
        epoch: Epoch,
        /// Which.
        file: TrackFileId,
        /// The number; 0 if it is missing.
        value: i64,
    },
    /// Another number of a tracked process runs. Told once for each soon after [`SideCommand::Configure`], too.
    Processes {
        /// Of which configuration.
        epoch: Epoch,
        /// Which.
        process: ProcessId,
        /// How many run.
        running: u32,
    },
    /// All files and processes of a configuration have been told once: instances may begin.
    Surveyed {
        /// Of which configuration.
        epoch: Epoch,
    },
    /// A configuration was read and is fit to run: go over to it.
    Reload {
        /// What was read.
        loaded: Loaded,
        /// To be answered once it runs.
        done: oneshot::Sender<()>,
    },
    /// Somebody wants to see the state.
    Snapshot(oneshot::Sender<Status>),
    /// Somebody wants to see the state of instances as keepalived tells it.
    KeepalivedJson(oneshot::Sender<String>),
    /// Whether the driver still answers: to be answered at once.
    Ping(oneshot::Sender<()>),
    /// The daemon is to end.
    Terminate,
}

/// The driver's end of the side thread.
#[derive(Debug)]
pub struct Side {
    /// What the driver is told.
    pub events: mpsc::Receiver<SideEvent>,
    /// What the driver wants.
    pub commands: Commands,
    thread: std::thread::JoinHandle<()>,
}

/// Sends commands to the side thread.
#[derive(Clone, Debug)]
pub struct Commands {
    sender: mpsc::Sender<SideCommand>,
}

/// The side thread is behind by [`COMMANDS_MAX`] commands, or is gone. The command was not taken.
#[derive(Debug)]
pub struct Overrun(pub SideCommand);

impl Commands {
    /// Sends a command; never waits.
    ///
    /// # Errors
    /// If the queue is full or the thread is gone. Of a [`SideCommand::RunScript`] that was not taken nothing will be
    /// heard: the driver feeds the core a failed run.
    pub fn send(&self, command: SideCommand) -> Result<(), Box<Overrun>> {
        self.sender.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(command) | mpsc::error::TrySendError::Closed(command) => {
                Box::new(Overrun(command))
            }
        })
    }
}

impl Side {
    /// Waits for the end of the thread, behind [`SideCommand::Finish`]. It lasts as long as the scripts that were told
    /// of the end, at most a second or two.
    pub fn join(self) {
        drop(self.commands);
        drop(self.events);
        // A thread that panicked has told so; the daemon ends either way.
        drop(self.thread.join());
    }
}

/// Why the side thread could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The folder could not be made.
    #[error("cannot make {path}")]
    RunDir {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A daemon is there already.
    #[error("another kalc runs with {path}, process {pid}")]
    Running {
        /// The pid file.
        path: PathBuf,
        /// What is in it.
        pid: String,
    },
    /// The pid file could not be written.
    #[error("cannot write {path}")]
    PidFile {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The control socket could not be made.
    #[error("cannot listen on {path}")]
    Socket {
        /// The socket.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// Metrics cannot be served there.
    #[error("cannot listen on {address} for --metrics")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// No thread, no signals.
    #[error("cannot start the thread for scripts and signals")]
    Thread(#[source] io::Error),
}

/// Starts the side thread. Signals, the control socket and the pid file are in place when this returns.
///
/// # Errors
/// If another daemon uses the folder, or the system refuses something.
pub fn spawn(setup: Setup) -> Result<Side, SpawnError> {
    let (sender, commands) = mpsc::channel(COMMANDS_MAX);
    let (events_in, events) = mpsc::channel(EVENTS_MAX);
    let thread = thread::start(setup, commands, events_in)?;
    Ok(Side { events, commands: Commands { sender }, thread })
}
