//! What may be typed at a position: keywords of the block, words of the argument, names that the file gives.
//!
//! The line before the cursor is read as typed, since half a statement is none in the tree; the block around it comes
//! from the tree.

use super::company::Company;
use super::names::{given, interfaces};
use super::{View, definition_name};
use crate::ide::hover::card;
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::schema::{Arg, Keyword, Kind, Param, Presence, Status, usage};
use kalc_grammar::source::Span;
use rustc_hash::FxHashSet;

/// What kind of word is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A statement.
    Keyword,
    /// A statement that opens a block.
    Block,
    /// A word of a line.
    Option,
    /// One of a closed list of values.
    Value,
    /// A name that is given in the file.
    Name,
    /// `$NAME`
    Definition,
}

/// A word that may be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The word.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its usage in a line.
    pub detail: String,
    /// Markdown.
    pub documentation: Option<String>,
    /// Whether new files should not use it.
    pub deprecated: bool,
}

/// The words that may be typed at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What they replace: the beginning of the word before the cursor.
    pub replaces: Span,
    /// The words, in the order of the schema or of the file.
    pub items: Vec<Item>,
}

/// What may be typed at a position; `None` where nothing may (comments, quotes, blocks that kalc does not know).
pub fn completion(_company: &Company, view: View<'_>, offset: u32) -> Option<Completion> {
    let (start, line) = view.line_before(offset);
    let words = statement(line)?;
    // `@id` in front of a statement is no part of it.
    let words = if words.first().is_some_and(|(word, _)| word.starts_with('@')) { &words[1..] } else { &words[..] };
    let is_open = words.last().is_some_and(|(_, end)| *end as usize == line.len());
    let (typed, done) = match words.split_last() {
        Some(((word, _), before)) if is_open => (*word, before),
        _ => ("", words),
    };
    let replaces = Span::new(offset - typed.len() as u32, offset);
    if let Some(definitions) = variables(view, offset, start) {
        return Some(definitions);
    }
    let block = view.block(offset)?.keyword;
    let items = match done.split_first() {
        None => statements(view, block),
        Some(((first, _), rest)) => {
            let rest: Vec<&str> = rest.iter().map(|(word, _)| *word).collect();
            match (block.lookup(first), block.entry) {
                (Some(row), _) => arguments(view, row, &rest),
                (None, Some(entry)) => {
                    let all: Vec<&str> = done.iter().map(|(word, _)| *word).collect();
                    arguments(view, entry, &all)
                }
                (None, None) => return None,
            }
        }
    };
    Some(Completion { replaces, items })
}

/// The words of the statement that the end of a line belongs to, each with its end; `None` in a comment or in quotes.
fn statement(line: &str) -> Option<Vec<(&str, u32)>> {
    let tokens = lex(line);
    if matches!(tokens.kinds.last(), Some(TokenKind::Comment)) {
        return None;
    }
    let mut words = Vec::new();
    for token in &tokens.significant {
        match token.kind {
            TokenKind::Open | TokenKind::Close => words.clear(),
            TokenKind::OpenQuote => return None,
            _ => words.push((line.get(token.span().range()).unwrap_or(""), token.end)),
        }
    }
    Some(words)
}

/// Names of definitions, if a `$` is being typed.
fn variables(view: View<'_>, offset: u32, line: u32) -> Option<Completion> {
    let text = view.text();
    let before = text.get(..offset as usize)?;
    let dollar = match definition_name(text, offset) {
        Some((_, span)) if span.start < offset => span.start,
        _ if before.ends_with("${") => offset - 2,
        _ if before.ends_with('$') => offset - 1,
        _ => return None,
    };
    if dollar < line {
        return None;
    }
    let braces = text.get(dollar as usize..).is_some_and(|rest| rest.starts_with("${"));
    let mut seen = FxHashSet::default();
    let mut items = Vec::new();
    for (_, file) in view.host.sources.iter() {
        for line in file.text().lines() {
            let Some((name, value)) = line.trim_start().strip_prefix('$').and_then(|rest| rest.split_once('=')) else {
                continue;
            };
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if is_name && seen.insert(name) {
                items.push(Item {
                    label: if braces { format!("${{{name}}}") } else { format!("${name}") },
                    kind: ItemKind::Definition,
                    detail: value.trim().to_owned(),
                    documentation: None,
                    deprecated: false,
                });
            }
        }
    }
    Some(Completion { replaces: Span::new(dollar, offset), items })
}

/// What may start a line of a block.
fn statements(view: View<'_>, block: &'static Keyword) -> Vec<Item> {
    let mut items: Vec<Item> = block.rows().map(|row| keyword(row, block)).collect();
    if let Some(entry) = block.entry {
        items.extend(arguments(view, entry, &[]));
    }
    items
}

