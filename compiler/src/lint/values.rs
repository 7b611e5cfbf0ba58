//! What the rules about single values share: which of them speaks of a bad value, and what counts instead of it.
//!
//! Every bad value belongs to exactly one rule, by [`BadWord::family`].

use super::phrase;
use super::placeholder::looks_like_placeholder;
use crate::host::Host;
use kalc_grammar::config::{SettingId, Value, unquote};
use kalc_grammar::fault::{At, BadValue, FaultKind};
use kalc_grammar::schema::vrrp_instance::authentication::{AUTH_PASS, AUTH_TYPE};
use kalc_grammar::schema::{
    Arg, Keyword, Kind, Repeat, bfd, checker, global, line, real_server, track, virtual_server, vrrp_instance,
};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;

/// A word that is not of the kind that its keyword takes.
pub struct BadWord<'h> {
    /// Where it is, with its quotes.
    pub span: Span,
    /// What it says, without quotes.
    pub text: &'h str,
    /// The keyword or option that takes it.
    pub keyword: &'static Keyword,
    /// What that takes.
    pub arg: Arg,
    /// What is wrong with it.
    pub reason: BadValue,
    /// The statement it belongs to.
    pub setting: Option<SettingId>,
}

/// The rule that speaks of a bad value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// KA112 `several-items-on-one-line`
    Several,
    /// KA114 `non-ascii-syntax`
    Characters,
    /// KA115 `wrong-case`
    Case,
    /// KA116 `foreign-syntax`
    Foreign,
    /// KA117 `placeholder-left`
    Placeholder,
    /// KA201 `bad-number`
    Number,
    /// KA203 `bad-enum`
    Word,
    /// KA204 `bad-address`
    Address,
    /// KA205 `value-adjusted`
    Adjusted,
    /// KA207 `malformed-value`
    Text,
    /// KA209 `garp-interval-zero`
    GarpInterval,
    /// KA401 `auth-pass-too-long`
    Secret,
}

/// The bad values of one family.
pub fn bad_words(host: &Host, family: Family) -> impl Iterator<Item = BadWord<'_>> {
    let words = host.faults.iter().filter_map(|fault| match (&fault.kind, fault.at) {
        (FaultKind::BadValue { keyword, arg, reason }, At::Logical(span)) => Some(BadWord {
            span,
            text: unquote(host.slice(span)),
            keyword,
            arg: *arg,
            reason: *reason,
            setting: host.config.setting_at(span.start),
        }),
        _ => None,
    });
    words.filter(move |word| word.family() == family)
}

impl BadWord<'_> {
    /// The rule that speaks of it.
    pub fn family(&self) -> Family {
        let keyword = self.keyword;
        match (self.arg, self.reason) {
            (_, BadValue::WrongCase(_)) => Family::Case,
            (_, BadValue::TooPrecise) => Family::Adjusted,
            (_, BadValue::TooLong) if *keyword == AUTH_PASS => Family::Secret,
            (Arg::Umask, _) => Family::Number,
            _ if looks_like_placeholder(self.text) => Family::Placeholder,
            _ if is_foreign(self.text) => Family::Foreign,
            _ if self.text.contains(is_typographic) => Family::Characters,
            _ if is_address_list(self.text) => Family::Several,
            (_, BadValue::TooSmall) if is_garp_interval(keyword) && is_zero(self.text) => Family::GarpInterval,
            (_, BadValue::TooSmall | BadValue::TooLarge) if clamps(keyword) => Family::Adjusted,
            (_, BadValue::TooLong) if is_cut(keyword) => Family::Adjusted,
            (
                Arg::Int { .. }
                | Arg::CInt { .. }
                | Arg::IntOr { .. }
                | Arg::IntOrChoiceNoCase { .. }
                | Arg::Uint64
                | Arg::Seconds { .. }
                | Arg::Millis { .. }
                | Arg::Port
                | Arg::PortOrAny
                | Arg::NumberOrName { .. }
                | Arg::Mark
                | Arg::Range { .. }
                | Arg::StatusRange
                | Arg::RouteTime
                | Arg::MplsLabels
                | Arg::Realms,
                _,
            )
            | (Arg::Interface | Arg::Text { .. } | Arg::Secret { .. }, BadValue::TooLong) => Family::Number,
            (
                Arg::Ip
                | Arg::Ipv4
                | Arg::Ipv6
                | Arg::IpPrefix
                | Arg::Network
                | Arg::Multicast
                | Arg::Multicast4
                | Arg::Multicast6
                | Arg::Broadcast
                | Arg::Netmask
                | Arg::IpRange
                | Arg::Host
                | Arg::Mac
                | Arg::IlaLocator,
                _,
            ) => Family::Address,
            (Arg::Bool | Arg::Choice(_) | Arg::ChoiceNoCase(_) | Arg::Literal(_) | Arg::Words(_), _) => Family::Word,
            (
                Arg::Text { .. }
                | Arg::Secret { .. }
                | Arg::Interface
                | Arg::Define(_)
                | Arg::Use(_)
                | Arg::Script
                | Arg::User
                | Arg::Group
                | Arg::Path
                | Arg::Email
                | Arg::HexBytes { .. }
                | Arg::Digest
                | Arg::Regex
                | Arg::Domain
                | Arg::HmacKey,
                _,
            ) => Family::Text,
        }
    }

    /// What keepalived does with it, as a clause.
    pub fn why(&self, host: &Host) -> String {
        consequence(host, self.keyword, self.setting, self.reason)
    }

    /// Whether keepalived does not run the configuration because of it.
    pub fn is_fatal(&self) -> bool {
        *self.keyword == vrrp_instance::VIRTUAL_ROUTER_ID
    }
}

