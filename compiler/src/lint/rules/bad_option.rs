//! A word on the line is none of its options.
//!
//! Addresses, routes, rules, trackers and some keywords take options behind their value. A word that is none of them has
//! different effects: an address keeps what was understood, a route or rule is dropped altogether, and so is the entry of a
//! tracker, which then watches nothing. The same rule speaks of an option that stands twice.
//!
//! Correct the word, or give it a line of its own if it was meant as a statement.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 device eth0
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_interface {
//!         eth1 wieght 10
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     lvs_timeouts tcp 900 udp 300
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 dev eth1 label eth1:1 scope link
//!     }
//!     virtual_routes {
//!         blackhole 198.51.100.0/24
//!         default nexthop via 192.0.2.1 weight 1 nexthop via 192.0.2.2 weight 2
//!     }
//!     track_interface {
//!         eth1 weight -10 reverse
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use crate::lint::phrase;
use crate::lint::takes;
use kalc_grammar::config::nearest;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::line::{address, route, rule};
use kalc_grammar::schema::virtual_server::VIRTUAL_SERVER;
use kalc_grammar::schema::{Keyword, Kind, virtual_server_group};
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA202", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let At::Logical(span) = fault.at else { continue };
        match &fault.kind {
            FaultKind::UnknownOption { keyword } => unknown(host, keyword, span, out),
            FaultKind::RepeatedOption { keyword } => {
                let entry = host.config.setting_at(span.start).map(|id| host.config.setting(id).keyword);
                out.at(host, span, format!("`{}` stands twice on this line", keyword.name))
                    .why(entry.map_or("keepalived reports it", |entry| repeated(entry, keyword)))
                    .help("keep one of them");
            }
            _ => {}
        }
    }
}

fn unknown(host: &Host, keyword: &'static Keyword, span: Span, out: &mut Findings<'_>) {
    let at = phrase::first_word(host, span);
    let word = host.slice(at);
    let names = keyword.options.iter().flat_map(|group| group.iter()).filter(|option| !option.is_bare());
    let options: Vec<&str> = names.map(|option| option.name).collect();
    // A slip of case has a page of its own.
    if options.iter().any(|option| option.eq_ignore_ascii_case(word)) {
        return;
    }
    let place = match keyword {
        k if is_any(k, &[&address::STATIC_ENTRY, &address::VIRTUAL_ENTRY]) => "an address",
        k if is_any(k, &[&route::STATIC_ENTRY, &route::VIRTUAL_ENTRY]) => "a route",
        k if is_any(k, &[&rule::STATIC_ENTRY, &rule::VIRTUAL_ENTRY]) => "a rule",
        k if k.kind == Kind::Entry => "this list",
        k => k.name,
    };
    let place = if keyword.kind == Kind::Entry { place.to_owned() } else { format!("`{place}`") };
    let severity = if is_silent(keyword) { Severity::Warning } else { META.severity };
    let finding = out.word(host, at, format!("`{word}` is no option of {place}")).severity(severity).why(consequence(keyword));
    match meant(word, &options) {
        Some(meant) => {
            finding.help(format!("write `{meant}`")).suggested_fix(&[(at, meant.to_owned())]);
        }
        None if options.len() <= 8 => {
            finding.help(format!("the options are {}", takes::list(&options).replace(" or ", " and ")));
        }
        None => {
            finding.help("correct the word, or remove it");
        }
    }
}

fn meant<'o>(word: &str, options: &[&'o str]) -> Option<&'o str> {
    let known = [("device", "dev"), ("interface", "dev"), ("nodad", "-nodad"), ("gateway", "via"), ("src_ip", "src"), ("netmask", "")];
    let other = known.iter().find(|(other, _)| *other == word).map(|(_, here)| *here);
    let other = other.and_then(|here| options.iter().copied().find(|option| *option == here));
    other.or_else(|| nearest(word, options.iter().copied()))
}

fn is_any(keyword: &Keyword, rows: &[&Keyword]) -> bool {
    rows.contains(&keyword)
}

/// Whether keepalived does not look at what stands behind.
fn is_silent(keyword: &Keyword) -> bool {
    *keyword == VIRTUAL_SERVER || *keyword == virtual_server_group::ENTRY
}

fn consequence(keyword: &'static Keyword) -> &'static str {
    match keyword {
        k if is_any(k, &[&address::STATIC_ENTRY, &address::VIRTUAL_ENTRY]) => {
            "keepalived reports the word, passes over it and keeps the address"
        }
        k if is_any(k, &[&route::STATIC_ENTRY, &route::VIRTUAL_ENTRY]) => "keepalived reports it and drops the whole route",
        k if is_any(k, &[&rule::STATIC_ENTRY, &rule::VIRTUAL_ENTRY]) => "keepalived reports it and drops the whole rule",
        k if is_silent(k) => "keepalived passes over the word and reports nothing",
        k if k.kind == Kind::Entry => "keepalived reports it and drops the whole entry",
        _ => "keepalived reports the word and passes over it",
    }
}

fn repeated(entry: &'static Keyword, option: &'static Keyword) -> &'static str {
    match entry {
        e if is_any(e, &[&address::STATIC_ENTRY, &address::VIRTUAL_ENTRY]) && option.name == "dev" => {
            "keepalived reports it and drops the address"
        }
        _ => "at most one of them counts",
    }
}
