//! What stays of the lines becomes the logical text: bytes and the pieces that say where they were typed.

use super::line::{self, Line, Typed};
use super::start::{self, Start};
use super::substitute::Mark;
use super::{Expansion, Logical, Piece, PieceKind, Work};
use crate::fault::At;
use crate::source::{FileSpan, Span};

impl Expansion<'_> {
    /// Emits a line of the file being read as it stands.
    pub(super) fn emit_plain(&mut self, span: Span) {
        let Some(file) = self.open.last() else { return };
        let (typed, via) = (FileSpan::new(file.id, span), file.via);
        let text = std::sync::Arc::clone(file.text());
        self.end_line(Typed { at: typed, via });
        self.emit(text.get(span.range()).unwrap_or_default(), typed, PieceKind::Verbatim, via);
    }

    /// Emits a line with its comment and its end; returns where it starts.
    pub(super) fn emit_line(&mut self, line: Line) -> u32 {
        let start = self.emit_range(&line, 0..line.text.len());
        for Typed { at, via } in line.tail.into_iter().chain(line.end) {
            let text = std::sync::Arc::clone(self.sources.file(at.file).text());
            self.emit(text.get(at.span.range()).unwrap_or_default(), at, PieceKind::Verbatim, via);
        }
        start
    }

    /// Emits a line up to the first brace behind which a line of its own starts; that is left to be read.
    pub(super) fn emit_statements(&mut self, mut line: Line, marks: Vec<Mark>) {
        self.note_checks(&line.text);
        let split = residue(&line.text);
        let start = match split {
            None => {
                self.report_names(&line.text, self.next_start(&line));
                self.emit_line(line)
            }
            Some(split) => {
                self.report_names(&line.text[..split], self.next_start(&line));
                let mut rest = line.slice(split..line.text.len(), None);
                (rest.tail, rest.end, rest.continues) = (line.tail.take(), line.end.take(), true);
                rest.reread = line.reread;
                self.work.push(Work::Residue(rest));
                self.emit_range(&line, 0..split)
            }
        };
        let end = split.unwrap_or(usize::MAX);
        for mark in marks.into_iter().filter(|mark| mark.at.end <= end) {
            // Backslashes may have gone since.
            let last = self.text.len() as u32;
            let at = Span::new(start + mark.at.start as u32, start + mark.at.end as u32);
            let at = Span::new(at.start.min(last), at.end.min(last));
            self.fault_at(At::Logical(at), mark.kind);
        }
    }

    /// Where the text of a line will start.
    fn next_start(&self, line: &Line) -> u32 {
        self.text.len() as u32 + u32::from(!line.continues && self.is_in_line())
    }

    fn emit_range(&mut self, line: &Line, range: std::ops::Range<usize>) -> u32 {
        if !line.continues {
            self.end_line(line.typed(range.clone()));
        }
        let start = self.text.len() as u32;
        for (text, part) in line.parts(range) {
            self.emit(text, part.typed, part.kind, part.via);
        }
        start
    }

    fn is_in_line(&self) -> bool {
        !self.text.is_empty() && !self.text.ends_with('\n')
    }

    /// Ends the line before, if it lost its end: to a line that was dropped or to the end of an included file.
    fn end_line(&mut self, next: Typed) {
        if self.is_in_line() {
            let at = Span::new(next.at.span.start, next.at.span.start);
            self.emit("\n", FileSpan::new(next.at.file, at), PieceKind::Made, next.via);
        }
    }

    fn emit(&mut self, text: &str, typed: FileSpan, kind: PieceKind, via: Option<super::ViaId>) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len() as u32;
        self.text.push_str(text);
        if let Some(last) = self.logical.pieces.last_mut()
            && kind == PieceKind::Verbatim
            && last.kind == kind
            && last.via == via
            && last.typed.file == typed.file
            && last.typed.span.end == typed.span.start
        {
            last.typed.span.end = typed.span.end;
            return;
        }
        self.logical.pieces.push(Piece { start, typed, kind, via });
    }

    /// The result, once all is read.
    pub(super) fn finish(mut self) -> Logical {
        let Some(&main) = self.logical.files.first() else { return self.logical };
        let text = self.sources.file(main).text();
        if **text != *self.text {
            self.logical.text = self.text.into();
        }
        if self.logical.pieces.is_empty() {
            let typed = FileSpan::new(main, Span::default());
            self.logical.pieces.push(Piece { start: 0, typed, kind: PieceKind::Verbatim, via: None });
        }
        self.logical
    }
}

/// Offset of text behind a brace that must be read as a line of its own.
fn residue(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = line::code_length(text);
    let mut quoted = false;
    let mut offset = 0;
    while offset < end {
        match bytes[offset] {
            b'"' => quoted = !quoted,
            // An undefined `${X}`; its braces are a fault of its own.
            b'$' if !quoted && bytes.get(offset + 1) == Some(&b'{') => {
                offset += memchr::memchr(b'}', &bytes[offset..end]).unwrap_or(1);
            }
            b'{' | b'}' if !quoted => {
                let next = offset + 1 + line::indent(&text[offset + 1..end]);
                let rest = &text[next..end];
                if start::start(rest) != Start::Statement {
                    return Some(next);
                }
            }
            _ => {}
        }
        offset += 1;
    }
    None
}
