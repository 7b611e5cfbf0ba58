//! From documents and files to hosts and findings.
//!
//! The hosts are those of `kalc check FOLDER`: the configurations in the workspace folders and the open documents, but
//! for files that another host includes. What did not change since the last run is not read again.

use kalc_compiler::check::{check_host, check_matched, merge_profiles, reconsider};
use kalc_compiler::cluster::names::folder_names;
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_compiler::lint::{Needs, Rule, Scope};
use kalc_compiler::suppress::{self, Date, Options};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::{FileSystem, MemoryFiles, ReadError};
use kalc_grammar::source::SourceFile;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Larger files are not checked while they are edited.
pub const MOST_BYTES: usize = 4 << 20;

/// The files of a machine.
pub trait Disk: FileSystem + Send + Sync {
    /// The configurations below a folder, in the order in which `kalc check` takes them.
    fn find(&self, folder: &str) -> Vec<String>;
}

/// A text that is open in the editor.
#[derive(Clone, Debug)]
pub struct Document {
    /// The name the editor gave it.
    pub path: String,
    /// The editor's count of changes.
    pub version: i32,
    /// The text as it is in the editor.
    pub text: Arc<str>,
}

/// Open documents by the one spelling of their paths.
pub type Documents = BTreeMap<String, Document>;

/// The disk, with open documents over it.
struct Overlay<'a> {
    disk: &'a dyn Disk,
    open: &'a Documents,
}

impl Overlay<'_> {
    fn document(&self, path: &str) -> Option<&Document> {
        self.open.get(path).or_else(|| self.open.get(&self.disk.canonical(path)))
    }
}

impl FileSystem for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let bytes = match self.document(path) {
            Some(document) => document.text.as_bytes().to_vec(),
            None => self.disk.read(path)?,
        };
        match bytes.len() > MOST_BYTES {
            true => Err(ReadError::Other("it is too large for the editor".to_owned())),
            false => Ok(bytes),
        }
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        let open = MemoryFiles { files: self.open.values().map(|d| (d.path.clone(), Vec::new())).collect() };
        let hidden = |path: &String| path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        let mut paths = self.disk.glob(pattern);
        paths.extend(open.glob(pattern).into_iter().filter(|path| !hidden(path)));
        paths.sort();
        paths.dedup();
        paths
    }

    fn canonical(&self, path: &str) -> String {
        if self.open.contains_key(path) { path.to_owned() } else { self.disk.canonical(path) }
    }

    fn is_executable(&self, path: &str) -> bool {
        self.disk.is_executable(path)
    }
}

/// A host as requests see it.
#[derive(Debug)]
pub struct Reading {
    /// The host.
    pub host: Host,
    /// The one spelling of the path of each of its files.
    pub files: Vec<String>,
}

/// Something to say of a file that is no finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The name of the file.
    pub path: String,
    /// What.
    pub message: String,
}

/// What a run is about.
#[derive(Clone, Debug)]
pub struct Input {
    /// Open documents.
    pub documents: Arc<Documents>,
    /// Workspace folders.
    pub folders: Vec<String>,
    /// Whether files may have come or gone.
    pub rescan: bool,
    /// Whether files may have changed.
    pub reread: bool,
}

/// A main file and what was found of it.
struct Member {
    path: String,
    canonical: String,
    /// The one spelling of the path of each file of the host.
    files: Vec<String>,
    /// `None` if it could not be read.
    host: Option<Host>,
    /// For requests: the host as read without a configuration id, then under each id.
    readings: Vec<Arc<Reading>>,
    diagnostics: Option<Vec<Diagnostic>>,
    note: Option<String>,
}

/// Reads and checks, and remembers what it read.
pub struct Analyst {
    disk: Arc<dyn Disk>,
    found: Vec<String>,
    members: Vec<Member>,
    /// Texts of the last run, to see which ones changed.
    last: Arc<Documents>,
    is_new: bool,
}

