//! From lines as typed to lines as they should be.
//!
//! The result is a list of lines whose parts are ranges of the file; the edits are what stands between those ranges. So no
//! word can be changed here, only what is between words.

use super::context::Context;
use crate::edit::TextEdit;
use kalc_grammar::expand::{Start, code_length, continues, start};
use kalc_grammar::lex::{Token, TokenKind, Tokens, lex};
use kalc_grammar::limits::LINE_BYTES;
use kalc_grammar::source::{SourceFile, Span};

/// Blanks for each block.
const INDENT: usize = 4;

/// Deeper blocks are indented no further: hostile input must not grow with the square of its depth.
const MOST_LEVELS: usize = 64;

/// A line of the result.
struct OutLine {
    /// Empty lines before it.
    blank_before: usize,
    indent: usize,
    /// How it was indented, if it was a line of its own before.
    typed_indent: usize,
    parts: Vec<Part>,
}

/// Something on a line.
struct Part {
    /// What stands before it; nothing before the first one.
    gap: String,
    text: PartText,
}

enum PartText {
    /// Text of the file.
    Typed(Span),
    /// A `{` that stood on a line further down.
    Brace,
}

impl OutLine {
    fn length(&self) -> usize {
        let text = |part: &Part| match &part.text {
            PartText::Typed(span) => span.range().len(),
            PartText::Brace => 1,
        };
        self.indent + self.parts.iter().map(|part| part.gap.len() + text(part)).sum::<usize>()
    }
}

/// What a line, or a part of one, is made of.
enum Piece {
    /// The words of a statement, and the `{` behind them.
    Words { first: usize, last: usize, open: Option<usize> },
    /// A `{` whose keyword stands further up.
    Open(usize),
    /// `}`
    Close(usize),
    /// Text that stays as it is.
    Raw(Span),
}

/// A line as typed.
#[derive(Clone, Copy)]
struct Typed {
    number: u32,
    /// Where it starts.
    start: usize,
    /// Where its text starts: behind its indentation.
    text: usize,
    /// Where its comment starts, or its end.
    code_end: usize,
    /// Behind its last character that is no blank.
    end: usize,
}

/// The edits that lay out a file.
pub(super) fn lay_out(file: &SourceFile, context: &Context) -> Vec<TextEdit> {
    let text = file.text();
    let tokens = lex(text);
    let mut layout = Layout {
        text,
        starts: file.lines(),
        tokens: &tokens,
        context,
        lines: Vec::new(),
        depth: 0,
        blank: 0,
        joined: None,
    };
    let mut number = 0;
    while (number as usize) < layout.starts.len() {
        number = layout.line(number) + 1;
    }
    edits(text, &layout.lines)
}

struct Layout<'f> {
    text: &'f str,
    starts: &'f [u32],
    tokens: &'f Tokens,
    context: &'f Context,
    lines: Vec<OutLine>,
    /// How deep the next line lies, as far as the ones before say.
    depth: usize,
    /// Empty lines before the next one.
    blank: usize,
    /// A `{` that was moved up.
    joined: Option<usize>,
}

