//! What may be typed at a position: keywords of the block, words of the argument, names that the file gives.

use super::company::Company;
use super::line::{statement, typing};
use super::names::{given, interfaces};
use super::{View, definition_name};
use crate::ide::hover::card;
use crate::snippets;
use kalc_grammar::expand::{Start, start};
use kalc_grammar::files::FileSystem;
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
    /// A file.
    File,
    /// A block with lines in it; only for clients that know snippets.
    Skeleton,
}

/// More files of a folder are not offered.
const MOST_PATHS: usize = 500;

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
    /// The word with places to fill in, in the language of LSP's snippets.
    pub snippet: Option<String>,
}

impl Item {
    fn new(label: String, kind: ItemKind, detail: String) -> Self {
        Item { label, kind, detail, documentation: None, deprecated: false, snippet: None }
    }
}

/// The words that may be typed at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// What they replace: the beginning of the word before the cursor.
    pub replaces: Span,
    /// The words, in the order of the schema or of the file.
    pub items: Vec<Item>,
}

/// What may be typed at a position; `None` where nothing may (comments, quotes, blocks that kalc does not know). `trigger`
/// is the sign whose typing asks, if one does: some signs only ask in places where they mean something.
pub fn completion(
    company: &Company,
    view: View<'_>,
    offset: u32,
    trigger: Option<char>,
    files: &dyn FileSystem,
) -> Option<Completion> {
    let (start, line) = view.line_before(offset);
    if let Some(paths) = paths(view, offset, line, files) {
        return Some(paths);
    }
    statement(line)?;
    if let Some(definitions) = variables(view, offset, start) {
        return Some(definitions);
    }
    let typing = typing(view, offset)?;
    match trigger {
        // Braces and slashes end words, and blanks at the beginning of a line indent it.
        Some('{' | '/') => return None,
        Some(' ') if typing.is_first => return None,
        _ => {}
    }
    let is_alone =
        view.text().get(offset as usize..).is_none_or(|rest| rest.lines().next().unwrap_or("").trim().is_empty());
    let items = match typing.row {
        _ if typing.is_first => statements(company, view, typing.block, is_alone),
        Some(row) => arguments(company, view, row, &typing.given),
        None => return None,
    };
    Some(Completion { replaces: typing.typed, items })
}

/// The files that an `include` may name, if one is being typed.
fn paths(view: View<'_>, offset: u32, line: &str, files: &dyn FileSystem) -> Option<Completion> {
    let trimmed = line.trim_start();
    let word_end = trimmed.find(char::is_whitespace)?;
    let typed = trimmed[word_end..].trim_start();
    // Something must follow the word for the line to be a directive.
    if start(&format!("{}x", line)) != Start::Include || typed.contains(['#', '!']) {
        return None;
    }
    let (folder, _) = typed.rsplit_once('/').map_or(("", typed), |(folder, name)| (&typed[..=folder.len()], name));
    let own = view.host.sources.file(view.file).name();
    let base = own.rsplit_once('/').map_or("", |(folder, _)| &own[..=folder.len()]);
    let pattern = |path: &str| path.replace(['[', ']', '*', '?'], "?");
    let whole = if typed.starts_with('/') { pattern(folder) } else { pattern(&format!("{base}{folder}")) };
    let mut items = Vec::new();
    for path in files.glob(&format!("{whole}*")).into_iter().take(MOST_PATHS) {
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        // A file that includes itself is read for ever.
        if path == own || name.is_empty() {
            continue;
        }
        items.push(Item::new(format!("{folder}{name}"), ItemKind::File, path.clone()));
    }
    Some(Completion { replaces: Span::new(offset - typed.len() as u32, offset), items })
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
                let label = if braces { format!("${{{name}}}") } else { format!("${name}") };
                items.push(Item::new(label, ItemKind::Definition, value.trim().to_owned()));
            }
        }
    }
    Some(Completion { replaces: Span::new(dollar, offset), items })
}

