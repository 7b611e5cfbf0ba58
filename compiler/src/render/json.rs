//! The JSON that other programs rely on; see `docs/json.md`.

use super::Summary;
use crate::diagnostic::{Diagnostic, Place, Position};
use serde_json::{Value, json};

/// The version of this format.
const VERSION: u32 = 1;

/// One object with all findings.
pub fn render(diagnostics: &[Diagnostic], summary: Summary) -> Value {
    json!({
        "version": VERSION,
        "diagnostics": diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
        "summary": {
            "files": summary.files,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "infos": summary.infos,
            "hints": summary.hints,
        },
    })
}

fn diagnostic(d: &Diagnostic) -> Value {
    let mut object = json!({
        "code": d.code,
        "name": d.name,
        "severity": d.severity.word(),
        "message": d.message,
        "file": &*d.place.file,
        "range": range(&d.place),
        "related": d.related.iter().map(|related| json!({
            "file": &*related.place.file,
            "range": range(&related.place),
            "message": related.message,
        })).collect::<Vec<_>>(),
    });
    if let Some(why) = &d.why {
        object["why"] = json!(why);
    }
    if let Some(help) = &d.help {
        object["help"] = json!(help);
    }
    if let Some(fix) = &d.fix {
        let edits: Vec<_> = fix
            .edits
            .iter()
            .map(|edit| json!({ "file": &*edit.place.file, "range": range(&edit.place), "text": edit.text }))
            .collect();
        object["fix"] = json!({ "safe": fix.safe, "edits": edits });
    }
    object
}

/// A range as `line` and `column` from 1 and `offset` in bytes.
pub fn range(place: &Place) -> Value {
    let position = |p: Position| json!({ "line": p.line, "column": p.column, "offset": p.offset });
    json!({ "start": position(place.start), "end": position(place.end) })
}