/// What keepalived does with a bad value, as a clause.
pub fn consequence(host: &Host, keyword: &'static Keyword, setting: Option<SettingId>, reason: BadValue) -> String {
    let entry = setting.map(|id| host.config.setting(id).keyword);
    let has = |rows: &[&Keyword]| rows.contains(&keyword);
    let ignored = |what: &str| format!("keepalived reports it and leaves {what} out");
    if let Some(entry) = entry {
        if *entry == line::route::STATIC_ENTRY || *entry == line::route::VIRTUAL_ENTRY {
            return match keyword {
                k if *k == line::route::TTL_PROPAGATE => "keepalived reports it and uses `disabled`".to_owned(),
                k if *k == line::route::FEATURES => ignored("the feature"),
                _ => "keepalived reports it and drops the whole route".to_owned(),
            };
        }
        if *entry == line::rule::STATIC_ENTRY || *entry == line::rule::VIRTUAL_ENTRY {
            let mild = has(&[&line::rule::PROTOCOL, &line::rule::IPPROTO]);
            return match keyword {
                _ if mild => ignored("the match"),
                k if *k == line::rule::SPORT || *k == line::rule::DPORT => {
                    "keepalived reports it and keeps the rule without it: it then matches every port".to_owned()
                }
                _ => "keepalived reports it and drops the whole rule".to_owned(),
            };
        }
        if *entry == line::address::STATIC_ENTRY || *entry == line::address::VIRTUAL_ENTRY {
            return match keyword {
                _ if reason == BadValue::BadPrefix => {
                    "keepalived reports the length and uses the full one, 32 or 128".to_owned()
                }
                k if *k == *entry => "keepalived reports it and skips the address".to_owned(),
                _ if has(&[
                    &line::address::BRD,
                    &line::address::BROADCAST,
                    &line::address::LABEL,
                    &line::address::STATIC_DEV,
                    &line::address::VIRTUAL_DEV,
                ]) =>
                {
                    "keepalived reports it and drops the address".to_owned()
                }
                _ => ignored("the option"),
            };
        }
        if *entry == vrrp_instance::unicast::UNICAST_PEER_ENTRY && *keyword == *entry {
            return "keepalived reports it and skips the peer; an instance without any peer left turns to multicast"
                .to_owned();
        }
    }
    let fixed = match keyword {
        k if *k == vrrp_instance::VIRTUAL_ROUTER_ID => "the VRRP process ends, because the instance then has no number",
        k if *k == checker::url::REGEX_OPTIONS => "keepalived passes over the word and reports nothing",
        k if *k == vrrp_instance::PRIORITY => "keepalived reports it and uses 100",
        k if *k == vrrp_instance::PREEMPT_DELAY => "keepalived reports it and uses 0",
        k if *k == vrrp_instance::STATE => "keepalived reports it and uses BACKUP",
        k if *k == AUTH_TYPE => "keepalived reports it and sends adverts without authentication",
        k if *k == track::file::WEIGHT => "keepalived reports it and uses 1",
        k if *k == bfd::NEIGHBOR_IP || *k == bfd::NEIGHBOUR_IP => "keepalived reports it and drops the session",
        k if *k == virtual_server::QUORUM => "keepalived reports it and uses 1",
        _ if has(virtual_server::ROWS) || has(real_server::ROWS) || has(virtual_server::HEADER) => {
            "keepalived reports it and skips the whole block"
        }
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    if keyword.kind == Kind::Entry {
        return "keepalived reports it and skips the entry".to_owned();
    }
    if entry.is_some_and(|entry| entry.kind == Kind::Entry) {
        return ignored("the option");
    }
    if keyword.kind == Kind::NamedBlock {
        return "keepalived reports it and skips the whole block".to_owned();
    }
    let earlier = setting.is_some_and(|id| {
        let at = host.config.setting(id);
        at.keyword == keyword
            && at.keyword.repeat == Repeat::LastWins
            && at.parent.is_some_and(|block| host.config.first(block, keyword) != Some(id))
    });
    match keyword.default {
        _ if earlier => "keepalived reports it and keeps the value of the line before".to_owned(),
        "" => "keepalived reports it and ignores the line".to_owned(),
        default => format!("keepalived reports it and ignores it, so the default counts: {default}"),
    }
}

/// Keywords of which keepalived pulls a number into its range instead of dropping it.
fn clamps(keyword: &Keyword) -> bool {
    let process =
        [&global::process::VRRP_RT_PRIORITY, &global::process::CHECKER_RT_PRIORITY, &global::process::BFD_RT_PRIORITY];
    process.contains(&keyword)
}

/// Keywords whose text keepalived cuts and uses.
fn is_cut(keyword: &Keyword) -> bool {
    let cut = [
        &global::process::PROCESS_NAME,
        &global::process::VRRP_PROCESS_NAME,
        &global::process::CHECKER_PROCESS_NAME,
        &global::process::BFD_PROCESS_NAME,
        &global::process::LVS_PROCESS_NAME,
        &virtual_server::PERSISTENCE_ENGINE,
    ];
    cut.contains(&keyword)
}

/// Words of other languages: `=`, a `;` at the end, `//`.
fn is_foreign(text: &str) -> bool {
    text.starts_with('=') || text.starts_with("//") || text.starts_with("/*") || text.ends_with(';')
}

/// Blanks, quotes and punctuation that word processors and web pages put in the place of ASCII.
fn is_typographic(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{ab}' | '\u{bb}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{feff}' | '\u{ff01}'..='\u{ff60}')
}

/// Addresses joined by commas.
fn is_address_list(text: &str) -> bool {
    text.contains(',') && text.split(',').filter(|part| !part.is_empty()).all(is_address_word)
}

/// An address, with a prefix length or without.
pub(super) fn is_address_word(text: &str) -> bool {
    text.split('/').next().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok())
}

