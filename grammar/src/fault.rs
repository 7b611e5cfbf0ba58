//! What is wrong with a text, as plain data. Rules of the compiler turn faults into diagnostics.

use crate::schema::{Arg, Keyword};
use crate::source::{FileSpan, Span};

/// Where a fault is: in the text as understood, or in a file (for text that was dropped before it was understood).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// In the logical text.
    Logical(Span),
    /// In a file.
    File(FileSpan),
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Where.
    pub at: At,
    /// What.
    pub kind: FaultKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    // Text
    /// A line is longer than keepalived reads at once: its first 1023 bytes are lost, the rest is read as a line.
    LineTooLong {
        /// Bytes in the line, without its end.
        length: u32,
    },
    /// A byte that is no text: NUL.
    NulByte,
    /// The file starts with a byte order mark.
    ByteOrderMark,
    /// Bytes that are no UTF-8, outside of comments.
    InvalidUtf8,

    // Structure
    /// A block has no `}`; the place is its `{`.
    Unclosed {
        /// The word that opened it.
        keyword: Span,
        /// Where the next block starts or the file ends, if that shows where the brace is missing.
        noticed: Option<Span>,
    },
    /// A `}` closes nothing.
    ExtraClose {
        /// The word that opened the block which goes on behind it, if the text shows that one does.
        inside: Option<Span>,
    },
    /// A `{` without a keyword before it.
    ExtraOpen,
    /// A `"` without its partner: the rest of the line is lost.
    OpenQuote,

    // Expansion
    /// `$NAME` or `${NAME}` without a definition.
    UndefinedName {
        /// The name.
        name: String,
        /// Whether it stands in braces, which keepalived then takes for block braces.
        braces: bool,
    },
    /// A definition that refers to itself, or expansion that never ends.
    EndlessExpansion {
        /// The name.
        name: String,
    },
    /// An expanded line is longer than keepalived holds and stays unexpanded.
    ExpansionTooLong {
        /// The name.
        name: String,
    },
    /// A multi-line definition that is used in the middle of a line is left as it is.
    MultiLineInLine {
        /// The name.
        name: String,
    },
    /// `$NAME` of a definition directly before a character that ends no name, as in `$NAME/24`: it is left as it is.
    GluedName {
        /// The name.
        name: String,
    },
    /// A comment between the lines of a definition: keepalived's child processes see the definition end there, and
    /// take the lines behind it for statements.
    CommentInDefinition {
        /// The name.
        name: String,
    },
    /// `${_ENV}` or `$_ENV` without a name crashes keepalived 2.4.3.
    EnvWithoutName,
    /// `${_RANDOM ...}` with parameters keepalived does not take.
    BadRandom,
    /// A `~SEQ` or `~LST` that keepalived drops.
    BadSequence {
        /// What is wrong, as a clause.
        reason: String,
    },
    /// A condition that no configuration id can ever match, so the line is always dropped.
    ImpossibleCondition {
        /// The id as written.
        id: String,
    },
    /// A second condition on one line is not read as one.
    SecondCondition,
    /// A line that looks like a definition but is none: `$X =v`, `$1X=v`.
    NotADefinition,
    /// An include found no file.
    IncludeNotFound {
        /// The pattern as written, after expansion.
        pattern: String,
        /// Whether it has wildcards.
        wildcard: bool,
        /// Whether keepalived refuses to start because of it.
        fatal: bool,
    },
    /// An included file could not be read.
    IncludeUnreadable {
        /// Its path.
        path: String,
        /// Why.
        reason: String,
        /// Whether keepalived refuses to start because of it.
        fatal: bool,
    },
    /// An include that includes itself.
    IncludeCycle {
        /// The file that is already being read.
        path: String,
    },
    /// Too deep or too large to follow.
    ExpansionLimit {
        /// Which limit, as a clause.
        what: &'static str,
    },

    // Meaning of words
    /// A word that is no keyword here.
    UnknownKeyword {
        /// The block in which it stands.
        parent: &'static Keyword,
        /// Whether it opens a block.
        opens_block: bool,
        /// The keyword that was meant, if only one is near; a block is then read as that keyword's.
        meant: Option<&'static Keyword>,
    },
    /// A keyword of other blocks.
    MisplacedKeyword {
        /// The block in which it stands.
        parent: &'static Keyword,
        /// Whether it opens a block; it is then read as it would be in its own.
        opens_block: bool,
        /// The keyword of this block that was meant, if only one is near.
        meant: Option<&'static Keyword>,
        /// The `}` before it, if it is a keyword of the block which that closed. What follows is read as part of that
        /// block, without further faults.
        behind: Option<Span>,
    },
    /// Several entries of a list on one line.
    SeveralItems {
        /// The row of the entries.
        keyword: &'static Keyword,
        /// The entries; one alone has a comma behind it.
        items: Vec<Span>,
    },
    /// A way of writing that other languages have. The statement is read without it.
    ForeignSyntax {
        /// Which.
        form: Foreign,
        /// What makes the statement right.
        edits: Vec<(Span, String)>,
    },
    /// Characters that look like a blank, a quote or a sign of the language and are none. The place is from the first to
    /// the last one of the statement.
    LookAlike {
        /// Each, and what stands for it; without that it is to be removed.
        characters: Vec<(Span, Option<char>)>,
    },
    /// A value that somebody should have filled in.
    Placeholder {
        /// The keyword whose value it is; without one it stands where a keyword should.
        keyword: Option<&'static Keyword>,
        /// Whether it belongs to a template language.
        template: bool,
        /// Whether keepalived refuses it.
        refused: bool,
    },
    /// A keyword that needs a `{` has none.
    MissingBlock {
        /// The keyword.
        keyword: &'static Keyword,
    },
    /// A keyword that takes no block has one.
    UnexpectedBlock {
        /// The keyword.
        keyword: &'static Keyword,
    },
    /// A value is missing.
    MissingValue {
        /// The keyword.
        keyword: &'static Keyword,
        /// Which one.
        param: usize,
    },
    /// Words that keepalived does not read; the place is all of them.
    TrailingWords {
        /// The keyword.
        keyword: &'static Keyword,
    },
    /// A word that is not of the kind that the keyword takes.
    BadValue {
        /// The keyword or option.
        keyword: &'static Keyword,
        /// What it takes.
        arg: Arg,
        /// What is wrong with the word.
        reason: BadValue,
    },
    /// A word in an entry that is none of its options.
    UnknownOption {
        /// The keyword or entry.
        keyword: &'static Keyword,
    },
    /// A flag that takes no argument has a truth value behind it; keepalived switches it on whatever that says.
    FlagWithValue {
        /// The keyword.
        keyword: &'static Keyword,
        /// Whether the word says no.
        negative: bool,
    },
    /// An option that may stand once stands again.
    RepeatedOption {
        /// The option.
        keyword: &'static Keyword,
    },
    /// A `#` or `!` directly behind a word, so that the rest of the word is a comment; or where a value should start.
    CommentInsideWord {
        /// The keyword whose value it cuts.
        keyword: &'static Keyword,
        /// What is left is no value, or may be half of one.
        harm: bool,
    },
    /// `\#` or `\!` in a block where keepalived cuts the word there all the same.
    EscapedCommentCut,
    /// A script's quote is never closed: keepalived crashes.
    ScriptQuote {
        /// The keyword.
        keyword: &'static Keyword,
    },
}

