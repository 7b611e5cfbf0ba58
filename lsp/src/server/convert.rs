//! Between bytes and what the protocol counts. Nothing else in kalc knows UTF-16.

use super::abilities::Abilities;
use crate::ide::completion::{Item, ItemKind};
use crate::ide::symbols::Symbol;
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::edit;
use kalc_grammar::source::Span;
use std::path::Path;
use std::str::FromStr;
use tower_lsp::ls_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionTextEdit, DiagnosticSeverity, DocumentChanges,
    DocumentSymbol, Documentation, InsertTextFormat, Location, MarkupContent, MarkupKind, OneOf,
    OptionalVersionedTextDocumentIdentifier, Position, Range, SymbolInformation, SymbolKind,
    TextDocumentContentChangeEvent, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

/// What a client counts columns in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Units of UTF-16: what every client knows.
    #[default]
    Utf16,
    /// Bytes.
    Utf8,
}

/// A text cut into lines as the protocol does: at `\n`, `\r\n` and `\r`.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<u32>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    /// Cuts a text.
    pub fn new(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at as u32 + 1);
            }
        }
        Lines { text, starts, encoding }
    }

    /// The position of a byte; behind the end it is the end, inside a character its start, inside of what ends a line the
    /// end of that line.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|&start| start as usize <= offset).max(1) - 1;
        let before = &self.text[self.starts[line] as usize..offset];
        // Between `\r` and `\n` is no place.
        let before = if self.text[offset..].starts_with('\n') { before.trim_end_matches('\r') } else { before };
        let character = match self.encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position::new(line as u32, character as u32)
    }

    /// The byte of a position; behind the end of a line it is that end, inside a character its start.
    pub fn offset(&self, position: Position) -> u32 {
        let Some(&start) = self.starts.get(position.line as usize) else { return self.text.len() as u32 };
        let end = self.starts.get(position.line as usize + 1).map_or(self.text.len(), |&end| end as usize);
        let line = &self.text[start as usize..end];
        let line = line.trim_end_matches(['\n', '\r']);
        start + in_line(line, position.character, self.encoding) as u32
    }

    /// A range of bytes as a range of positions.
    pub fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }
}

/// Carries out one change. Ranges that are not in the text are cut to it.
pub fn apply(text: &mut String, change: TextDocumentContentChangeEvent, encoding: Encoding) {
    let Some(range) = change.range else {
        *text = change.text;
        return;
    };
    let (start, end) = (offset_in(text, range.start, encoding), offset_in(text, range.end, encoding));
    text.replace_range(start.min(end)..start.max(end), &change.text);
}

/// The byte of a position, as [`Lines::offset`] finds it, for a text that is asked once and then is another one.
fn offset_in(text: &str, position: Position, encoding: Encoding) -> usize {
    let bytes = text.as_bytes();
    let mut start = 0;
    for _ in 0..position.line {
        let Some(at) = memchr::memchr2(b'\n', b'\r', &bytes[start..]) else { return text.len() };
        let is_pair = bytes[start + at] == b'\r' && bytes.get(start + at + 1) == Some(&b'\n');
        start += at + if is_pair { 2 } else { 1 };
    }
    let end = memchr::memchr2(b'\n', b'\r', &bytes[start..]).map_or(text.len(), |at| start + at);
    start + in_line(&text[start..end], position.character, encoding)
}

/// The byte of a column of a line; behind its end it is that end, inside a character its start.
fn in_line(line: &str, character: u32, encoding: Encoding) -> usize {
    let mut units = 0;
    for (at, c) in line.char_indices() {
        units += match encoding {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
        };
        if units > character as usize {
            return at;
        }
    }
    line.len()
}

/// The address of a file.
pub fn uri(path: &str) -> Option<Uri> {
    if path.starts_with('/') { Uri::from_file_path(Path::new(path)) } else { Uri::from_str(path).ok() }
}

/// The path of an address; for what is no file the address itself.
pub fn path(uri: &Uri) -> String {
    let file = uri.scheme().as_str().eq_ignore_ascii_case("file").then(|| uri.to_file_path()).flatten();
    file.map_or_else(|| uri.as_str().to_owned(), |path| path.to_string_lossy().into_owned())
}

/// Changes of a text, as a client carries them out.
pub fn text_edits(lines: &Lines<'_>, edits: impl IntoIterator<Item = edit::TextEdit>) -> Vec<TextEdit> {
    edits.into_iter().map(|edit| TextEdit { range: lines.range(edit.span), new_text: edit.text }).collect()
}

/// Changes of several files; `version` is that of an open one.
pub fn workspace_edit(
    files: impl IntoIterator<Item = (Uri, Option<i32>, Vec<TextEdit>)>,
    abilities: &Abilities,
) -> WorkspaceEdit {
    let files = files.into_iter();
    if !abilities.versioned_edits {
        let changes = files.map(|(uri, _, edits)| (uri, edits)).collect();
        return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let document = |(uri, version, edits): (Uri, Option<i32>, Vec<TextEdit>)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    };
    let changes = DocumentChanges::Edits(files.map(document).collect());
    WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() }
}

