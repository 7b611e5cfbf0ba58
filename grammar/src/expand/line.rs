//! A line on its way from a file to the logical text.
//!
//! Its text is owned, since definitions change it, and every byte knows where it was typed. A line is at most a
//! kilobyte long, as keepalived's are, so that work per line may look at all of it.

use super::{PieceKind, ViaId};
use crate::source::{FileId, FileSpan, Span};
use std::ops::Range;

/// A line without its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub text: String,
    parts: Vec<Part>,
    /// The comment behind it.
    pub tail: Option<Typed>,
    /// Its end.
    pub end: Option<Typed>,
    /// It goes on where the text emitted last stopped: it stands behind a brace.
    pub continues: bool,
    /// keepalived takes comments out of it once more, so that `\#` protects no longer.
    pub reread: bool,
}

/// Text in a file, and why it counts where it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    pub at: FileSpan,
    pub via: Option<ViaId>,
}

/// A run of a line that was typed in one place; it ends where the next one starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    start: u32,
    pub typed: FileSpan,
    pub kind: PieceKind,
    pub via: Option<ViaId>,
}

impl Line {
    /// A line of one verbatim part.
    pub fn typed_text(text: &str, typed: FileSpan, via: Option<ViaId>) -> Self {
        let mut line = Line::default();
        line.push(text, typed, PieceKind::Verbatim, via);
        line
    }

    /// Adds text.
    pub fn push(&mut self, text: &str, typed: FileSpan, kind: PieceKind, via: Option<ViaId>) {
        if text.is_empty() {
            return;
        }
        let joins = self.parts.last().is_some_and(|last| {
            kind == PieceKind::Verbatim
                && last.kind == kind
                && last.via == via
                && last.typed.file == typed.file
                && last.typed.span.end == typed.span.start
        });
        if joins {
            if let Some(last) = self.parts.last_mut() {
                last.typed.span.end = typed.span.end;
            }
        } else {
            self.parts.push(Part { start: self.text.len() as u32, typed, kind, via });
        }
        self.text.push_str(text);
    }

    /// Adds a range of another line; `via` takes the place of its vias.
    pub fn append(&mut self, from: &Line, range: Range<usize>, via: Option<ViaId>) {
        for (text, part) in from.parts(range) {
            self.push(text, part.typed, part.kind, via.or(part.via));
        }
    }

    /// A range of the line as a line, with all its vias replaced if `via` is given.
    pub fn slice(&self, range: Range<usize>, via: Option<ViaId>) -> Line {
        let mut line = Line::default();
        line.append(self, range, via);
        line
    }

    /// The text and origin of every part in a range.
    pub fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Part)> {
        let first = self.part_at(range.start);
        self.parts.iter().enumerate().skip(first).map_while(move |(index, part)| {
            let part_end = self.parts.get(index + 1).map_or(self.text.len(), |next| next.start as usize);
            let (start, end) = (range.start.max(part.start as usize), range.end.min(part_end));
            if start >= end {
                return None;
            }
            let mut part = *part;
            if part.kind == PieceKind::Verbatim {
                let from = part.typed.span.start + (start as u32 - part.start);
                part.typed.span = Span::new(from, from + (end - start) as u32);
            }
            Some((self.text.get(start..end).unwrap_or_default(), part))
        })
    }

    /// Where the first and the last part of a range were typed.
    pub fn ends(&self, range: Range<usize>) -> Option<(Typed, Typed)> {
        let typed = |(_, part): (&str, Part)| Typed { at: part.typed, via: part.via };
        let mut parts = self.parts(range);
        let first = typed(parts.next()?);
        Some((first, parts.last().map_or(first, typed)))
    }

    /// Where a range was typed, as well as one place can say: all of it if it was typed in one go, else its first part.
    pub fn typed(&self, range: Range<usize>) -> Typed {
        let mut parts = self.parts(range);
        let Some((_, first)) = parts.next() else {
            let at = FileSpan::new(FileId(0), Span::default());
            return self.parts.last().map_or(Typed { at, via: None }, |part| {
                let end = part.typed.span.end;
                Typed { at: FileSpan::new(part.typed.file, Span::new(end, end)), via: part.via }
            });
        };
        let mut at = first.typed;
        if let Some((_, last)) = parts.last()
            && last.typed.file == at.file
            && last.via == first.via
        {
            at.span = at.span.to(last.typed.span);
        }
        Typed { at, via: first.via }
    }

    /// The range that was typed at `at`, if it stands in the line letter by letter.
    pub fn find(&self, at: FileSpan) -> Option<Range<usize>> {
        self.parts(0..self.text.len()).zip(&self.parts).find_map(|((text, part), own)| {
            let span = part.typed.span;
            let holds = part.kind == PieceKind::Verbatim
                && part.typed.file == at.file
                && span.start <= at.span.start
                && at.span.end <= span.end;
            let from = own.start as usize + at.span.start.saturating_sub(span.start) as usize;
            (holds && !text.is_empty()).then(|| from..from + (at.span.end - at.span.start) as usize)
        })
    }

    /// Offset of the first byte that is no blank.
    pub fn indent(&self) -> usize {
        indent(&self.text)
    }

    /// Takes the backslash from every `\#` and `\!` outside of quotes, as a second reading of comments does.
    pub fn unescape(self) -> Line {
        if !self.text.contains("\\#") && !self.text.contains("\\!") {
            return self;
        }
        let mut line = Line { tail: self.tail, end: self.end, continues: self.continues, ..Line::default() };
        let (mut from, mut quoted) = (0, false);
        for (offset, pair) in self.text.as_bytes().windows(2).enumerate() {
            quoted ^= pair[0] == b'"';
            if !quoted && pair[0] == b'\\' && matches!(pair[1], b'#' | b'!') {
                line.append(&self, from..offset, None);
                from = offset + 1;
            }
        }
        line.append(&self, from..self.text.len(), None);
        line
    }

    fn part_at(&self, offset: usize) -> usize {
        self.parts.partition_point(|part| part.start as usize <= offset).max(1) - 1
    }
}

/// Offset of the first byte that is no blank.
pub(super) fn indent(text: &str) -> usize {
    text.bytes().position(|byte| !is_blank(byte)).unwrap_or(text.len())
}

/// What separates words: also what keepalived's C library calls a space.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0b' | b'\x0c' | b'\r')
}

/// How much of a line comes before its comment.
pub(super) fn code_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut quoted = false;
    let mut from = 0;
    while let Some(found) = memchr::memchr3(b'"', b'#', b'!', &bytes[from..]) {
        let offset = from + found;
        if bytes[offset] == b'"' {
            quoted = !quoted;
        } else if !quoted && (offset == 0 || bytes[offset - 1] != b'\\') {
            return offset;
        }
        from = offset + 1;
    }
    text.len()
}

/// Whether a name may start with this byte.
pub(super) fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a name may go on with this byte.
pub(super) fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
