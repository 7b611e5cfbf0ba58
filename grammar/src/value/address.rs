//! Addresses as keepalived takes them: numeric, four decimal parts without leading zeros, no zones, no brackets.

use super::{Data, Reading, bad, good};
use crate::fault::BadValue;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which family a multicast address may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
    Either,
}

fn parse(text: &str) -> Option<IpAddr> {
    // IPv6 texts hold a colon, and the standard library refuses zones and brackets as keepalived does.
    if text.contains(':') {
        text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    } else {
        text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    }
}

pub(super) fn ip(text: &str) -> Reading {
    // keepalived takes a prefix here and does not use it.
    match parse(text.split_once('/').map_or(text, |(ip, _)| ip)) {
        Some(ip) => good(Data::Ip(ip)),
        None => bad(BadValue::NotAnAddress),
    }
}

pub(super) fn ipv4(text: &str) -> Reading {
    match parse(text) {
        Some(ip @ IpAddr::V4(_)) => good(Data::Ip(ip)),
        Some(IpAddr::V6(_)) => bad(BadValue::WrongKindOfAddress),
        None => bad(BadValue::NotAnAddress),
    }
}

pub(super) fn ipv6(text: &str) -> Reading {
    match parse(text.split_once('/').map_or(text, |(ip, _)| ip)) {
        Some(ip @ IpAddr::V6(_)) => good(Data::Ip(ip)),
        Some(IpAddr::V4(_)) => bad(BadValue::WrongKindOfAddress),
        None => bad(BadValue::NotAnAddress),
    }
}

/// An address with an optional prefix length. A bad length is reported and none is used; an empty one is 0.
pub(super) fn with_prefix(text: &str) -> Reading {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let Some(ip) = parse(address) else { return bad(BadValue::NotAnAddress) };
    let most = if ip.is_ipv4() { 32 } else { 128 };
    match length {
        None => good(Data::Net { ip, prefix: None }),
        Some("") => good(Data::Net { ip, prefix: Some(0) }),
        Some(length) => match length.parse::<u8>() {
            Ok(prefix) if prefix <= most && !length.starts_with('+') => good(Data::Net { ip, prefix: Some(prefix) }),
            Ok(_) | Err(_) => (Data::Net { ip, prefix: None }, Some(BadValue::BadPrefix)),
        },
    }
}

/// An address with prefix, or a word for "everything".
pub(super) fn network(text: &str) -> Reading {
    match text {
        "default" => good(Data::Choice("default")),
        "default6" => good(Data::Choice("default6")),
        "any" => good(Data::Choice("any")),
        "all" => good(Data::Choice("all")),
        _ => with_prefix(text),
    }
}

pub(super) fn multicast(text: &str, family: Family) -> Reading {
    match parse(text) {
        None => bad(BadValue::NotAnAddress),
        Some(ip) if !ip.is_multicast() => bad(BadValue::WrongKindOfAddress),
        Some(ip) if family == Family::Either || (family == Family::V4) == ip.is_ipv4() => good(Data::Ip(ip)),
        Some(_) => bad(BadValue::WrongKindOfAddress),
    }
}

pub(super) fn broadcast(text: &str) -> Reading {
    match text {
        "+" => good(Data::Choice("+")),
        "-" => good(Data::Choice("-")),
        _ => ipv4(text),
    }
}

/// An IPv4 mask, or a prefix length up to 128.
pub(super) fn netmask(text: &str) -> Reading {
    match text.parse::<u8>() {
        Ok(length @ 1..=128) => good(Data::Int(i64::from(length))),
        Ok(_) => bad(BadValue::TooLarge),
        Err(_) => ipv4(text),
    }
}

/// An address, `a.b.c.d-e`, `first-last`, or a network with empty host bits.
pub(super) fn range(text: &str) -> Reading {
    if text.contains('-') {
        return ends(text).map_or_else(bad, |_| good(Data::IpRange));
    }
    match with_prefix(text) {
        (Data::Net { ip, prefix: Some(prefix) }, None) if !host_bits_are_empty(ip, prefix) => bad(BadValue::BadPrefix),
        reading => reading,
    }
}

/// The first and the last address of `a.b.c.d-e` or `first-last`.
pub(super) fn ends(text: &str) -> Result<(IpAddr, IpAddr), BadValue> {
    let (first, last) = text.split_once('-').ok_or(BadValue::Malformed)?;
    let first = parse(first).ok_or(BadValue::NotAnAddress)?;
    let last = match (first, parse(last)) {
        // The last group alone must be larger; a whole address may be the same.
        (IpAddr::V4(from), None) => match last.parse::<u8>() {
            Ok(last) if last > from.octets()[3] => {
                IpAddr::V4(Ipv4Addr::from_bits(from.to_bits() & !0xff | u32::from(last)))
            }
            Ok(_) => return Err(BadValue::TooSmall),
            Err(_) => return Err(BadValue::NotANumber),
        },
        (IpAddr::V6(from), None) => match u16::from_str_radix(last, 16) {
            Ok(last) if last > from.segments()[7] => {
                IpAddr::V6(Ipv6Addr::from_bits(from.to_bits() & !0xffff | u128::from(last)))
            }
            Ok(_) => return Err(BadValue::TooSmall),
            Err(_) => return Err(BadValue::NotANumber),
        },
        (_, Some(last)) if last.is_ipv4() != first.is_ipv4() => return Err(BadValue::Malformed),
        (_, Some(last)) => last,
    };
    if last < first { Err(BadValue::TooSmall) } else { Ok((first, last)) }
}

fn host_bits_are_empty(ip: IpAddr, prefix: u8) -> bool {
    match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()) & ((1u64 << (32 - u32::from(prefix.min(32)))) - 1) == 0,
        IpAddr::V6(ip) => {
            prefix == 0 && ip.is_unspecified()
                || prefix > 0 && ip.to_bits().trailing_zeros() >= 128 - u32::from(prefix.min(128))
        }
    }
}

/// An address, or anything that may be a host name.
pub(super) fn host(text: &str) -> Reading {
    match parse(text) {
        Some(ip) => good(Data::Ip(ip)),
        None if text.is_empty() => bad(BadValue::Empty),
        None => good(Data::Text),
    }
}
