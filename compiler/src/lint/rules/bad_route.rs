//! The words of a route do not go together.
//!
//! A route needs a destination, all its addresses must be of one family, some of its words exist in one family only, and
//! behind the first `nexthop` only words of next hops may follow. keepalived reports a route that breaks this and leaves
//! it out, so that traffic takes another way than the file says. A route that belongs to another protocol cannot be
//! watched; keepalived then takes the protocol back.
//!
//! Mend the route, or give each family a route of its own.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_routes {
//!         198.51.100.0/24 via 2001:db8::2 dev eth0
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_routes {
//!         via 192.0.2.2 dev eth0
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_routes {
//!         198.51.100.0/24 nexthop via 192.0.2.2 dev eth0 weight 2 table 5
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! static_routes {
//!     default via 2001:db8::1 dev eth0
//!     198.51.100.0/24 via 192.0.2.2 dev eth0 protocol static no_track
//!     203.0.113.0/24 table 5 nexthop via 192.0.2.2 dev eth0 weight 2 nexthop via 192.0.2.3 dev eth0
//!     2001:db8:1::/64 via 2001:db8::2 dev eth0 pref high
//!     blackhole 192.0.2.128/25
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::faulty::Faulty;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::line::route;
use kalc_grammar::value::Data;
use kalc_ir::Family;

pub(super) const META: Meta = Meta { code: "KA211", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

const LOST: &str = "keepalived reports it and leaves the whole route out";

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let faulty = Faulty::new(host);
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        let is_static = *keyword == route::STATIC_ENTRY;
        if (is_static || *keyword == route::VIRTUAL_ENTRY) && faulty.spares(host, id) {
            one(host, id, is_static, out);
        }
    }
}

fn one(host: &Host, id: SettingId, is_static: bool, out: &mut Findings<'_>) {
    let config = &host.config;
    let has = |row: &'static Keyword| config.option(id, row).is_some();
    let Some(destination) = destination(host, id) else {
        // Behind `or` and `nexthop` nobody can say what was meant to be the destination.
        out.setting(host, id, "this route has no destination").why(LOST).help("write the network, or `default`, first");
        return;
    };
    let addresses = addresses(host, id, destination);
    let family = addresses.first().map(|(_, family)| *family);
    if let Some(family) = family
        && let Some((other, _)) = addresses.iter().find(|(_, other)| *other != family)
    {
        out.at(host, other.span, format!("`{}` is not of the family of this route", host.text(other)))
            .label(addresses[0].0.span, format!("this makes it an {} route", name(family)))
            .why(LOST)
            .help("use addresses of one family, or write a route for each");
        return;
    }
    for (row, needed) in [
        (&route::PREF, Family::Ipv6),
        (&route::EXPIRES, Family::Ipv6),
        (&route::FROM, Family::Ipv6),
        (&route::REALMS, Family::Ipv4),
    ] {
        if family.is_some_and(|family| family != needed)
            && let Some(word) = option(host, id, row)
        {
            let message = format!("`{}` is for {} routes only", row.name, name(needed));
            out.at(host, word.span, message).why(LOST).help(format!("remove `{}` and its value", row.name));
        }
    }
    let source = config.option(id, &route::FROM).and_then(<[Value]>::first);
    if let (Some(Family::Ipv6), Some(source)) = (family, source.filter(|source| self::family(source) != Some(Family::Ipv6))) {
        out.at(host, source.span, format!("`{}` is not of the family of this route", host.text(source)))
            .why(LOST)
            .help("write an IPv6 network");
    }
    if let Some(word) = option(host, id, &route::AS) {
        out.at(host, word.span, "`as` has no effect: it is for MPLS routes")
            .severity(Severity::Warning)
            .why("keepalived makes no such routes: it reports the word and ignores it")
            .help("remove `as` and its address");
    }
    behind_next_hop(host, id, out);
    if !has(&route::NO_TRACK)
        && let Some(protocol) = config.option(id, &route::PROTOCOL).and_then(<[Value]>::first)
        && !matches!(&*host.text(protocol), "keepalived" | "18")
    {
        let message = format!("a route of protocol `{}` cannot be tracked", host.text(protocol));
        out.at(host, protocol.span, message)
            .severity(Severity::Warning)
            .why("keepalived finds its routes again by protocol 18: it reports this and takes the protocol back")
            .help("add `no_track`, or remove `protocol`");
    }
    let interface = has(&route::DEV) || has(&route::OIF);
    if let (true, false, Some(group)) = (is_static, interface, option(host, id, &route::TRACK_GROUP)) {
        out.at(host, group.span, "a track group cannot follow a route without an interface")
            .severity(Severity::Warning)
            .why("keepalived reports it and does not track the route")
            .help("add `dev` with the interface of the route");
    }
}

/// The word that starts an option.
fn option<'h>(host: &'h Host, id: SettingId, row: &'static Keyword) -> Option<&'h Value> {
    host.config.values(id).iter().find(|value| value.data == Data::Option(row))
}

fn destination(host: &Host, id: SettingId) -> Option<&Value> {
    let is_network = |value: &&Value| match value.data {
        Data::Net { .. } | Data::Ip(_) => true,
        Data::Choice(word) => matches!(word, "default" | "default6" | "any" | "all"),
        _ => false,
    };
    let typed = host.config.positional(id).iter().find(is_network);
    let named = |row: &'static Keyword| host.config.option(id, row)?.iter().find(is_network);
    typed.or_else(|| named(&route::TO))
}

/// What tells the family of a route, the destination first.
fn addresses<'h>(host: &'h Host, id: SettingId, destination: &'h Value) -> Vec<(&'h Value, Family)> {
    let mut found: Vec<(&Value, Family)> = family(destination).map(|family| (destination, family)).into_iter().collect();
    for (row, is) in [(&route::INET, Family::Ipv4), (&route::INET6, Family::Ipv6)] {
        found.extend(option(host, id, row).map(|word| (word, is)));
    }
    for row in [&route::VIA, &route::GW, &route::SRC, &route::OR] {
        let values = host.config.option(id, row).unwrap_or_default();
        found.extend(values.iter().filter_map(|value| Some((value, family(value)?))));
    }
    let values = host.config.values(id);
    let first = values.iter().position(|value| value.data == Data::Option(&route::NEXTHOP)).unwrap_or(values.len());
    let hops = &values[first..];
    for (index, word) in hops.iter().enumerate() {
        if word.data == Data::Choice("via") {
            let mut behind = hops[index + 1..].iter().take(2);
            found.extend(behind.find_map(|value| Some((value, family(value)?))));
        }
    }
    found
}

fn family(value: &Value) -> Option<Family> {
    match value.data {
        Data::Ip(ip) | Data::Net { ip, .. } => Some(Family::of(ip)),
        Data::Choice("inet6" | "default6") => Some(Family::Ipv6),
        Data::Choice("inet") => Some(Family::Ipv4),
        _ => None,
    }
}

fn name(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
    }
}

/// Words of the route behind its first next hop are not read.
fn behind_next_hop(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let values = host.config.values(id);
    let Some(first) = values.iter().position(|value| value.data == Data::Option(&route::NEXTHOP)) else { return };
    let is_other = |value: &&Value| matches!(value.data, Data::Option(row) if *row != route::NEXTHOP);
    if let Some(late) = values[first..].iter().find(is_other) {
        out.at(host, late.span, format!("`{}` stands behind `nexthop`", host.text(late)))
            .label(values[first].span, "from here on only words of next hops are read")
            .why("keepalived reports it as nonsense and leaves out what follows")
            .help("write it before the first `nexthop`");
    }
}
