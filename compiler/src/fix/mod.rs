//! Carries out the fixes of findings, on texts: who writes them to a disk does so afterwards.
//!
//! Edits that touch each other are made in rounds, each on what the round before left. Before a fix counts, every host that
//! reads the file is read again:
//!
//! * A safe fix leaves the effect of every host as it was ([`effect`]); one that would not is not made, whatever its rule
//!   says.
//! * A suggested fix changes only hosts that have the finding: text that another host, or another configuration id, reads
//!   too is not changed for the sake of one.

mod choose;
mod overlay;

pub use choose::choose;

use crate::check::check_host;
use crate::diagnostic::{Diagnostic, Severity};
use crate::edit::{self, TextEdit};
use crate::host::Host;
use crate::ir_json::effect;
use crate::lint::{self, Scope};
use crate::project::{Input, Plan, Reader, Run, Unit};
use kalc_grammar::source::{SourceFile, Span};
use overlay::Overlay;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// More rounds are never needed by fixes that end; those that do not are stopped here.
const MOST_ROUNDS: usize = 500;

/// Which fixes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Those after which the daemon behaves the same.
    Safe,
    /// Suggested ones too.
    Suggested,
}

/// What was changed, and what is left.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that changed: their paths, with their bytes before and after, under the name that findings use.
    pub files: BTreeMap<String, FixedFile>,
    /// How many fixes were made.
    pub count: usize,
    /// The findings of the texts as they are now.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// Its name in findings.
    pub name: String,
    /// What it held.
    pub before: Vec<u8>,
    /// What it holds now.
    pub after: Vec<u8>,
}

/// Edits by the one spelling of the paths of files.
type Edits = BTreeMap<String, Vec<TextEdit>>;

/// The units of a run while they are fixed.
struct Job<'j> {
    units: &'j mut Vec<Unit>,
    /// What each unit was read from.
    inputs: &'j [Input],
    reader: &'j Reader<'j>,
    overlay: Overlay<'j>,
    /// The one spelling of the path of each file, by its name.
    paths: FxHashMap<String, String>,
    fixed: Fixed,
    /// Fixes that were tried and would do more than they say, by what identifies them.
    refused: FxHashSet<(&'static str, String, u32)>,
}

/// Which fixes are to be made.
pub struct Request<'r> {
    /// Of which kind.
    pub allowed: Allowed,
    /// Only those of findings that are at least as bad.
    pub least: Severity,
    /// Takes out findings that are known and stay.
    pub unknown: &'r dyn Fn(&Run<'_>, Vec<Diagnostic>) -> Vec<Diagnostic>,
}

/// Makes the fixes of what `plan` shows. The units, which were checked, are those of the texts as fixed afterwards; `inputs`
/// are what each of them was read from.
pub fn run(
    units: &mut Vec<Unit>,
    inputs: &[Input],
    reader: &Reader<'_>,
    plan: &Plan<'_>,
    request: &Request<'_>,
) -> Fixed {
    let overlay = Overlay::new(reader.files);
    let names = units.iter().flat_map(|unit| &unit.files);
    let paths = names.map(|file| (file.name.clone(), file.path.clone())).collect();
    let (fixed, refused) = (Fixed::default(), FxHashSet::default());
    let mut job = Job { units, inputs, reader, overlay, paths, fixed, refused };
    for _ in 0..MOST_ROUNDS {
        let run = Run::new(job.units.iter_mut().collect());
        job.fixed.diagnostics = (request.unknown)(&run, run.findings(plan, reader.files));
        let asked: FxHashSet<String> = run.asked_for().map(str::to_owned).collect();
        let may = |d: &Diagnostic| d.severity >= request.least && job.may_fix(d, &asked);
        let mut chosen = choose(&job.fixed.diagnostics, Allowed::Safe, &may);
        if chosen.is_empty() && request.allowed == Allowed::Suggested {
            chosen = choose(&job.fixed.diagnostics, Allowed::Suggested, &may);
        }
        let chosen: Vec<Diagnostic> = chosen.into_iter().cloned().collect();
        if chosen.is_empty() {
            break;
        }
        job.round(&chosen);
    }
    // What was changed back is no change.
    job.fixed.files.retain(|_, file| file.before != file.after);
    job.fixed
}

