//! What one `kalc.toml` is said of, or what none is: folders and documents that are checked together, as `kalc check FOLDER`
//! would, and what was read of them.
//!
//! The `kalc.toml` of a workspace folder is the one in it or in the nearest folder above it; documents outside all
//! workspace folders go by their own folder. It is read anew in each run, so a change counts with the next run even if
//! nobody told of it.

use super::overlay::Overlay;
use super::{FAILED, Note, Preferences, Reading};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::host::Host;
use kalc_compiler::project::{Input, NAME, Origin, Overrides, Plan, Project, Reader, Run, Unit, add_peers};
use kalc_compiler::settings::Settings;
use kalc_compiler::suppress::Date;
use kalc_grammar::files::{FileSystem, ReadError};
use kalc_grammar::source::SourceFile;
use rustc_hash::FxHashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

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
struct Entry {
    input: Input,
    /// The one spelling of its path.
    canonical: String,
    /// `None` if it could not be read.
    unit: Option<Unit>,
    is_checked: bool,
    /// For requests: the host as read without a configuration id, then under each id.
    readings: Vec<Arc<Reading>>,
    note: Option<String>,
}

impl Entry {
    /// The one spelling of the path of each of its files.
    fn files(&self) -> impl Iterator<Item = &str> {
        let own = std::iter::once(self.canonical.as_str());
        own.chain(self.unit.iter().flat_map(|unit| unit.paths()))
    }
}

/// Files that are checked together.
#[derive(Default)]
pub(super) struct Area {
    toml: Option<Toml>,
    project: Option<Project>,
    preferences: Arc<Preferences>,
    /// What is wrong with the `kalc.toml`; the project is then the last one that was right.
    problem: Option<Note>,
    /// Members of clusters that cannot be read.
    missing: Vec<Note>,
    /// Whether a folder is checked, and not only files that happen to be open.
    is_folder: bool,
    entries: Vec<Entry>,
}

impl Area {
    /// Takes over what a `kalc.toml` says now, and what the user prefers.
    pub fn settle(&mut self, toml: Option<Toml>, is_folder: bool, preferences: &Arc<Preferences>) {
        self.is_folder = is_folder;
        if self.toml == toml && self.preferences == *preferences {
            return;
        }
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
            Some(Ok(project)) => self.project = Some(project),
            Some(Err(problem)) => self.problem = Some(problem),
        }
        self.toml = toml;
        // Settings decide what is found on each host.
        self.entries.clear();
    }

    /// Forgets what may have changed.
    pub fn forget(&mut self, is_same: &dyn Fn(&str) -> bool) {
        self.entries.retain(|entry| entry.files().all(is_same));
    }

    /// Reads the files of these names that are not known yet.
    pub fn read(&mut self, paths: &[String], overlay: &Overlay<'_>) {
        let mut inputs: Vec<Input> = paths.iter().map(|path| Input::new(path, Origin::Found)).collect();
        if let Some(project) = &self.project {
            inputs = add_peers(inputs, &project.clusters, overlay);
        }
        let reader = Reader { files: overlay, profile: self.preferences.profile(), settings: self.settings() };
        let entries = std::mem::take(&mut self.entries).into_iter();
        let key = |input: &Input, canonical: &str| (canonical.to_owned(), input.path.clone(), input.cluster);
        let mut known: FxHashMap<_, Entry> =
            entries.map(|entry| (key(&entry.input, &entry.canonical), entry)).collect();
        self.missing.clear();
        for input in inputs {
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
        Run::new(self.units());
    }

    fn settings(&self) -> Settings {
        self.preferences.settings(self.project.as_ref())
    }

    fn units(&mut self) -> Vec<&mut Unit> {
        self.entries.iter_mut().filter_map(|entry| entry.unit.as_mut()).collect()
    }

    /// The hosts that hold files for which `is_open` says so.
    pub fn readings(&mut self, is_open: &dyn Fn(&str) -> bool, overlay: &Overlay<'_>) -> Vec<Arc<Reading>> {
        let mut all = Vec::new();
        for entry in &mut self.entries {
            let Some(unit) = &entry.unit else { continue };
            if !unit.is_host || !unit.paths().any(is_open) {
                entry.readings.clear();
                continue;
            }
            if entry.readings.is_empty() {
                let hosts = std::iter::once(&unit.host).chain(&unit.variants);
                let reading = |host: &Arc<Host>| {
                    let files = host.sources.iter().map(|(_, file)| overlay.canonical(file.name())).collect();
                    Arc::new(Reading { host: Arc::clone(host), files })
                };
                entry.readings = hosts.map(reading).collect();
            }
            all.extend(entry.readings.iter().cloned());
        }
        all
    }

    /// Checks what was read. `None` if `is_stale` says in between that nobody wants the answer any more.
    pub fn check(
        &mut self,
        overlay: &Overlay<'_>,
        is_stale: &dyn Fn() -> bool,
    ) -> Option<(Vec<Diagnostic>, Vec<Note>)> {
        for entry in &mut self.entries {
            if is_stale() {
                return None;
            }
            let (Some(unit), false) = (&mut entry.unit, entry.is_checked) else { continue };
            if !unit.is_host {
                continue;
            }
            entry.is_checked = true;
            if catch_unwind(AssertUnwindSafe(|| unit.check())).is_err() {
                unit.diagnostics = Vec::new();
                entry.note = Some(FAILED.to_owned());
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (today, is_folder, settings) = (Date::from_unix(now), self.is_folder, self.settings());
        let units = self.entries.iter_mut().filter_map(|entry| entry.unit.as_mut()).collect();
        let run = Run::new(units);
        let overrides = Overrides { defaults: self.preferences.rules.clone(), ..Overrides::default() };
        let plan = |compares| {
            let project = self.project.as_ref();
            Plan { project, overrides: &overrides, today, compares, is_folder, settings: &settings }
        };
        let compared = catch_unwind(AssertUnwindSafe(|| run.findings(&plan(true), overlay)));
        let has_failed = compared.is_err();
        let found = compared.unwrap_or_else(|_| run.findings(&plan(false), overlay));

        let plain = |path: &str, message: &str| {
            let (path, message) = (path.to_owned(), message.to_owned());
            Note { path, message, at: None, is_error: false }
        };
        let mut notes: Vec<Note> = self
            .entries
            .iter()
            .filter_map(|entry| Some(plain(&entry.input.path, entry.note.as_deref()?)))
            .chain(self.problem.clone())
            .chain(self.missing.iter().cloned())
            .collect();
        if has_failed {
            let message = "kalc failed to compare this file with its peers: please report it";
            notes.extend(self.entries.iter().map(|entry| plain(&entry.input.path, message)));
        }
        Some((found, notes))
    }

    /// The texts of all files that findings and notes may speak of, by their names.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let units = self.entries.iter().filter_map(|entry| entry.unit.as_ref());
        let hosts = units.flat_map(|unit| std::iter::once(&unit.host).chain(&unit.variants));
        let files = hosts.flat_map(|host| host.sources.iter()).map(|(_, file)| (file.name(), &**file.text()));
        let toml = self.toml.iter().filter_map(|toml| Some((toml.path.as_str(), toml.text.as_deref().ok()?)));
        files.chain(toml)
    }
}

/// Reads one main file; an error if there is none.
fn read(input: &Input, canonical: String, reader: &Reader<'_>) -> Result<Entry, ()> {
    let mut entry =
        Entry { input: input.clone(), canonical, unit: None, is_checked: false, readings: Vec::new(), note: None };
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
