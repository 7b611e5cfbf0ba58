//! One word to one value, as keepalived reads it.
//!
//! [`read`] takes the text of a word without its quotes and the kind that the schema asks for. It answers with the
//! value, or with what is wrong; some words have both (a number with too many decimals is rounded and used).

mod address;
mod number;
pub mod script;
mod word;

use crate::fault::BadValue;
use crate::schema::{Arg, Keyword};
use std::net::IpAddr;

/// The value of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Data {
    /// The word is no value of its kind: keepalived does not use it.
    Bad,
    /// Only the running daemon knows it, or it could not be expanded.
    Unknown,
    /// The word itself.
    Text,
    /// A whole number.
    Int(i64),
    /// A time in microseconds.
    Micros(u64),
    /// A truth value.
    Bool(bool),
    /// One of the words of a closed list, in the schema's spelling.
    Choice(&'static str),
    /// An address.
    Ip(IpAddr),
    /// An address with the prefix length that was written.
    Net {
        /// The address.
        ip: IpAddr,
        /// The length, if one is written.
        prefix: Option<u8>,
    },
    /// From the first number to the last.
    Range(u32, u32),
    /// From the first address to the last.
    ///
    /// Which ones [`ip_range`] reads again: two addresses would make every value half as large again, and few files
    /// hold a range.
    IpRange,
    /// Not a value: the word that starts an option. Its values follow.
    Option(&'static Keyword),
}

/// The first and the last address of a word that is a [`Data::IpRange`].
pub fn ip_range(text: &str) -> Option<(IpAddr, IpAddr)> {
    address::ends(text).ok()
}

/// A value, or what is wrong, or a value and what is wrong with it all the same.
pub type Reading = (Data, Option<BadValue>);

pub(crate) fn good(data: Data) -> Reading {
    (data, None)
}

pub(crate) fn bad(reason: BadValue) -> Reading {
    (Data::Bad, Some(reason))
}

/// Reads a word. [`Arg::Script`] is read from the whole line by [`script`], not here.
pub fn read(arg: &Arg, text: &str) -> Reading {
    match *arg {
        Arg::Int { min, max } => number::int(text, min, max),
        Arg::CInt { min, max } => number::c_int(text, min, max),
        Arg::IntOr { min, max, words } => match word::choice(text, words) {
            (Data::Choice(word), None) => good(Data::Choice(word)),
            _ => number::int(text, min, max),
        },
        Arg::IntOrChoiceNoCase { min, max, words } => match word::choice_no_case(text, words) {
            (Data::Choice(word), None) => good(Data::Choice(word)),
            _ => number::int(text, min, max),
        },
        Arg::Uint64 => number::uint64(text),
        Arg::Seconds { min_us, max_us, decimals } => number::decimal(text, 6, decimals, min_us, max_us),
        Arg::Millis { min_us, max_us } => number::decimal(text, 3, 3, min_us, max_us),
        Arg::Port => number::int(text, 1, 65535),
        Arg::PortOrAny => number::int(text, 0, 65535),
        Arg::NumberOrName { max } => number::number_or_name(text, max),
        Arg::Mark => number::mark(text),
        Arg::Range { max } => number::range(text, max),
        Arg::StatusRange => number::status_range(text),
        Arg::RouteTime => number::route_time(text),
        Arg::Umask => number::umask(text),
        Arg::Realms => number::realms(text),
        Arg::MplsLabels => number::mpls_labels(text),
        Arg::IlaLocator => number::ila_locator(text),
        Arg::Bool => word::boolean(text),
        Arg::Choice(words) => word::choice(text, words),
        Arg::ChoiceNoCase(words) => word::choice_no_case(text, words),
        Arg::Literal(literal) => word::literal(text, literal),
        Arg::Text { max } | Arg::Secret { max } => word::text(text, max),
        Arg::Interface => word::interface(text),
        Arg::Define(_) | Arg::Use(_) | Arg::User | Arg::Group | Arg::Path | Arg::Email | Arg::Script => {
            word::name(text)
        }
        Arg::HexBytes { wildcards } => word::hex_bytes(text, wildcards),
        Arg::Digest => word::digest(text),
        Arg::Regex => good(Data::Text),
        Arg::Mac => word::mac(text),
        Arg::Domain => word::domain(text),
        Arg::HmacKey => word::hmac_key(text),
        Arg::Ip => address::ip(text),
        Arg::Ipv4 => address::ipv4(text),
        Arg::Ipv6 => address::ipv6(text),
        Arg::IpPrefix => address::with_prefix(text),
        Arg::Network => address::network(text),
        Arg::Multicast => address::multicast(text, address::Family::Either),
        Arg::Multicast4 => address::multicast(text, address::Family::V4),
        Arg::Multicast6 => address::multicast(text, address::Family::V6),
        Arg::Broadcast => address::broadcast(text),
        Arg::Netmask => address::netmask(text),
        Arg::IpRange => address::range(text),
        Arg::Host => address::host(text),
        // Its first word; the parameters of that word are read by the line reader.
        Arg::Words(words) => word::first_of(text, words.iter().map(|(word, _)| *word)),
    }
}
