//! From findings to what clients show, by file.

use super::abilities::Abilities;
use super::convert::{self, Lines};
use super::snapshot::{Asked, Checked, Finding, Snapshot};
use crate::analysis::{Disk, Documents, Found, Note};
use crate::ide::diagnostics::{Mark, by_file, mark, message, page};
use kalc_compiler::diagnostic::{Diagnostic, Place};
use kalc_grammar::source::Span;
use rustc_hash::{FxHashMap, FxHasher};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use tower_lsp::ls_types::{
    CodeDescription, Diagnostic as LspDiagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    DocumentDiagnosticReport, FullDocumentDiagnosticReport, Location, NumberOrString, Range,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri,
};

/// What is to be shown.
pub fn publish(found: Found, snapshot: &Snapshot) -> Checked {
    let mut places = Places::new(snapshot);
    let abilities = &snapshot.abilities;
    let mut findings: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for document in snapshot.documents.values() {
        findings.entry(document.path.clone()).or_default();
    }
    for (_, list) in by_file(found.diagnostics) {
        for diagnostic in list {
            let Some(at) = places.location(&diagnostic.place) else { continue };
            let related = diagnostic.related.iter().filter_map(|related| {
                let location = places.location(&related.place)?;
                Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
            });
            let related: Vec<_> = related.collect();
            let shown = show(&diagnostic, at.range, related, abilities);
            findings.entry(convert::path(&at.uri)).or_default().push(Finding { diagnostic: Some(diagnostic), shown });
        }
    }
    for note in found.notes {
        let name = places.name(&note.path);
        let shown = show_note(&note, &mut places);
        findings.entry(name).or_default().push(Finding { diagnostic: None, shown });
    }
    let lenses = if abilities.refreshes_lenses { lenses(snapshot) } else { 0 };
    Checked { covered: snapshot.covered.clone(), findings, lenses }
}

/// The findings of one file, for a client that asks; `known` is the name of those that it has.
pub fn pulled(asked: &Asked, known: Option<&str>) -> DocumentDiagnosticReport {
    let items: Vec<LspDiagnostic> = asked.findings().iter().map(|finding| finding.shown.clone()).collect();
    let mut hasher = FxHasher::default();
    // Plain data; two lists that read the same are the same.
    format!("{items:?}").hash(&mut hasher);
    let result_id = format!("{:016x}", hasher.finish());
    if known == Some(&result_id) {
        let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
        return DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report,
        });
    }
    let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(result_id), items };
    DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report,
    })
}

/// Leads from the places of findings to those that the client knows.
struct Places<'s> {
    documents: &'s Documents,
    disk: &'s dyn Disk,
    abilities: &'s Abilities,
    texts: FxHashMap<&'s str, &'s str>,
    lines: FxHashMap<String, (String, Lines<'s>)>,
}

impl<'s> Places<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        let texts = snapshot.scenes.iter().flat_map(|scene| scene.texts()).collect();
        let (documents, disk) = (&*snapshot.documents, &*snapshot.disk);
        Places { documents, disk, abilities: &snapshot.abilities, texts, lines: FxHashMap::default() }
    }

    /// The client's name of a file: files are known by one spelling; open ones by the name that the editor gave them.
    fn name(&self, file: &str) -> String {
        if let Some(document) = self.documents.get(file) {
            return document.path.clone();
        }
        let canonical = self.disk.canonical(file);
        self.documents.get(&canonical).map_or_else(|| file.to_owned(), |document| document.path.clone())
    }

    fn file(&mut self, file: &str) -> &(String, Lines<'s>) {
        if !self.lines.contains_key(file) {
            let text = self.texts.get(file).copied().unwrap_or("");
            let known = (self.name(file), Lines::new(text, self.abilities.encoding));
            self.lines.insert(file.to_owned(), known);
        }
        &self.lines[file]
    }

    fn location(&mut self, place: &Place) -> Option<Location> {
        let (name, lines) = self.file(&place.file);
        let range = lines.range(Span::new(place.start.offset, place.end.offset));
        Some(Location { uri: convert::uri(name)?, range })
    }
}

fn show(
    diagnostic: &Diagnostic,
    range: Range,
    related: Vec<DiagnosticRelatedInformation>,
    abilities: &Abilities,
) -> LspDiagnostic {
    let tag = mark(diagnostic).map(|mark| match mark {
        Mark::Unnecessary => DiagnosticTag::UNNECESSARY,
        Mark::Deprecated => DiagnosticTag::DEPRECATED,
    });
    let page = page(diagnostic.code).and_then(|page| Uri::from_str(&page).ok());
    LspDiagnostic {
        range,
        severity: Some(convert::severity(diagnostic.severity)),
        code: Some(NumberOrString::String(diagnostic.code.to_owned())),
        code_description: page.filter(|_| abilities.code_pages).map(|href| CodeDescription { href }),
        source: Some("kalc".to_owned()),
        message: message(diagnostic),
        related_information: (abilities.related && !related.is_empty()).then_some(related),
        tags: tag.filter(|_| abilities.diagnostic_tags).map(|tag| vec![tag]),
        ..LspDiagnostic::default()
    }
}

fn show_note(note: &Note, places: &mut Places<'_>) -> LspDiagnostic {
    let lines = &places.file(&note.path).1;
    LspDiagnostic {
        range: note.at.clone().map(|at| lines.range(Span::new(at.start as u32, at.end as u32))).unwrap_or_default(),
        severity: Some(match note.is_error {
            true => DiagnosticSeverity::ERROR,
            false => DiagnosticSeverity::INFORMATION,
        }),
        source: Some("kalc".to_owned()),
        message: note.message.clone(),
        ..LspDiagnostic::default()
    }
}

/// Tells whether code lenses of open documents would say something else.
fn lenses(snapshot: &Snapshot) -> u64 {
    let mut hasher = FxHasher::default();
    for scene in &snapshot.scenes {
        for (index, reading) in scene.company.readings.iter().enumerate() {
            if !reading.files.iter().any(|file| snapshot.documents.contains_key(file)) {
                continue;
            }
            for instance in 0..reading.host.ir.vrrp_instances.len() {
                scene.company.standing(index, instance).map(|standing| standing.line()).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}