impl Layout<'_> {
    /// Lays out a line and answers with the number of the last one that belongs to it.
    fn line(&mut self, number: u32) -> u32 {
        let line = self.typed(number);
        if line.text == line.end {
            self.blank += usize::from(self.joined.is_none());
            return number;
        }
        if line.text == line.code_end {
            let part = self.raw(line.text, line.end);
            self.push(self.depth, &line, vec![part]);
            return number;
        }
        let nesting = self.context.nesting(number);
        let mut depth = nesting.map_or(self.depth, |nesting| nesting.before);
        let code = self.slice(line.text, line.code_end);
        let kind = start(code);
        let last = self.continued(number, if kind == Start::Condition { start(behind_condition(code)) } else { kind });
        let closes = nesting.is_some_and(|nesting| nesting.closes);
        let last = match kind {
            Start::Statement => {
                let starts_with_close = self.text.as_bytes().get(line.text) == Some(&b'}');
                if closes && !starts_with_close {
                    depth = depth.saturating_sub(1);
                }
                self.statement(&line, depth)
            }
            Start::Condition | Start::Definition | Start::Sequence | Start::Include => {
                let whole = kind == Start::Definition || last != number;
                let parts = match whole {
                    true => vec![self.raw(line.text, self.line_end(last))],
                    false => self.directive(line.text, &line),
                };
                self.push(depth.saturating_sub(usize::from(closes)), &line, parts);
                last
            }
        };
        if let Some(nesting) = nesting {
            self.depth = nesting.after + usize::from(self.joined.is_some());
        }
        last
    }

    /// Lays out a line of words and braces.
    fn statement(&mut self, line: &Typed, mut depth: usize) -> u32 {
        let mut last = line.number;
        let mut made = 0;
        for piece in self.pieces(line) {
            match piece {
                Piece::Raw(span) => {
                    let from = span.start as usize;
                    let kind = start(self.slice(from, line.code_end));
                    let behind = behind_condition(self.slice(from, line.code_end));
                    last = self.continued(line.number, if kind == Start::Condition { start(behind) } else { kind });
                    let parts = match kind {
                        _ if last != line.number => vec![self.raw(from, self.line_end(last))],
                        Start::Definition => vec![self.raw(from, self.line_end(last))],
                        Start::Statement | Start::Condition | Start::Sequence | Start::Include => {
                            self.directive(from, line)
                        }
                    };
                    let closes = self.text.as_bytes().get(from) == Some(&b'}');
                    self.push(depth.saturating_sub(usize::from(closes)), line, parts);
                    return last;
                }
                Piece::Open(token) if self.joined == Some(token) => {
                    self.joined = None;
                    depth += 1;
                }
                Piece::Open(token) => {
                    let part = self.token(token, "");
                    self.push(depth, line, vec![part]);
                    depth += 1;
                    made += 1;
                }
                Piece::Close(token) => {
                    depth = depth.saturating_sub(1);
                    let part = self.token(token, "");
                    self.push(depth, line, vec![part]);
                    made += 1;
                }
                Piece::Words { first, last, open } => {
                    made += 1;
                    self.words(line, depth, first, last);
                    if let Some(open) = open {
                        let brace = self.token(open, " ");
                        self.extend(brace);
                        depth += 1;
                    }
                }
            }
            self.depth = depth;
        }
        if line.code_end < line.end {
            self.comment(line, made > 0);
        }
        last = last.max(line.number);
        self.join(line, depth);
        last
    }

    /// Lays out the words of a statement.
    fn words(&mut self, line: &Typed, depth: usize, first: usize, last: usize) {
        let tokens = &self.tokens.significant[first..last];
        let code = self.slice(line.text, line.code_end);
        let apart = tokens.windows(2).all(|pair| pair[0].end < pair[1].start);
        if tokens.len() > 1 && apart && !code.contains('$') && self.context.is_names(tokens[0].start) {
            for token in first..last {
                let part = self.token(token, "");
                self.push(depth, line, vec![part]);
            }
            return;
        }
        let parts = self.spaced(first, last, is_plain(code));
        self.push(depth, line, parts);
    }

    /// Tokens with one blank between them where there are several, if that means the same.
    fn spaced(&self, first: usize, last: usize, plain: bool) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::with_capacity(last - first);
        for index in first..last {
            let gap = match index.checked_sub(1).filter(|_| index > first) {
                None => String::new(),
                Some(before) => {
                    let tokens = &self.tokens.significant;
                    let gap = self.slice(tokens[before].end as usize, tokens[index].start as usize);
                    let single = plain && !gap.is_empty() && gap.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
                    if single { " ".to_owned() } else { gap.to_owned() }
                }
            };
            parts.push(self.token(index, &gap));
        }
        parts
    }

    /// What starts there with a directive, on one line. Behind a condition only blanks between words may change.
    fn directive(&self, from: usize, line: &Typed) -> Vec<Part> {
        let code = self.slice(from, line.code_end);
        let is_words = start(code) == Start::Condition && start(behind_condition(code)) == Start::Statement;
        // `@` alone is an id of no letters.
        if !is_words || !is_plain(code) || code.starts_with("@ ") || self.ends_in_backslash(line) {
            return vec![self.raw(from, line.end)];
        }
        let (_, last) = self.range(line);
        let first = self.tokens.significant.partition_point(|token| (token.start as usize) < from);
        let mut parts = self.spaced(first, last, true);
        parts.extend(self.comment_part(line, last));
        parts
    }

    /// Puts the comment of a line behind what was made of the line.
    fn comment(&mut self, line: &Typed, made: bool) {
        let (_, last) = self.range(line);
        let Some(part) = self.comment_part(line, last) else { return };
        // The line was a `{` that moved up: its comment goes along if there is room.
        let room = self.lines.last().is_some_and(|above| {
            above.parts.last().is_some_and(|part| matches!(part.text, PartText::Brace))
                && above.length() + 1 + (line.end - line.code_end) <= LINE_BYTES
        });
        if made {
            self.extend(part);
        } else if room {
            self.extend(Part { gap: " ".to_owned(), ..part });
        } else {
            self.push(self.depth, line, vec![Part { gap: String::new(), ..part }]);
        }
    }

    fn comment_part(&self, line: &Typed, last: usize) -> Option<Part> {
        if line.code_end >= line.end {
            return None;
        }
        let glued = last.checked_sub(1).is_some_and(|last| {
            let token = self.tokens.significant[last];
            token.end as usize == line.code_end && token.is_word()
        });
        let mut part = self.raw(line.code_end, line.end);
        part.gap = if glued { String::new() } else { " ".to_owned() };
        Some(part)
    }

    /// Moves the `{` up that stands on a line of its own below a statement, over empty lines and comments.
    fn join(&mut self, line: &Typed, depth: usize) {
        let (first, last) = self.range(line);
        let tokens = &self.tokens.significant;
        // The last statement of the line, if there is one without a brace.
        let Some(start) = (first..last).rev().take_while(|&index| tokens[index].is_word()).last() else { return };
        let Some(open) = tokens.get(last).filter(|token| token.kind == TokenKind::Open && token.first) else { return };
        let code = self.slice(line.text, line.code_end);
        if !self.context.opens(open.start, tokens[start].start) || !self.is_movable(code) {
            return;
        }
        let Some(above) = self.lines.last_mut() else { return };
        // A comment stays behind the brace.
        let at = above
            .parts
            .iter()
            .position(|part| matches!(&part.text, PartText::Typed(span) if span.start as usize == line.code_end));
        let at = at.unwrap_or(above.parts.len());
        if above.length() + 2 > LINE_BYTES || above.parts.get(at).is_some_and(|comment| comment.gap.is_empty()) {
            return;
        }
        above.parts.insert(at, Part { gap: " ".to_owned(), text: PartText::Brace });
        self.joined = Some(last);
        self.depth = depth + 1;
    }

    /// What a line is made of: parts if all its braces are understood, else one that stays as it is.
    fn pieces(&self, line: &Typed) -> Vec<Piece> {
        let (first, last) = self.range(line);
        let tokens = &self.tokens.significant;
        let code = self.slice(line.text, line.code_end);
        let whole = vec![Piece::Raw(Span::new(line.text as u32, line.end as u32))];
        let is_brace = |token: &Token| matches!(token.kind, TokenKind::Open | TokenKind::Close);
        let braces = tokens[first..last].iter().filter(|token| is_brace(token)).count();
        let only = braces == 1 && last - first == 1 || braces == 0;
        if self.ends_in_backslash(line) || !only && !self.is_movable(code) {
            return whole;
        }
        let mut pieces = Vec::new();
        let mut words = first;
        for index in first..last {
            let token = tokens[index];
            if !is_brace(&token) {
                continue;
            }
            if !only && !self.context.is_sound(token.start) {
                return whole;
            }
            match (token.kind, words < index) {
                (TokenKind::Open, true) if self.context.opens(token.start, tokens[words].start) => {
                    pieces.push(Piece::Words { first: words, last: index, open: Some(index) });
                }
                (TokenKind::Open, true) => return whole,
                (TokenKind::Open, false) => pieces.push(Piece::Open(index)),
                (_, has_words) => {
                    if has_words {
                        pieces.push(Piece::Words { first: words, last: index, open: None });
                    }
                    pieces.push(Piece::Close(index));
                }
            }
            words = index + 1;
            let rest = tokens.get(words).filter(|_| words < last).map_or(line.code_end, |next| next.start as usize);
            if start(self.slice(rest, line.code_end)) != Start::Statement {
                pieces.push(Piece::Raw(Span::new(rest as u32, line.end as u32)));
                return pieces;
            }
        }
        if words < last {
            pieces.push(Piece::Words { first: words, last, open: None });
        }
        pieces
    }

    /// Whether it does not matter on which line something stands that uses definitions.
    fn is_movable(&self, code: &str) -> bool {
        !code.contains('$') || !self.context.has_multi_line && !code.contains("${_") && !code.contains("$_")
    }

    /// A backslash before blanks at the end of a line would become its last character.
    fn ends_in_backslash(&self, line: &Typed) -> bool {
        self.slice(line.text, line.end).ends_with('\\')
    }

    /// The last line of what starts there: definitions may go on.
    fn continued(&self, number: u32, kind: Start) -> u32 {
        let mut last = number;
        if kind != Start::Definition {
            return last;
        }
        let mut more = continues(self.slice(self.typed(number).text, self.line_end(number)));
        while more && (last as usize + 1) < self.starts.len() {
            let next = self.typed(last + 1);
            if next.text == next.end {
                break;
            }
            more = next.text == next.code_end || continues(self.slice(next.text, self.line_end(last + 1)));
            last += 1;
        }
        last
    }

    fn push(&mut self, depth: usize, line: &Typed, parts: Vec<Part>) {
        let indent = depth.min(MOST_LEVELS) * INDENT;
        let blank_before = std::mem::take(&mut self.blank);
        self.lines.push(OutLine { blank_before, indent, typed_indent: line.text - line.start, parts });
        self.fit();
    }

    fn extend(&mut self, part: Part) {
        if let Some(last) = self.lines.last_mut() {
            last.parts.push(part);
        }
        self.fit();
    }

    /// keepalived reads lines that are too long in two parts: rather it is indented as it was.
    fn fit(&mut self) {
        if let Some(line) = self.lines.last_mut().filter(|line| line.length() > LINE_BYTES) {
            line.indent = line.indent.min(line.typed_indent);
        }
    }

    fn token(&self, index: usize, gap: &str) -> Part {
        Part { gap: gap.to_owned(), text: PartText::Typed(self.tokens.significant[index].span()) }
    }

    fn raw(&self, start: usize, end: usize) -> Part {
        // A comment that ends in a backslash and blanks keeps the blanks.
        let end = if self.slice(start, end).ends_with('\\') { self.blanks_end(end) } else { end };
        Part { gap: String::new(), text: PartText::Typed(Span::new(start as u32, end as u32)) }
    }

    fn blanks_end(&self, end: usize) -> usize {
        let rest = self.text.get(end..).unwrap_or_default();
        end + rest.bytes().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(rest.len())
    }

    /// The significant tokens of a line.
    fn range(&self, line: &Typed) -> (usize, usize) {
        let tokens = &self.tokens.significant;
        let first = tokens.partition_point(|token| (token.start as usize) < line.text);
        let length = tokens[first..].iter().take_while(|token| (token.start as usize) < line.code_end).count();
        (first, first + length)
    }

    fn typed(&self, number: u32) -> Typed {
        let start = self.starts[number as usize] as usize;
        let text = self.slice(start, self.line_end(number));
        let indent = text.len() - text.trim_start_matches(is_blank).len();
        let end = text.trim_end_matches(is_blank).len().max(indent);
        let code = code_length(text).clamp(indent, end);
        Typed { number, start, text: start + indent, code_end: start + code, end: start + end }
    }

    /// Where a line ends, without its line end.
    fn line_end(&self, number: u32) -> usize {
        let end = self.starts.get(number as usize + 1).map_or(self.text.len(), |&next| next as usize);
        if self.text.as_bytes().get(end.wrapping_sub(1)) == Some(&b'\n') { end - 1 } else { end }
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0b' | '\x0c' | '\r')
}

