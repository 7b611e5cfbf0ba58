//! What kalc has to say, as plain data: every output renders these and nothing else.

use kalc_grammar::source::{FileSpan, LineColumn, Sources};
use std::cmp::Ordering;
use std::sync::Arc;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Style or advice, for editors.
    Hint,
    /// Worth knowing.
    Info,
    /// Probably wrong.
    Warning,
    /// It will not do what is written, or the cluster breaks.
    Error,
}

impl Severity {
    /// The word for it in every output.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Hint => "hint",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// In bytes, from 0.
    pub offset: u32,
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalar values.
    pub column: u32,
}

/// A range of a file, by the file's name, so that it means the same on every host and in every output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file's name as the user gave it.
    pub file: Arc<str>,
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

impl Place {
    /// A range of a file of these sources.
    pub fn new(sources: &Sources, at: FileSpan) -> Self {
        let file = sources.file(at.file);
        let position = |offset: u32| {
            let LineColumn { line, column } = file.line_column(offset);
            Position { offset, line, column }
        };
        Place { file: file.shared_name(), start: position(at.span.start), end: position(at.span.end) }
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.file, self.start.offset, self.end.offset).cmp(&(&other.file, other.start.offset, other.end.offset))
    }
}

/// A second place that a diagnostic speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// A change of text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced; an empty range inserts.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    /// Whether the daemon behaves the same afterwards; if not, the fix is a suggestion.
    pub safe: bool,
    /// What to change.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// `KA401`
    pub code: &'static str,
    /// `auth-pass-too-long`
    pub name: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong, with the value: lower case, no full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Other places, nearest first.
    pub related: Vec<Related>,
    /// Why it matters: what keepalived or the network will do.
    pub why: Option<String>,
    /// What to write instead.
    pub help: Option<String>,
    /// The edit that does so.
    pub fix: Option<Fix>,
    /// Whether a daemon could not run the file as keepalived would.
    pub blocks_run: bool,
}

impl Diagnostic {
    /// Where it is, and where its related places are.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.place).chain(self.related.iter().map(|related| &related.place))
    }
}
