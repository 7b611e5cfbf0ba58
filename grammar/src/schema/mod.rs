//! The schema: every keyword of keepalived.conf, declared once.
//!
//! A row is a `static` [`Keyword`] made by the [`rows!`] macro in one of the submodules; its doc comment is the
//! text that hover, `kalc schema` and the documentation show. Parsing, typing, defaults, did-you-mean, completion
//! and the runtime's coverage read these rows; nowhere else is there a list of keywords.
//!
//! [`value`](crate::value) turns words into values after the [`Param`]s of a row;
//! [`Keyword::lookup`] finds a row below a block. Paths (`vrrp_instance.track_script.<entry>.weight`) are made by
//! [`walk`].

mod arg;
pub mod usage;
mod walk;

pub mod bfd;
pub mod checker;
pub mod garp_group;
pub mod global;
pub mod history;
pub mod line;
pub mod notify;
pub mod real_server;
pub mod root;
pub mod ssl;
pub mod static_;
pub mod sync_group;
pub mod track;
pub mod virtual_server;
pub mod virtual_server_group;
pub mod vrrp_instance;

pub use arg::{Arg, Param, Presence, Symbol};
pub use usage::usage;
pub use walk::{Home, Row, homes, walk};

use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What a keyword does to the structure of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its presence switches something on; it takes no value, or an optional boolean.
    Flag,
    /// It takes values on its line.
    Value,
    /// It opens a block without a name.
    Block,
    /// It opens a block with a name or an address.
    NamedBlock,
    /// It opens a block of entries that are not keywords.
    ListBlock,
    /// One line of a list block; its name is written `<entry>`.
    Entry,
}

/// The unit in which a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// No unit, or not a number.
    None,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Bytes.
    Bytes,
}

/// Since which version of keepalived a keyword exists, of the two that the schema was measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// Known to 2.2.7 and to 2.4.3.
    V2_2_7,
    /// Known to 2.4.3, not to 2.2.7.
    V2_4_3,
}

/// Whether new files should use a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Current,
    /// Works, but keepalived asks for the named replacement.
    Deprecated(&'static str),
    /// Another spelling of the named keyword.
    Alias(&'static str),
}

/// What a second use of a keyword in one block does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The last one counts.
    LastWins,
    /// The first one counts.
    FirstWins,
    /// All count.
    Accumulates,
}

/// The reason of a keyword of which nobody has said what the daemon does; there is none.
pub const UNSAID: &str = "nothing is known about it";

