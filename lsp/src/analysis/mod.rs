//! From documents and files to hosts and findings.
//!
//! The hosts, and what is said of them, are those of `kalc check FOLDER`: the configurations in the workspace folders, the
//! open documents, and the peers that a `kalc.toml` names, by way of [`kalc_compiler::project`]. What did not change since
//! the last run is not read again.

mod area;
mod checker;
pub mod edits;
mod overlay;
mod preferences;
mod scene;

pub use checker::{Checker, Found};
pub use overlay::{Disk, Overlay};
pub use preferences::Preferences;
pub use scene::Scene;

use area::{Area, nearest};
use kalc_compiler::project::NAME;
use kalc_grammar::files::{FileSystem, ReadError};
use rustc_hash::FxHashSet;
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

/// An area, and what was last given out of it.
#[derive(Default)]
struct Slot {
    area: Area,
    shown: Option<Arc<Scene>>,
}

/// Reads, and remembers what it read.
pub struct Analyst {
    disk: Arc<dyn Disk>,
    /// Configurations in each workspace folder.
    found: Vec<(String, Vec<String>)>,
    /// What is checked together, by the name of its `kalc.toml`.
    areas: BTreeMap<Option<String>, Slot>,
    /// Texts of the last run, to see which ones changed.
    last: Arc<Documents>,
    is_new: bool,
}

impl Analyst {
    /// One that has not read anything.
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Analyst { disk, found: Vec::new(), areas: BTreeMap::new(), last: Arc::default(), is_new: true }
    }

    /// Reads what changed, and tells how far it is, in files.
    pub fn read(&mut self, input: &Input, progress: &dyn Fn(usize, usize)) -> Vec<Arc<Scene>> {
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
        // A document without a file is one that came or went: somebody may include it, and did not find it before.
        let is_only_open = |path: &&String| matches!(disk.read(path), Err(ReadError::NotFound));
        let came_and_went = || {
            let came = input.documents.keys().filter(|path| !last.contains_key(*path));
            came.chain(last.keys().filter(|path| !input.documents.contains_key(*path)))
        };
        let reread = input.rescan || input.reread || came_and_went().any(|path| is_only_open(&path));
        let overlay = Overlay { disk: &*disk, open: &input.documents };
        let mut before = std::mem::take(&mut self.areas);
        for (toml, paths, is_folder) in self.plan(&input.documents, &overlay) {
            let key = toml.as_ref().map(|toml| toml.path.clone());
            let Slot { mut area, shown } = before.remove(&key).unwrap_or_default();
            area.settle(toml, is_folder, &input.preferences);
            match reread {
                true => area.forget(&|_| false),
                false => area.forget(&is_same),
            }
            area.read(&paths, &overlay, progress);
            let is_new = std::mem::take(&mut area.has_changed);
            let shown = shown.filter(|_| !is_new).unwrap_or_else(|| Arc::new(Scene::new(area.clone())));
            self.areas.insert(key, Slot { area, shown: Some(shown) });
        }
        self.areas.values().filter_map(|slot| slot.shown.clone()).collect()
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
}
