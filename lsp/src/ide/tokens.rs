//! What each word of a file is, for colours: by what it means, where a grammar of patterns only guesses.

use super::View;
use kalc_grammar::expand::{Start, start};
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::schema::{Kind, Status};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// The keyword of a block.
    Block,
    /// A keyword with or without a value.
    Keyword,
    /// A word that starts an option of a line.
    Option,
    /// One of a closed list of words.
    Value,
    /// A number, a time, an address.
    Number,
    /// Any other text.
    Text,
    /// The name of an instance, a script, a group.
    Name,
    /// `$NAME`
    Definition,
    /// What is carried out before anything is read: `include`, `@id`, `~SEQ`.
    Directive,
    /// A comment.
    Comment,
}

impl TokenType {
    /// All of them, each at the place of its number.
    pub const ALL: [TokenType; 10] = [
        TokenType::Block,
        TokenType::Keyword,
        TokenType::Option,
        TokenType::Value,
        TokenType::Number,
        TokenType::Text,
        TokenType::Name,
        TokenType::Definition,
        TokenType::Directive,
        TokenType::Comment,
    ];
}

/// A word, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TokenType,
    /// Whether it makes the thing that it names.
    pub is_declaration: bool,
    /// Whether new files should not use it.
    pub is_deprecated: bool,
}

/// The words of a file that touch a range, in the order of the text.
pub fn tokens(view: View<'_>, within: Span) -> Vec<Token> {
    let mut found: BTreeMap<u32, Token> = BTreeMap::new();
    let mut add = |span: Span, kind: TokenType, is_declaration: bool, is_deprecated: bool| {
        if !span.is_empty() && span.start <= within.end && within.start <= span.end {
            found.entry(span.start).or_insert(Token { span, kind, is_declaration, is_deprecated });
        }
    };
    as_typed(view.text(), within, &mut |span, kind, is_declaration| add(span, kind, is_declaration, false));
    understood(view, &mut add);
    // What is typed as a definition inside a word cuts the word.
    let mut end = 0;
    let mut is_free = |token: &Token| {
        let is_free = token.span.start >= end;
        end = end.max(token.span.end);
        is_free
    };
    found.into_values().filter(&mut is_free).collect()
}

/// Comments, definitions and directives, which the understood text does not have.
fn as_typed(text: &str, within: Span, add: &mut impl FnMut(Span, TokenType, bool)) {
    let from = text.get(..within.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let to = text.get(within.end as usize..).and_then(|rest| rest.find('\n'));
    let to = to.map_or(text.len(), |newline| within.end as usize + newline);
    let mut at = from;
    for line in text.get(from..to).unwrap_or("").split_inclusive('\n') {
        let base = at;
        at += line.len();
        let span = |from: usize, to: usize| Span::new((base + from) as u32, (base + to) as u32);
        let tokens = lex(line);
        let mut is_first = true;
        for (index, &kind) in tokens.kinds.iter().enumerate() {
            let from = tokens.starts[index] as usize;
            let to = tokens.starts.get(index + 1).map_or(line.len(), |&end| end as usize);
            match kind {
                TokenKind::Comment => {
                    add(span(from, from + line[from..to].trim_end().len()), TokenType::Comment, false)
                }
                TokenKind::Word | TokenKind::Quoted | TokenKind::OpenQuote => {
                    let word = &line[from..to];
                    if is_first {
                        directive(line, from, word, &span, add);
                    }
                    definitions(word, &mut |start, end, braces| {
                        let is_given = is_first && start == 0 && !braces && line[from + end..].starts_with('=');
                        add(span(from + start, from + end), TokenType::Definition, is_given);
                    });
                    is_first = false;
                }
                TokenKind::Open | TokenKind::Close => is_first = false,
                TokenKind::Space | TokenKind::Newline => {}
            }
        }
    }
}

fn directive(
    line: &str,
    from: usize,
    word: &str,
    span: &impl Fn(usize, usize) -> Span,
    add: &mut impl FnMut(Span, TokenType, bool),
) {
    match start(line) {
        Start::Include | Start::Condition => add(span(from, from + word.len()), TokenType::Directive, false),
        Start::Sequence => {
            let end = word.find('(').unwrap_or(word.len());
            add(span(from, from + end), TokenType::Directive, false);
        }
        Start::Definition | Start::Statement => {}
    }
}

/// Where `$NAME` and `${...}` stand in a word, and whether with braces.
fn definitions(word: &str, found: &mut impl FnMut(usize, usize, bool)) {
    let bytes = word.as_bytes();
    for (at, _) in word.match_indices('$') {
        let in_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        if bytes.get(at + 1) == Some(&b'{') {
            if let Some(length) = word[at..].find('}') {
                found(at, at + length + 1, true);
            }
            continue;
        }
        let length = bytes[at + 1..].iter().take_while(in_name).count();
        if length > 0 {
            found(at, at + 1 + length, false);
        }
    }
}

/// The words of statements, by what they mean.
fn understood(view: View<'_>, add: &mut impl FnMut(Span, TokenType, bool, bool)) {
    let host = view.host;
    let config = &host.config;
    let names = |list: &[kalc_grammar::config::Name]| list.iter().map(|name| name.span).collect::<FxHashSet<Span>>();
    let (given, used) = (names(&config.definitions), names(&config.uses));
    for setting in &config.settings {
        let row = setting.keyword;
        let is_old = matches!(row.status, Status::Deprecated(_));
        let kind = match row.kind {
            Kind::Block | Kind::NamedBlock | Kind::ListBlock => Some(TokenType::Block),
            Kind::Flag | Kind::Value => Some(TokenType::Keyword),
            Kind::Entry => None,
        };
        if let (Some(kind), Some(span)) = (kind, verbatim(view, setting.name)) {
            add(span, kind, false, is_old);
        }
        let values = &config.values[setting.values.0 as usize..setting.values.1 as usize];
        for value in values {
            let Some(span) = verbatim(view, value.span) else { continue };
            let is_given = given.contains(&value.span);
            let (kind, is_old) = match value.data {
                _ if is_given || used.contains(&value.span) => (TokenType::Name, false),
                Data::Option(option) => (TokenType::Option, matches!(option.status, Status::Deprecated(_))),
                Data::Bool(_) | Data::Choice(_) => (TokenType::Value, false),
                Data::Int(_) | Data::Micros(_) | Data::Range(..) => (TokenType::Number, false),
                Data::Ip(_) | Data::Net { .. } | Data::IpRange => (TokenType::Number, false),
                Data::Text | Data::Bad | Data::Unknown => (TokenType::Text, false),
            };
            add(span, kind, is_given, is_old);
        }
    }
}

/// Where a word was typed, if it stands in this file as it is.
fn verbatim(view: View<'_>, span: Span) -> Option<Span> {
    let typed = view.typed(span)?;
    (view.text().get(typed.range()) == Some(view.host.slice(span))).then_some(typed)
}