/// What kalc's own daemon does with a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// Not executed, for the given reason: a run refuses the keyword.
    Refused(&'static str),
    /// Executed as keepalived does.
    Executed,
    /// Accepted and without effect there, for the given reason.
    NoEffect(&'static str),
}

/// One keyword, or one word of a mini-language.
#[derive(Debug)]
pub struct Keyword {
    /// The word as it is written; `<entry>` for the lines of a list block.
    pub name: &'static str,
    /// What it does to the structure.
    pub kind: Kind,
    /// What may follow it on its line, in order.
    pub params: &'static [Param],
    /// Words that may follow the parameters in any order, each with parameters of its own.
    pub options: &'static [&'static [&'static Keyword]],
    /// What may stand in its block; empty for keywords that open none.
    pub block: &'static [&'static [&'static Keyword]],
    /// The lines of its block, where they are entries.
    pub entry: Option<&'static Keyword>,
    /// One to three sentences for people: what it does.
    pub doc: &'static str,
    /// The value when it is not written, as people say it; empty where there is none.
    pub default: &'static str,
    /// The unit of its number.
    pub unit: Unit,
    /// First version that knows it.
    pub since: Since,
    /// Whether it should still be written.
    pub status: Status,
    /// What a second use does.
    pub repeat: Repeat,
    /// What kalc's daemon does with it.
    pub runtime: Runtime,
    lookup: OnceLock<FxHashMap<&'static str, &'static Keyword>>,
}

impl PartialEq for Keyword {
    /// Keywords are declared once, so identity is equality.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Keyword {}

impl Keyword {
    const fn new(name: &'static str, kind: Kind, params: &'static [Param]) -> Self {
        Keyword {
            name,
            kind,
            params,
            options: &[],
            block: &[],
            entry: None,
            doc: "",
            default: "",
            unit: Unit::None,
            since: Since::V2_2_7,
            status: Status::Current,
            repeat: match kind {
                Kind::Flag | Kind::Value => Repeat::LastWins,
                Kind::Block | Kind::NamedBlock | Kind::ListBlock | Kind::Entry => Repeat::Accumulates,
            },
            runtime: Runtime::Refused(UNSAID),
            lookup: OnceLock::new(),
        }
    }

    /// The text for people; [`rows!`] calls it with the doc comment.
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// Words that may follow the parameters on the line.
    pub const fn options(mut self, options: &'static [&'static [&'static Keyword]]) -> Self {
        self.options = options;
        self
    }

    /// The keyword opens a block with these rows.
    pub const fn block(mut self, rows: &'static [&'static [&'static Keyword]]) -> Self {
        self.block = rows;
        self
    }

    /// The keyword opens a block of such lines.
    pub const fn entry(mut self, entry: &'static Keyword) -> Self {
        self.entry = Some(entry);
        self
    }

    /// The value when it is not written.
    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// The unit of its number.
    pub const fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// New in 2.4.3.
    pub const fn new_in_2_4_3(mut self) -> Self {
        self.since = Since::V2_4_3;
        self
    }

    /// Works, but should be replaced.
    pub const fn deprecated(mut self, instead: &'static str) -> Self {
        self.status = Status::Deprecated(instead);
        self
    }

    /// Another spelling of a keyword.
    pub const fn alias(mut self, of: &'static str) -> Self {
        self.status = Status::Alias(of);
        self
    }

    /// A second use in a block is ignored.
    pub const fn first_wins(mut self) -> Self {
        self.repeat = Repeat::FirstWins;
        self
    }

    /// Every use counts.
    pub const fn repeats(mut self) -> Self {
        self.repeat = Repeat::Accumulates;
        self
    }

    /// A second use replaces the first (for blocks, which accumulate unless this is said).
    pub const fn once(mut self) -> Self {
        self.repeat = Repeat::LastWins;
        self
    }

    /// kalc's daemon does with it what keepalived does.
    pub const fn runs(mut self) -> Self {
        self.runtime = Runtime::Executed;
        self
    }

    /// kalc's daemon accepts it and does nothing about it, for that reason.
    pub const fn without_effect(mut self, reason: &'static str) -> Self {
        self.runtime = Runtime::NoEffect(reason);
        self
    }

    /// kalc's daemon refuses a configuration with it, for that reason.
    pub const fn refused(mut self, reason: &'static str) -> Self {
        self.runtime = Runtime::Refused(reason);
        self
    }

    /// Whether the keyword opens a block of any kind.
    pub fn opens_block(&self) -> bool {
        match self.kind {
            Kind::Block | Kind::NamedBlock | Kind::ListBlock => true,
            Kind::Flag | Kind::Value | Kind::Entry => false,
        }
    }

    /// The row of a keyword inside this keyword's block. Words are compared as keepalived does: case counts.
    pub fn lookup(&'static self, word: &str) -> Option<&'static Keyword> {
        self.lookup.get_or_init(|| self.rows().map(|row| (row.name, row)).collect()).get(word).copied()
    }

    /// The rows of this keyword's block, in the order of declaration.
    pub fn rows(&self) -> impl Iterator<Item = &'static Keyword> + use<> {
        self.block.iter().flat_map(|group| group.iter().copied())
    }

    /// The option of this keyword's line with that name. A row `<type>` stands for each of its words.
    pub fn option(&self, word: &str) -> Option<&'static Keyword> {
        self.options.iter().flat_map(|group| group.iter().copied()).find(|row| row.name == word || row.is_type(word))
    }

    /// Whether the row is the option of a route that has no word of its own, and knows the word.
    fn is_type(&self, word: &str) -> bool {
        self.is_bare()
            && self.params.iter().any(|param| matches!(param.arg, Arg::Choice(words) if words.contains(&word)))
    }

    /// Whether the option is its value, without a word before it.
    pub fn is_bare(&self) -> bool {
        self.name == "<type>"
    }
}

/// A flag: arguments are ignored by keepalived, whatever they say.
pub const fn flag(name: &'static str) -> Keyword {
    Keyword::new(name, Kind::Flag, &[])
}

/// A flag with an optional boolean word.
pub const fn switch(name: &'static str) -> Keyword {
    Keyword::new(name, Kind::Flag, &[Param { arg: Arg::Bool, presence: Presence::Optional, label: "bool" }])
}

/// A flag with an optional argument that is no boolean.
pub const fn flag_with(name: &'static str, params: &'static [Param]) -> Keyword {
    Keyword::new(name, Kind::Flag, params)
}

/// A keyword with values.
pub const fn value(name: &'static str, params: &'static [Param]) -> Keyword {
    Keyword::new(name, Kind::Value, params)
}

/// A keyword that opens a block without a name.
pub const fn block(name: &'static str, rows: &'static [&'static [&'static Keyword]]) -> Keyword {
    Keyword::new(name, Kind::Block, &[]).block(rows)
}

/// A keyword that opens a block with a name or an address.
pub const fn named_block(
    name: &'static str,
    params: &'static [Param],
    rows: &'static [&'static [&'static Keyword]],
) -> Keyword {
    Keyword::new(name, Kind::NamedBlock, params).block(rows)
}

/// A keyword that opens a block of entries.
pub const fn list(name: &'static str, entry: &'static Keyword) -> Keyword {
    Keyword::new(name, Kind::ListBlock, &[]).entry(entry)
}

/// One line of a list block.
pub const fn entry(params: &'static [Param]) -> Keyword {
    Keyword::new("<entry>", Kind::Entry, params)
}

/// Declares keywords and the list of them.
///
/// ```ignore
/// rows! { ROWS:
///     /// The number by which routers on one network know that they belong together.
///     VIRTUAL_ROUTER_ID = value("virtual_router_id", &[req(int(1, 255))]);
/// }
/// ```
macro_rules! rows {
    ($list:ident: $($(#[doc = $doc:literal])+ $name:ident = $row:expr;)*) => {
        $(
            $(#[doc = $doc])+
            pub static $name: $crate::schema::Keyword = $row.doc(concat!($($doc),+));
        )*
        /// The keywords declared here, in order.
        pub static $list: &[&$crate::schema::Keyword] = &[$(&$name),*];
    };
}
pub(crate) use rows;

/// Declares single keywords that are named from other rows: entries of lists, and words that several blocks share.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $row:expr;)*) => {
        $(
            $(#[doc = $doc])+
            pub static $name: $crate::schema::Keyword = $row.doc(concat!($($doc),+));
        )*
    };
}
pub(crate) use words;

/// What the submodules need to declare rows.
pub(crate) mod prelude {
    pub(crate) use super::arg::*;
    pub(crate) use super::{
        Keyword, Unit, block, entry, flag, flag_with, list, named_block, rows, switch, value, words,
    };
}
