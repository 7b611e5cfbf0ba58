//! What one `kalc.toml` is said of, or what none is: folders and documents that are checked together, as `kalc check FOLDER`
//! would, and what was read of them.
//!
//! The `kalc.toml` of a workspace folder is the one in it or in the nearest folder above it; documents outside all
//! workspace folders go by their own folder. It is read anew in each run, so a change counts with the next run even if
//! nobody told of it.

use super::overlay::Overlay;
use super::{FAILED, Note, Preferences};
use kalc_compiler::project::{Input, NAME, Origin, Project, Reader, Run, Unit, add_peers};
use kalc_compiler::settings::Settings;
use kalc_grammar::files::{FileSystem, ReadError};
use kalc_grammar::source::SourceFile;
use rustc_hash::FxHashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// A `kalc.toml` as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toml {
    /// Its name.
    pub path: String,
    /// Its text, or why it cannot be read.
    pub text: Result<String, String>,
}

/// The `kalc.toml` in a folder, or in the nearest one above it.
pub(super) fn nearest(folder: &str, files: &dyn FileSystem) -> Option<Toml> {
    Path::new(folder).ancestors().find_map(|folder| {
        let path = folder.join(NAME).to_string_lossy().into_owned();
        let text = match files.read(&path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(ReadError::NotFound | ReadError::NotAFile) => return None,
            Err(ReadError::Other(reason)) => Err(reason),
        };
        Some(Toml { path, text })
    })
}

/// A main file and what was read of it.
#[derive(Clone)]
pub(super) struct Entry {
    pub input: Input,
    /// The one spelling of its path.
    canonical: String,
    /// `None` if it could not be read.
    pub unit: Option<Unit>,
    pub note: Option<String>,
}

impl Entry {
    /// The one spelling of the path of each of its files.
    fn files(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(self.canonical.as_str());
        own.chain(self.unit.iter().flat_map(|unit| unit.paths()))
    }
}

/// Files that are checked together. A copy shares all that is large.
#[derive(Clone, Default)]
pub(super) struct Area {
    pub toml: Option<Toml>,
    pub project: Option<Arc<Project>>,
    pub preferences: Arc<Preferences>,
    /// What is wrong with the `kalc.toml`; the project is then the last one that was right.
    pub problem: Option<Note>,
    /// Members of clusters that cannot be read.
    pub missing: Vec<Note>,
    /// Whether a folder is checked, and not only files that happen to be open.
    pub is_folder: bool,
    pub entries: Vec<Entry>,
    /// Whether anything is different since somebody set this to `false`.
    pub has_changed: bool,
}

impl Area {
    /// Takes over what a `kalc.toml` says now, and what the user prefers.
    pub fn settle(&mut self, toml: Option<Toml>, is_folder: bool, preferences: &Arc<Preferences>) {
        self.has_changed |= self.is_folder != is_folder;
        self.is_folder = is_folder;
        if self.toml == toml && self.preferences == *preferences {
            return;
        }
        self.has_changed = true;
        self.preferences = Arc::clone(preferences);
        self.problem = None;
        let read = |toml: &Toml| {
            let wrong = |message, at| Note { path: toml.path.clone(), message, at, is_error: true };
            let text =
                toml.text.as_ref().map_err(|reason| wrong(format!("kalc cannot read this file: {reason}"), None))?;
            let folder = Path::new(&toml.path).parent().unwrap_or(Path::new(""));
            Project::read(text, folder).map_err(|problem| {
                let help = problem.help.map_or_else(String::new, |help| format!("\nhelp: {help}"));
                wrong(format!("{}{help}", problem.message), problem.at)
            })
        };
        match toml.as_ref().map(read) {
            None => self.project = None,
            Some(Ok(project)) => self.project = Some(Arc::new(project)),
            Some(Err(problem)) => self.problem = Some(problem),
        }
        self.toml = toml;
        // Settings decide what is found on each host.
        self.entries.clear();
    }

    /// Forgets what may have changed.
    pub fn forget(&mut self, is_same: &dyn Fn(&str) -> bool) {
        let count = self.entries.len();
        self.entries.retain(|entry| entry.files().all(is_same));
        self.has_changed |= self.entries.len() != count;
    }

    /// Reads the files of these names that are not known yet; tells how far it is.
    pub fn read(&mut self, paths: &[String], overlay: &Overlay<'_>, progress: &dyn Fn(usize, usize)) {
        let mut inputs: Vec<Input> = paths.iter().map(|path| Input::new(path, Origin::Found)).collect();
        if let Some(project) = &self.project {
            inputs = add_peers(inputs, &project.clusters, overlay);
        }
        let reader = self.reader(overlay);
        let before: Vec<Input> = self.entries.iter().map(|entry| entry.input.clone()).collect();
        let missing = std::mem::take(&mut self.missing);
        let entries = std::mem::take(&mut self.entries).into_iter();
        let key = |input: &Input, canonical: &str| (canonical.to_owned(), input.path.clone(), input.cluster);
        let mut known: FxHashMap<_, Entry> =
            entries.map(|entry| (key(&entry.input, &entry.canonical), entry)).collect();
        let count = inputs.len();
        for (index, input) in inputs.into_iter().enumerate() {
            progress(index, count);
            let canonical = overlay.canonical(&input.path);
            let mut entry = match known.remove(&key(&input, &canonical)) {
                Some(entry) => entry,
                None => match read(&input, canonical, &reader) {
                    Ok(entry) => entry,
                    Err(()) => {
                        if let (Some(member), Some(toml), true) = (&input.member, &self.toml, input.is_wanted) {
                            let message = format!("there is no file `{}` of the host `{}`", input.path, member.host);
                            let note = Note { path: toml.path.clone(), message, at: None, is_error: true };
                            self.missing.push(note);
                        }
                        continue;
                    }
                },
            };
            if let Some(unit) = &mut entry.unit {
                (unit.cluster, unit.origin, unit.given) = (input.cluster, input.origin, input.given);
            }
            entry.input = input;
            self.entries.push(entry);
        }
        let is_same = self.entries.iter().map(|entry| &entry.input).eq(&before) && self.missing == missing;
        self.has_changed |= !is_same;
        if self.has_changed {
            // Which of them are hosts, and what they are called.
            Run::new(self.entries.iter_mut().filter_map(|entry| entry.unit.as_mut()).collect());
        }
    }

    /// What the files are checked for.
    pub fn settings(&self) -> Settings {
        self.preferences.settings(self.project.as_deref())
    }

    /// How the files are read.
    pub fn reader<'f>(&self, files: &'f (dyn FileSystem + Sync)) -> Reader<'f> {
        Reader { files, profile: self.preferences.profile(), settings: self.settings() }
    }
}

/// Reads one main file; an error if there is none.
fn read(input: &Input, canonical: String, reader: &Reader<'_>) -> Result<Entry, ()> {
    let mut entry = Entry { input: input.clone(), canonical, unit: None, note: None };
    match reader.files.read(&input.path) {
        Err(ReadError::NotFound | ReadError::NotAFile) => return Err(()),
        Err(ReadError::Other(reason)) => entry.note = Some(format!("kalc does not check this file: {reason}")),
        Ok(bytes) => {
            let file = SourceFile::new(input.path.as_str(), bytes);
            match catch_unwind(AssertUnwindSafe(|| reader.read(input, file))) {
                Ok(unit) => entry.unit = Some(unit),
                Err(_) => entry.note = Some(FAILED.to_owned()),
            }
        }
    }
    Ok(entry)
}
