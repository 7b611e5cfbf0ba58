//! The one task that owns the documents: changes are applied here in the order in which they came.
//!
//! What changed is read at once if nobody reads, else as soon as the reader is free, so keys that come faster than files
//! are read become one run. Requests wait for the reader; only those about findings wait for the checker.

use super::abilities::Abilities;
use super::convert::{self, apply};
use super::settings;
use super::snapshot::{Asked, Checked, Finding, Snapshot};
use super::worker::Job;
use super::{progress, progress::Stage};
use crate::analysis::{Disk, Document, Documents, Input, Preferences};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tower_lsp::Client;
use tower_lsp::ls_types::{
    Diagnostic, MessageType, TextDocumentContentChangeEvent, TextDocumentItem, Uri, VersionedTextDocumentIdentifier,
};

/// Events that are taken in before the reader gets to work on them.
const MOST_EVENTS: usize = 256;

/// What a request needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The text as it is now, understood.
    Text,
    /// What was found in it.
    Findings,
    /// What was found in it as all other files are now.
    AllFindings,
}

/// What happens to the world.
pub enum Event {
    /// The client said what it can do and where it works.
    Start(Abilities, Vec<String>),
    /// The client said what its user prefers.
    Settings(Value),
    /// Files are to be read under another configuration id.
    ConfigId(Option<String>),
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
    /// A request wants to know something of a document, or without one of all files.
    Ask(Option<Uri>, Need, oneshot::Sender<Asked>),
}

/// What the workers did.
pub enum Outcome {
    /// What a job asked for is read.
    Read(Arc<Snapshot>, u64),
    /// That is checked.
    Checked(Arc<Checked>, u64),
    /// It takes long.
    Progress(Stage),
}

/// A request that waits.
struct Waiting {
    path: String,
    need: Need,
    reply: oneshot::Sender<Asked>,
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
    /// Counts what happened; documents have the count of their last change.
    changes: u64,
    changed: BTreeMap<String, u64>,
    /// Up to which change somebody reads now, was read, and was checked.
    reading: Option<u64>,
    read: u64,
    checked_to: u64,
    snapshot: Arc<Snapshot>,
    checked: Arc<Checked>,
    waiting: Vec<Waiting>,
    /// What the client was told last, and for which version of each file.
    told: Arc<Checked>,
    told_of: BTreeMap<String, Option<i32>>,
    progress: UnboundedSender<Stage>,
}

impl World {
    /// A world without documents.
    pub fn new(client: Client, disk: Arc<dyn Disk>, jobs: mpsc::Sender<Job>, newest: Arc<AtomicU64>) -> Self {
        let snapshot = Snapshot {
            covered: Arc::default(),
            scenes: Vec::new(),
            documents: Arc::default(),
            preferences: Arc::default(),
            abilities: Abilities::default(),
            disk: Arc::clone(&disk),
        };
        World {
            progress: progress::start(client.clone()),
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
            changes: 0,
            changed: BTreeMap::new(),
            reading: None,
            read: 0,
            checked_to: 0,
            snapshot: Arc::new(snapshot),
            checked: Arc::default(),
            waiting: Vec::new(),
            told: Arc::default(),
            told_of: BTreeMap::new(),
        }
    }

