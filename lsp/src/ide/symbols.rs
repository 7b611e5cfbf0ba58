//! The outline of a file: its blocks, in each other.

use super::View;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Kind;
use kalc_grammar::source::Span;
use rustc_hash::FxHashSet;

/// Blocks in each other deeper than this are left out.
const DEPTH: usize = 32;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name, or its keyword if it has none.
    pub name: String,
    /// Its keyword if it has a name.
    pub detail: Option<&'static str>,
    /// Whether it is a thing with a name, not a part of one.
    pub is_named: bool,
    /// All of it.
    pub range: Span,
    /// Its first line.
    pub selection: Span,
    /// The blocks in it.
    pub children: Vec<Symbol>,
}

/// The outline of a file.
pub fn symbols(view: View<'_>) -> Vec<Symbol> {
    let mut seen = FxHashSet::default();
    collect(view, view.host.config.roots(), 0, &mut seen)
}

fn collect(
    view: View<'_>,
    statements: impl Iterator<Item = SettingId>,
    depth: usize,
    seen: &mut FxHashSet<Span>,
) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for id in statements {
        let setting = view.host.config.setting(id);
        if !setting.keyword.opens_block() {
            continue;
        }
        let children = match depth < DEPTH {
            true => collect(view, view.host.config.children(id), depth + 1, seen),
            false => Vec::new(),
        };
        let (Some(range), Some(selection)) = (view.typed(view.host.whole(id)), view.typed(setting.span)) else {
            // The block is another file's; what is in it may be this one's.
            symbols.extend(children);
            continue;
        };
        // The turns of a sequence show the same text.
        if !seen.insert(selection) {
            continue;
        }
        let name = match setting.keyword.kind {
            Kind::NamedBlock => {
                let words = view.host.config.positional(id).iter().map(|value| view.host.text(value).into_owned());
                words.collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        };
        let is_named = !name.trim().is_empty();
        symbols.push(Symbol {
            name: if is_named { name } else { setting.keyword.name.to_owned() },
            detail: is_named.then_some(setting.keyword.name),
            is_named,
            range: range.to(selection),
            selection,
            children,
        });
    }
    symbols
}
