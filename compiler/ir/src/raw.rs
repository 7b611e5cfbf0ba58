//! What is typed but not digested, not known, or left out.

use crate::id::OriginId;
use serde::Serialize;
use std::net::IpAddr;

/// A statement whose words are typed and whose meaning is not worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Raw {
    /// Its keyword; `<entry>` for a line of a list.
    pub keyword: &'static str,
    /// Its values in order.
    pub values: Vec<RawValue>,
    /// The statements of its block.
    pub children: Vec<Raw>,
    /// The statement.
    pub origin: OriginId,
}

/// A typed word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RawValue {
    /// keepalived cannot read it.
    Bad(String),
    /// Only the running daemon knows it.
    Unknown(String),
    /// A word.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A time in microseconds.
    TimeUs(u64),
    /// A truth value.
    Bool(bool),
    /// A word of a closed list.
    Choice(&'static str),
    /// An address.
    Ip(IpAddr),
    /// An address with its prefix length.
    Net {
        /// The address.
        address: IpAddr,
        /// The length, if one is written.
        prefix: Option<u8>,
    },
    /// From one number to another.
    Range {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
    },
    /// From an address to another one.
    IpRange {
        /// The first address.
        first: IpAddr,
        /// The last one.
        last: IpAddr,
    },
    /// The word of an option; its values follow.
    Option(&'static str),
}

/// A field whose value only the running daemon knows, or that a mistake in the text hides: what was meant is not what
/// keepalived reads. The field holds its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// Name of the field in the struct, with a path for fields inside (`transport.peers`).
    pub field: &'static str,
    /// What is written.
    pub text: String,
    /// The statement.
    pub origin: OriginId,
}

impl Unknown {
    /// Whether it is about that field or one inside it.
    pub fn is_in(&self, field: &str) -> bool {
        self.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Something that keepalived leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The keyword of the block, list or statement.
    pub keyword: &'static str,
    /// The name or value that is left out.
    pub text: String,
    /// Why.
    pub reason: Reason,
    /// The statement.
    pub origin: OriginId,
}

/// Why keepalived leaves something out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The keyword is misspelt, or signs of another language or a second statement on the line hide what is meant.
    Misspelt,
    /// It has no name, more than one, or none that can be read.
    BadName,
    /// A value that cannot be read.
    BadValue,
    /// A word that the statement does not know.
    UnknownWord,
    /// Something of that name is there already.
    Duplicate,
    /// Nothing of that name stands before it.
    NotDefined,
    /// What it cannot do without is missing: the command of a script, the entries of a group, a url.
    Incomplete,
    /// An address of the other family.
    OtherFamily,
    /// The interface is the instance's own.
    OwnInterface,
    /// A weight in a member of a sync group without `sync_group_tracking_weight`.
    WeightInSyncGroup,
    /// A weight where the priority is 255.
    WeightOfOwner,
    /// The instance is a member of another sync group already.
    InOtherGroup,
    /// Another setting excludes it.
    Excluded,
}
