//! Diagnostics for readers: people, editors' quick-fix lists, programs.

mod excerpt;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod paths;
pub mod sarif;
pub mod short;

use crate::diagnostic::{Diagnostic, Severity};

/// How many findings of each severity there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were checked.
    pub files: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
    /// Hints.
    pub hints: usize,
}

impl Summary {
    /// Counts.
    pub fn new(files: usize, diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        Summary {
            files,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            hints: count(Severity::Hint),
        }
    }
}

/// A finding as a few lines of plain text: what is wrong, why it matters, what to write instead.
fn in_words(d: &Diagnostic) -> String {
    let mut text = d.message.clone();
    if let Some(why) = &d.why {
        text.push('\n');
        text.push_str(why);
    }
    if let Some(help) = &d.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}
