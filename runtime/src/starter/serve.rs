//! The work of the starter. Who asks is not trusted: only what the configuration names is done.

use super::files;
use super::wire::{Answer, First, Inbox, Reply, Request, Signal, Wish, send};
use crate::load::{Configuration, Namer};
use crate::privileges;
use crate::process;
use crate::script::{Program, umask};
use crate::sys;
use crate::trim;
use kalc_ir::TrackFile;
use kalc_ir::notify::Fifo;
use kalc_ir::track::FileInit;
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal as UnixSignal, killpg};
use nix::sys::socket::MsgFlags;
use nix::sys::stat::Mode;
use nix::unistd::Pid;
use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::unix::AsyncFd;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

/// Programs at the same time: more than the daemon ever wants, fewer than would harm the host.
const RUNNING_MAX: usize = 16 << 10;

/// Where the kernel says how modules are loaded.
const MODPROBE: &str = "/proc/sys/kernel/modprobe";

/// What a configuration names; the rest of it is forgotten.
pub(super) struct Known {
    reading: u64,
    net_namespace: Option<String>,
    /// Files and programs get this mask, and inherit it.
    mask: Mode,
    programs: HashSet<Program>,
    fifos: Vec<Fifo>,
    files: Vec<(PathBuf, FileInit)>,
    reload_file: Option<PathBuf>,
    reload_time_file: Option<PathBuf>,
}

impl Known {
    pub fn of(configuration: &Configuration) -> Known {
        let Configuration { ir, fingerprint: _, reading, programs, client: _, vmacs: _ } = configuration;
        let global = &ir.global;
        let fifos = [&global.notify_fifo, &global.vrrp_notify_fifo, &global.lvs_notify_fifo];
        let init = |file: &TrackFile| Some((PathBuf::from(&file.path), file.init?));
        Known {
            reading: *reading,
            net_namespace: global.net_namespace.clone(),
            mask: umask(ir),
            programs: programs.runnable().cloned().collect(),
            fifos: fifos.into_iter().filter(|fifo| fifo.path.is_some()).cloned().collect(),
            files: ir.files.iter().filter_map(init).collect(),
            reload_file: global.reload_file.as_ref().map(PathBuf::from),
            reload_time_file: global.reload_time_file.as_ref().map(PathBuf::from),
        }
    }

    /// Reads it. The daemon reads it as well and tells what is to be told.
    pub fn read(names: &Namer) -> Option<Known> {
        let silence = tracing::subscriber::NoSubscriber::default();
        let configuration = tracing::subscriber::with_default(silence, || names())?;
        let known = Known::of(&configuration);
        if let Some(path) = &known.reload_file
            && let Err(error) = files::remove_file(path)
        {
            tracing::error!("reload_file: cannot remove {}: {error}", path.display());
        }
        Some(known)
    }

    /// Goes where scripts are to run, and gives up the rights that this does not take.
    pub fn settle(&self) -> io::Result<()> {
        if let Some(name) = &self.net_namespace {
            process::enter(name)?;
        }
        privileges::keep_for_scripts().map_err(io::Error::other)
    }

    fn apply(&self) {
        nix::sys::stat::umask(self.mask);
        // Of what reading it took nothing is needed again.
        trim::try_trim();
    }

    fn fifo(&self, path: &Path) -> Option<&Fifo> {
        self.fifos.iter().find(|fifo| fifo.path.as_deref().map(Path::new) == Some(path))
    }

    fn has_file(&self, path: &Path, init: FileInit) -> bool {
        // A reload overwrites nothing, so less than what is written may be asked for.
        let fits = |written: &FileInit| written.value == init.value && (written.overwrites || !init.overwrites);
        self.files.iter().any(|(known, written)| known == path && fits(written))
    }
}

/// Whose the mask of new files, and the signals, are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The starter's own.
    Process,
    /// Somebody else's.
    Thread,
}

/// What ends in the background.
enum Ended {
    Program(u64, io::Result<ExitStatus>),
    Reading(u64, Option<Known>),
    Done(u64, io::Result<()>),
}

struct Server {
    channel: AsyncFd<sys::Watched<OwnedFd>>,
    kind: Kind,
    known: Known,
    /// The configuration before: what was begun under it may go on.
    before: Option<Known>,
    /// The next one, if the daemon finds that it is fit to run.
    staged: Option<Known>,
    names: Option<Namer>,
    running: HashMap<u64, Pid>,
    tasks: JoinSet<Ended>,
}

