//! The thread that reads and checks, so that nothing else ever waits for it.

use super::convert::{self, Lines};
use super::world::{Abilities, Covered, Outcome, Snapshot};
use crate::analysis::{Analyst, Disk, Input};
use crate::ide::diagnostics::{by_file, message};
use kalc_compiler::diagnostic::{Diagnostic, Place};
use kalc_grammar::source::Span;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use tokio::sync::mpsc::UnboundedSender;
use tower_lsp::ls_types::{
    Diagnostic as LspDiagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    Range as LspRange,
};

/// A run to make.
pub struct Job {
    /// Its number; runs with a lower one are stale.
    pub revision: u64,
    /// What to read.
    pub input: Input,
    /// Which versions it will have seen.
    pub covered: Covered,
    /// What the client can do.
    pub abilities: Abilities,
}

/// Starts the thread. It ends when nobody can send it jobs any more.
pub fn start(
    disk: Arc<dyn Disk>,
    newest: Arc<AtomicU64>,
    outcomes: UnboundedSender<Outcome>,
) -> io::Result<mpsc::Sender<Job>> {
    let (sender, jobs) = mpsc::channel::<Job>();
    std::thread::Builder::new().name("kalc-analysis".to_owned()).stack_size(16 << 20).spawn(move || {
        let mut analyst = Analyst::new(Arc::clone(&disk));
        let mut left = (false, false);
        while let Ok(mut job) = jobs.recv() {
            // Of jobs that wait only the last one matters, but files that may have changed are still to be read.
            while let Ok(later) = jobs.try_recv() {
                left = (left.0 | job.input.rescan, left.1 | job.input.reread);
                job = later;
            }
            job.input.rescan |= left.0;
            job.input.reread |= left.1;
            left = (false, false);
            // What panics is caught where it is done; this is for what nobody thought of.
            let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                run(&mut analyst, &job, &newest, &outcomes, &*disk);
            }));
            if run.is_err() {
                analyst = Analyst::new(Arc::clone(&disk));
                let snapshot = Snapshot { covered: job.covered, readings: Vec::new(), abilities: job.abilities };
                let _ = outcomes.send(Outcome::Read(Arc::new(snapshot)));
            }
        }
    })?;
    Ok(sender)
}

fn run(analyst: &mut Analyst, job: &Job, newest: &AtomicU64, outcomes: &UnboundedSender<Outcome>, disk: &dyn Disk) {
    let readings = analyst.read(&job.input);
    let snapshot = Snapshot { covered: job.covered.clone(), readings, abilities: job.abilities };
    let _ = outcomes.send(Outcome::Read(Arc::new(snapshot)));
    let is_stale = || newest.load(Ordering::Acquire) > job.revision;
    let Some((diagnostics, notes)) = analyst.check(&is_stale) else { return };

    // Files are known by one spelling; open ones by the name that the editor gave them.
    let names = |file: &str| match job.input.documents.get(file) {
        Some(document) => document.path.clone(),
        None => {
            let canonical = disk.canonical(file);
            job.input.documents.get(&canonical).map_or_else(|| file.to_owned(), |document| document.path.clone())
        }
    };
    let mut known: FxHashMap<String, String> = FxHashMap::default();
    let texts = analyst.texts();
    let mut lines: FxHashMap<String, Lines<'_>> = FxHashMap::default();
    let mut location = |place: &Place| -> Option<Location> {
        let file = &*place.file;
        let text = texts.get(file).copied().unwrap_or("");
        let name = known.entry(file.to_owned()).or_insert_with(|| names(file));
        let lines = lines.entry(file.to_owned()).or_insert_with(|| Lines::new(text, job.abilities.encoding));
        let range = lines.range(Span::new(place.start.offset, place.end.offset));
        Some(Location { uri: convert::uri(name)?, range })
    };
    let mut published: BTreeMap<String, Vec<LspDiagnostic>> = BTreeMap::new();
    for document in job.input.documents.values() {
        published.entry(document.path.clone()).or_default();
    }
    for (_, found) in by_file(diagnostics) {
        for diagnostic in found {
            let Some(at) = location(&diagnostic.place) else { continue };
            let related = diagnostic.related.iter().filter_map(|related| {
                Some(DiagnosticRelatedInformation {
                    location: location(&related.place)?,
                    message: related.message.clone(),
                })
            });
            let related: Vec<_> = related.collect();
            published.entry(convert::path(&at.uri)).or_default().push(convert_diagnostic(
                &diagnostic,
                at.range,
                related,
                job,
            ));
        }
    }
    for note in notes {
        let text = texts.get(note.path.as_str()).copied().unwrap_or("");
        let range = |at: Range<usize>| {
            Lines::new(text, job.abilities.encoding).range(Span::new(at.start as u32, at.end as u32))
        };
        let diagnostic = LspDiagnostic {
            range: note.at.map(range).unwrap_or_default(),
            severity: Some(match note.is_error {
                true => DiagnosticSeverity::ERROR,
                false => DiagnosticSeverity::INFORMATION,
            }),
            source: Some("kalc".to_owned()),
            message: note.message,
            ..LspDiagnostic::default()
        };
        published.entry(names(&note.path)).or_default().push(diagnostic);
    }
    if !is_stale() {
        let _ = outcomes.send(Outcome::Checked { published, covered: job.covered.clone() });
    }
}

fn convert_diagnostic(
    diagnostic: &Diagnostic,
    range: LspRange,
    related: Vec<DiagnosticRelatedInformation>,
    job: &Job,
) -> LspDiagnostic {
    LspDiagnostic {
        range,
        severity: Some(convert::severity(diagnostic.severity)),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        source: Some("kalc".to_owned()),
        message: message(diagnostic),
        related_information: (job.abilities.related && !related.is_empty()).then_some(related),
        ..LspDiagnostic::default()
    }
}
