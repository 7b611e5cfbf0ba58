//! A word is no address of the kind that its keyword takes.
//!
//! Addresses are written in numbers: host names, ranges, netmasks behind the `/`, zones (`%eth0`), brackets and leading
//! zeros are refused, and a port is a word of its own. keepalived reports the word and skips the entry. A peer list that
//! becomes empty that way turns unicast into multicast, and an address with a wrong prefix gets /32 or /128. The address
//! of a gateway, of a source and of a `peer` has no prefix length.
//!
//! Write the address in numbers; a netmask is a prefix length.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/255.255.255.0
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_peer {
//!         lb2.example.com
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10:80 {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     persistence_granularity 24
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     smtp_server mail.example.com 25
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     mcast_dst_ip 224.0.0.18
//!     virtual_ipaddress {
//!         192.0.2.10/24 brd + label eth0:1
//!         192.0.2.11
//!     }
//!     virtual_routes {
//!         default via 192.0.2.1
//!         src 192.0.2.10 to 198.51.100.0/24 via 192.0.2.2
//!     }
//! }
//! virtual_server_group web {
//!     192.0.2.30-35 80
//!     192.0.2.64/28 80
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::describe;
use crate::lint::values::{BadWord, Family, bad_words, consequence};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::fault::BadValue;
use kalc_grammar::schema::line::{address, route, rule};
use kalc_grammar::schema::vrrp_instance::interface::USE_VMAC;
use kalc_grammar::schema::vrrp_instance::unicast::MCAST_DST_IP;
use kalc_grammar::schema::{Arg, Keyword, virtual_server};
use kalc_grammar::source::Span;
use kalc_grammar::value::{self, Data};
use std::net::{IpAddr, Ipv4Addr};

pub(super) const META: Meta =
    Meta { code: "KA204", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for word in bad_words(host, Family::Address) {
        let finding = out.at(host, word.span, message(&word)).why(why(host, &word));
        match repair(host, &word) {
            Some(Repair { text, place, help }) => {
                finding.help(help).suggested_fix(&[(place, text)]);
            }
            None => {
                finding.help(help(&word));
            }
        }
    }
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if *keyword == virtual_server::PERSISTENCE_GRANULARITY {
            granularity(host, id, out);
        } else if *keyword == MCAST_DST_IP {
            multicast_scope(host, id, out);
        } else if *keyword == USE_VMAC {
            vmac(host, id, out);
        } else if is_line(keyword) {
            prefixes(host, id, out);
            peer_family(host, id, out);
        }
    }
}

fn is_line(keyword: &Keyword) -> bool {
    [
        &address::STATIC_ENTRY,
        &address::VIRTUAL_ENTRY,
        &route::STATIC_ENTRY,
        &route::VIRTUAL_ENTRY,
        &rule::STATIC_ENTRY,
        &rule::VIRTUAL_ENTRY,
    ]
    .contains(&keyword)
}

fn message(word: &BadWord<'_>) -> String {
    let text = word.text;
    match word.reason {
        BadValue::BadPrefix => match text.split_once('/') {
            Some((_, length)) if matches!(word.arg, Arg::IpRange) && length.parse::<u8>().is_ok() => {
                format!("`{text}` has bits set behind its prefix")
            }
            Some((_, length)) => format!("`/{length}` is no prefix length"),
            None => format!("`{text}` is no network"),
        },
        BadValue::WrongKindOfAddress => format!("`{text}` is not {}", describe(&word.arg, word.keyword)),
        BadValue::TooSmall => format!("the range `{text}` ends before it starts"),
        BadValue::Empty => "the address is empty".to_owned(),
        _ if word.keyword.name == "virtual_server" && is_host_and_port(text) => {
            format!("`{text}` is address and port in one word")
        }
        _ => match word.arg {
            Arg::Mac => format!("`{text}` is no Ethernet address"),
            Arg::Netmask => format!("`{text}` is no netmask"),
            Arg::IlaLocator => format!("`{text}` is no locator"),
            _ => format!("`{text}` is no address"),
        },
    }
}

fn why(host: &Host, word: &BadWord<'_>) -> String {
    word.why(host)
}

fn help(word: &BadWord<'_>) -> String {
    let takes = describe(&word.arg, word.keyword);
    let text = word.text;
    if text.starts_with('[') {
        return format!("write it without brackets: it takes {takes}");
    }
    if text.contains('%') {
        return format!("write it without the zone: it takes {takes}");
    }
    let name = !text.contains(':')
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if name && !matches!(word.arg, Arg::Mac | Arg::IlaLocator | Arg::Netmask) {
        return format!("names are not looked up here: it takes {takes}");
    }
    format!("it takes {takes}")
}

/// An edit that makes an address of a word.
struct Repair {
    text: String,
    place: Span,
    help: String,
}

fn repair(host: &Host, word: &BadWord<'_>) -> Option<Repair> {
    let text = word.text;
    let with = |text: String, help: &str| Repair { help: format!("{help} `{text}`"), text, place: word.span };
    let good = |text: &str| matches!(value::read(&word.arg, text), (data, None) if data != Data::Bad);
    if let Some((ip, mask)) = text.split_once('/')
        && let Some(length) = mask.parse::<Ipv4Addr>().ok().and_then(prefix_length)
    {
        let text = format!("{ip}/{length}");
        return good(&text).then(|| with(text, "write the prefix length:"));
    }
    if word.reason == BadValue::BadPrefix
        && word.arg == Arg::IpRange
        && let (Data::Net { ip, prefix: Some(prefix) }, _) = value::read(&Arg::IpPrefix, text)
    {
        let text = format!("{}/{prefix}", network(ip, prefix));
        return good(&text).then(|| with(text, "write the network:"));
    }
    let plain = text.trim_matches(['[', ']']).split('%').next().unwrap_or("");
    if plain != text && good(plain) {
        return Some(with(plain.to_owned(), "write"));
    }
    if let Some((ip, port)) = split_port(text)
        && good(ip)
        && takes_port(word.keyword)
        && word.setting.is_some_and(|id| host.config.values(id).len() == 1)
    {
        return Some(with(format!("{ip} {port}"), "write address and port as two words:"));
    }
    let zeros: Vec<_> = text.split('.').map(without_zeros).collect();
    let zeros = zeros.join(".");
    (zeros != text && good(&zeros)).then(|| with(zeros, "write it without leading zeros:"))
}

/// A number without the zeros before it.
fn without_zeros(part: &str) -> &str {
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    let zeros = part.bytes().take_while(|&byte| byte == b'0').count();
    &part[zeros.min(digits.saturating_sub(1))..]
}

fn takes_port(keyword: &Keyword) -> bool {
    matches!(keyword.name, "virtual_server" | "real_server" | "sorry_server")
}

/// `host:port` and `[address]:port`.
fn split_port(text: &str) -> Option<(&str, &str)> {
    let (ip, port) = text.rsplit_once(':')?;
    let ip = match ip.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None => ip,
    };
    port.parse::<u16>().ok().map(|_| (ip, port))
}