impl Analyst {
    /// One that has not read anything.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Analyst { disk, found: Vec::new(), members: Vec::new(), last: Arc::default(), is_new: true }
    }

    /// Reads what changed. Answers with the hosts that hold open documents.
    pub fn read(&mut self, input: &Input) -> Vec<Arc<Reading>> {
        if input.rescan || self.is_new {
            self.is_new = false;
            self.found = input.folders.iter().flat_map(|folder| self.disk.find(folder)).collect();
        }
        let last = std::mem::replace(&mut self.last, Arc::clone(&input.documents));
        let same = |path: &String| match (last.get(path), input.documents.get(path)) {
            (None, None) => true,
            (Some(before), Some(now)) => Arc::ptr_eq(&before.text, &now.text) || before.text == now.text,
            _ => false,
        };
        let mut known: FxHashMap<String, Member> = FxHashMap::default();
        for member in std::mem::take(&mut self.members) {
            if !input.rescan && !input.reread && member.files.iter().all(same) {
                known.insert(member.canonical.clone(), member);
            }
        }
        let overlay = Overlay { disk: &*self.disk, open: &input.documents };
        let mut seen = FxHashSet::default();
        let open = input.documents.values().map(|document| &document.path);
        for path in self.found.iter().chain(open) {
            let canonical = overlay.canonical(path);
            if seen.insert(canonical.clone()) {
                let member = known.remove(&canonical).unwrap_or_else(|| read(path, canonical, &overlay));
                self.members.push(member);
            }
        }
        self.drop_included();
        let overlay = Overlay { disk: &*self.disk, open: &input.documents };
        let is_open = |member: &&mut Member| member.files.iter().any(|file| input.documents.contains_key(file));
        for member in self.members.iter_mut().filter(is_open) {
            if member.readings.is_empty() {
                member.readings = readings(member, &overlay);
            }
        }
        self.members.iter().flat_map(|member| member.readings.iter().cloned()).collect()
    }

    /// Checks what was read. `None` if `is_stale` says in between that nobody wants the answer any more.
    pub fn check(&mut self, is_stale: &dyn Fn() -> bool) -> Option<(Vec<Diagnostic>, Vec<Note>)> {
        let documents = Arc::clone(&self.last);
        let overlay = Overlay { disk: &*self.disk, open: &documents };
        for member in &mut self.members {
            if is_stale() {
                return None;
            }
            let (Some(host), None) = (&member.host, &member.diagnostics) else { continue };
            match catch_unwind(AssertUnwindSafe(|| check(host, &overlay))) {
                Ok(diagnostics) => member.diagnostics = Some(diagnostics),
                Err(_) => {
                    member.diagnostics = Some(Vec::new());
                    member.note = Some(FAILED.to_owned());
                }
            }
        }
        let mut diagnostics: Vec<Diagnostic> =
            self.members.iter().filter_map(|member| member.diagnostics.as_deref()).flatten().cloned().collect();
        let mut notes: Vec<Note> = self
            .members
            .iter()
            .filter_map(|member| Some(Note { path: member.path.clone(), message: member.note.clone()? }))
            .collect();
        // The rules want the hosts side by side; they are put back behind it.
        let (at, mut hosts): (Vec<usize>, Vec<Host>) =
            self.members.iter_mut().enumerate().filter_map(|(at, member)| Some((at, member.host.take()?))).unzip();
        // The workspace is a folder, as one given to `kalc check` is.
        let names = folder_names(hosts.iter().map(|host| Some(host.file_name())));
        for (host, name) in hosts.iter_mut().zip(names) {
            host.title = name;
        }
        if hosts.len() > 1 && !is_stale() {
            let given = Given { is_whole: true, ..Given::default() };
            let compare = || {
                let fleet = Fleet::new(&hosts, given.clone());
                let mut settled = diagnostics.clone();
                reconsider(&fleet, &mut settled);
                settled.extend(check_matched(&fleet));
                settled
            };
            match catch_unwind(AssertUnwindSafe(compare)) {
                Ok(settled) => diagnostics = settled,
                Err(_) => notes.extend(documents.values().map(|document| Note {
                    path: document.path.clone(),
                    message: "kalc failed to compare this file with its peers: please report it".to_owned(),
                })),
            }
        }
        silence(&mut diagnostics, &hosts);
        for (at, host) in at.into_iter().zip(hosts) {
            self.members[at].host = Some(host);
        }
        (!is_stale()).then_some((diagnostics, notes))
    }

    /// The texts of all files that findings may speak of, by their names.
    pub fn texts(&self) -> FxHashMap<&str, &str> {
        let hosts = self.members.iter().filter_map(|member| member.host.as_ref());
        hosts.flat_map(|host| host.sources.iter()).map(|(_, file)| (file.name(), &**file.text())).collect()
    }

    /// A file that another host includes is no host. Of files that include each other the first one is.
    fn drop_included(&mut self) {
        let included: FxHashSet<&String> = self.members.iter().flat_map(|member| &member.files[1..]).collect();
        let is_root = |member: &Member| !included.contains(&member.canonical);
        let mut covered: FxHashSet<&String> =
            self.members.iter().filter(|member| is_root(member)).flat_map(|member| &member.files).collect();
        let mut kept: Vec<bool> = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let keep = is_root(member) || !covered.contains(&member.canonical);
            if keep {
                covered.extend(&member.files);
            }
            kept.push(keep);
        }
        let mut kept = kept.into_iter();
        self.members.retain(|_| kept.next().unwrap_or(true));
    }
}

