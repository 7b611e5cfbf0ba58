//! A code quality report as GitLab reads it.

use super::paths::{Base, fingerprints};
use crate::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json};

/// A list with an entry for each finding.
pub fn render(diagnostics: &[Diagnostic], base: &Base) -> Value {
    std::iter::zip(diagnostics, fingerprints(diagnostics, base)).map(|(d, hash)| entry(d, &hash, base)).collect()
}

fn entry(d: &Diagnostic, fingerprint: &str, base: &Base) -> Value {
    let severity = match d.severity {
        Severity::Error if d.blocks_run => "critical",
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info | Severity::Hint => "info",
    };
    json!({
        "type": "issue",
        "check_name": d.code,
        "description": format!("{} {}: {}", d.code, d.name, d.message),
        "content": { "body": super::in_words(d) },
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": fingerprint,
        "location": {
            // A path that starts with `/` is none of the repository.
            "path": base.name(&d.place.file).trim_start_matches('/'),
            "lines": { "begin": d.place.start.line, "end": d.place.end.line },
        },
    })
}