/// What may start a line of a block; where nothing follows, with what is to be filled in.
fn statements(company: &Company, view: View<'_>, block: &'static Keyword, is_alone: bool) -> Vec<Item> {
    let mut items: Vec<Item> = block.rows().map(|row| keyword(row, block)).collect();
    for (item, row) in items.iter_mut().zip(block.rows()).filter(|_| is_alone) {
        item.snippet = snippet(row);
    }
    if let Some(entry) = block.entry {
        items.extend(arguments(company, view, entry, &[]));
    }
    let mut include = Item::new("include".to_owned(), ItemKind::Keyword, "<path>".to_owned());
    include.documentation = Some("Reads other files in place of this line; the path may have wildcards.".to_owned());
    items.push(include);
    if block.name.is_empty() && is_alone {
        skeletons(&mut items);
    }
    items
}

/// At the level of the file a block comes with what it hardly does without, and there are several kinds of some.
fn skeletons(items: &mut Vec<Item>) {
    for (prefix, body) in snippets::skeletons() {
        if let Some(item) = items.iter_mut().find(|item| item.label == prefix) {
            item.snippet = Some(body);
        } else {
            let keyword = items.iter().find(|item| prefix.split(' ').next() == Some(&*item.label));
            let documentation = keyword.and_then(|item| item.documentation.clone());
            let sketch = Item::new(prefix.to_owned(), ItemKind::Skeleton, String::new());
            items.push(Item { documentation, snippet: Some(body), ..sketch });
        }
    }
}

/// A keyword with places to fill in, in the language of LSP's snippets; nothing for one that stands alone.
fn snippet(row: &Keyword) -> Option<String> {
    let mut places = 0;
    let mut text = row.name.to_owned();
    for param in row.params.iter().filter(|param| matches!(param.presence, Presence::Required | Presence::Repeated)) {
        places += 1;
        text.push(' ');
        text.push_str(&match param.arg {
            Arg::Choice(words) | Arg::ChoiceNoCase(words) => format!("${{{places}|{}|}}", words.join(",")),
            Arg::Literal(word) => word.to_owned(),
            _ => {
                let words = usage::param(&Param { presence: Presence::Required, ..*param });
                let words =
                    words.trim_matches(['<', '>']).replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}");
                format!("${{{places}:{words}}}")
            }
        });
    }
    match row.kind {
        Kind::Block | Kind::NamedBlock | Kind::ListBlock => Some(format!("{text} {{\n\t$0\n}}")),
        Kind::Flag | Kind::Value | Kind::Entry => (places > 0).then_some(text),
    }
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
        snippet: None,
    }
}

/// What may follow the words that a row already has.
fn arguments(company: &Company, view: View<'_>, row: &'static Keyword, words: &[&str]) -> Vec<Item> {
    // The last option takes the words behind it; before the first one they are the row's own.
    let last = words.iter().rposition(|word| row.option(word).is_some_and(|option| !option.is_bare()));
    let option = last.and_then(|at| row.option(words[at]).map(|option| (option, &words[at + 1..])));
    let mut items = Vec::new();
    let (params, given) = option.map_or((row.params, words), |(option, given)| (option.params, given));
    let open = expected(params, given.len());
    for param in open.params {
        values(company, view, row, &param.arg, &mut items);
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
                true => option.params.iter().for_each(|param| values(company, view, row, &param.arg, &mut items)),
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
fn values(company: &Company, view: View<'_>, row: &'static Keyword, arg: &Arg, items: &mut Vec<Item>) {
    let mut value = |label: &str, kind: ItemKind, detail: &str| {
        items.push(Item::new(label.to_owned(), kind, detail.to_owned()));
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
        Arg::Interface => {
            // Those of this host come first.
            let own = interfaces(view.host);
            let others = company.interfaces().into_iter().filter(|name| !own.contains(name));
            own.iter().cloned().chain(others).for_each(|name| value(&name, ItemKind::Name, "interface"));
        }
        _ => {}
    }
}
