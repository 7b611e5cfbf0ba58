//! Probes that run: each is a task that ends within its own time.

use crate::probe::Probe;
use kalc_core::check::Outcome;
use kalc_core::director::ProbeId;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::{AbortHandle, JoinSet};

/// All probes that run.
#[derive(Default)]
pub struct Running {
    tasks: JoinSet<(ProbeId, Outcome)>,
    handles: HashMap<ProbeId, AbortHandle>,
}

impl Running {
    /// Begins one.
    pub fn begin(&mut self, id: ProbeId, probe: Arc<Probe>, page: u16) {
        let handle = self.tasks.spawn(async move { (id, probe.run(page).await) });
        self.handles.insert(id, handle);
    }

    /// Ends one whose result nobody wants.
    pub fn cancel(&mut self, probe: ProbeId) {
        if let Some(handle) = self.handles.remove(&probe) {
            handle.abort();
        }
    }

    /// The next that ends; waits for ever if none runs.
    pub async fn next(&mut self) -> (ProbeId, Outcome) {
        loop {
            match self.tasks.join_next().await {
                Some(Ok((probe, outcome))) => {
                    self.handles.remove(&probe);
                    return (probe, outcome);
                }
                // Cancelled. A panic is none of ours to hide: it was told on standard error, and a check that never ends
                // is seen in the state.
                Some(Err(_)) => {}
                None => std::future::pending::<()>().await,
            }
        }
    }

    /// One that has ended, if any has.
    pub fn ended(&mut self) -> Option<(ProbeId, Outcome)> {
        loop {
            if let Ok((probe, outcome)) = self.tasks.try_join_next()? {
                self.handles.remove(&probe);
                return Some((probe, outcome));
            }
        }
    }
}