    /// Lives until nobody can send events any more.
    pub async fn run(mut self, mut events: UnboundedReceiver<Event>, mut outcomes: UnboundedReceiver<Outcome>) {
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.event(event).await,
                    None => return,
                },
                Some(outcome) = outcomes.recv() => self.outcome(outcome).await,
            }
            for _ in 0..MOST_EVENTS {
                let Ok(event) = events.try_recv() else { break };
                self.event(event).await;
            }
            self.dispatch();
        }
    }

    async fn event(&mut self, event: Event) {
        match event {
            Event::Start(abilities, folders) => {
                self.abilities = abilities;
                self.folders = folders;
                self.change_of(None, true, true);
            }
            Event::Settings(value) => self.settings(&value).await,
            Event::ConfigId(config_id) => {
                if self.preferences.config_id != config_id {
                    Arc::make_mut(&mut self.preferences).config_id = config_id;
                    self.change_of(None, false, false);
                }
            }
            Event::Folders(added, removed) => {
                self.folders.retain(|folder| !removed.contains(folder));
                self.folders.extend(added);
                self.change_of(None, true, true);
            }
            Event::Open(item) => {
                let path = convert::path(&item.uri);
                let canonical = self.disk.canonical(&path);
                let document = Document { path, version: item.version, text: item.text.into() };
                Arc::make_mut(&mut self.documents).insert(canonical.clone(), document);
                self.change_of(Some(canonical), false, false);
            }
            Event::Change(id, changes) => self.change(&id, changes).await,
            Event::Close(uri) => {
                let canonical = self.disk.canonical(&convert::path(&uri));
                Arc::make_mut(&mut self.documents).remove(&canonical);
                self.changed.remove(&canonical);
                self.change_of(None, false, false);
            }
            Event::Disk(rescan) => self.change_of(None, rescan, true),
            Event::Ask(uri, need, reply) => self.ask(uri.as_ref(), need, reply),
        }
    }

    async fn settings(&mut self, value: &Value) {
        match settings::read(value) {
            Ok(preferences) if preferences == *self.preferences => {}
            Ok(preferences) => {
                self.preferences = Arc::new(preferences);
                self.change_of(None, false, false);
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
        self.change_of(Some(canonical), false, false);
    }

    /// Something is different: a document, or more than that.
    fn change_of(&mut self, document: Option<String>, rescan: bool, reread: bool) {
        self.rescan |= rescan;
        self.reread |= reread;
        self.changes += 1;
        if let Some(document) = document {
            self.changed.insert(document, self.changes);
        }
    }

    fn ask(&mut self, uri: Option<&Uri>, need: Need, reply: oneshot::Sender<Asked>) {
        let path = uri.map_or_else(String::new, |uri| self.disk.canonical(&convert::path(uri)));
        self.waiting.retain(|waiting| !waiting.reply.is_closed());
        self.waiting.push(Waiting { path, need, reply });
        self.answer();
    }

    /// Answers the requests for which enough is known.
    fn answer(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            // A document is waited for by its own last change, all files by the last change of any.
            let own = match waiting.path.is_empty() {
                true => self.changes,
                false => self.changed.get(&waiting.path).copied().unwrap_or(0),
            };
            let is_known = match waiting.need {
                Need::Text => self.read >= own,
                Need::Findings => self.checked_to >= own,
                Need::AllFindings => self.checked_to >= self.changes,
            };
            if is_known {
                let (snapshot, checked) = (Arc::clone(&self.snapshot), Arc::clone(&self.checked));
                // Who asked may have lost interest.
                let _ = waiting.reply.send(Asked { snapshot, checked, path: waiting.path });
            } else {
                self.waiting.push(waiting);
            }
        }
    }

    /// Has what changed read, unless somebody is at it.
    fn dispatch(&mut self) {
        if self.reading.is_some() || self.read >= self.changes {
            return;
        }
        let revision = self.changes;
        self.newest.store(revision, Ordering::Release);
        let versions = self.documents.iter().map(|(path, document)| (path.clone(), document.version));
        let input = Input {
            documents: Arc::clone(&self.documents),
            folders: self.folders.clone(),
            preferences: Arc::clone(&self.preferences),
            rescan: std::mem::take(&mut self.rescan),
            reread: std::mem::take(&mut self.reread),
        };
        let job = Job { revision, input, covered: Arc::new(versions.collect()), abilities: self.abilities };
        match self.jobs.send(job) {
            Ok(()) => self.reading = Some(revision),
            // Without a worker there is nobody to wait for.
            Err(_) => self.waiting.clear(),
        }
    }

    async fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Read(snapshot, revision) => {
                self.snapshot = snapshot;
                self.read = revision;
                self.reading = None;
                self.answer();
            }
            Outcome::Checked(checked, revision) => {
                let lenses = self.checked.lenses;
                self.checked = checked;
                self.checked_to = revision;
                self.answer();
                self.publish().await;
                if self.abilities.refreshes_lenses && lenses != self.checked.lenses {
                    let client = self.client.clone();
                    // The answer says nothing; a client that refuses shows what it has.
                    tokio::spawn(async move { drop(client.code_lens_refresh().await) });
                }
            }
            // Without who reports it nobody wants to know.
            Outcome::Progress(stage) if self.abilities.progress => drop(self.progress.send(stage)),
            Outcome::Progress(_) => {}
        }
    }

    /// Tells the client what it does not know yet: findings that are other ones, or are of another version.
    async fn publish(&mut self) {
        let checked = Arc::clone(&self.checked);
        let versions: BTreeMap<&str, i32> = self
            .documents
            .iter()
            .filter_map(|(canonical, document)| Some((document.path.as_str(), *checked.covered.get(canonical)?)))
            .collect();
        let mut sent: Vec<(String, Vec<Diagnostic>, Option<i32>)> = Vec::new();
        let mut is_to_be_pulled = false;
        let shown = |findings: &[Finding]| findings.iter().map(|finding| finding.shown.clone()).collect::<Vec<_>>();
        for (path, findings) in &checked.findings {
            let version = versions.get(path.as_str()).copied();
            let known = self.told.findings.get(path).zip(self.told_of.get(path));
            let is_same = known.map_or(findings.is_empty(), |(known, _)| known == findings);
            if self.abilities.pulls && version.is_some() {
                // What the client showed before it opened the file would stand there twice.
                if known.is_some_and(|(known, version)| version.is_none() && !known.is_empty()) {
                    sent.push((path.clone(), Vec::new(), version));
                }
                // Its own text the client asks about by itself.
                is_to_be_pulled |= !is_same && known.is_some_and(|(_, known)| *known == version);
            } else if !is_same || version.is_some() && known.is_none_or(|(_, known)| *known != version) {
                sent.push((path.clone(), shown(findings), version));
            }
        }
        for (path, findings) in &self.told.findings {
            if !checked.findings.contains_key(path) && !findings.is_empty() {
                sent.push((path.clone(), Vec::new(), None));
            }
        }
        let version = |path: &String| (path.clone(), versions.get(path.as_str()).copied());
        self.told_of = checked.findings.keys().map(version).collect();
        self.told = Arc::clone(&checked);
        for (path, diagnostics, version) in sent {
            if let Some(uri) = convert::uri(&path) {
                self.client.publish_diagnostics(uri, diagnostics, version).await;
            }
        }
        if is_to_be_pulled {
            let client = self.client.clone();
            // The answer says nothing; a client that refuses asks with the next change.
            tokio::spawn(async move { drop(client.workspace_diagnostic_refresh().await) });
        }
    }
}
