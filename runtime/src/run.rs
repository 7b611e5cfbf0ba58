//! From a configuration to a daemon, and to its end.

use crate::confine::{self, Means, Reach};
use crate::daemon::{Daemon, Ledgers, OpenError};
use crate::ledger::Ledger;
use crate::load::{Configuration, Loaded, Loader, Namer, Refusal};
use crate::log::Format;
use crate::script::hook;
use crate::side::{self, Setup, SpawnError};
use crate::starter::{self, Starter};
use crate::{director, lane, privileges, process, vmac};
use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

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
    /// The network namespace could not be entered.
    #[error("cannot enter the network namespace `{name}`")]
    Namespace {
        /// Its name.
        name: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The process that starts scripts could not be made, or has ended by itself.
    #[error("there is no process that starts scripts")]
    Starter(#[source] io::Error),
    /// The side thread could not be started.
    #[error(transparent)]
    Side(#[from] SpawnError),
    /// Sockets or netlink.
    #[error("the system refuses what VRRP needs; it takes root, or CAP_NET_ADMIN and CAP_NET_RAW")]
    System(#[source] io::Error),
    /// The kernel's load balancer.
    #[error("there is no way to the virtual servers")]
    Director(#[source] director::SpawnError),
}

/// A daemon that has not read its configuration yet: the process that starts scripts is there, and this one cannot write
/// outside of its folder.
pub struct Prepared {
    options: Options,
    load: Loader,
    starter: Starter,
    paths: Means,
}

/// Makes what must be there before there are threads, and before anything is logged.
///
/// # Errors
/// If the folder cannot be made, or the system has no room for another process.
pub fn prepare(options: Options, load: Loader, names: Namer, format: Format) -> Result<Prepared, Error> {
    let in_dir = |source| Error::RunDir { path: options.run_dir.clone(), source };
    DirBuilder::new().recursive(true).mode(0o755).create(&options.run_dir).map_err(in_dir)?;
    let starter = starter::fork(names, format).map_err(Error::Starter)?;
    let pid_dir = options.pid_file.as_deref().and_then(Path::parent);
    // `kalc.pid` is in the working directory.
    let pid_dir = pid_dir.map(|dir| if dir.as_os_str().is_empty() { Path::new(".") } else { dir });
    let paths = confine::restrict(Reach { run_dir: &options.run_dir, pid_dir });
    Ok(Prepared { options, load, starter, paths })
}

/// Runs a daemon until it is told to end.
///
/// # Errors
/// If the configuration is refused, or the system refuses something that the daemon cannot do without.
pub fn run(prepared: Prepared) -> Result<(), Error> {
    let Prepared { options, load, starter, paths } = prepared;
    let loaded = load().map_err(Error::Refused)?;
    loaded.tell();
    let configuration = std::sync::Arc::clone(&loaded.configuration);
    let Configuration { ir, programs, .. } = &*configuration;
    // Threads have rights, and a network, of their own: before any of them.
    if let Some(name) = &ir.global.net_namespace {
        process::enter(name).map_err(|source| Error::Namespace { name: name.clone(), source })?;
    }
    let rights = |error| Error::System(io::Error::other(error));
    privileges::keep_only(&process::rights(ir)).map_err(rights)?;
    paths.tell("the confinement of paths (Landlock)");
    confine::forbid().tell("the confinement of system calls (seccomp)");
    starter.listen().map_err(Error::Starter)?;
    process::lock_memory(ir);
    hook::startup(ir, programs, &starter);
    let result = serve(options, load, loaded, &starter);
    let is_gone = starter.is_gone();
    starter.finish();
    match result {
        Ok(()) if is_gone => Err(Error::Starter(io::Error::other("it has ended"))),
        result => result,
    }
}

/// Everything between the first script and the last.
fn serve(options: Options, load: Loader, loaded: Loaded, starter: &Starter) -> Result<(), Error> {
    let ir = std::sync::Arc::clone(&loaded.configuration.ir);
    let Options { run_dir, pid_file, metrics } = options;
    let in_dir = |source| Error::RunDir { path: run_dir.clone(), source };
    let side = side::spawn(Setup { run_dir: run_dir.clone(), pid_file, metrics, load, starter: starter.clone() })?;
    let (addresses, addresses_left) = Ledger::open(&run_dir, lane::LEDGER).map_err(in_dir)?;
    let (routes, routes_left) = Ledger::open(&run_dir, lane::ROUTES_LEDGER).map_err(in_dir)?;
    let (services, services_left) = Ledger::open(&run_dir, director::LEDGER).map_err(in_dir)?;
    let (interfaces, interfaces_left) = Ledger::open(&run_dir, vmac::LEDGER).map_err(in_dir)?;
    let ledgers = Ledgers {
        addresses,
        addresses_left,
        routes,
        routes_left,
        services,
        services_left,
        interfaces,
        interfaces_left,
    };
    // Behind the side thread, which starts scripts.
    process::treat(&ir.global.vrrp_process, "vrrp");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(Error::System)?;
    runtime.block_on(async {
        let daemon = Daemon::open(loaded, ledgers, side, starter.clone()).map_err(|error| match error {
            OpenError::System(error) => Error::System(error),
            OpenError::Director(error) => Error::Director(error),
        })?;
        daemon.run().await.map_err(Error::System)
    })
}
