//! Bytes to tokens: dumb, total and lossless.
//!
//! A word is a run without blanks, braces, double quotes and comment signs. `#` and `!` start a comment anywhere outside
//! double quotes, even inside a word, as keepalived reads them; `${...}` stays inside its word, and so do `{{ ... }}` and
//! `{% ... %}` of a template that nobody filled in. Nothing is decoded here.
//!
//! Two tables come out of one pass: [`Tokens`] holds every byte of the text, and [`Token`]s hold what has meaning, with
//! the column where a line starts, which is all that the grammar of [`syntax`](crate::syntax) needs.

use crate::source::Span;
use logos::Logos;

/// What a stretch of text is.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(utf8 = true, extras = bool)]
#[repr(u8)]
pub enum TokenKind {
    /// Blanks, tabs, carriage returns, form feeds.
    #[regex(r"[ \t\x0b\x0c\r]+")]
    Space,
    /// The end of a line.
    #[token("\n")]
    Newline,
    /// `#` or `!` up to the end of the line.
    #[regex(r"[#!][^\n]*", allow_greedy = true)]
    Comment,
    /// A run of other bytes.
    #[regex(r##"[^ \t\x0b\x0c\r\n"{}#!\\$]+"##, word)]
    #[token("\\", word)]
    #[token("$", word)]
    #[regex(r"\{\{[^{}\n]*\}\}", word)]
    #[regex(r"\{%[^%\n]*%\}", word)]
    #[regex(r"\{#[^#\n]*#\}", word)]
    Word,
    /// A word in double quotes, with them.
    #[regex(r#""[^"\n]*""#)]
    Quoted,
    /// A double quote without its partner, up to the end of the line.
    #[regex(r#""[^"\n]*"#)]
    OpenQuote,
    /// `{`
    #[token("{")]
    Open,
    /// `}`
    #[token("}")]
    Close,
}

/// A token with meaning: everything but blanks, line ends and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// Byte behind the last one.
    pub end: u32,
    /// Column at which its line starts to have text, from 0, tabs to the next multiple of eight; at most 65535.
    pub indent: u16,
    /// What it is.
    pub kind: TokenKind,
    /// Whether it is the first of its line.
    pub first: bool,
}

impl Token {
    /// Where it is.
    pub fn span(self) -> Span {
        Span::new(self.start, self.end)
    }

    /// Whether it is a word, quoted or not.
    pub fn is_word(self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Quoted)
    }

    /// Its text without quotes.
    pub fn text(self, text: &str) -> &str {
        let range = match self.kind {
            TokenKind::Quoted => self.start as usize + 1..self.end as usize - 1,
            TokenKind::Space
            | TokenKind::Newline
            | TokenKind::Comment
            | TokenKind::Word
            | TokenKind::OpenQuote
            | TokenKind::Open
            | TokenKind::Close => self.start as usize..self.end as usize,
        };
        text.get(range).unwrap_or("")
    }
}

/// A text as tokens.
///
/// Invariant: `kinds.len() == starts.len()`, `starts` rises from 0, and token `i` ends where token `i + 1` starts (the
/// last one at the end of the text), so the tokens hold every byte.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// What each token is.
    pub kinds: Vec<TokenKind>,
    /// Where each token starts.
    pub starts: Vec<u32>,
    /// Those with meaning.
    pub significant: Vec<Token>,
    /// Significant words that a comment follows without a blank between, as in `a#b`.
    pub glued_comments: Vec<u32>,
    /// Significant words that hold `\#` or `\!`.
    pub escapes: Vec<u32>,
    /// `{` minus `}`: above 0 some block is never closed, below 0 something closes twice.
    pub open_braces: i64,
}

impl Tokens {
    /// Lets go of the tables of every byte, which only the lexer's and the formatter's own work needs: they are half
    /// of the memory.
    pub fn keep_significant(&mut self) {
        self.kinds = Vec::new();
        self.starts = Vec::new();
        self.significant.shrink_to_fit();
    }
}

/// Cuts a text into tokens. Linear in its length.
///
/// # Panics
/// With a text of 4 GiB or more; [`limits`](crate::limits) keeps files far below.
pub fn lex(text: &str) -> Tokens {
    assert!(u32::try_from(text.len()).is_ok(), "a text is shorter than 4 GiB");
    let mut tokens = Tokens {
        kinds: Vec::with_capacity(text.len() / 4),
        starts: Vec::with_capacity(text.len() / 4),
        significant: Vec::with_capacity(text.len() / 8),
        ..Tokens::default()
    };
    let mut first = true;
    let mut indent = 0;
    let mut lexer = TokenKind::lexer(text);
    while let Some(kind) = lexer.next() {
        let span = lexer.span();
        // The rules above cover every character; should one ever be missed, it is a word.
        let kind = kind.unwrap_or(TokenKind::Word);
        tokens.kinds.push(kind);
        tokens.starts.push(span.start as u32);
        match kind {
            TokenKind::Newline => (first, indent) = (true, 0),
            TokenKind::Space if first => indent = columns(lexer.slice()),
            TokenKind::Comment
                if tokens.significant.last().is_some_and(|t| t.end == span.start as u32 && t.is_word()) =>
            {
                tokens.glued_comments.push(tokens.significant.len() as u32 - 1);
            }
            TokenKind::Space | TokenKind::Comment => {}
            TokenKind::Word | TokenKind::Quoted | TokenKind::OpenQuote | TokenKind::Open | TokenKind::Close => {
                tokens.open_braces += i64::from(kind == TokenKind::Open) - i64::from(kind == TokenKind::Close);
                tokens.significant.push(Token { start: span.start as u32, end: span.end as u32, indent, kind, first });
                first = false;
                if lexer.extras {
                    tokens.escapes.push(tokens.significant.len() as u32 - 1);
                    lexer.extras = false;
                }
            }
        }
    }
    tokens
}

