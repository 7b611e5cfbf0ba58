//! What a line starts with, and where its comment starts, for those who read a file as it was typed (a formatter does) and
//! must see lines as [`expand`](super::expand) sees them.

use super::define::{is_broken_definition, is_definition};
use super::{include, line};

/// What the text of a line, or the text behind a brace, starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Words and braces, or nothing.
    Statement,
    /// `@id`
    Condition,
    /// `$NAME=`, or what looks like it.
    Definition,
    /// `~SEQ`, `~LST` or another word with `~`, which keeps the line from being expanded.
    Sequence,
    /// `include` and its relatives, with a pattern.
    Include,
}

/// What a text starts with. Blanks before it do not count.
pub fn start(text: &str) -> Start {
    let text = text.get(line::indent(text)..).unwrap_or_default();
    match text.as_bytes().first() {
        Some(b'@') => Start::Condition,
        Some(b'~') => Start::Sequence,
        Some(b'$') if is_definition(text.bytes()) || is_broken_definition(text) => Start::Definition,
        _ if include::directive(text).is_some() => Start::Include,
        _ => Start::Statement,
    }
}

/// How much of a line comes before its comment.
pub fn code_length(text: &str) -> usize {
    line::code_length(text)
}

/// Whether a line of a definition is continued by the next one.
pub fn continues(text: &str) -> bool {
    let code = text.get(..line::code_length(text)).unwrap_or_default();
    code.bytes().rev().find(|&byte| !line::is_blank(byte)) == Some(b'\\')
}