fn is_host_and_port(text: &str) -> bool {
    split_port(text).is_some_and(|(ip, _)| ip.parse::<IpAddr>().is_ok())
}

/// The length of a mask whose ones stand together.
fn prefix_length(mask: Ipv4Addr) -> Option<u32> {
    let bits = mask.to_bits();
    (bits.leading_ones() + bits.trailing_zeros() >= 32).then(|| bits.leading_ones())
}

/// An address without its host bits.
fn network(ip: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match ip {
        IpAddr::V4(ip) => {
            Ipv4Addr::from_bits(ip.to_bits() & u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0)).into()
        }
        IpAddr::V6(ip) => {
            std::net::Ipv6Addr::from_bits(ip.to_bits() & u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0)).into()
        }
    }
}

/// What decides persistence is a mask for IPv4 and a length for IPv6, and a number is a mask too.
fn granularity(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let Some(server) = host.config.setting(id).parent else { return };
    let Some(value) = host.config.values(id).first() else { return };
    let family = host.config.positional(server).first().map(|address| address.data);
    match (family, value.data) {
        (Some(Data::Ip(IpAddr::V4(_))), Data::Int(length)) => {
            let length = u32::try_from(length).unwrap_or(32);
            let finding = out
                .at(host, value.span, format!("`{length}` is the netmask 0.0.0.{length} here, not a prefix length"))
                .why("keepalived reads the number as an address and reports nothing: clients are grouped by the wrong bits");
            if length <= 32 {
                let mask = Ipv4Addr::from_bits(u32::MAX.checked_shl(32 - length).unwrap_or(0));
                finding.help(format!("write the mask: `{mask}`")).suggested_fix(&[(value.span, mask.to_string())]);
            } else {
                finding.help("write a mask such as `255.255.255.0`");
            }
        }
        (Some(Data::Ip(IpAddr::V4(_))), Data::Ip(IpAddr::V4(mask))) if prefix_length(mask).is_none() => {
            out.at(host, value.span, format!("{mask} is no netmask: its ones do not stand together"))
                .why("keepalived takes it and reports nothing; clients are grouped by bits in the middle of their address")
                .help("write a mask such as `255.255.255.0`");
        }
        (Some(Data::Ip(IpAddr::V6(_))), Data::Ip(IpAddr::V4(mask))) => {
            out.at(host, value.span, format!("the netmask {mask} does not fit an IPv6 server"))
                .why("keepalived reports it and ignores the line")
                .help("write a prefix length from 1 to 128");
        }
        _ => {}
    }
}

