//! Definitions: `$NAME=value`, over several lines where a value ends in a backslash.
//!
//! A definition counts from its line on, wherever it stands, and its value is kept as typed: names in it are looked up
//! when it is used.

use super::line::{self, Line, is_in_name, starts_name};
use super::{Expansion, Work};
use crate::fault::{At, FaultKind};
use std::rc::Rc;

/// The value of a name.
#[derive(Debug)]
pub(super) struct Definition {
    /// At least one.
    pub lines: Vec<Rc<Line>>,
    /// Written over several lines, even if only one has text: must be used at the end of a line.
    pub is_multi_line: bool,
}

/// Whether a text starts with `$NAME=`.
pub(super) fn is_definition(mut text: impl Iterator<Item = u8>) -> bool {
    text.next() == Some(b'$')
        && text.next().is_some_and(starts_name)
        && text.find(|&byte| !is_in_name(byte)) == Some(b'=')
}

impl Expansion<'_> {
    /// Carries out a line that starts with `$NAME=`.
    pub(super) fn define(&mut self, line: Line) {
        let start = line.indent() + 1;
        let end = memchr::memchr(b'=', line.text.as_bytes()).unwrap_or(line.text.len());
        let name: Rc<str> = line.text.get(start..end).unwrap_or_default().into();
        let value = (end + 1).min(line.text.len());
        let mut first = trimmed(&line, value..line::code_length(&line.text));
        first.end = line.end;
        let definition = self.collect(first, &name);
        self.definitions.insert(name, Rc::new(definition));
    }

    /// The value whose first line is given, with the lines that continue it.
    fn collect(&mut self, first: Line, name: &str) -> Definition {
        let (first, mut continues) = without_backslash(first);
        let is_multi_line = continues;
        let mut lines = vec![Rc::new(first)];
        // What continues a definition that stands in other expanded text cannot be in the file.
        continues &= !self.work.iter().any(|work| !matches!(work, Work::Residue(_)));
        while continues {
            let Some(line) = self.open.last_mut().and_then(|file| file.read_line()) else { break };
            if line.text.bytes().all(line::is_blank) {
                let Some(comment) = line.tail else { break };
                let kind = FaultKind::CommentInDefinition { name: name.to_owned() };
                self.fault_at(At::File(comment.at), kind);
                continue;
            }
            let end = line.end;
            let (mut line, more) = without_backslash(trimmed(&line, 0..line.text.len()));
            line.end = end;
            lines.push(Rc::new(line));
            continues = more;
        }
        if is_multi_line {
            lines.retain(|line| !line.text.is_empty());
            if lines.is_empty() {
                lines.push(Rc::default());
            }
        }
        Definition { lines, is_multi_line }
    }

    /// Drops a line that looks like a definition, and what continues it.
    pub(super) fn refuse_definition(&mut self, line: Line) {
        let start = line.indent();
        let end = memchr::memchr(b'=', line.text.as_bytes()).map_or(line.text.len(), |offset| offset + 1);
        self.fault_at(At::File(self.typed(&line, start..end).at), FaultKind::NotADefinition);
        let value = trimmed(&line, end..line.text.len());
        let name: Rc<str> = line.text.get(start + 1..end.max(start + 2) - 1).unwrap_or_default().trim_end().into();
        self.collect(value, &name);
        self.refused.insert(name);
    }
}

/// Whether a text looks like a definition but is none, such as `$X =1`.
pub(super) fn is_broken_definition(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else { return false };
    let word = rest.find(['=', ' ', '\t', '$', '{', '}', '"', '\'', '(', ')']).unwrap_or(rest.len());
    let (word, rest) = rest.split_at(word);
    let is_name = word.bytes().next().is_some_and(starts_name) && word.bytes().all(is_in_name);
    let is_glued = rest.starts_with('=');
    rest.trim_start_matches([' ', '\t']).starts_with('=') && !(is_glued && is_name)
}

/// A range of a line without blanks around it.
fn trimmed(line: &Line, range: std::ops::Range<usize>) -> Line {
    let text = line.text.get(range.clone()).unwrap_or_default();
    let start = range.start + line::indent(text);
    let length = text.bytes().rposition(|byte| !line::is_blank(byte)).map_or(0, |last| last + 1);
    line.slice(start..(range.start + length).max(start), None)
}

/// The line without the backslash that continues it, and whether there was one.
fn without_backslash(line: Line) -> (Line, bool) {
    match line.text.strip_suffix('\\') {
        Some(text) => (trimmed(&line, 0..text.len()), true),
        None => (line, false),
    }
}