impl Job<'_> {
    /// Whether a fix touches only files that the user asked for, and was not refused before.
    fn may_fix(&self, d: &Diagnostic, asked: &FxHashSet<String>) -> bool {
        let edits = d.fix.iter().flat_map(|fix| &fix.edits);
        let known = |name: &str| self.paths.get(name).is_some_and(|path| asked.contains(path));
        edits.into_iter().all(|edit| known(&edit.place.file)) && !self.refused.contains(&identity(d))
    }

    /// Makes fixes that do not touch each other: all at once, or as many as do no harm. What is left comes in a later round,
    /// since positions are those of the texts before.
    fn round(&mut self, mut chosen: &[Diagnostic]) {
        while !self.make(chosen) {
            match chosen {
                [] => return,
                [d] => {
                    self.refused.insert(identity(d));
                    return;
                }
                several => chosen = &several[..several.len() / 2],
            }
        }
    }

    /// Makes fixes together, unless a host would then do something else than it should.
    fn make(&mut self, fixes: &[Diagnostic]) -> bool {
        let edits = self.edits(fixes);
        let touched: Vec<usize> = (0..self.units.len())
            .filter(|&unit| self.units[unit].paths().any(|path| edits.contains_key(path)))
            .collect();
        let mut texts: BTreeMap<String, FixedFile> = BTreeMap::new();
        for (path, edits) in &edits {
            let Some(file) = self.source(path) else { return false };
            let before = file.bytes();
            let after = edit::apply(&before, edits);
            texts.insert(path.clone(), FixedFile { name: file.name().to_owned(), before, after });
        }
        for (path, file) in &texts {
            self.overlay.set(path, file.after.clone());
        }
        let read: Vec<Unit> = touched.iter().map(|&unit| self.read_again(unit)).collect();
        let harmless = touched.iter().zip(&read).all(|(&unit, new)| {
            let old = &self.units[unit];
            hosts(old).zip(hosts(new)).all(|(old, new)| is_right(fixes, old, new))
                && hosts(old).count() == hosts(new).count()
        });
        if !harmless {
            for (path, file) in &texts {
                let known = self.fixed.files.contains_key(path);
                if known { self.overlay.set(path, file.before.clone()) } else { self.overlay.remove(path) }
            }
            return false;
        }
        for (unit, mut new) in touched.into_iter().zip(read) {
            new.check();
            self.units[unit] = new;
        }
        for (path, file) in texts {
            let after = file.after.clone();
            self.fixed.files.entry(path).or_insert(file).after = after;
        }
        self.fixed.count += fixes.len();
        true
    }

    fn edits(&self, fixes: &[Diagnostic]) -> Edits {
        let mut edits = Edits::new();
        for edit in fixes.iter().filter_map(|d| d.fix.as_ref()).flat_map(|fix| &fix.edits) {
            let Some(path) = self.paths.get(&*edit.place.file).cloned() else { continue };
            let span = Span::new(edit.place.start.offset, edit.place.end.offset);
            edits.entry(path).or_default().push(TextEdit { span, text: edit.text.clone() });
        }
        for edits in edits.values_mut() {
            edits.sort();
            edits.dedup();
        }
        edits
    }

    fn source(&self, path: &str) -> Option<&SourceFile> {
        let name = self.units.iter().flat_map(|unit| &unit.files).find(|file| file.path == path)?.name.as_str();
        let sources = self.units.iter().flat_map(hosts_and_main).flat_map(|host| host.sources.iter());
        sources.map(|(_, file)| file).find(|file| file.name() == name)
    }

    fn read_again(&self, unit: usize) -> Unit {
        let old = &self.units[unit];
        let main = old.host.sources.iter().next().map(|(_, file)| file);
        let name = main.map_or("", SourceFile::name);
        let file = match self.overlay.text(old.path()) {
            Some(bytes) => SourceFile::new(name, bytes.to_vec()),
            None => main.cloned().unwrap_or_else(|| SourceFile::new("", Vec::new())),
        };
        let reader = Reader { files: &self.overlay, ..self.reader.clone() };
        reader.read(&self.inputs[unit], file)
    }
}

fn identity(d: &Diagnostic) -> (&'static str, String, u32) {
    (d.code, d.place.file.to_string(), d.place.start.offset)
}

/// The hosts of a unit that are checked.
fn hosts(unit: &Unit) -> impl Iterator<Item = &Host> {
    let main = unit.variants.is_empty().then_some(&unit.host);
    main.into_iter().chain(&unit.variants).map(|host| &**host)
}

fn hosts_and_main(unit: &Unit) -> impl Iterator<Item = &Host> {
    std::iter::once(&unit.host).chain(&unit.variants).map(|host| &**host)
}

/// Whether a host does after some fixes what it should.
fn is_right(fixes: &[Diagnostic], old: &Host, new: &Host) -> bool {
    if meaning(old) == meaning(new) {
        return true;
    }
    if fixes.iter().any(|d| d.fix.as_ref().is_some_and(|fix| fix.safe)) {
        return false;
    }
    // Of what changed, all must be what this host's findings ask for.
    let found = check_host(old);
    let reads = |d: &Diagnostic| {
        let edits = d.fix.iter().flat_map(|fix| &fix.edits);
        let names: BTreeSet<&str> = edits.map(|edit| &*edit.place.file).collect();
        old.sources.iter().any(|(_, file)| names.contains(file.name()))
    };
    fixes.iter().filter(|d| reads(d)).all(|d| {
        let is_own = found.iter().any(|own| own.code == d.code && own.place == d.place && own.fix == d.fix);
        let is_fleet = lint::find(d.code).is_some_and(|rule| rule.scope() == Scope::Cluster);
        is_own || is_fleet && old.sources.iter().next().is_some_and(|(_, main)| is_only_in(d, main.name()))
    })
}

fn is_only_in(d: &Diagnostic, file: &str) -> bool {
    d.fix.iter().flat_map(|fix| &fix.edits).all(|edit| &*edit.place.file == file)
}

fn meaning(host: &Host) -> Value {
    effect(&host.ir)
}
