//! The director's thread: it keeps the kernel's table of virtual servers as the health of the real servers wants it.
//!
//! It owns a [`kalc_core::Director`], makes probes, edits the table, looks from time to time whether somebody else did,
//! and hands scripts to the side thread. The thread of VRRP tells it of states and files through a mailbox that never
//! waits and never grows; it exists only if a configuration has something for it.

mod hands;
mod log;
mod mailbox;
mod record;
mod running;
mod show;
mod worker;

pub use record::{LEDGER, Record};

use crate::ipvs::{Ipvs, OpenError};
use crate::ledger::Ledger;
use crate::load::Configuration;
use crate::process;
use crate::side::Commands;
use crate::starter::Starter;
use crate::status::Status;
use kalc_core::vrrp::StateName;
use kalc_ir::global::LvsTimeouts;
use kalc_ir::{BfdId, Ir, TrackFileId};
use mailbox::Mailbox;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use worker::Worker;

/// What the thread is started with.
pub struct Setup {
    /// What it writes down.
    pub ledger: Ledger<Record>,
    /// What an earlier daemon left.
    pub left: Vec<Record>,
    /// Who runs what changes cause.
    pub side: Commands,
    /// Who runs checks, and loads the kernel's module.
    pub starter: Starter,
}

/// The thread, as others see it.
pub struct Director {
    mailbox: Arc<Mailbox>,
    finished: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why there is no director.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The kernel.
    #[error(transparent)]
    Ipvs(#[from] OpenError),
    /// No thread.
    #[error("cannot start the thread of the director")]
    Thread(#[from] io::Error),
}

/// Whether a configuration has something for a director.
pub fn is_needed(ir: &Ir) -> bool {
    let global = &ir.global;
    !ir.virtual_servers.is_empty()
        || global.lvs_sync_daemon.is_some()
        || global.lvs_flush
        || global.lvs_timeouts != LvsTimeouts::default()
}

impl Director {
    /// Starts the thread, once the kernel's load balancer answers.
    ///
    /// # Errors
    /// With what was handed in, for another try.
    pub fn spawn(setup: Setup, configuration: Arc<Configuration>) -> Result<Director, Box<(SpawnError, Setup)>> {
        let ipvs = match Ipvs::open(&setup.starter) {
            Ok(ipvs) => ipvs,
            Err(error) => return Err(Box::new((error.into(), setup))),
        };
        let mailbox = Arc::new(Mailbox::default());
        let (done, finished) = oneshot::channel();
        let inside = Arc::clone(&mailbox);
        let (hand_over, handed) = std::sync::mpsc::sync_channel::<(Setup, Ipvs)>(1);
        let work = move || {
            let Ok((setup, ipvs)) = handed.recv() else { return };
            // It is started by the thread of VRRP.
            process::treat_as_usual(&configuration.ir.global.vrrp_process);
            process::treat(&configuration.ir.global.checker_process, "checker");
            match tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build() {
                Ok(runtime) => {
                    runtime.block_on(async { Worker::new(setup, ipvs, configuration, inside).run().await });
                    // A look-up that hangs must not keep the daemon from ending.
                    runtime.shutdown_background();
                }
                Err(error) => tracing::error!("the director cannot run: {error}"),
            }
            // The thread of VRRP may have given up waiting.
            let _ = done.send(());
        };
        match std::thread::Builder::new().name("kalc-director".to_owned()).spawn(work) {
            Ok(thread) => {
                // The thread waits for nothing else.
                drop(hand_over.send((setup, ipvs)));
                Ok(Director { mailbox, finished: Some(finished), thread: Some(thread) })
            }
            Err(error) => Err(Box::new((error.into(), setup))),
        }
    }

    /// Goes over to another configuration.
    pub fn configure(&self, configuration: &Arc<Configuration>) {
        self.mailbox.post(|pending| {
            // What was told before is of files and sessions of the old one.
            pending.files.clear();
            pending.bfds.clear();
            pending.configuration = Some(Arc::clone(configuration));
        });
    }

    /// An instance has come to a state.
    pub fn role(&self, instance: &str, state: StateName) {
        self.mailbox.post(|pending| {
            pending.roles.insert(instance.to_owned(), state);
        });
    }

    /// A tracked file holds another number.
    pub fn file(&self, file: TrackFileId, value: i64) {
        self.mailbox.post(|pending| {
            pending.files.insert(file, value);
        });
    }

    /// A BFD session is up, or is no more.
    pub fn bfd(&self, bfd: BfdId, is_up: bool) {
        self.mailbox.post(|pending| {
            pending.bfds.insert(bfd, is_up);
        });
    }

    /// Adds the virtual servers to a state and hands it on.
    pub fn show(&self, status: Status, answer: oneshot::Sender<Status>) {
        self.mailbox.post(|pending| pending.questions.push((status, answer)));
    }

    /// Has it clear the table and end; [`finish`](Director::finish) waits for that.
    pub fn stop(&self) {
        self.mailbox.post(|pending| pending.is_ending = true);
    }

    /// Waits until it has ended.
    pub async fn finish(mut self) {
        self.stop();
        if let Some(finished) = self.finished.take() {
            // An error means that the thread has ended without a word, which is the end as well.
            let _ = finished.await;
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the director has panicked");
        }
    }
}
