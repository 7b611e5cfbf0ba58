//! How bad a finding is here: the command line before `kalc.toml` for its path, before `kalc.toml` for all, before what the
//! user of an editor prefers, before the rule.

use super::Project;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lint::{self, Rule};
use kalc_grammar::files::FileSystem;
use rustc_hash::FxHashMap;

/// How bad a rule's findings are: `None` is off.
pub type Level = Option<Severity>;

/// What was said of severities for one run only. Words are codes, names, or beginnings of codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Only these rules, unless empty.
    pub select: Vec<String>,
    /// Rules that are not to speak.
    pub off: Vec<String>,
    /// Rules whose findings are errors.
    pub error: Vec<String>,
    /// Rules whose findings are warnings.
    pub warn: Vec<String>,
    /// Severities where neither the above nor `kalc.toml` says anything; later ones count.
    pub defaults: Vec<(String, Level)>,
}

impl Overrides {
    /// A word that means no rule, if there is one.
    pub fn unknown(&self) -> Option<&str> {
        let words = [&self.select, &self.off, &self.error, &self.warn].into_iter().flatten();
        words.map(String::as_str).find(|word| !lint::rules::RULES.iter().any(|rule| rule.matches(word)))
    }
}

/// What was said about severities.
pub struct Levels<'a> {
    overrides: &'a Overrides,
    project: Option<&'a Project>,
    files: &'a dyn FileSystem,
    /// The project's folder by its one spelling.
    folder: String,
    /// Paths below that folder by names of files.
    paths: FxHashMap<String, String>,
}

impl<'a> Levels<'a> {
    /// Of a run.
    pub fn new(overrides: &'a Overrides, project: Option<&'a Project>, files: &'a dyn FileSystem) -> Self {
        let folder = project.map(|project| files.canonical(&project.folder_name())).unwrap_or_default();
        Levels { overrides, project, files, folder, paths: FxHashMap::default() }
    }

    /// Sets severities, and takes out what nobody wants to see.
    pub fn apply(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain_mut(|d| {
            let Some(rule) = lint::find(d.code) else { return true };
            match self.level(rule, d) {
                Some(severity) => d.severity = severity,
                None => return false,
            }
            true
        });
    }

    fn level(&mut self, rule: &Rule, d: &Diagnostic) -> Level {
        let named = |names: &[String]| names.iter().any(|name| rule.matches(name));
        let Overrides { select, off, error, warn, defaults } = self.overrides;
        if !select.is_empty() && !named(select) || named(off) {
            return None;
        }
        if named(error) {
            return Some(Severity::Error);
        }
        if named(warn) {
            return Some(Severity::Warning);
        }
        let mut level = Some(d.severity);
        let mut set = |rules: &[(String, Level)]| {
            for (name, to) in rules {
                if rule.matches(name) {
                    level = *to;
                }
            }
        };
        set(defaults);
        let Some(project) = self.project else { return level };
        set(&project.rules);
        if !project.per_file.is_empty() {
            let path = self.path(&d.place.file);
            for per_file in project.per_file.iter().filter(|per_file| per_file.files.is_match(path)) {
                set(&per_file.rules);
            }
        }
        level
    }

    fn path(&mut self, file: &str) -> &str {
        let (folder, files) = (&self.folder, self.files);
        self.paths.entry(file.to_owned()).or_insert_with(|| {
            let whole = files.canonical(file);
            let below = whole.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/'));
            below.map(str::to_owned).unwrap_or(whole)
        })
    }
}
