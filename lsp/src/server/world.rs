//! The one task that owns the documents: changes are applied here in the order in which they came.

use super::convert::{self, Encoding, Lines};
use super::settings;
use super::worker::Job;
use crate::analysis::{Disk, Document, Documents, Input, Preferences, Reading};
use crate::ide::View;
use kalc_grammar::source::FileId;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use tower_lsp::Client;
use tower_lsp::ls_types::{
    Diagnostic, MessageType, TextDocumentContentChangeEvent, TextDocumentItem, Uri, VersionedTextDocumentIdentifier,
};

/// How long to wait for the next key.
const QUIET: Duration = Duration::from_millis(30);
/// How long to wait at most while keys keep coming.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a request waits for the newest text before it is answered from an older one.
const ANSWER: Duration = Duration::from_secs(10);

/// What the client can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Abilities {
    /// What it counts columns in.
    pub encoding: Encoding,
    /// Whether it shows related places of diagnostics.
    pub related: bool,
    /// Whether it shows outlines with blocks in each other.
    pub hierarchy: bool,
    /// Whether it knows tags of completion items.
    pub tags: bool,
    /// Whether it shows Markdown in hovers.
    pub markdown: bool,
}

/// Versions of open documents by their paths' one spelling.
pub type Covered = Arc<BTreeMap<String, i32>>;

/// What is known at one moment; it never changes.
#[derive(Debug)]
pub struct Snapshot {
    /// The versions that were seen.
    pub covered: Covered,
    /// The hosts that hold open documents.
    pub readings: Vec<Arc<Reading>>,
    /// What the client can do.
    pub abilities: Abilities,
}

impl Snapshot {
    /// A file in each host that holds it.
    pub fn views<'s>(&'s self, canonical: &'s str) -> impl Iterator<Item = View<'s>> {
        self.readings.iter().filter_map(move |reading| {
            let file = reading.files.iter().position(|file| file == canonical)?;
            Some(View { host: &reading.host, file: FileId(file as u32) })
        })
    }
}

/// A snapshot and the file that a request is about.
pub type Answer = (Arc<Snapshot>, String);

/// What happens to the world.
pub enum Event {
    /// The client said what it can do and where it works.
    Start(Abilities, Vec<String>),
    /// The client said what its user prefers.
    Settings(Value),
    /// Folders came and went.
    Folders(Vec<String>, Vec<String>),
    /// A document was opened.
    Open(TextDocumentItem),
    /// A document was changed.
    Change(VersionedTextDocumentIdentifier, Vec<TextDocumentContentChangeEvent>),
    /// A document was closed.
    Close(Uri),
    /// Files on disk changed; `true` if some came or went.
    Disk(bool),
    /// A request wants the text of a document as it is now.
    Ask(Uri, oneshot::Sender<Answer>),
}

/// What the worker did.
pub enum Outcome {
    /// It read what a job asked for.
    Read(Arc<Snapshot>),
    /// It checked that.
    Checked {
        /// Findings by path, in the client's spelling for open documents.
        published: BTreeMap<String, Vec<Diagnostic>>,
        /// Versions that they speak of.
        covered: Covered,
    },
}

/// The documents, and what is known of them.
pub struct World {
    client: Client,
    disk: Arc<dyn Disk>,
    jobs: mpsc::Sender<Job>,
    newest: Arc<AtomicU64>,
    abilities: Abilities,
    folders: Vec<String>,
    preferences: Arc<Preferences>,
    documents: Arc<Documents>,
    rescan: bool,
    reread: bool,
    /// When to start the next run, and when the first change for it came.
    due: Option<(Instant, Instant)>,
    snapshot: Arc<Snapshot>,
    waiting: Vec<(String, i32, oneshot::Sender<Answer>)>,
    shown: BTreeMap<String, Vec<Diagnostic>>,
}

impl World {
    /// A world without documents.
    pub fn new(client: Client, disk: Arc<dyn Disk>, jobs: mpsc::Sender<Job>, newest: Arc<AtomicU64>) -> Self {
        let snapshot = Snapshot { covered: Arc::default(), readings: Vec::new(), abilities: Abilities::default() };
        World {
            client,
            disk,
            jobs,
            newest,
            abilities: Abilities::default(),
            folders: Vec::new(),
            preferences: Arc::default(),
            documents: Arc::default(),
            rescan: true,
            reread: true,
            due: None,
            snapshot: Arc::new(snapshot),
            waiting: Vec::new(),
            shown: BTreeMap::new(),
        }
    }