fn keyword(row: &'static Keyword, block: &Keyword) -> Item {
    let path = if block.name.is_empty() { row.name.to_owned() } else { format!("{} › {}", block.name, row.name) };
    Item {
        label: row.name.to_owned(),
        kind: match row.kind {
            Kind::Block | Kind::NamedBlock | Kind::ListBlock => ItemKind::Block,
            Kind::Flag | Kind::Value | Kind::Entry => ItemKind::Keyword,
        },
        detail: usage(row),
        documentation: Some(card(row, &path)),
        deprecated: matches!(row.status, Status::Deprecated(_)),
    }
}

/// What may follow the words that a row already has.
fn arguments(view: View<'_>, row: &'static Keyword, words: &[&str]) -> Vec<Item> {
    // The last option takes the words behind it; before the first one they are the row's own.
    let last = words.iter().rposition(|word| row.option(word).is_some_and(|option| !option.is_bare()));
    let option = last.and_then(|at| row.option(words[at]).map(|option| (option, &words[at + 1..])));
    let mut items = Vec::new();
    let (params, given) = option.map_or((row.params, words), |(option, given)| (option.params, given));
    let open = expected(params, given.len());
    for param in open.params {
        values(view, row, &param.arg, &mut items);
    }
    if open.is_enough {
        if let Some((option, [])) = option {
            items.extend(option.options.iter().flat_map(|group| group.iter()).map(|inner| word(inner, row)));
        }
        let used = |option: &Keyword| {
            words.contains(&option.name) && option.repeat != kalc_grammar::schema::Repeat::Accumulates
        };
        let options = row.options.iter().flat_map(|group| group.iter().copied()).filter(|option| !used(option));
        for option in options {
            match option.is_bare() {
                true => option.params.iter().for_each(|param| values(view, row, &param.arg, &mut items)),
                false => items.push(word(option, row)),
            }
        }
    }
    let mut seen = FxHashSet::default();
    items.retain(|item| seen.insert(item.label.clone()));
    items
}

fn word(option: &'static Keyword, row: &Keyword) -> Item {
    Item { kind: ItemKind::Option, ..keyword(option, row) }
}

/// The parameters that a next word may be.
struct Open {
    params: &'static [Param],
    /// Whether a word of another kind may come as well.
    is_enough: bool,
}

fn expected(params: &'static [Param], given: usize) -> Open {
    let needed = |param: &Param| matches!(param.presence, Presence::Required | Presence::Repeated);
    let first = match params.last() {
        Some(Param { presence: Presence::Repeated | Presence::OptionalRepeated, .. }) => given.min(params.len() - 1),
        _ => given.min(params.len()),
    };
    // Parameters that may be left out, up to one that may not.
    let behind = params[first..].iter().position(needed);
    let end = behind.map_or(params.len(), |more| first + more + 1);
    let is_enough =
        behind.is_none_or(|more| more == 0 && params[first].presence == Presence::Repeated && given >= params.len());
    Open { params: &params[first..end], is_enough }
}

/// The words that an argument may be, where they can be listed.
fn values(view: View<'_>, row: &'static Keyword, arg: &Arg, items: &mut Vec<Item>) {
    let mut value = |label: &str, kind: ItemKind, detail: &str| {
        items.push(Item {
            label: label.to_owned(),
            kind,
            detail: detail.to_owned(),
            documentation: None,
            deprecated: false,
        });
    };
    let of = row.name;
    match *arg {
        Arg::Choice(words)
        | Arg::ChoiceNoCase(words)
        | Arg::IntOr { words, .. }
        | Arg::IntOrChoiceNoCase { words, .. } => words.iter().for_each(|word| value(word, ItemKind::Value, of)),
        Arg::Words(words) => words.iter().for_each(|(word, _)| value(word, ItemKind::Value, of)),
        Arg::Bool => {
            ["on", "off", "true", "false", "yes", "no"].iter().for_each(|word| value(word, ItemKind::Value, of))
        }
        Arg::Literal(word) => value(word, ItemKind::Value, of),
        Arg::Network => ["default", "any", "all"].iter().for_each(|word| value(word, ItemKind::Value, of)),
        Arg::Use(symbol) => given(view.host, symbol).iter().for_each(|name| {
            value(name, ItemKind::Name, kalc_grammar::schema::usage::symbol_words(symbol));
        }),
        Arg::Interface => interfaces(view.host).iter().for_each(|name| value(name, ItemKind::Name, "interface")),
        _ => {}
    }
}
