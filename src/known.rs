//! `--baseline` and `--write-baseline`: findings that a team knows of and puts up with, in a file beside the configurations.

use crate::cli::CheckArgs;
use crate::disk::{self, Disk};
use crate::error::Error;
use crate::output;
use kalc_compiler::baseline::{Baseline, Key, Split, Texts};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::lint::{self, Scope};
use kalc_compiler::project::Run;
use kalc_grammar::files::FileSystem;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// What a run left out, and what its baseline holds in vain.
#[derive(Debug)]
pub struct Beside {
    /// How many findings are in the baseline.
    pub known: usize,
    gone: Vec<(Key, usize)>,
    path: String,
}

/// The baseline of a run.
#[derive(Debug)]
pub struct Known {
    path: String,
    baseline: Baseline,
    /// The folder of its file, by its one spelling: names of files in it are relative to that.
    folder: String,
}

impl Known {
    /// The baseline that was asked for.
    pub fn read(args: &CheckArgs) -> Result<Option<Known>, Error> {
        let Some(path) = &args.baseline else { return Ok(None) };
        let file = disk::read(path)?;
        let wrong = |reason: String| Error::Baseline { path: path.clone(), reason };
        let baseline = Baseline::read(file.text()).map_err(wrong)?;
        Ok(Some(Known { path: path.clone(), baseline, folder: folder(path) }))
    }

    /// Findings that are new, how many are known, and what is gone.
    pub fn split(&self, run: &Run<'_>, found: Vec<Diagnostic>) -> Split {
        let name = |file: &str| name(&self.folder, file);
        self.baseline.split(found, &mut Texts::new(run.sources(), &name))
    }

    /// Takes the known findings out.
    pub fn take(&self, run: &Run<'_>, found: &mut Vec<Diagnostic>, args: &CheckArgs) -> Beside {
        let split = self.split(run, std::mem::take(found));
        let files: BTreeSet<String> = run.sources().map(|file| name(&self.folder, file.name())).collect();
        // What could not have been found in this run is not gone.
        let could_speak = |code: &str| {
            let Some(rule) = lint::find(code) else { return true };
            let named = |words: &[String]| words.iter().any(|word| rule.matches(word));
            let is_off = named(&args.ignore) || named(&args.off) || !args.select.is_empty() && !named(&args.select);
            !is_off && (rule.scope() == Scope::File || !args.no_cluster && run.files() > 1)
        };
        let is_gone = |(key, _): &(Key, usize)| files.contains(&key.file) && could_speak(&key.code);
        *found = split.new;
        Beside { known: split.known, gone: split.gone.into_iter().filter(is_gone).collect(), path: self.path.clone() }
    }
}

impl Beside {
    /// Tells on standard error what the baseline holds in vain.
    pub fn tell(&self) {
        for (key, count) in &self.gone {
            let place: Vec<&str> = key.path.iter().chain([&key.statement]).map(String::as_str).collect();
            let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
            eprintln!("{}: gone: {} in {}: {}{times}", self.path, key.code, key.file, place.join(" > "));
        }
    }

    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let gone = self.gone.iter().map(|(key, count)| {
            json!({ "code": key.code, "file": key.file, "path": key.path, "statement": key.statement, "count": count })
        });
        json!({ "known": self.known, "gone": gone.collect::<Vec<_>>() })
    }
}

/// Writes what was found as a baseline, but for hints that are not shown.
pub fn write(path: &str, run: &Run<'_>, found: &[Diagnostic], args: &CheckArgs) -> Result<(), Error> {
    let folder = folder(path);
    let name = |file: &str| name(&folder, file);
    let found: Vec<Diagnostic> = found.iter().filter(|d| args.hints || d.severity > Severity::Hint).cloned().collect();
    let baseline = Baseline::of(&found, &mut Texts::new(run.sources(), &name));
    output::write(&baseline.write(), Some(path))?;
    if !args.quiet {
        let count = baseline.len();
        eprintln!("{count} finding{} written to {path}", if count == 1 { "" } else { "s" });
    }
    Ok(())
}

fn folder(path: &str) -> String {
    let folder = Path::new(path).parent().map_or(String::new(), |folder| folder.to_string_lossy().into_owned());
    Disk.canonical(if folder.is_empty() { "." } else { &folder })
}

/// The name of a file that is the same wherever kalc runs.
fn name(folder: &str, file: &str) -> String {
    let path = Disk.canonical(file);
    let below = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    below.map(str::to_owned).unwrap_or(path)
}