/// How bad something is.
pub fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
        Severity::Hint => DiagnosticSeverity::HINT,
    }
}

/// Text with marks.
pub fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

/// A word that may be typed; `index` keeps the order of the list.
pub fn completion_item(item: Item, index: usize, replaces: Range, abilities: &Abilities) -> CompletionItem {
    let is_tagged = item.deprecated && abilities.tags;
    let mut found = CompletionItem {
        label: item.label.clone(),
        kind: Some(match item.kind {
            ItemKind::Keyword => CompletionItemKind::PROPERTY,
            ItemKind::Block => CompletionItemKind::MODULE,
            ItemKind::Option => CompletionItemKind::FIELD,
            ItemKind::Value => CompletionItemKind::ENUM_MEMBER,
            ItemKind::Name => CompletionItemKind::REFERENCE,
            ItemKind::Definition => CompletionItemKind::VARIABLE,
            ItemKind::File => CompletionItemKind::FILE,
            ItemKind::Skeleton => CompletionItemKind::MODULE,
        }),
        detail: (!item.detail.is_empty()).then_some(item.detail),
        documentation: item.documentation.map(|text| Documentation::MarkupContent(markdown(text))),
        tags: is_tagged.then(|| vec![CompletionItemTag::DEPRECATED]),
        sort_text: Some(format!("{}{index:05}", u8::from(item.deprecated))),
        filter_text: Some(item.label.clone()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: replaces, new_text: item.label })),
        ..CompletionItem::default()
    };
    if let Some(snippet) = item.snippet.filter(|_| abilities.snippets) {
        found.insert_text_format = Some(InsertTextFormat::SNIPPET);
        found.text_edit = Some(CompletionTextEdit::Edit(TextEdit { range: replaces, new_text: snippet }));
    }
    if item.deprecated && !is_tagged {
        found.deprecated = Some(true);
    }
    found
}

/// A block of an outline, with those in it.
pub fn document_symbol(symbol: Symbol, lines: &Lines<'_>) -> DocumentSymbol {
    #[expect(deprecated, reason = "the field must be given")]
    DocumentSymbol {
        name: symbol.name,
        detail: symbol.detail.map(str::to_owned),
        kind: if symbol.is_named { SymbolKind::CLASS } else { SymbolKind::NAMESPACE },
        tags: None,
        deprecated: None,
        range: lines.range(symbol.range),
        selection_range: lines.range(symbol.selection),
        children: Some(symbol.children.into_iter().map(|child| document_symbol(child, lines)).collect()),
    }
}

/// An outline without nesting, for clients that know no other.
pub fn flat(symbols: Vec<DocumentSymbol>, uri: &Uri) -> Vec<SymbolInformation> {
    let mut flat = Vec::new();
    let mut rest: Vec<(DocumentSymbol, Option<String>)> = symbols.into_iter().rev().map(|s| (s, None)).collect();
    while let Some((symbol, container_name)) = rest.pop() {
        let children = symbol.children.unwrap_or_default();
        rest.extend(children.into_iter().rev().map(|child| (child, Some(symbol.name.clone()))));
        #[expect(deprecated, reason = "the field must be given")]
        flat.push(SymbolInformation {
            name: symbol.name,
            kind: symbol.kind,
            tags: None,
            deprecated: None,
            location: Location { uri: uri.clone(), range: symbol.range },
            container_name,
        });
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lead_to_bytes_and_back() {
        let text = "a\r\nü🚀b\rc\n\n🚀";
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            let lines = Lines::new(text, encoding);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let position = lines.position(offset as u32);
                let is_inside = text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
                let wanted = if is_inside { offset - 1 } else { offset };
                assert_eq!(lines.offset(position), wanted as u32, "{offset} in {encoding:?}");
                assert_eq!(offset_in(text, position, encoding), wanted, "{offset} in {encoding:?}");
            }
            for line in 0..8 {
                for character in 0..8 {
                    let position = Position::new(line, character);
                    assert_eq!(offset_in(text, position, encoding), lines.offset(position) as usize, "{position:?}");
                }
            }
        }
        let lines = Lines::new(text, Encoding::Utf16);
        assert_eq!(lines.position(2), Position::new(0, 1), "between the two signs of a line's end");
        assert_eq!(lines.position(9), Position::new(1, 3));
        assert_eq!(lines.position(6), Position::new(1, 1), "inside a character");
        assert_eq!(lines.offset(Position::new(1, 2)), 5, "inside a pair of units");
        assert_eq!(lines.offset(Position::new(1, 99)), 10);
    }
}