/// A way of writing that other languages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// `key = value`, `key=value`
    Equals,
    /// `key: value`
    Colon,
    /// `value;`
    Semicolon,
    /// `// text`
    Slashes,
    /// `/* text */`, over all its lines.
    SlashStar,
    /// `; text`
    SemicolonComment,
}

impl Foreign {
    /// Whether it makes a comment of what follows.
    pub fn is_comment(self) -> bool {
        match self {
            Foreign::Slashes | Foreign::SlashStar | Foreign::SemicolonComment => true,
            Foreign::Equals | Foreign::Colon | Foreign::Semicolon => false,
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadValue {
    /// No number of the form that is wanted.
    NotANumber,
    /// Below the least.
    TooSmall,
    /// Above the largest.
    TooLarge,
    /// More decimals than are kept; the value is rounded.
    TooPrecise,
    /// Not one of the words.
    NotAChoice,
    /// One of the words but for upper and lower case.
    WrongCase(&'static str),
    /// No address of the form that is wanted.
    NotAnAddress,
    /// The prefix length is not right for the address.
    BadPrefix,
    /// The address is right but of the wrong kind (family, multicast).
    WrongKindOfAddress,
    /// Longer than is kept.
    TooLong,
    /// Shorter than is needed.
    TooShort,
    /// Empty.
    Empty,
    /// Not of the form that is wanted, in general.
    Malformed,
}
