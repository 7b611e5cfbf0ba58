//! From a configuration to a daemon, and to its end.

use crate::daemon::Daemon;
use crate::lane::ledger::Ledger;
use crate::load::{Configuration, Loader, Refusal};
use crate::script::hook;
use crate::side::{self, Setup, SpawnError};
use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// How a daemon is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where control socket, state and pid file are.
    pub run_dir: PathBuf,
    /// Another place for the pid file.
    pub pid_file: Option<PathBuf>,
    /// Where metrics and the page are served, if at all.
    pub metrics: Option<SocketAddr>,
}

/// Why a daemon could not run, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration is refused.
    #[error("the configuration is refused")]
    Refused(Refusal),
    /// The folder for its state could not be made or read.
    #[error("cannot keep state in {path}")]
    RunDir {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The side thread could not be started.
    #[error(transparent)]
    Side(#[from] SpawnError),
    /// Sockets or netlink.
    #[error("the system refuses what VRRP needs; it takes root, or CAP_NET_ADMIN and CAP_NET_RAW")]
    System(#[source] io::Error),
}

/// Runs a daemon until it is told to end.
///
/// # Errors
/// If the configuration is refused, or the system refuses something that the daemon cannot do without.
pub fn run(options: Options, load: Loader) -> Result<(), Error> {
    let loaded = load().map_err(Error::Refused)?;
    loaded.tell();
    let Configuration { ir, programs, fingerprint: _ } = &*loaded.configuration;
    hook::startup(ir, programs);
    let Options { run_dir, pid_file, metrics } = options;
    let in_dir = |source| Error::RunDir { path: run_dir.clone(), source };
    DirBuilder::new().recursive(true).mode(0o755).create(&run_dir).map_err(in_dir)?;
    let side = side::spawn(Setup { run_dir: run_dir.clone(), pid_file, metrics, load })?;
    let (ledger, left) = Ledger::open(&run_dir).map_err(in_dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(Error::System)?;
    runtime.block_on(async { Daemon::open(loaded, ledger, left, side)?.run().await }).map_err(Error::System)
}