fn is_garp_interval(keyword: &Keyword) -> bool {
    *keyword == global::garp::VRRP_GARP_INTERVAL || *keyword == global::garp::VRRP_GNA_INTERVAL
}

/// Whether a text is a number that is zero: `0`, `0.0`, `00`.
pub fn is_zero(text: &str) -> bool {
    text.contains('0') && text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'+'))
}

/// The line of a statement with its end; of a line that holds more, the statement alone.
pub fn line_of(host: &Host, id: SettingId) -> Span {
    let span = host.whole(id);
    let text = &*host.config.text;
    let start = text.get(..span.start as usize).map_or(0, |before| before.trim_end_matches([' ', '\t']).len());
    let rest = text.get(span.end as usize..).unwrap_or("");
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    let alone = start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n');
    match rest.as_bytes().get(blank) {
        Some(b'\n') if alone => Span::new(start as u32, span.end + blank as u32 + 1),
        _ => span,
    }
}

/// The line that starts with a word which is no keyword, with its end.
pub fn line_of_words(host: &Host, word: Span) -> Span {
    let text = &*host.config.text;
    let start = text.get(..word.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let rest = text.get(word.end as usize..).unwrap_or("");
    let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    Span::new(start as u32, word.end + length as u32)
}

/// The statement that gave a field of the IR its value.
pub fn written(origins: &kalc_ir::Origins, field: &str) -> Option<SettingId> {
    origins.get(field).map(|origin| SettingId(origin.0))
}

/// The words of an option up to one of its values, with the blanks before them.
pub fn option_words(host: &Host, id: SettingId, value: &Value) -> Option<Span> {
    let values = host.config.values(id);
    let at = values.iter().position(|other| other.span == value.span)?;
    let option = values[..at].iter().rev().find(|value| matches!(value.data, Data::Option(_)))?;
    Some(phrase::blanks_before(host, option.span).to(value.span))
}