/// For IPv6, keepalived takes only groups that stay on the link.
fn multicast_scope(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let Some(Value { span, data: Data::Ip(IpAddr::V6(ip)) }) = host.config.values(id).first() else { return };
    if ip.octets()[1] & 0x0f != 2 {
        out.at(host, *span, format!("{ip} is no multicast group of the link"))
            .why(consequence(host, &MCAST_DST_IP, Some(id), BadValue::WrongKindOfAddress))
            .help("use a group of ff02::/16; the default is ff02::12");
    }
}

/// The Ethernet address of a VMAC must belong to one interface, and none that VRRP makes by itself.
fn vmac(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    for value in host.config.positional(id) {
        let text = host.text(value);
        let octets: Option<Vec<u8>> = text.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
        let Some(octets) = octets.filter(|octets| octets.len() >= 5) else { continue };
        let what = if octets[0] & 1 != 0 {
            "is a multicast address"
        } else if octets.starts_with(&[0, 0, 0x5e, 0, 1]) || octets.starts_with(&[0, 0, 0x5e, 0, 2]) {
            "belongs to the addresses that VRRP makes from the `virtual_router_id`"
        } else {
            continue;
        };
        out.at(host, value.span, format!("`{text}` {what}"))
            .why("keepalived reports it and ignores the word")
            .help("use an address of your own that starts with 02, or leave it out");
    }
}

/// Both ends of a link speak one protocol.
fn peer_family(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let Some(Value { data: Data::Net { ip, .. }, .. }) = host.config.values(id).first() else { return };
    if let Some([Value { span, data: Data::Ip(peer) }, ..]) = host.config.option(id, &address::PEER)
        && peer.is_ipv4() != ip.is_ipv4()
    {
        out.at(host, *span, format!("{peer} is of another family than {ip}"))
            .why("keepalived reports it and leaves the peer out")
            .help("write the address that the other end has in the same family");
    }
}

/// Addresses of other hosts have no prefix length.
fn prefixes(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let mut option: Option<&'static Keyword> = None;
    for value in host.config.values(id) {
        match value.data {
            Data::Option(keyword) => option = Some(keyword),
            Data::Ip(ip) => {
                let Some(keyword) = option else { continue };
                let text = host.text(value);
                if let Some((address, _)) = text.split_once('/') {
                    out.at(host, value.span, format!("the address of `{}` takes no prefix length", keyword.name))
                        .why(consequence(host, keyword, Some(id), BadValue::NotAnAddress))
                        .help(format!("write `{ip}`"))
                        .suggested_fix(&[(value.span, address.to_owned())]);
                }
            }
            _ => {}
        }
    }
}
