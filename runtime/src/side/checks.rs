//! Runs of checks (`vrrp_script`): started when the core says so, ended when they last too long.
//!
//! A run that is still there after its timeout is told at once; then its process group gets SIGTERM, and
//! [`GRACE`] later SIGKILL. The next run of that script begins when the process is gone, not before. What a script has
//! put into the background and outlives it is left alone, as with keepalived.

use super::SideEvent;
use crate::script::Program;
use crate::starter::Starter;
use kalc_core::{RunId, ScriptOutcome};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Runs at the same time; further ones wait.
const RUNS_MAX: usize = 256;

/// Time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// The same, when the daemon ends.
const END_GRACE: Duration = Duration::from_millis(500);

/// All runs that last.
#[derive(Debug)]
pub(super) struct Checks {
    events: mpsc::Sender<SideEvent>,
    starter: Starter,
    /// One for each script by name, held by its run: reloads do not make a script run twice.
    turns: BTreeMap<String, Arc<Mutex<()>>>,
    slots: Arc<Semaphore>,
    runs: JoinSet<()>,
    is_ending: watch::Sender<bool>,
}

impl Checks {
    pub fn new(events: mpsc::Sender<SideEvent>, starter: Starter) -> Checks {
        let (turns, slots) = (BTreeMap::new(), Arc::new(Semaphore::new(RUNS_MAX)));
        Checks { events, starter, turns, slots, runs: JoinSet::new(), is_ending: watch::channel(false).0 }
    }

    /// Forgets scripts that are gone.
    pub fn keep(&mut self, names: &[&str]) {
        self.turns.retain(|name, _| names.contains(&name.as_str()));
    }

    /// Begins a run.
    pub fn run(&mut self, run: RunId, name: &str, program: Program, limit: Duration) {
        while self.runs.try_join_next().is_some() {}
        let turn = Arc::clone(self.turns.entry(name.to_owned()).or_default());
        let (slots, events, starter) = (Arc::clone(&self.slots), self.events.clone(), self.starter.clone());
        let (name, is_ending) = (name.to_owned(), self.is_ending.subscribe());
        self.runs.spawn(async move {
            let _turn = turn.lock_owned().await;
            // The semaphore is never closed.
            let Ok(_slot) = slots.acquire_owned().await else { return };
            if !*is_ending.borrow() {
                Run { id: run, name, events }.carry_out(starter, program, limit, is_ending).await;
            }
        });
    }

    /// A run that cannot begin.
    pub fn fail(&mut self, run: RunId) {
        let events = self.events.clone();
        self.runs.spawn(async move { tell(&events, run, ScriptOutcome::Failed).await });
    }

    /// Ends all that run.
    pub async fn end(mut self) {
        self.is_ending.send_replace(true);
        while self.runs.join_next().await.is_some() {}
    }
}

struct Run {
    id: RunId,
    name: String,
    events: mpsc::Sender<SideEvent>,
}

impl Run {
    async fn carry_out(
        self,
        starter: Starter,
        program: Program,
        limit: Duration,
        mut is_ending: watch::Receiver<bool>,
    ) {
        let name = &self.name;
        let mut run = starter.run(&program, &[]);
        let waited = tokio::select! {
            waited = timeout(limit, run.wait()) => Some(waited),
            _ = is_ending.wait_for(|is_ending| *is_ending) => None,
        };
        let Some(waited) = waited else { return run.end(END_GRACE).await };
        let outcome = match waited {
            Ok(Ok(status)) if status.success() => ScriptOutcome::Passed,
            Ok(Ok(status)) => {
                tracing::debug!("check {name}: {status}");
                ScriptOutcome::Failed
            }
            Ok(Err(error)) => {
                tracing::warn!("check {name}: cannot run {}: {error}", program.path.display());
                ScriptOutcome::Failed
            }
            Err(_) => {
                tracing::warn!("check {name}: still running after {limit:?}, ended");
                tell(&self.events, self.id, ScriptOutcome::TimedOut).await;
                return run.end(GRACE).await;
            }
        };
        tell(&self.events, self.id, outcome).await;
    }
}

async fn tell(events: &mpsc::Sender<SideEvent>, run: RunId, outcome: ScriptOutcome) {
    // Without a receiver the daemon is at its end.
    drop(events.send(SideEvent::ScriptEnded { run, outcome }).await);
}