/// Does what is asked for until nobody can ask any more; then what still runs gets SIGTERM.
pub(super) fn serve(channel: OwnedFd, known: Known, names: Option<Namer>, kind: Kind) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build()?;
    let result = runtime.block_on(async {
        if kind == Kind::Process {
            known.apply();
            sys::forget_ignored_signals()?;
        }
        // The end comes from the daemon alone. Handlers and not `SIG_IGN`, which programs would inherit.
        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
            SignalKind::user_defined1(),
            SignalKind::from_raw(libc::SIGRTMIN() + 2),
        ];
        let _handlers = match kind {
            Kind::Process => kinds.into_iter().map(signal).collect::<io::Result<Vec<_>>>()?,
            Kind::Thread => Vec::new(),
        };
        let channel = sys::watch(channel)?;
        let mut server = Server {
            channel,
            kind,
            known,
            before: None,
            staged: None,
            names,
            running: HashMap::new(),
            tasks: JoinSet::new(),
        };
        let result = server.run().await;
        for group in server.running.values() {
            end(*group, UnixSignal::SIGTERM);
        }
        // Children that are dropped go on.
        server.tasks.detach_all();
        result
    });
    // A file system that hangs must not keep this process from ending.
    runtime.shutdown_background();
    result
}

impl Server {
    async fn run(&mut self) -> io::Result<()> {
        let mut inbox = Inbox::new();
        loop {
            tokio::select! {
                ready = self.channel.readable() => {
                    let mut ready = ready?;
                    match inbox.receive::<Request>(&self.channel.get_ref().0, MsgFlags::MSG_DONTWAIT) {
                        Ok(Some((request, _))) => {
                            drop(ready);
                            self.take(request);
                        }
                        Ok(None) => return Ok(()),
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        // The daemon was killed while answers waited.
                        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                        Err(error) => return Err(error),
                    }
                }
                Some(ended) = self.tasks.join_next() => match ended {
                    Ok(ended) => self.ended(ended),
                    Err(error) => return Err(io::Error::other(error)),
                },
            }
        }
    }

    fn take(&mut self, request: Request) {
        let Request { id, wish } = request;
        match wish {
            Wish::Run { program, more } => {
                if let Err(error) = self.start(id, &program, &more) {
                    self.answer(id, Err(error));
                }
            }
            Wish::Signal(signal) => {
                if let Some(group) = self.running.get(&id) {
                    end(
                        *group,
                        match signal {
                            Signal::Terminate => UnixSignal::SIGTERM,
                            Signal::Kill => UnixSignal::SIGKILL,
                        },
                    );
                }
            }
            Wish::Read => match self.names.clone() {
                Some(names) => {
                    self.tasks.spawn(async move {
                        let read = tokio::task::spawn_blocking(move || Known::read(&names)).await;
                        Ended::Reading(id, read.ok().flatten())
                    });
                }
                None => self.answer(id, Err(refused("the configuration", "is not read again here"))),
            },
            Wish::GoOver => {
                let Some(known) = self.staged.take() else {
                    return self.answer(id, Err(refused("a reload", "was not prepared")));
                };
                if self.kind == Kind::Process {
                    known.apply();
                }
                self.before = Some(std::mem::replace(&mut self.known, known));
                self.answer(id, Ok(Reply::Done));
            }
            Wish::OpenPipe(path) => self.open(id, &path),
            Wish::RemovePipe(path) => {
                let result = match self.all_known().any(|known| known.fifo(&path).is_some()) {
                    true => files::remove(&path),
                    false => Err(unnamed(&path)),
                };
                self.answer(id, result.map(|()| Reply::Done));
            }
            Wish::Initialize { path, init } => self.initialize(id, path.into(), init),
            Wish::RemoveTime => {
                let path = self.known.reload_time_file.as_ref();
                let result =
                    path.map_or_else(|| Err(refused("a reload", "has no time")), |path| files::remove_file(path));
                self.answer(id, result.map(|()| Reply::Done));
            }
            Wish::LoadIpvs => {
                self.tasks.spawn(async move { Ended::Done(id, load_ipvs().await) });
            }
        }
    }

