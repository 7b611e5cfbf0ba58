//! Items that stand on the line of another one: KA112 speaks of them.

use super::values::is_address_word;
use crate::host::Host;
use kalc_grammar::schema::line::address;
use kalc_grammar::schema::track::lists;
use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER_ENTRY;
use kalc_grammar::schema::{Arg, Keyword};
use kalc_grammar::source::Span;

/// Whether a word that is no option of an entry is the next item of the list.
pub fn is_next_item(host: &Host, entry: &'static Keyword, rest: Span) -> bool {
    let text = host.slice(rest);
    let word = text.split([' ', '\t']).next().unwrap_or(text).trim_matches(['"', ',']);
    if [&address::STATIC_ENTRY, &address::VIRTUAL_ENTRY, &UNICAST_PEER_ENTRY].contains(&entry) {
        return text.starts_with(',') || is_address_word(word);
    }
    if *entry == lists::INTERFACE_ENTRY {
        return text.starts_with(',')
            || word.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_alphabetic());
    }
    let Some(Arg::Use(symbol)) = entry.params.first().map(|param| param.arg) else { return false };
    text.starts_with(',')
        || host
            .config
            .definitions
            .iter()
            .any(|name| name.symbol == symbol && host.slice(name.span).trim_matches('"') == word)
}
