//! How bad a finding is here: the command line before `kalc.toml` for its path, before `kalc.toml` for all, before the rule.

use crate::cli::CheckArgs;
use crate::error::Error;
use crate::inputs::plain;
use crate::project::{Level, Project};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::lint::{self, Rule};
use std::collections::HashMap;

/// What was said about severities.
#[derive(Debug)]
pub struct Levels<'a> {
    args: &'a CheckArgs,
    project: Option<&'a Project>,
    /// Paths below the project's folder by names of files.
    paths: HashMap<String, String>,
    folder: String,
}

impl<'a> Levels<'a> {
    /// Of a run. Rules that do not exist are an error.
    pub fn new(args: &'a CheckArgs, project: Option<&'a Project>) -> Result<Self, Error> {
        for name in [&args.select, &args.ignore, &args.off, &args.error, &args.warn].into_iter().flatten() {
            if !lint::rules::RULES.iter().any(|rule| rule.matches(name)) {
                return Err(crate::command::explain::no_such_rule(name));
            }
        }
        let folder = project.map(|project| plain(&project.folder_name())).unwrap_or_default();
        Ok(Levels { args, project, paths: HashMap::new(), folder })
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
        let args = self.args;
        if !args.select.is_empty() && !named(&args.select) || named(&args.ignore) || named(&args.off) {
            return None;
        }
        if named(&args.error) {
            return Some(Severity::Error);
        }
        if named(&args.warn) {
            return Some(Severity::Warning);
        }
        let mut level = Some(d.severity);
        let Some(project) = self.project else { return level };
        let mut set = |rules: &[(String, Level)]| {
            for (name, to) in rules {
                if rule.matches(name) {
                    level = *to;
                }
            }
        };
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
        let folder = &self.folder;
        self.paths.entry(file.to_owned()).or_insert_with(|| {
            let whole = plain(file);
            let below = whole.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/'));
            below.map(str::to_owned).unwrap_or(whole)
        })
    }
}
