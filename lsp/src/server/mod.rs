//! The protocol: handlers only forward to the [`world`], or wait for what it knows and ask [`ide`](crate::ide).
//!
//! Handlers run side by side and are first polled in the order of the messages, so what changes documents is sent on
//! before anything is awaited.

mod abilities;
mod actions;
pub mod commands;
pub mod convert;
mod handlers;
mod navigate;
mod progress;
mod publish;
pub mod settings;
mod show;
mod snapshot;
mod tokens;
mod worker;
mod world;

use crate::analysis::Disk;
use abilities::Abilities;
use snapshot::Asked;
use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tower_lsp::ls_types::Uri;
use tower_lsp::{Client, LspService, Server};
use world::{Event, Need, World};

/// Requests that are worked on at one time; cancelling waits behind them.
const CONCURRENCY: usize = 64;

/// How long a request waits for the text to be read.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves a client on standard input and output until it says goodbye.
pub async fn serve(disk: Arc<dyn Disk>, version: &'static str) -> io::Result<()> {
    let (events, inbox) = mpsc::unbounded_channel();
    let (outcomes, results) = mpsc::unbounded_channel();
    let newest = Arc::new(AtomicU64::new(0));
    let jobs = worker::start(Arc::clone(&disk), Arc::clone(&newest), outcomes)?;
    let (service, socket) = LspService::new(|client| {
        let world = World::new(client.clone(), disk, jobs, newest);
        tokio::spawn(world.run(inbox, results));
        Backend { client, events, version, abilities: OnceLock::new(), tokens: tokens::Told::default() }
    });
    Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).concurrency_level(CONCURRENCY).serve(service).await;
    Ok(())
}

struct Backend {
    client: Client,
    events: mpsc::UnboundedSender<Event>,
    version: &'static str,
    /// What the client said that it can do.
    abilities: OnceLock<Abilities>,
    /// What it was told of tokens.
    tokens: tokens::Told,
}

impl Backend {
    fn send(&self, event: Event) {
        // Without a world the server is about to end.
        let _ = self.events.send(event);
    }

    fn remember(&self, abilities: Abilities) {
        // A client says hello once; the service refuses a second time.
        let _ = self.abilities.set(abilities);
    }

    fn abilities(&self) -> Abilities {
        self.abilities.get().copied().unwrap_or_default()
    }

    /// Works out the answer to a request from the text as it was when the request came; of no file if there is no address.
    /// `None` if that takes too long to know, or if the question panics: such a one has no answer.
    async fn ask<T: Send + 'static>(
        &self,
        uri: Option<Uri>,
        need: Need,
        question: impl FnOnce(&Asked) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.send(Event::Ask(uri, need, reply));
        let asked = tokio::time::timeout(PATIENCE, answer).await.ok()?.ok()?;
        tokio::task::spawn_blocking(move || question(&asked)).await.ok()
    }

    /// The same for a question that may have no answer.
    async fn answer<T: Send + 'static>(
        &self,
        uri: Uri,
        need: Need,
        question: impl FnOnce(&Asked) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        self.ask(Some(uri), need, question).await.flatten()
    }
}
