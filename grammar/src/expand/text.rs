//! Files as keepalived reads them, line by line, and what is wrong with their bytes.
//!
//! Here is also the test whether a file needs any of the rest: most do not, and are their own logical text.

use super::ViaId;
use super::line::{self, Line, Typed};
use crate::fault::{At, Fault, FaultKind};
use crate::limits::{LINE_BYTES, LINE_BYTES_DROPPED};
use crate::source::{FileId, FileSpan, SourceFile, Span};
use memchr::{memchr, memchr_iter, memchr3_iter, memmem, memrchr};
use std::sync::Arc;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether a file must be read line by line. Says yes too often rather than too rarely, and looks at every byte a few
/// times at most.
pub(super) fn needs_expansion(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.starts_with(BYTE_ORDER_MARK)
        || memchr(b'\0', bytes).is_some()
        || memchr3_iter(b'$', b'@', b'~', bytes).any(|at| bytes[at] == b'$' || starts_statement(bytes, at))
        || memmem::find_iter(bytes, b"include").any(|at| starts_statement(bytes, at))
        || LongLines { bytes, from: 0 }.next().is_some()
}

/// Whether only blanks stand between `at` and the start of the line or a brace.
fn starts_statement(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev().copied().find(|&byte| !line::is_blank(byte));
    matches!(before, None | Some(b'\n' | b'{' | b'}'))
}

/// Lines that are too long. Jumps a thousand bytes at a time, so that short lines cost nothing.
struct LongLines<'a> {
    bytes: &'a [u8],
    from: usize,
}

impl Iterator for LongLines<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        loop {
            let rest = &self.bytes[self.from..];
            if rest.len() <= LINE_BYTES {
                return None;
            }
            if let Some(newline) = memrchr(b'\n', &rest[..LINE_BYTES + 1]) {
                self.from += newline + 1;
                continue;
            }
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let start = self.from;
            self.from = (start + length + 1).min(self.bytes.len());
            return Some(Span::new(start as u32, (start + length) as u32));
        }
    }
}

/// What is wrong with the bytes of a file. All of it is about dropped or changed text, so places are in the file.
pub(super) fn faults(id: FileId, file: &SourceFile) -> Vec<Fault> {
    let text = file.text();
    let bytes = text.as_bytes();
    let mut faults = Vec::new();
    let mut add = |start: usize, end: usize, kind| {
        let at = At::File(FileSpan::new(id, Span::new(start as u32, end as u32)));
        faults.push(Fault { at, kind });
    };
    if text.starts_with(BYTE_ORDER_MARK) {
        add(0, BYTE_ORDER_MARK.len_utf8(), FaultKind::ByteOrderMark);
    }
    for span in (LongLines { bytes, from: 0 }) {
        add(span.start as usize, span.end as usize, FaultKind::LineTooLong { length: span.end - span.start });
    }
    let mut line_end = 0;
    for at in memchr_iter(b'\0', bytes) {
        if at >= line_end {
            line_end = at + memchr(b'\n', &bytes[at..]).map_or(bytes.len() - at, |length| length + 1);
            add(at, at + 1, FaultKind::NulByte);
        }
    }
    line_end = 0;
    for at in file.invalid().iter().map(|&at| at as usize) {
        if at >= line_end {
            let line_start = memrchr(b'\n', &bytes[line_end..at]).map_or(line_end, |offset| line_end + offset + 1);
            line_end = at + memchr(b'\n', &bytes[at..]).map_or(bytes.len() - at, |length| length + 1);
            let code = line::code_length(text.get(line_start..line_end).unwrap_or_default());
            if at - line_start < code {
                add(at, at + 1, FaultKind::InvalidUtf8);
            }
        }
    }
    faults
}

/// A file that is being read.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub id: FileId,
    /// One spelling for all its paths.
    pub canonical: String,
    /// Where names relative to it are looked up; empty for the working directory.
    pub directory: String,
    pub via: Option<ViaId>,
    text: Arc<str>,
    position: usize,
    /// The next `$`, `@` or `~`, and the next `include`: lines before both stand as they are.
    sign: usize,
    word: usize,
    has_nul: bool,
}

/// What comes next in a file.
pub(super) enum Read {
    /// A line in which there may be something to do.
    Line(Line),
    /// A line, with its end, that stands as it is.
    Plain(Span),
}

impl OpenFile {
    /// Starts to read a file.
    pub fn new(id: FileId, file: &SourceFile, canonical: String, via: Option<ViaId>) -> Self {
        let text = Arc::clone(file.text());
        let directory = file.name().rfind('/').map_or("", |end| file.name().get(..end.max(1)).unwrap_or(""));
        let position = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        let has_nul = memchr(b'\0', text.as_bytes()).is_some();
        let directory = directory.to_owned();
        OpenFile { id, canonical, directory, via, text, position, sign: 0, word: 0, has_nul }
    }

    /// Text of the file.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The next line, or nothing at the end.
    pub fn read(&mut self) -> Option<Read> {
        let (line, end) = self.next_line()?;
        if self.special(line.start as usize) >= line.end as usize {
            return Some(Read::Plain(line.to(end)));
        }
        Some(Read::Line(self.make_line(line, end)))
    }

    /// The next line, whatever is in it.
    pub fn read_line(&mut self) -> Option<Line> {
        let (line, end) = self.next_line()?;
        Some(self.make_line(line, end))
    }

    fn make_line(&self, at: Span, end: Span) -> Line {
        let text = self.text.get(at.range()).unwrap_or_default();
        let code = line::code_length(text);
        let comment = Span::new(at.start + code as u32, at.end);
        let typed = |span| Typed { at: FileSpan::new(self.id, span), via: self.via };
        let mut line =
            Line::typed_text(&text[..code], FileSpan::new(self.id, Span::new(at.start, comment.start)), self.via);
        line.tail = (comment.start < comment.end).then(|| typed(comment));
        line.end = (end.start < end.end).then(|| typed(end));
        line
    }

    /// The next line that keepalived reads at all, and its end. Never looks further than such a line can be long.
    fn next_line(&mut self) -> Option<(Span, Span)> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.position;
            let window = &bytes[start..bytes.len().min(start + LINE_BYTES + 1)];
            if window.is_empty() {
                return None;
            }
            let newline = memchr(b'\n', window);
            if newline.is_none() && window.len() > LINE_BYTES {
                self.position = (start + LINE_BYTES_DROPPED..).find(|&at| self.text.is_char_boundary(at))?;
                continue;
            }
            let mut line_end = start + newline.unwrap_or(window.len());
            self.position = (line_end + 1).min(bytes.len());
            if self.has_nul && memchr(b'\0', &bytes[start..line_end]).is_some() {
                continue;
            }
            let end = self.position;
            if line_end > start && bytes[line_end - 1] == b'\r' {
                line_end -= 1;
            }
            let span = |from: usize, to: usize| Span::new(from as u32, to as u32);
            return Some((span(start, line_end), span(line_end, end)));
        }
    }

    /// The first byte from `from` on that may start something to be carried out. Every byte is searched once only.
    fn special(&mut self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let end = bytes.len();
        if self.sign <= from {
            self.sign = memchr::memchr3(b'$', b'@', b'~', &bytes[from..]).map_or(end, |at| from + at);
        }
        if self.word <= from {
            self.word = memmem::find(&bytes[from..], b"include").map_or(end, |at| from + at);
        }
        self.sign.min(self.word)
    }
}
