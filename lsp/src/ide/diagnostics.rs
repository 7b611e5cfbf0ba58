//! Findings as an editor shows them: by file, with the reason and the way out in the text.

use kalc_compiler::diagnostic::Diagnostic;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Findings by the name of their file, in the order of the text, each one once.
pub fn by_file(mut diagnostics: Vec<Diagnostic>) -> FxHashMap<Arc<str>, Vec<Diagnostic>> {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.place.start.offset, d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    let mut files: FxHashMap<Arc<str>, Vec<Diagnostic>> = FxHashMap::default();
    for diagnostic in diagnostics {
        let found = files.entry(Arc::clone(&diagnostic.place.file)).or_default();
        // A file that several hosts include is checked with each of them.
        if found.last() != Some(&diagnostic) {
            found.push(diagnostic);
        }
    }
    files
}

/// What is wrong, why it matters, and what to write instead, a line each.
pub fn message(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if let Some(why) = &diagnostic.why {
        text.push('\n');
        text.push_str(why);
    }
    if let Some(help) = &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}
