//! What waits for the director. Who fills it never waits, and it stays small: the last word on a thing counts.

use crate::load::Configuration;
use crate::status::Status;
use kalc_core::vrrp::StateName;
use kalc_ir::{BfdId, TrackFileId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, oneshot};

/// Everything that was told since the director looked last. It is taken in from top to bottom.
#[derive(Default)]
pub struct Pending {
    /// Another configuration.
    pub configuration: Option<Arc<Configuration>>,
    /// States of instances.
    pub roles: BTreeMap<String, StateName>,
    /// Numbers in tracked files of the configuration that came last.
    pub files: BTreeMap<TrackFileId, i64>,
    /// BFD sessions of the configuration that came last, and whether they are up.
    pub bfds: BTreeMap<BfdId, bool>,
    /// States to be completed; the control socket bounds how many ask.
    pub questions: Vec<(Status, oneshot::Sender<Status>)>,
    /// The daemon ends.
    pub is_ending: bool,
}

/// The mailbox.
#[derive(Default)]
pub struct Mailbox {
    pending: Mutex<Pending>,
    filled: Notify,
}

impl Mailbox {
    /// Adds something.
    pub fn post(&self, add: impl FnOnce(&mut Pending)) {
        // A thread that panicked while it held the lock left whole entries behind.
        add(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        self.filled.notify_one();
    }

    /// Waits until there may be something.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Takes everything.
    pub fn take(&self) -> Pending {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
