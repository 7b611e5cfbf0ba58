//! The two threads that work: one reads, one checks what was read, so that nobody who only wants to know what a text says
//! waits for the rules.

use super::abilities::Abilities;
use super::progress::Stage;
use super::publish;
use super::snapshot::{Covered, Snapshot};
use super::world::Outcome;
use crate::analysis::{Analyst, Checker, Disk, Input};
use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// Deep blocks are walked down.
const STACK: usize = 16 << 20;
/// Work that takes longer is told of.
const LONG: Duration = Duration::from_millis(400);
/// How often.
const OFTEN: Duration = Duration::from_millis(200);

/// Something to read.
pub struct Job {
    /// Its number; work for a lower one is stale.
    pub revision: u64,
    /// What to read.
    pub input: Input,
    /// Which versions it will have seen.
    pub covered: Covered,
    /// What the client can do.
    pub abilities: Abilities,
}

/// Starts the threads. They end when nobody can send jobs any more.
pub fn start(
    disk: Arc<dyn Disk>,
    newest: Arc<AtomicU64>,
    outcomes: UnboundedSender<Outcome>,
) -> io::Result<mpsc::Sender<Job>> {
    let (sender, jobs) = mpsc::channel::<Job>();
    let (read, to_check) = mpsc::channel::<(Arc<Snapshot>, u64)>();
    let reports = outcomes.clone();
    std::thread::Builder::new().name("kalc-read".to_owned()).stack_size(STACK).spawn(move || {
        let mut analyst = Analyst::new(Arc::clone(&disk));
        while let Ok(job) = jobs.recv() {
            let scenes = catch_unwind(AssertUnwindSafe(|| {
                let progress = Progress::new(&outcomes, "reading");
                analyst.read(&job.input, &|done, all| progress.report(done, all))
            }));
            // What panics is caught where it is done; this is for what nobody thought of.
            let scenes = scenes.unwrap_or_else(|_| {
                analyst = Analyst::new(Arc::clone(&disk));
                Vec::new()
            });
            let snapshot = Arc::new(Snapshot {
                covered: job.covered,
                scenes,
                documents: job.input.documents,
                preferences: job.input.preferences,
                abilities: job.abilities,
                disk: Arc::clone(&disk),
            });
            let sent = outcomes.send(Outcome::Read(Arc::clone(&snapshot), job.revision));
            if sent.is_err() || read.send((snapshot, job.revision)).is_err() {
                return;
            }
        }
    })?;
    std::thread::Builder::new().name("kalc-check".to_owned()).stack_size(STACK).spawn(move || {
        let mut checker = Checker::default();
        while let Ok(mut next) = to_check.recv() {
            // Of what waits only the last one matters.
            while let Ok(later) = to_check.try_recv() {
                next = later;
            }
            let (snapshot, revision) = next;
            let is_stale = || newest.load(Ordering::Acquire) > revision;
            let checked = catch_unwind(AssertUnwindSafe(|| {
                let progress = Progress::new(&reports, "checking");
                let report = |done, all| progress.report(done, all);
                let found =
                    checker.check(&snapshot.scenes, &*snapshot.disk, &snapshot.documents, &is_stale, &report)?;
                Some(publish::publish(found, &snapshot))
            }));
            let checked = checked.unwrap_or_else(|_| {
                checker = Checker::default();
                Some(publish::publish(crate::analysis::Found::default(), &snapshot))
            });
            if let Some(checked) = checked
                && reports.send(Outcome::Checked(Arc::new(checked), revision)).is_err()
            {
                return;
            }
        }
    })?;
    Ok(sender)
}

/// Tells of work that takes long.
struct Progress<'o> {
    outcomes: &'o UnboundedSender<Outcome>,
    what: &'static str,
    started: Instant,
    told: Cell<Option<Instant>>,
}

impl<'o> Progress<'o> {
    fn new(outcomes: &'o UnboundedSender<Outcome>, what: &'static str) -> Self {
        Progress { outcomes, what, started: Instant::now(), told: Cell::new(None) }
    }

    fn report(&self, done: usize, all: usize) {
        let is_due = self.told.get().map_or(self.started.elapsed() > LONG, |told| told.elapsed() > OFTEN);
        if is_due {
            self.told.set(Some(Instant::now()));
            // Without a world nobody listens.
            let _ = self.outcomes.send(Outcome::Progress(Stage::Working { what: self.what, done, all }));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.told.get().is_some() {
            let _ = self.outcomes.send(Outcome::Progress(Stage::Done { what: self.what }));
        }
    }
}