/// Whether the blanks between words are only that: commands are read letter by letter, with quotes and escapes of their own.
fn is_plain(code: &str) -> bool {
    !code.contains(['\'', '\\'])
}

/// What stands behind the condition of a line.
fn behind_condition(code: &str) -> &str {
    code.split_once([' ', '\t']).map_or("", |(_, rest)| rest)
}

/// What is different between the typed text and the lines.
fn edits(text: &str, lines: &[OutLine]) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let mut from = 0;
    let mut gap = String::new();
    let mut keep = |gap: &mut String, span: Span| {
        let typed = text.get(from..span.start as usize).unwrap_or_default();
        if typed != gap.as_str() {
            edits.push(TextEdit { span: Span::new(from as u32, span.start), text: gap.clone() });
        }
        gap.clear();
        from = span.end as usize;
    };
    for (index, line) in lines.iter().enumerate() {
        let breaks = line.blank_before + usize::from(index > 0);
        gap.extend(std::iter::repeat_n('\n', breaks));
        gap.extend(std::iter::repeat_n(' ', line.indent));
        for part in &line.parts {
            gap.push_str(&part.gap);
            match &part.text {
                PartText::Typed(span) => keep(&mut gap, *span),
                PartText::Brace => gap.push('{'),
            }
        }
    }
    if !lines.is_empty() {
        gap.push('\n');
    }
    let end = text.len() as u32;
    keep(&mut gap, Span::new(end, end));
    edits
}
