//! Workflow commands that GitHub shows as annotations at the lines of a change.

use super::paths::Base;
use crate::diagnostic::{Diagnostic, Severity};

/// One command a finding.
pub fn render(diagnostics: &[Diagnostic], base: &Base) -> String {
    diagnostics.iter().map(|d| command(d, base)).collect()
}

fn command(d: &Diagnostic, base: &Base) -> String {
    let kind = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Hint => "notice",
    };
    let (start, end) = (d.place.start, d.place.end);
    let mut place = format!(
        "file={},line={},endLine={},col={}",
        property(base.name(&d.place.file)),
        start.line,
        end.line,
        start.column
    );
    // GitHub takes an end column only where start and end are on one line.
    if end.line == start.line {
        place.push_str(&format!(",endColumn={}", end.column));
    }
    let title = property(&format!("{} {}", d.code, d.name));
    format!("::{kind} {place},title={title}::{}\n", data(&super::in_words(d)))
}

/// A message: what would end it, or the command, is encoded.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: what separates properties is encoded too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_separates_is_encoded() {
        assert_eq!(data("100% bad\r\nsecond: a, b"), "100%25 bad%0D%0Asecond: a, b");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
