//! A side thread with a test in the place of the driver.

#![allow(dead_code, reason = "each test takes what it needs")]

use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::fingerprint::Fingerprint;
use kalc_runtime::load::{Configuration, Loaded, Loader, Namer, Refusal};
use kalc_runtime::side::{self, Epoch, Setup, Side, SideCommand, SideEvent, SpawnError};
use kalc_runtime::starter::Starter;
use nix::sys::stat::{Mode, umask};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::timeout;

/// Longer than anything takes on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

/// The file mode mask is the whole process's: stands take turns.
static TURN: Mutex<()> = Mutex::new(());

/// What is read next.
type Next = Arc<Mutex<Option<Result<Loaded, Refusal>>>>;

/// A side thread in a folder of its own.
pub struct Stand {
    side: Side,
    starter: Starter,
    runtime: tokio::runtime::Runtime,
    epoch: Epoch,
    configuration: Option<Arc<Configuration>>,
    next: Next,
    folder: TempDir,
    run_dir: PathBuf,
    mask: Mode,
    _turn: MutexGuard<'static, ()>,
}

impl Stand {
    /// Starts one.
    pub fn new(text: &str) -> Stand {
        Stand::with_metrics(text, None)
    }

    /// Starts one that serves metrics, perhaps.
    pub fn with_metrics(text: &str, metrics: Option<SocketAddr>) -> Stand {
        let turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mask = umask(Mode::from_bits_truncate(0o022));
        umask(mask);
        let folder = tempfile::tempdir().expect("a folder");
        let run_dir = folder.path().join("run");
        let next = Arc::new(Mutex::new(None));
        let names = namer(&next);
        let starter = Starter::in_thread(&loaded("").configuration, Some(names)).expect("a thread");
        let side = spawn(&run_dir, metrics, &next, &starter).expect("it starts");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let epoch = Epoch::default();
        let mut stand =
            Stand { side, starter, runtime, epoch, configuration: None, next, folder, run_dir, mask, _turn: turn };
        if !text.is_empty() {
            stand.configure(text);
        }
        stand
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn run_dir(&self) -> &Path {
        &self.run_dir
    }

    pub fn configuration(&self) -> &Configuration {
        self.configuration.as_ref().expect("it is configured")
    }

    pub fn spawn_another(&self) -> Result<Side, SpawnError> {
        spawn(&self.run_dir, None, &self.next, &self.starter)
    }

    /// What the next reload reads.
    pub fn set_next(&self, next: Result<Loaded, Refusal>) {
        *self.next.lock().expect("no panic") = Some(next);
    }

    /// Goes over to a configuration.
    pub fn configure(&mut self, text: &str) {
        let loaded = loaded(text);
        let configuration = Arc::clone(&loaded.configuration);
        self.set_next(Ok(loaded));
        self.runtime.block_on(self.starter.read()).expect("it is read");
        self.runtime.block_on(self.starter.go_over()).expect("it was read");
        self.configuration = Some(Arc::clone(&configuration));
        self.epoch.0 += 1;
        self.send(SideCommand::Configure { epoch: self.epoch, configuration });
    }

    pub fn send(&self, command: SideCommand) {
        self.side.commands.send(command).expect("it takes commands");
    }

    /// The first event that is looked for; the others are left out.
    pub fn wait<T>(&mut self, find: impl Fn(&SideEvent) -> Option<T>) -> T {
        self.take(|event| find(&event).ok_or(event))
    }

    pub fn take<T>(&mut self, mut find: impl FnMut(SideEvent) -> Result<T, SideEvent>) -> T {
        let mut seen = Vec::new();
        loop {
            let event = self.runtime.block_on(async { timeout(PATIENCE, self.side.events.recv()).await });
            match event {
                Ok(Some(event)) => match find(event) {
                    Ok(found) => return found,
                    Err(other) => seen.push(other),
                },
                Ok(None) | Err(_) => panic!("it did not come; these did: {seen:?}"),
            }
        }
    }

    /// Ends it, and waits for the end; its folder goes when the result is dropped.
    pub fn end(self) -> TempDir {
        self.send(SideCommand::Finish);
        self.side.join();
        umask(self.mask);
        self.folder
    }
}

fn spawn(run_dir: &Path, metrics: Option<SocketAddr>, next: &Next, starter: &Starter) -> Result<Side, SpawnError> {
    let starter = starter.clone();
    side::spawn(Setup { run_dir: run_dir.to_owned(), pid_file: None, metrics, load: loader(next), starter })
}

fn namer(next: &Next) -> Namer {
    let load = loader(next);
    Arc::new(move || load().ok().map(|loaded| (*loaded.configuration).clone()))
}

fn loader(next: &Next) -> Loader {
    let next = Arc::clone(next);
    Arc::new(move || next.lock().expect("no panic").clone().expect("a configuration to read"))
}

/// A configuration as the daemon gets it.
pub fn loaded(text: &str) -> Loaded {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    Loaded::new(host.ir, Fingerprint::known("fingerprint"), 0, Vec::new()).expect("the core executes it")
}

/// Writes a shell script and gives its path.
pub fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    path.to_str().expect("plain").to_owned()
}

/// Waits until something holds.
pub fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "waited too long for {what}");
        sleep(Duration::from_millis(10));
    }
}
