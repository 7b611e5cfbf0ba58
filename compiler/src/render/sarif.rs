//! SARIF 2.1.0, which code hosts and scanners exchange.

use super::paths::{Base, fingerprints};
use crate::diagnostic::{Diagnostic, Edit, Fix, Place, Related, Severity};
use crate::lint::{self, Rule};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where the format is described.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One log with one run. `version` is that of kalc.
pub fn render(diagnostics: &[Diagnostic], base: &Base, version: &str) -> Value {
    let mut codes: Vec<&str> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<&Rule> = codes.iter().filter_map(|code| lint::find(code)).collect();
    let indices: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.meta.code, at)).collect();
    let results: Vec<Value> = std::iter::zip(diagnostics, fingerprints(diagnostics, base))
        .map(|(d, fingerprint)| result(d, indices.get(d.code).copied(), &fingerprint, base))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kalc",
                "semanticVersion": version,
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.into_iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    let page = rule.page();
    let mut paragraphs = page.split("\n\n").filter(|paragraph| !paragraph.trim_start().starts_with("```"));
    let short = joined(paragraphs.next().unwrap_or(""));
    // Why it matters: the paragraph behind the first one.
    let full = paragraphs.next().map_or_else(|| short.clone(), |why| format!("{short} {}", joined(why)));
    json!({
        "id": rule.meta.code,
        "name": camel_case(rule.name),
        "shortDescription": { "text": short },
        "fullDescription": { "text": full },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(rule.meta.severity) },
        "properties": { "name": rule.name, "tags": [rule.group()], "blocksRun": rule.meta.blocks_run },
    })
}

fn result(d: &Diagnostic, rule: Option<usize>, fingerprint: &str, base: &Base) -> Value {
    let mut result = json!({
        "ruleId": d.code,
        "level": level(d.severity),
        "message": { "text": super::in_words(d) },
        "locations": [{ "physicalLocation": location(&d.place, base) }],
        "partialFingerprints": { "kalc/v1": fingerprint },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    if !d.related.is_empty() {
        let related = |(id, related): (usize, &Related)| {
            json!({
                "id": id,
                "physicalLocation": location(&related.place, base),
                "message": { "text": related.message },
            })
        };
        result["relatedLocations"] = d.related.iter().enumerate().map(related).collect();
    }
    if let Some(found) = &d.fix {
        result["fixes"] = json!([fix(found, d.help.as_deref(), base)]);
    }
    result
}

fn fix(fix: &Fix, help: Option<&str>, base: &Base) -> Value {
    let mut files: Vec<(&str, Vec<&Edit>)> = Vec::new();
    for edit in &fix.edits {
        match files.iter_mut().find(|(file, _)| *file == &*edit.place.file) {
            Some((_, edits)) => edits.push(edit),
            None => files.push((&edit.place.file, vec![edit])),
        }
    }
    let replacement =
        |edit: &&Edit| json!({ "deletedRegion": region(&edit.place), "insertedContent": { "text": edit.text } });
    let changes: Vec<Value> = files
        .into_iter()
        .map(|(file, edits)| {
            json!({
                "artifactLocation": { "uri": base.uri(file) },
                "replacements": edits.iter().map(replacement).collect::<Vec<_>>(),
            })
        })
        .collect();
    let kind = if fix.safe { "the daemon behaves the same afterwards" } else { "a suggestion" };
    json!({
        "description": { "text": help.map_or_else(|| kind.to_owned(), |help| format!("{help} ({kind})")) },
        "artifactChanges": changes,
    })
}

fn location(place: &Place, base: &Base) -> Value {
    let mut region = region(place);
    // Readers show nothing for an empty region.
    if place.start.offset == place.end.offset {
        region["endColumn"] = json!(place.end.column + 1);
        region["byteLength"] = json!(1);
    }
    json!({ "artifactLocation": { "uri": base.uri(&place.file) }, "region": region })
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
        "byteOffset": place.start.offset,
        "byteLength": place.end.offset.saturating_sub(place.start.offset),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "note",
    }
}

/// The lines of a paragraph as one.
fn joined(paragraph: &str) -> String {
    paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// `AuthPassTooLong`, the spelling that the format asks for.
fn camel_case(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}
