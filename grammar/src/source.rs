//! Files and places in them.
//!
//! Text is UTF-8 with byte offsets. A file that is no valid UTF-8 is kept all the same: every invalid byte is shown
//! as one [`REPLACEMENT`] byte, so that offsets stay those of the file on disk.

use std::sync::{Arc, OnceLock};

/// Stands for a byte that is no UTF-8; one byte long, so that offsets do not move.
pub const REPLACEMENT: char = '\u{1a}';

/// A file of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Byte behind the last one.
    pub end: u32,
}

impl Span {
    /// From `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Span { start, end }
    }

    /// The smallest range that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether it holds nothing.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// As a range to index text with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileSpan {
    /// The file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

impl FileSpan {
    /// `span` of `file`.
    pub const fn new(file: FileId, span: Span) -> Self {
        FileSpan { file, span }
    }
}

/// A place as people say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// From 1.
    pub line: u32,
    /// From 1, in Unicode scalar values.
    pub column: u32,
}

/// One file: its name and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    invalid: Vec<u32>,
    /// The bytes at the offsets of `invalid`.
    replaced: Vec<u8>,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file from its bytes; bytes that are no UTF-8 are listed in [`SourceFile::invalid`].
    pub fn new(name: impl Into<Arc<str>>, bytes: Vec<u8>) -> Self {
        let (text, invalid, replaced) = match String::from_utf8(bytes) {
            Ok(text) => (text, Vec::new(), Vec::new()),
            Err(error) => repair(error.as_bytes()),
        };
        SourceFile { name: name.into(), text: text.into(), invalid, replaced, lines: OnceLock::new() }
    }

    /// The bytes it was made of.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.text.as_bytes().to_vec();
        for (&at, &byte) in self.invalid.iter().zip(&self.replaced) {
            bytes[at as usize] = byte;
        }
        bytes
    }

    /// The name as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same, to be kept.
    pub fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Offsets of bytes that were no UTF-8.
    pub fn invalid(&self) -> &[u32] {
        &self.invalid
    }

    /// Line and column of an offset; an offset behind the end is the end.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let lines = self.lines();
        let line = lines.partition_point(|&start| start <= offset).max(1) - 1;
        let start = lines[line] as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(end - start, |text| text.chars().count());
        LineColumn { line: line as u32 + 1, column: column as u32 + 1 }
    }

    /// Offsets at which lines start; the first is 0.
    pub fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|offset| offset as u32 + 1))
                .collect()
        })
    }
}

fn repair(bytes: &[u8]) -> (String, Vec<u32>, Vec<u8>) {
    let mut text = String::with_capacity(bytes.len());
    let (mut invalid, mut replaced) = (Vec::new(), Vec::new());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            invalid.push(text.len() as u32);
            replaced.push(byte);
            text.push(REPLACEMENT);
        }
    }
    (text, invalid, replaced)
}

/// All files of one run, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file with that id.
    ///
    /// # Panics
    /// With an id of other `Sources`.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    /// The text of a place; empty if the place is not in the file.
    pub fn text(&self, place: FileSpan) -> &str {
        self.file(place.file).text().get(place.span.range()).unwrap_or("")
    }
}
