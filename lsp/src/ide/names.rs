//! Names in files: what is given and used, where each use was typed, and definitions (`$NAME`) as text.

use super::{View, contains, definition_name};
use kalc_compiler::host::Host;
use kalc_grammar::config::{Name, unquote};
use kalc_grammar::expand::ViaKind;
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::schema::{Arg, Keyword, Symbol, usage::symbol_words};
use kalc_grammar::source::{FileSpan, Span};
use kalc_grammar::value::Data;
use rustc_hash::FxHashSet;

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An instance, a script, a group.
    Named(Symbol, String),
    /// `$NAME`
    Definition(String),
}

impl Thing {
    /// What it is and what it is called, for messages.
    pub fn words(&self) -> String {
        match self {
            Thing::Named(symbol, name) => format!("{} `{name}`", symbol_words(*symbol)),
            Thing::Definition(name) => format!("`${name}`"),
        }
    }
}

/// The thing whose name stands at a position, and where that name stands, without quotes and signs.
pub fn thing(view: View<'_>, offset: u32) -> Option<(Thing, Span)> {
    let text = view.text();
    if in_comment(text, offset) {
        return None;
    }
    if let Some((name, span)) = definition_name(text, offset) {
        return Some((Thing::Definition(name.to_owned()), bare_definition(name, span, text)));
    }
    let at = view.logical(offset)?;
    let host = view.host;
    let used = host.config.uses.iter().chain(&host.config.definitions).find(|name| contains(name.span, at))?;
    let span = view.typed(used.span)?;
    let name = unquote(host.slice(used.span)).to_owned();
    Some((Thing::Named(used.symbol, name), bare(text, span)))
}

/// A mention of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where the name stands, without quotes and signs.
    pub at: FileSpan,
    /// Whether the thing is made there.
    pub is_definition: bool,
    /// Whether the name was typed there as it is, and not put together of definitions or numbers of a sequence.
    pub is_plain: bool,
}

/// All mentions of a thing on one host, in no particular order.
pub fn mentions(host: &Host, thing: &Thing) -> Vec<Mention> {
    match thing {
        Thing::Named(symbol, name) => {
            let definitions = host.config.definitions.iter().map(|name| (name, true));
            let uses = host.config.uses.iter().map(|name| (name, false));
            let is_it = |(found, _): &(&Name, bool)| found.symbol == *symbol && unquote(host.slice(found.span)) == name;
            definitions.chain(uses).filter(is_it).map(|(found, given)| mention(host, found.span, name, given)).collect()
        }
        Thing::Definition(name) => {
            let files = host.sources.iter();
            files
                .flat_map(|(file, source)| {
                    let found = definition_mentions(source.text(), name);
                    found.into_iter().map(move |(span, is_definition)| Mention {
                        at: FileSpan::new(file, span),
                        is_definition,
                        is_plain: true,
                    })
                })
                .collect()
        }
    }
}

fn mention(host: &Host, span: Span, name: &str, is_definition: bool) -> Mention {
    let place = host.logical.place(span);
    let text = host.sources.file(place.typed.file).text();
    let at = FileSpan::new(place.typed.file, bare(text, place.typed.span));
    let is_typed = place.uses.iter().all(|via| via.kind == ViaKind::Include);
    let is_plain = is_typed && text.get(at.span.range()) == Some(name);
    Mention { at, is_definition, is_plain }
}

/// A range without the quotes at its ends.
fn bare(text: &str, span: Span) -> Span {
    let word = text.get(span.range()).unwrap_or("");
    match unquote(word).len() + 2 == word.len() {
        true => Span::new(span.start + 1, span.end - 1),
        false => span,
    }
}

/// The name's own range in that of `$NAME` or `${NAME}`.
fn bare_definition(name: &str, span: Span, text: &str) -> Span {
    let opened = text.get(span.start as usize..).is_some_and(|rest| rest.starts_with("${"));
    let start = span.start + if opened { 2 } else { 1 };
    Span::new(start, start + name.len() as u32)
}

/// Every `$NAME` of a text outside comments: where the name stands, and whether it is defined there.
fn definition_mentions(text: &str, name: &str) -> Vec<(Span, bool)> {
    if !text.contains(name) {
        return Vec::new();
    }
    let tokens = lex(text);
    let mut found = Vec::new();
    for (index, kind) in tokens.kinds.iter().enumerate() {
        if matches!(kind, TokenKind::Comment | TokenKind::Space | TokenKind::Newline) {
            continue;
        }
        let start = tokens.starts[index] as usize;
        let end = tokens.starts.get(index + 1).map_or(text.len(), |&end| end as usize);
        let token = text.get(start..end).unwrap_or("");
        for (at, _) in token.match_indices('$') {
            let braces = token[at + 1..].starts_with('{');
            let from = start + at + 1 + usize::from(braces);
            if text.get(from..).is_none_or(|rest| !rest.starts_with(name)) {
                continue;
            }
            let to = from + name.len();
            let next = text.as_bytes().get(to);
            let is_longer = next.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            if is_longer || braces && next != Some(&b'}') {
                continue;
            }
            let line = text[..start + at].rfind('\n').map_or(0, |newline| newline + 1);
            let is_first = text[line..start + at].trim().is_empty();
            found.push((Span::new(from as u32, to as u32), !braces && is_first && next == Some(&b'=')));
        }
    }
    found.dedup();
    found
}

/// Whether an offset stands in a comment: behind its sign, up to the end of the line.
pub(crate) fn in_comment(text: &str, offset: u32) -> bool {
    let before = text.get(..offset as usize).unwrap_or("");
    let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    matches!(lex(line).kinds.last(), Some(TokenKind::Comment))
}

/// Names of a kind that a host gives, in the order of the text.
pub fn given(host: &Host, symbol: Symbol) -> Vec<&str> {
    let mut seen = FxHashSet::default();
    let given = host.config.definitions.iter().filter(|name| name.symbol == symbol);
    given.map(|name| unquote(host.slice(name.span))).filter(|name| !name.is_empty() && seen.insert(*name)).collect()
}

/// Interfaces that a host names, in the order of the text.
pub fn interfaces(host: &Host) -> Vec<String> {
    let config = &host.config;
    let mut seen = FxHashSet::default();
    let mut found = Vec::new();
    for setting in &config.settings {
        let values = &config.values[setting.values.0 as usize..setting.values.1 as usize];
        let takes = |keyword: &Keyword| keyword.params.first().is_some_and(|param| param.arg == Arg::Interface);
        let mut next = takes(setting.keyword);
        for value in values {
            if let Data::Option(option) = value.data {
                next = takes(option);
            } else if std::mem::take(&mut next) && value.data == Data::Text {
                let name = config.text_of(value).into_owned();
                if seen.insert(name.clone()) {
                    found.push(name);
                }
            }
        }
    }
    found
}
