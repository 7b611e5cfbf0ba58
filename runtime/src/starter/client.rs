//! The daemon's end: any thread asks, one thread hands out the answers.

use super::wire::{Answer, Inbox, Reply, Request, Signal, Wish, send};
use super::{MadePipe, gone};
use crate::script::Program;
use kalc_ir::track::FileInit;
use nix::errno::Errno;
use nix::sys::signal::{Signal as UnixSignal, kill};
use nix::sys::socket::{MsgFlags, Shutdown, shutdown};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, sleep};
use std::time::{Duration, Instant};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::time::timeout;

/// Time between two looks for an answer, where nothing else can be done meanwhile.
const PAUSE: Duration = Duration::from_millis(2);
/// How long the starter may take to end.
const END: Duration = Duration::from_secs(1);

type Outcome = io::Result<(Reply, Option<OwnedFd>)>;

/// Has programs and files of the configuration run and made.
#[derive(Clone, Debug)]
pub struct Starter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    channel: OwnedFd,
    /// The process, if it is one.
    pid: Option<Pid>,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Outcome>>>,
    /// Whether the starter is to end or has ended.
    is_over: AtomicBool,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Outcome>>> {
        // A map is whole whoever panicked.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The thread has a descriptor of its own; it and the starter end with this.
        let _ = shutdown(self.channel.as_raw_fd(), Shutdown::Both);
    }
}

impl Starter {
    pub(super) fn new(channel: OwnedFd, pid: Option<Pid>) -> Starter {
        let (next, waiting, is_over) = (AtomicU64::new(0), Mutex::default(), AtomicBool::new(false));
        Starter(Arc::new(Shared { channel, pid, next, waiting, is_over }))
    }

    /// Starts the thread that hands out answers. Requests may come before.
    ///
    /// # Errors
    /// If there can be no thread.
    pub fn listen(&self) -> io::Result<()> {
        let channel = self.0.channel.try_clone()?;
        let shared = Arc::downgrade(&self.0);
        Builder::new().name("kalc-answers".to_owned()).spawn(move || {
            let mut inbox = Inbox::new();
            let why = loop {
                match inbox.receive::<Answer>(&channel, MsgFlags::empty()) {
                    Ok(Some((Answer { id, outcome }, file))) => {
                        let Some(shared) = shared.upgrade() else { return };
                        let asker = shared.waiting().remove(&id);
                        if let Some(asker) = asker {
                            let outcome = outcome.map_err(io::Error::from_raw_os_error);
                            // Who asked may have lost interest.
                            drop(asker.send(outcome.map(|reply| (reply, file))));
                        }
                    }
                    Ok(None) => break None,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => break Some(error),
                }
            };
            let Some(shared) = shared.upgrade() else { return };
            let was_over = shared.is_over.swap(true, Ordering::AcqRel);
            // Whoever waits sees that nobody answers.
            shared.waiting().clear();
            if !was_over && shared.pid.is_some() {
                let why = why.map(|error| format!(": {error}")).unwrap_or_default();
                tracing::error!("the process that starts scripts is gone{why}; the daemon ends");
                if let Err(error) = kill(Pid::this(), UnixSignal::SIGTERM) {
                    tracing::error!("the daemon cannot end itself: {error}");
                }
            }
        })?;
        Ok(())
    }

    /// Whether the starter is no more although nobody has ended it.
    pub fn is_gone(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    /// Ends the starter, and waits for it, but not for long. Programs that still run get SIGTERM.
    pub fn finish(&self) {
        self.0.is_over.store(true, Ordering::Release);
        if let Err(error) = shutdown(self.0.channel.as_raw_fd(), Shutdown::Both)
            && error != Errno::ENOTCONN
        {
            tracing::warn!("the process that starts scripts cannot be told of the end: {error}");
        }
        let Some(pid) = self.0.pid else { return };
        let until = Instant::now() + END;
        loop {
            match waitpid(pid, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) if Instant::now() < until => sleep(PAUSE),
                Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => {
                    return tracing::warn!("the process that starts scripts, {pid}, does not end");
                }
                Ok(_) => return,
                Err(error) => return tracing::warn!("cannot wait for the process that starts scripts: {error}"),
            }
        }
    }

    /// Begins a run of a program, with further arguments. It begins behind those that were begun before.
    pub fn run(&self, program: &Program, more: &[String]) -> Run {
        let wish = Wish::Run { program: program.clone(), more: more.to_vec() };
        Run { ticket: self.ask(wish), is_guarded: true }
    }

    /// Has the configuration read again; which reading it is. What it names may run from now on, too.
    ///
    /// # Errors
    /// If it cannot be read, or nobody answers.
    pub async fn read(&self) -> io::Result<u64> {
        match self.ask(Wish::Read).answer().await? {
            (Reply::Read(reading), _) => Ok(reading),
            (reply, _) => Err(confused(&reply)),
        }
    }

    /// Goes over to the configuration that was read last.
    ///
    /// # Errors
    /// If none was, or nobody answers.
    pub async fn go_over(&self) -> io::Result<()> {
        self.ask(Wish::GoOver).answer().await.map(drop)
    }

    /// Opens a named pipe of the configuration, and makes it if it is missing.
    ///
    /// # Errors
    /// If the system refuses, or there is something else of that name (`EEXIST`).
    pub(crate) async fn open_pipe(&self, path: &Path) -> io::Result<MadePipe> {
        match self.ask(Wish::OpenPipe(path.to_owned())).answer().await? {
            (Reply::Open { is_new }, Some(file)) => Ok(MadePipe { file: File::from(file), is_new }),
            (reply, _) => Err(confused(&reply)),
        }
    }

