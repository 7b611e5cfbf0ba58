//! From documents and files to hosts and findings.
//!
//! The hosts, and what is said of them, are those of `kalc check FOLDER`: the configurations in the workspace folders, the
//! open documents, and the peers that a `kalc.toml` names, by way of [`kalc_compiler::project`]. What did not change since
//! the last run is not read again.

mod area;
mod overlay;
mod preferences;

pub use overlay::Disk;
pub use preferences::Preferences;

use area::{Area, nearest};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::host::Host;
use kalc_compiler::project::NAME;
use kalc_grammar::files::FileSystem;
use overlay::Overlay;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Larger files are not checked while they are edited.
pub const MOST_BYTES: usize = 4 << 20;

/// What is said of a file on which kalc panics.
const FAILED: &str = "kalc failed on this file: please report it";

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

/// A host as requests see it.
#[derive(Debug)]
pub struct Reading {
    /// The host.
    pub host: Arc<Host>,
    /// The one spelling of the path of each of its files.
    pub files: Vec<String>,
}

/// Something to say of a file that is no finding of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The name of the file.
    pub path: String,
    /// What.
    pub message: String,
    /// Where, in bytes; `None` is the file as such.
    pub at: Option<Range<usize>>,
    /// Whether it must be mended.
    pub is_error: bool,
}

/// What a run is about.
#[derive(Clone, Debug)]
pub struct Input {
    /// Open documents.
    pub documents: Arc<Documents>,
    /// Workspace folders.
    pub folders: Vec<String>,
    /// What the user prefers.
    pub preferences: Arc<Preferences>,
    /// Whether files may have come or gone.
    pub rescan: bool,
    /// Whether files may have changed.
    pub reread: bool,
}

/// Reads and checks, and remembers what it read.
pub struct Analyst {
    disk: Arc<dyn Disk>,
    /// Configurations in each workspace folder.
    found: Vec<(String, Vec<String>)>,
    /// What is checked together, by the name of its `kalc.toml`.
    areas: BTreeMap<Option<String>, Area>,
    /// Texts of the last run, to see which ones changed.
    last: Arc<Documents>,
    is_new: bool,
}

impl Analyst {
    /// One that has not read anything.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Analyst { disk, found: Vec::new(), areas: BTreeMap::new(), last: Arc::default(), is_new: true }
    }

    /// Reads what changed. Answers with the hosts that hold open documents.
    pub fn read(&mut self, input: &Input) -> Vec<Arc<Reading>> {
        if input.rescan || self.is_new {
            self.is_new = false;
            self.found = input.folders.iter().map(|folder| (folder.clone(), self.disk.find(folder))).collect();
        }
        let last = std::mem::replace(&mut self.last, Arc::clone(&input.documents));
        let is_same = |path: &str| match (last.get(path), input.documents.get(path)) {
            (None, None) => true,
            (Some(before), Some(now)) => Arc::ptr_eq(&before.text, &now.text) || before.text == now.text,
            _ => false,
        };
        let disk = Arc::clone(&self.disk);
        let overlay = Overlay { disk: &*disk, open: &input.documents };
        let mut before = std::mem::take(&mut self.areas);
        for (toml, paths, is_folder) in self.plan(&input.documents, &overlay) {
            let key = toml.as_ref().map(|toml| toml.path.clone());
            let mut area = before.remove(&key).unwrap_or_default();
            area.settle(toml, is_folder, &input.preferences);
            match input.rescan || input.reread {
                true => area.forget(&|_| false),
                false => area.forget(&is_same),
            }
            area.read(&paths, &overlay);
            self.areas.insert(key, area);
        }
        let is_open = |path: &str| input.documents.contains_key(path);
        self.areas.values_mut().flat_map(|area| area.readings(&is_open, &overlay)).collect()
    }

    /// Which files are checked together: the `kalc.toml`, the names, and whether a folder is among them.
    fn plan(&self, documents: &Documents, overlay: &Overlay<'_>) -> Vec<(Option<area::Toml>, Vec<String>, bool)> {
        let mut areas: BTreeMap<Option<String>, (Option<area::Toml>, Vec<String>, bool)> = BTreeMap::new();
        let mut of_folder: Vec<(&str, Option<String>)> = Vec::new();
        let mut seen: FxHashSet<String> = FxHashSet::default();
        for (folder, found) in &self.found {
            let toml = nearest(folder, overlay);
            let key = toml.as_ref().map(|toml| toml.path.clone());
            of_folder.push((folder, key.clone()));
            let area = areas.entry(key).or_insert_with(|| (toml, Vec::new(), true));
            area.1.extend(found.iter().filter(|path| seen.insert(overlay.canonical(path))).cloned());
        }
        let is_toml = |path: &str| Path::new(path).file_name().is_some_and(|name| name == NAME);
        for (canonical, document) in documents.iter().filter(|(_, document)| !is_toml(&document.path)) {
            if !seen.insert(canonical.clone()) {
                continue;
            }
            // The innermost workspace folder around it, if there is one.
            let around = of_folder.iter().filter(|(folder, _)| Path::new(&document.path).starts_with(folder));
            let area = match around.max_by_key(|(folder, _)| folder.len()) {
                Some((_, key)) => areas.entry(key.clone()).or_default(),
                None => {
                    let folder = Path::new(&document.path).parent().map(|folder| folder.to_string_lossy());
                    let toml = folder.and_then(|folder| nearest(&folder, overlay));
                    let key = toml.as_ref().map(|toml| toml.path.clone());
                    areas.entry(key).or_insert_with(|| (toml, Vec::new(), false))
                }
            };
            area.1.push(document.path.clone());
        }
        areas.into_values().collect()
    }

    /// Checks what was read. `None` if `is_stale` says in between that nobody wants the answer any more.
    pub fn check(&mut self, is_stale: &dyn Fn() -> bool) -> Option<(Vec<Diagnostic>, Vec<Note>)> {
        let documents = Arc::clone(&self.last);
        let disk = Arc::clone(&self.disk);
        let overlay = Overlay { disk: &*disk, open: &documents };
        let (mut found, mut notes) = (Vec::new(), Vec::new());
        for area in self.areas.values_mut() {
            let (diagnostics, more) = area.check(&overlay, is_stale)?;
            found.extend(diagnostics);
            notes.extend(more);
        }
        (!is_stale()).then_some((found, notes))
    }

    /// The texts of all files that findings and notes may speak of, by their names.
    pub fn texts(&self) -> FxHashMap<&str, &str> {
        self.areas.values().flat_map(Area::texts).collect()
    }
}