/// Takes away what comments in the files silence, and says what is wrong with the comments. Which files are a whole
/// cluster an editor does not know: an allow for what only peers show is never said to be useless.
fn silence(diagnostics: &mut Vec<Diagnostic>, hosts: &[Host]) {
    let mut files: BTreeMap<&str, &SourceFile> = BTreeMap::new();
    // Of a template no rule says anything that could be silenced.
    let hosts = hosts.iter().filter(|host| host.template.is_none());
    for (_, file) in hosts.flat_map(|host| host.sources.iter()) {
        files.entry(file.name()).or_insert(file);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let is_active = |rule: &Rule| rule.scope() == Scope::File && rule.needs == Needs::Nothing;
    let options = Options { today: Date::from_unix(now), is_active: &is_active };
    suppress::apply(diagnostics, files.into_values(), &options);
}

const FAILED: &str = "kalc failed on this file: please report it";

/// Reads one main file.
fn read(path: &str, canonical: String, overlay: &Overlay<'_>) -> Member {
    let mut member = Member {
        path: path.to_owned(),
        files: vec![canonical.clone()],
        canonical,
        host: None,
        readings: Vec::new(),
        diagnostics: None,
        note: None,
    };
    let bytes = match overlay.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            member.note = match error {
                ReadError::NotFound | ReadError::NotAFile => None,
                ReadError::Other(reason) => Some(format!("kalc does not check this file: {reason}")),
            };
            return member;
        }
    };
    let file = SourceFile::new(path, bytes);
    match catch_unwind(AssertUnwindSafe(|| Host::read(file, overlay, &Profile::default()))) {
        Ok(host) => {
            member.files = canonical_names(&host, overlay);
            member.host = Some(host);
        }
        Err(_) => member.note = Some(FAILED.to_owned()),
    }
    member
}

fn canonical_names(host: &Host, overlay: &Overlay<'_>) -> Vec<String> {
    host.sources.iter().map(|(_, file)| overlay.canonical(file.name())).collect()
}

/// The configuration ids that a host's files name.
fn ids(host: &Host) -> Vec<String> {
    let mut ids: Vec<String> = host.logical.config_ids.iter().map(|found| found.id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn under(host: &Host, id: String, overlay: &Overlay<'_>) -> Option<Host> {
    let (_, main) = host.sources.iter().next()?;
    let profile = Profile { config_id: Some(id), ..Profile::default() };
    Some(Host::read(main.clone(), overlay, &profile))
}

/// Checks one host, under every configuration id that it names.
fn check(host: &Host, overlay: &Overlay<'_>) -> Vec<Diagnostic> {
    let ids = ids(host);
    if ids.is_empty() {
        return check_host(host);
    }
    let found = ids.into_iter().filter_map(|id| {
        let diagnostics = check_host(&under(host, id.clone(), overlay)?);
        Some((id, diagnostics))
    });
    merge_profiles(found.collect())
}

fn readings(member: &Member, overlay: &Overlay<'_>) -> Vec<Arc<Reading>> {
    let Some(host) = &member.host else { return Vec::new() };
    let others = catch_unwind(AssertUnwindSafe(|| {
        ids(host).into_iter().filter_map(|id| under(host, id, overlay)).collect::<Vec<Host>>()
    }));
    let hosts = std::iter::once(host.clone()).chain(others.unwrap_or_default());
    hosts.map(|host| Arc::new(Reading { files: canonical_names(&host, overlay), host })).collect()
}