/// Reads on where a word goes on behind a backslash, which protects a comment sign, or with a `${...}` or `{{...}}`.
fn word(lexer: &mut logos::Lexer<'_, TokenKind>) {
    let bytes = lexer.source().as_bytes();
    let mut end = lexer.span().end;
    let mut last = bytes[end - 1];
    while let Some(&byte) = bytes.get(end) {
        match byte {
            b' ' | b'\t' | 0x0b | 0x0c | b'\r' | b'\n' | b'"' | b'}' => break,
            b'#' | b'!' if last != b'\\' => break,
            b'#' | b'!' => lexer.extras = true,
            b'{' if last == b'$' => match variable(&bytes[end + 1..]) {
                Some(length) => end += length,
                None => break,
            },
            b'{' => match template(&bytes[end + 1..]) {
                Some(length) => end += length,
                None => break,
            },
            _ => {}
        }
        last = bytes[end];
        end += 1;
    }
    let more = end - lexer.span().end;
    lexer.bump(more);
}

/// Bytes up to and with the `}` of a `${...}` whose inside this is.
fn variable(inside: &[u8]) -> Option<usize> {
    let end = inside.iter().position(|byte| matches!(byte, b'}' | b'{' | b'"' | b'#' | b'!' | b'\n'))?;
    (inside[end] == b'}').then_some(end + 1)
}

/// Bytes up to and with the `}}` of a `{{...}}` whose first brace stands before this.
fn template(inside: &[u8]) -> Option<usize> {
    let rest = inside.strip_prefix(b"{")?;
    let end = rest.iter().position(|byte| matches!(byte, b'}' | b'{' | b'\n'))?;
    rest[end..].starts_with(b"}}").then_some(end + 3)
}

/// Columns that the blanks at the start of a line take.
fn columns(blanks: &str) -> u16 {
    let columns =
        blanks.bytes().fold(0u32, |column, byte| if byte == b'\t' { (column / 8 + 1) * 8 } else { column + 1 });
    u16::try_from(columns).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(TokenKind, &str)]) {
        let tokens = lex(text);
        let ends = tokens.starts.iter().skip(1).copied().chain([text.len() as u32]);
        let found: Vec<_> = std::iter::zip(&tokens.kinds, std::iter::zip(&tokens.starts, ends))
            .map(|(&kind, (&start, end))| (kind, &text[start as usize..end as usize]))
            .collect();
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn every_byte_is_in_a_token() {
        use TokenKind::{Close, Comment, Newline, Open, OpenQuote, Quoted, Space, Word};
        check("", &[]);
        check("a b\r\n", &[(Word, "a"), (Space, " "), (Word, "b"), (Space, "\r"), (Newline, "\n")]);
        check("a#b c\n!d", &[(Word, "a"), (Comment, "#b c"), (Newline, "\n"), (Comment, "!d")]);
        check(r"a\#b\c \!", &[(Word, r"a\#b\c"), (Space, " "), (Word, r"\!")]);
        check(r##"a"b #{c"d"##, &[(Word, "a"), (Quoted, "\"b #{c\""), (Word, "d")]);
        check("x \"y }\nz", &[(Word, "x"), (Space, " "), (OpenQuote, "\"y }"), (Newline, "\n"), (Word, "z")]);
        check("a{3}", &[(Word, "a"), (Open, "{"), (Word, "3"), (Close, "}")]);
        check("a${X y}b{", &[(Word, "a${X y}b"), (Open, "{")]);
        check("${X", &[(Word, "$"), (Open, "{"), (Word, "X")]);
        check("a {{ b }}", &[(Word, "a"), (Space, " "), (Word, "{{ b }}")]);
        check("a{{ b }}.{{c}}{", &[(Word, "a{{ b }}.{{c}}"), (Open, "{")]);
        check("{% x %}", &[(Word, "{% x %}")]);
        check("{{b\n}}", &[(Open, "{"), (Open, "{"), (Word, "b"), (Newline, "\n"), (Close, "}"), (Close, "}")]);
        check("é\u{a0}“x”", &[(Word, "é\u{a0}“x”")]);
    }

    #[test]
    fn indentation_counts_tabs_to_eight() {
        let tokens = lex("a\n \tb c\n   d");
        let indents: Vec<_> = tokens.significant.iter().map(|token| (token.indent, token.first)).collect();
        assert_eq!(indents, [(0, true), (8, true), (8, false), (3, true)]);
    }
}