    fn all_known(&self) -> impl Iterator<Item = &Known> {
        std::iter::once(&self.known).chain(&self.before).chain(&self.staged)
    }

    fn start(&mut self, id: u64, program: &Program, more: &[String]) -> io::Result<()> {
        if !self.all_known().any(|known| known.programs.contains(program)) {
            return Err(unnamed(&program.path));
        }
        if self.running.len() >= RUNNING_MAX {
            return Err(io::Error::from_raw_os_error(libc::EAGAIN));
        }
        let mut child = Command::from(program.process(more)).spawn()?;
        if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
            self.running.insert(id, Pid::from_raw(pid));
        }
        self.tasks.spawn(async move { Ended::Program(id, child.wait().await) });
        Ok(())
    }

    fn open(&mut self, id: u64, path: &Path) {
        let made = match self.known.fifo(path) {
            Some(settings) => files::open(path, settings),
            None => Err(unnamed(path)),
        };
        match made {
            Ok(made) => {
                let answer = Answer { id, outcome: Ok(Reply::Open { is_new: made.is_new }) };
                let file = std::os::fd::AsRawFd::as_raw_fd(&made.file);
                self.send(&answer, Some(file));
            }
            Err(error) => self.answer(id, Err(error)),
        }
    }

    fn initialize(&mut self, id: u64, path: Arc<Path>, init: First) {
        let init = FileInit::from(init);
        if !self.known.has_file(&path, init) {
            return self.answer(id, Err(unnamed(&path)));
        }
        self.tasks.spawn(async move {
            let done = tokio::task::spawn_blocking(move || files::initialize(&path, init)).await;
            Ended::Done(id, done.unwrap_or_else(|error| Err(io::Error::other(error))))
        });
    }

    fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Program(id, status) => {
                self.running.remove(&id);
                self.answer(id, status.map(|status| Reply::Ended(status.into_raw())));
            }
            Ended::Reading(id, Some(known)) => {
                let reading = known.reading;
                self.staged = Some(known);
                self.answer(id, Ok(Reply::Read(reading)));
            }
            // What the daemon has read before it asked cannot be read any more: somebody writes to it.
            Ended::Reading(id, None) => self.answer(id, Err(io::Error::from_raw_os_error(libc::EAGAIN))),
            Ended::Done(id, result) => self.answer(id, result.map(|()| Reply::Done)),
        }
    }

    fn answer(&self, id: u64, outcome: io::Result<Reply>) {
        let outcome = outcome.map_err(|error| error.raw_os_error().unwrap_or(libc::EIO));
        self.send(&Answer { id, outcome }, None);
    }

    fn send(&self, answer: &Answer, file: Option<std::os::fd::RawFd>) {
        match send(&self.channel.get_ref().0, answer, file) {
            // The daemon is gone, which the next look at the channel tells.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => tracing::error!("an answer of the process that starts scripts is lost: {error}"),
            Ok(()) => {}
        }
    }
}

/// The leader of the group has not been waited for, or only now: its number still means it.
fn end(group: Pid, signal: UnixSignal) {
    match killpg(group, signal) {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(error) => tracing::warn!("cannot send {signal} to process group {group}: {error}"),
    }
}

fn unnamed(path: &Path) -> io::Error {
    refused(&path.display().to_string(), "is not named by the configuration")
}

fn refused(what: &str, why: &str) -> io::Error {
    tracing::error!("refused: {what} {why}");
    io::Error::from_raw_os_error(libc::EPERM)
}

/// Loads the module as the kernel itself would. What comes of it shows when IPVS is asked for again.
async fn load_ipvs() -> io::Result<()> {
    let program = std::fs::read_to_string(MODPROBE).unwrap_or_default();
    let program = Some(program.trim()).filter(|program| !program.is_empty()).unwrap_or("/sbin/modprobe");
    let mut command = Command::new(program);
    command.args(["-s", "--", "ip_vs"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status().await {
        Ok(status) if status.success() => tracing::info!("loaded the kernel's module ip_vs"),
        Ok(status) => tracing::warn!("{program} ip_vs: {status}"),
        Err(error) => {
            tracing::warn!("cannot run {program}: {error}");
            return Err(error);
        }
    }
    Ok(())
}
