//! The configuration as written: every statement with its keyword and its values, in the order of the text.
//!
//! Nothing is filled in here and nothing is resolved; that is lowering's work. What keepalived would skip (a bad value,
//! a word too many) is still here, marked as such, and a [`Fault`](crate::fault::Fault) says so.

mod keywords;
mod line;
mod mend;
mod read;
mod suggest;

pub use keywords::Keywords;
pub use read::read;
pub use suggest::nearest;

use crate::schema::{Keyword, Symbol};
use crate::source::Span;
use crate::syntax::NodeId;
use crate::value::{self, Data};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// Index of a [`Setting`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingId(pub u32);

/// A statement that was understood.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its keyword; for the lines of a list the row named `<entry>`.
    pub keyword: &'static Keyword,
    /// The statement.
    pub node: NodeId,
    /// The setting behind its last descendant.
    pub end: u32,
    /// The block it stands in; `None` at the root.
    pub parent: Option<SettingId>,
    /// Its first value and the one behind its last.
    pub values: (u32, u32),
    /// The keyword's word, or the first word of an entry.
    pub name: Span,
    /// From its first word to its last one.
    pub span: Span,
    /// Whether it was read as the keyword that its misspelt word is near to.
    pub recovered: bool,
    /// Whether its words were read as they were meant where keepalived reads others, or does not read it at all: signs
    /// of other languages, a second statement on a line, a block that was closed too early.
    pub mended: bool,
    /// What stands directly in its block.
    inside: Keywords,
}

/// A word and what it means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Where it is, quotes included.
    pub span: Span,
    /// What it means.
    pub data: Data,
}

/// A name, where it is given or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// What it names.
    pub symbol: Symbol,
    /// Where it is written.
    pub span: Span,
    /// The statement that gives or uses it.
    pub setting: SettingId,
}

/// Everything a text says.
///
/// Invariant: settings stand in the order of the text; the children of setting `i` are `i + 1`, then each next one at the
/// `end` of the one before.
#[derive(Clone, Debug)]
pub struct Config {
    /// The logical text.
    pub text: Arc<str>,
    /// The statements.
    pub settings: Vec<Setting>,
    /// Their values.
    pub values: Vec<Value>,
    /// Names that are given.
    pub definitions: Vec<Name>,
    /// Names that are used.
    pub uses: Vec<Name>,
    /// The statements at the root.
    roots: Vec<SettingId>,
    /// Their keywords.
    at_root: Keywords,
}

impl Config {
    /// The statement with that id.
    #[inline]
    pub fn setting(&self, id: SettingId) -> &Setting {
        &self.settings[id.0 as usize]
    }

    /// The statements at the root.
    pub fn roots(&self) -> Children<'_> {
        Children { config: self, next: 0, end: self.settings.len() as u32 }
    }

    /// The statements in the block of one.
    pub fn children(&self, id: SettingId) -> Children<'_> {
        Children { config: self, next: id.0 + 1, end: self.setting(id).end }
    }

    /// The statements at the root with that keyword.
    pub fn blocks(&self, keyword: &'static Keyword) -> impl Iterator<Item = SettingId> {
        let roots = if self.at_root.may_have(keyword) { self.roots.as_slice() } else { &[] };
        roots.iter().copied().filter(move |&id| self.setting(id).keyword == keyword)
    }

    /// The statements in a block with that keyword.
    pub fn all(&self, block: SettingId, keyword: &'static Keyword) -> impl Iterator<Item = SettingId> {
        let Setting { inside, end, .. } = *self.setting(block);
        let next = if inside.may_have(keyword) { block.0 + 1 } else { end };
        Children { config: self, next, end }.filter(move |&id| self.setting(id).keyword == keyword)
    }

    /// The last statement in a block with that keyword.
    pub fn last(&self, block: SettingId, keyword: &'static Keyword) -> Option<SettingId> {
        self.all(block, keyword).last()
    }

    /// The first statement in a block with that keyword.
    pub fn first(&self, block: SettingId, keyword: &'static Keyword) -> Option<SettingId> {
        self.all(block, keyword).next()
    }

    /// The values of a statement, those of its options included.
    #[inline]
    pub fn values(&self, id: SettingId) -> &[Value] {
        let (from, to) = self.setting(id).values;
        &self.values[from as usize..to as usize]
    }

    /// The values before the first option.
    pub fn positional(&self, id: SettingId) -> &[Value] {
        let values = self.values(id);
        let end = values.iter().position(|value| matches!(value.data, Data::Option(_))).unwrap_or(values.len());
        &values[..end]
    }

    /// The values of an option of a statement, without the option's own word; `None` if it is not there.
    pub fn option(&self, id: SettingId, option: &'static Keyword) -> Option<&[Value]> {
        let values = self.values(id);
        let start = values.iter().position(|value| value.data == Data::Option(option))? + 1;
        let rest = &values[start..];
        let end = rest.iter().position(|value| matches!(value.data, Data::Option(_))).unwrap_or(rest.len());
        Some(&rest[..end])
    }

    /// The text of a value without quotes, with `\#` and `\!` as the signs they stand for.
    pub fn text_of(&self, value: &Value) -> Cow<'_, str> {
        let text = self.slice(value.span);
        match unquote(text) {
            inside if inside.len() != text.len() => Cow::Borrowed(inside),
            plain if memchr::memchr(b'\\', plain.as_bytes()).is_some() => {
                Cow::Owned(plain.replace("\\#", "#").replace("\\!", "!"))
            }
            plain => Cow::Borrowed(plain),
        }
    }

    /// The first and the last address of a value that is a range of addresses.
    pub fn ip_range(&self, value: &Value) -> Option<(IpAddr, IpAddr)> {
        value::ip_range(&self.text_of(value)).filter(|_| value.data == Data::IpRange)
    }

    /// The statement to whose words an offset belongs; `None` in front of the first one.
    pub fn setting_at(&self, offset: u32) -> Option<SettingId> {
        let behind = self.settings.partition_point(|setting| setting.span.start <= offset);
        behind.checked_sub(1).map(|index| SettingId(index as u32))
    }

    /// The text of a range; empty if it is not in the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The name of a block: its first value.
    pub fn name(&self, id: SettingId) -> Cow<'_, str> {
        self.values(id).first().map_or(Cow::Borrowed(""), |value| self.text_of(value))
    }

    /// The blocks around a statement, the nearest first.
    pub fn ancestors(&self, id: SettingId) -> impl Iterator<Item = SettingId> {
        std::iter::successors(self.setting(id).parent, |&parent| self.setting(parent).parent)
    }
}

/// A text without the double (or single) quotes around it.
pub fn unquote(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Statements of one block.
#[derive(Clone, Debug)]
pub struct Children<'c> {
    config: &'c Config,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = SettingId;

    #[inline]
    fn next(&mut self) -> Option<SettingId> {
        (self.next < self.end).then(|| {
            let id = SettingId(self.next);
            self.next = self.config.setting(id).end;
            id
        })
    }
}