    /// Takes a named pipe away.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) async fn remove_pipe(&self, path: &Path) -> io::Result<()> {
        self.ask(Wish::RemovePipe(path.to_owned())).answer().await.map(drop)
    }

    /// Writes the first number of a tracked file.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) async fn initialize(&self, path: &Path, init: FileInit) -> io::Result<()> {
        self.ask(Wish::Initialize { path: path.to_owned(), init: init.into() }).answer().await.map(drop)
    }

    /// Takes the file with the time of a reload away.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) async fn remove_time(&self) -> io::Result<()> {
        self.ask(Wish::RemoveTime).answer().await.map(drop)
    }

    /// Has the kernel's module for load balancing loaded, and waits for that.
    ///
    /// # Errors
    /// If there is nothing that loads modules, or it takes longer than `limit`.
    pub fn load_ipvs(&self, limit: Duration) -> io::Result<()> {
        match self.ask(Wish::LoadIpvs).poll_until(Instant::now() + limit) {
            Some(outcome) => outcome.map(drop),
            None => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn ask(&self, wish: Wish) -> Ticket {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (told, answer) = oneshot::channel();
        self.0.waiting().insert(id, told);
        let mut ticket = Ticket { id, answer, known: None, starter: self.clone() };
        if let Err(error) = self.send(id, wish) {
            self.0.waiting().remove(&id);
            ticket.known = Some(Err(error));
        }
        ticket
    }

    fn send(&self, id: u64, wish: Wish) -> io::Result<()> {
        if self.is_gone() {
            return Err(gone());
        }
        send(&self.0.channel, &Request { id, wish }, None)
    }
}

/// An answer that will come.
#[derive(Debug)]
struct Ticket {
    id: u64,
    answer: oneshot::Receiver<Outcome>,
    /// What is known without one.
    known: Option<Outcome>,
    starter: Starter,
}

impl Ticket {
    /// May be dropped and called again; answers once.
    async fn answer(&mut self) -> Outcome {
        match self.known.take() {
            Some(known) => known,
            None => (&mut self.answer).await.unwrap_or_else(|_| Err(gone())),
        }
    }

    fn poll(&mut self) -> Option<Outcome> {
        if let Some(known) = self.known.take() {
            return Some(known);
        }
        match self.answer.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Closed) => Some(Err(gone())),
        }
    }

    /// Waits without a runtime.
    fn poll_until(&mut self, until: Instant) -> Option<Outcome> {
        loop {
            let outcome = self.poll();
            if outcome.is_some() || Instant::now() >= until {
                return outcome;
            }
            sleep(PAUSE);
        }
    }
}

/// A program that runs, in a process group of its own. Dropped while it runs, the group gets SIGTERM.
#[derive(Debug)]
pub struct Run {
    ticket: Ticket,
    is_guarded: bool,
}

impl Run {
    /// Waits for its end. To be called no more once it has answered.
    ///
    /// # Errors
    /// If it could not be started.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        let outcome = self.ticket.answer().await;
        self.over(outcome)
    }

    /// How it has ended, if it has.
    ///
    /// # Errors
    /// If it could not be started.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match self.ticket.poll() {
            Some(outcome) => self.over(outcome).map(Some),
            None => Ok(None),
        }
    }

    /// As [`Run::try_wait`], but waits for that long, without a runtime.
    ///
    /// # Errors
    /// If it could not be started.
    pub fn wait_until(&mut self, until: Instant) -> io::Result<Option<ExitStatus>> {
        match self.ticket.poll_until(until) {
            Some(outcome) => self.over(outcome).map(Some),
            None => Ok(None),
        }
    }

    /// What it has left in its group goes on.
    fn over(&mut self, outcome: Outcome) -> io::Result<ExitStatus> {
        self.is_guarded = false;
        match outcome? {
            (Reply::Ended(status), _) => Ok(ExitStatus::from_raw(status)),
            (reply, _) => Err(confused(&reply)),
        }
    }

    /// SIGTERM to all of the group, and SIGKILL if the program is still there after a while; returns when it is gone.
    pub async fn end(&mut self, grace: Duration) {
        self.terminate();
        if timeout(grace, self.wait()).await.is_err() {
            self.kill();
            if let Err(error) = self.wait().await {
                tracing::warn!("cannot wait for a program: {error}");
            }
        }
    }

    /// SIGTERM to all of its group.
    pub fn terminate(&self) {
        self.signal(Signal::Terminate);
    }

    /// SIGKILL to all of its group.
    pub fn kill(&self) {
        self.signal(Signal::Kill);
    }

    fn signal(&self, signal: Signal) {
        match self.ticket.starter.send(self.ticket.id, Wish::Signal(signal)) {
            Ok(()) => {}
            // Without the starter there is nothing to end: what ran has had its signal.
            Err(error) if self.ticket.starter.is_gone() => tracing::debug!("no signal: {error}"),
            Err(error) => tracing::warn!("cannot end a program: {error}"),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if self.is_guarded {
            self.terminate();
        }
    }
}

fn confused(reply: &Reply) -> io::Error {
    io::Error::other(format!("the starter answers with {reply:?}"))
}
