//! Entries of `virtual_ipaddress`, `virtual_ipaddress_excluded` and `static_ipaddress`.

use super::block::{self, dropped, options};
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::line::address as row;
use kalc_grammar::value::Data;
use kalc_ir::net::{Address, Scope};
use kalc_ir::{Dropped, Family, OriginId, Reason, Unknown};
use std::net::{IpAddr, Ipv4Addr};

/// The address of an entry, if it can be read.
pub(super) fn ip(config: &Config, entry: SettingId) -> Option<IpAddr> {
    config.values(entry).first().and_then(block::ip)
}

/// Lowers an entry; `Err` says why keepalived leaves it out.
pub(super) fn lower(config: &Config, entry: SettingId, interface: Option<&str>) -> Result<Address, Dropped> {
    let values = config.values(entry);
    let Some(&Value { data: Data::Net { ip, prefix }, .. }) = values.first() else {
        return Err(dropped(config, entry, Reason::BadValue));
    };
    let family = Family::of(ip);
    let mut address = Address::new(ip, prefix.unwrap_or(family.bits()), OriginId(entry.0));
    let mut lifetime = None;
    for (keyword, values) in options(values) {
        if values.is_empty() && !keyword.params.is_empty() {
            return Err(dropped(config, entry, Reason::BadValue));
        }
        if keyword == &row::PREFERRED_LFT {
            lifetime = preferred(values).or(lifetime);
        } else {
            option(config, entry, &mut address, keyword, values)?;
        }
    }
    if block::has_trailing_words(config, entry) {
        address.dropped.push(dropped(config, entry, Reason::UnknownWord));
    }
    if address.peer.is_some() {
        address.prefix = family.bits();
        address.broadcast = None;
    }
    // An IPv6 address without a network is not preferred as a source.
    let never = family == Family::Ipv6 && address.prefix == family.bits();
    address.preferred_lifetime_us = lifetime.unwrap_or(never.then_some(0));
    if address.interface.is_none() {
        address.interface = interface.map(str::to_owned);
    }
    Ok(address)
}

/// `Some(None)` is forever.
fn preferred(values: &[Value]) -> Option<Option<u64>> {
    match values.first()?.data {
        Data::Choice(_) => Some(None),
        Data::Int(seconds) => Some(u64::try_from(seconds).ok().map(|seconds| seconds * 1_000_000)),
        _ => None,
    }
}

fn option(
    config: &Config,
    entry: SettingId,
    address: &mut Address,
    keyword: &'static Keyword,
    values: &[Value],
) -> Result<(), Dropped> {
    let is = |row: &'static Keyword| keyword == row;
    let text = || values.first().and_then(|value| block::text(config, value));
    let v4 = address.address.is_ipv4();
    let is_dev = is(&row::STATIC_DEV) || is(&row::VIRTUAL_DEV);
    if is_dev && address.interface.is_some() {
        return Err(dropped(config, entry, Reason::BadValue));
    }
    if let Some(value) = values.first().filter(|value| value.data == Data::Unknown) {
        let text = config.slice(value.span).to_owned();
        address.unknown.push(Unknown { field: field(keyword), text, origin: OriginId(entry.0) });
    } else if is_dev {
        address.interface = text();
    } else if is(&row::SCOPE) && v4 {
        if let Some(scope) = values.first().and_then(|value| scope(config, value)) {
            address.scope = scope;
        }
    } else if is(&row::BRD) || is(&row::BROADCAST) {
        let IpAddr::V4(ip) = address.address else { return Err(dropped(config, entry, Reason::OtherFamily)) };
        if values[0].data == Data::Bad {
            return Err(dropped(config, entry, Reason::BadValue));
        }
        address.broadcast = broadcast(&values[0], ip, address.prefix).or(address.broadcast);
    } else if is(&row::LABEL) && v4 {
        address.label = text();
        if address.label.as_ref().is_some_and(|label| label.len() > 15) {
            return Err(dropped(config, entry, Reason::BadValue));
        }
    } else if is(&row::PEER) {
        let is_plain = !config.slice(values[0].span).contains('/');
        address.peer = block::ip(&values[0]).filter(|peer| peer.is_ipv4() == v4 && is_plain);
    } else if is(&row::HOME) {
        address.is_home = true;
    } else if is(&row::NODAD) {
        address.detects_duplicates = true;
    } else if is(&row::MNGTMPADDR) {
        address.manages_temporary = true;
    } else if is(&row::NOPREFIXROUTE) {
        address.without_prefix_route = true;
    } else if is(&row::AUTOJOIN) {
        address.joins_group = true;
    } else if is(&row::NO_TRACK) {
        address.is_tracked = false;
    } else if is(&row::USE_VMAC) {
        address.uses_vmac = true;
    } else if is(&row::TRACK_GROUP) {
        address.track_group = text();
    } else {
        // What is left is for IPv4 only and stands on an IPv6 address.
        address.dropped.push(Dropped {
            keyword: keyword.name,
            text: text().unwrap_or_default(),
            reason: Reason::OtherFamily,
            origin: OriginId(entry.0),
        });
    }
    Ok(())
}

fn field(keyword: &'static Keyword) -> &'static str {
    let fields: [(&Keyword, &'static str); 7] = [
        (&row::STATIC_DEV, "interface"),
        (&row::VIRTUAL_DEV, "interface"),
        (&row::SCOPE, "scope"),
        (&row::BRD, "broadcast"),
        (&row::BROADCAST, "broadcast"),
        (&row::LABEL, "label"),
        (&row::PEER, "peer"),
    ];
    fields.iter().find(|(row, _)| *row == keyword).map_or("preferred_lifetime_us", |(_, field)| field)
}

fn scope(config: &Config, value: &Value) -> Option<Scope> {
    if let Some(number) = block::int(value) {
        return Some(Scope::Number(number));
    }
    let name = block::text(config, value)?;
    // The names that every host knows.
    let names = [("global", 0), ("nowhere", 255), ("host", 254), ("link", 253), ("site", 200)];
    let number = names.iter().find(|(known, _)| *known == name).map(|&(_, number)| Scope::Number(number));
    Some(number.unwrap_or(Scope::Named(name)))
}

/// `+` fills the host bits, `-` clears them; both need at least two of them.
fn broadcast(value: &Value, ip: Ipv4Addr, prefix: u8) -> Option<Ipv4Addr> {
    let host = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
    match value.data {
        Data::Ip(IpAddr::V4(ip)) => Some(ip),
        Data::Choice("+") if prefix <= 30 => Some(Ipv4Addr::from_bits(ip.to_bits() | host)),
        Data::Choice("-") if prefix <= 30 => Some(Ipv4Addr::from_bits(ip.to_bits() & !host)),
        _ => None,
    }
}