    /// Lives until nobody can send events any more.
    pub async fn run(mut self, mut events: UnboundedReceiver<Event>, mut outcomes: UnboundedReceiver<Outcome>) {
        loop {
            let due = self.due.map(|(due, _)| due);
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.event(event).await,
                    None => return,
                },
                Some(outcome) = outcomes.recv() => self.outcome(outcome).await,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.dispatch(),
            }
        }
    }

    async fn event(&mut self, event: Event) {
        match event {
            Event::Start(abilities, folders) => {
                self.abilities = abilities;
                self.folders = folders;
                self.changed(true, true);
            }
            Event::Settings(value) => self.settings(&value).await,
            Event::Folders(added, removed) => {
                self.folders.retain(|folder| !removed.contains(folder));
                self.folders.extend(added);
                self.changed(true, true);
            }
            Event::Open(item) => {
                let path = convert::path(&item.uri);
                let document = Document { path: path.clone(), version: item.version, text: item.text.into() };
                Arc::make_mut(&mut self.documents).insert(self.disk.canonical(&path), document);
                self.changed(false, true);
            }
            Event::Change(id, changes) => self.change(&id, changes).await,
            Event::Close(uri) => {
                let canonical = self.disk.canonical(&convert::path(&uri));
                Arc::make_mut(&mut self.documents).remove(&canonical);
                self.changed(true, true);
            }
            Event::Disk(rescan) => self.changed(rescan, true),
            Event::Ask(uri, reply) => self.ask(&uri, reply),
        }
    }

    async fn settings(&mut self, value: &Value) {
        match settings::read(value) {
            Ok(preferences) if preferences == *self.preferences => {}
            Ok(preferences) => {
                self.preferences = Arc::new(preferences);
                self.changed(false, false);
            }
            // What was right before still counts.
            Err(problem) => self.client.show_message(MessageType::WARNING, format!("kalc: {problem}")).await,
        }
    }

    async fn change(&mut self, id: &VersionedTextDocumentIdentifier, changes: Vec<TextDocumentContentChangeEvent>) {
        let canonical = self.disk.canonical(&convert::path(&id.uri));
        let encoding = self.abilities.encoding;
        let Some(document) = Arc::make_mut(&mut self.documents).get_mut(&canonical) else {
            let message = format!("{} was changed and is not open", id.uri.as_str());
            return self.client.log_message(MessageType::WARNING, message).await;
        };
        if id.version <= document.version {
            let message = format!("version {} of {} came late", id.version, id.uri.as_str());
            return self.client.log_message(MessageType::WARNING, message).await;
        }
        let mut text = document.text.to_string();
        for change in changes {
            apply(&mut text, change, encoding);
        }
        document.version = id.version;
        document.text = text.into();
        self.changed(false, false);
    }

    fn changed(&mut self, rescan: bool, reread: bool) {
        self.rescan |= rescan;
        self.reread |= reread;
        let now = Instant::now();
        let first = self.due.map_or(now, |(_, first)| first);
        self.due = Some(((now + QUIET).min(first + PATIENCE), first));
    }

    fn ask(&mut self, uri: &Uri, reply: oneshot::Sender<Answer>) {
        let canonical = self.disk.canonical(&convert::path(uri));
        let version = self.documents.get(&canonical).map_or(i32::MIN, |document| document.version);
        self.waiting.retain(|(_, _, reply)| !reply.is_closed());
        self.waiting.push((canonical, version, reply));
        self.answer();
        // Somebody waits: no more keys are waited for.
        if !self.waiting.is_empty() && self.due.is_some() {
            self.dispatch();
        }
    }

    /// Answers the requests whose text is known.
    fn answer(&mut self) {
        for (canonical, version, reply) in std::mem::take(&mut self.waiting) {
            let is_open = self.documents.contains_key(&canonical);
            let is_known = self.snapshot.covered.get(&canonical).is_some_and(|&seen| seen >= version);
            if is_known || !is_open {
                let _ = reply.send((Arc::clone(&self.snapshot), canonical));
            } else {
                self.waiting.push((canonical, version, reply));
            }
        }
    }

    fn dispatch(&mut self) {
        self.due = None;
        let revision = self.newest.fetch_add(1, Ordering::AcqRel) + 1;
        let versions = self.documents.iter().map(|(path, document)| (path.clone(), document.version));
        let input = Input {
            documents: Arc::clone(&self.documents),
            folders: self.folders.clone(),
            preferences: Arc::clone(&self.preferences),
            rescan: std::mem::take(&mut self.rescan),
            reread: std::mem::take(&mut self.reread),
        };
        let job = Job { revision, input, covered: Arc::new(versions.collect()), abilities: self.abilities };
        // Without a worker there is nobody to wait for.
        if self.jobs.send(job).is_err() {
            self.waiting.clear();
        }
    }

    async fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Read(snapshot) => {
                self.snapshot = snapshot;
                self.answer();
            }
            Outcome::Checked { published, covered } => self.publish(published, &covered).await,
        }
    }

    async fn publish(&mut self, published: BTreeMap<String, Vec<Diagnostic>>, covered: &Covered) {
        let versions: BTreeMap<&str, i32> = self
            .documents
            .iter()
            .filter_map(|(canonical, document)| Some((document.path.as_str(), *covered.get(canonical)?)))
            .collect();
        let mut sent = Vec::new();
        for (path, diagnostics) in &published {
            // An open document is told of each version, so that a client knows that its text was seen.
            if versions.contains_key(path.as_str()) || self.shown.get(path) != Some(diagnostics) {
                sent.push((path.clone(), diagnostics.clone(), versions.get(path.as_str()).copied()));
            }
        }
        for (path, diagnostics) in &self.shown {
            if !published.contains_key(path) && !diagnostics.is_empty() {
                sent.push((path.clone(), Vec::new(), None));
            }
        }
        self.shown = published;
        for (path, diagnostics, version) in sent {
            if let Some(uri) = convert::uri(&path) {
                self.client.publish_diagnostics(uri, diagnostics, version).await;
            }
        }
    }
}

/// How long a request waits at most.
pub const fn patience() -> Duration {
    ANSWER
}

/// Carries out one change. Ranges that are not in the text are cut to it.
fn apply(text: &mut String, change: TextDocumentContentChangeEvent, encoding: Encoding) {
    let Some(range) = change.range else {
        *text = change.text;
        return;
    };
    let lines = Lines::new(text, encoding);
    let (start, end) = (lines.offset(range.start) as usize, lines.offset(range.end) as usize);
    text.replace_range(start.min(end)..start.max(end), &change.text);
}
