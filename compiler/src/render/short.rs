//! One line a finding: `FILE:LINE:COLUMN: SEVERITY CODE name: message`.

use crate::diagnostic::Diagnostic;
use std::fmt::Write;

/// The lines.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in diagnostics {
        let at = d.place.start;
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{}:{}:{}: {} {} {}: {}",
            d.place.file,
            at.line,
            at.column,
            d.severity.word(),
            d.code,
            d.name,
            d.message
        );
    }
    out
}
