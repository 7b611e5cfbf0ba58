//! Two values of one block exclude each other.
//!
//! Each is right by itself, and together they make no sense: addresses of two families that must be of one, a smallest
//! number above the largest, a tunnel without the port that it needs. keepalived reports it and leaves the setting out,
//! changes it, or switches the whole block off; where it does not, a check always fails or every advert is thrown away.
//!
//! Mend the one that is wrong.
//!
//! ```keepalived fail
//! bfd_instance to_router {
//!     neighbor_ip 192.0.2.50
//!     source_ip 2001:db8::1
//!     vrrp
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_bfd {
//!         to_router
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_peer {
//!         192.0.2.2 min_ttl 255 max_ttl 254
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     lb_algo rr
//!     lb_kind TUN type gue
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_track_process web {
//!     process nginx
//!     quorum 2
//!     quorum_max 4
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_process {
//!         web
//!     }
//!     unicast_peer {
//!         192.0.2.2 min_ttl 254 max_ttl 255
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     ip_family inet
//!     protocol TCP
//!     lb_algo rr
//!     lb_kind TUN type gue port 5555
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!             connect_ip fe80::1
//!             bind_if eth0
//!             bindto fe80::2
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::faulty::Faulty;
use crate::lint::{Finding, Findings, Fixable, Meta, phrase};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::checker::connection::{BIND_IF, BINDTO, CONNECT_IP};
use kalc_grammar::schema::checker::udp::{MAX_REPLY_LENGTH, MIN_REPLY_LENGTH};
use kalc_grammar::schema::global::vrrp::VRRP_RX_BUFS_POLICY;
use kalc_grammar::schema::track::{VRRP_TRACK_PROCESS, process};
use kalc_grammar::schema::virtual_server::{self as server, VIRTUAL_SERVER};
use kalc_grammar::schema::vrrp_instance::unicast::{MAX_TTL, MIN_TTL, UNICAST_PEER_ENTRY};
use kalc_grammar::schema::{Keyword, bfd, real_server};
use kalc_grammar::value::Data;
use kalc_ir::Family;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

pub(super) const META: Meta = Meta { code: "KA216", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let faulty = Faulty::new(host);
    let mut neighbors = FxHashMap::default();
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if !faulty.spares(host, id) {
            continue;
        }
        match keyword {
            k if *k == bfd::BFD_INSTANCE => session(host, id, &mut neighbors, out),
            k if *k == VRRP_TRACK_PROCESS => {
                if let Some(finding) = smaller(host, id, [&process::QUORUM, &process::QUORUM_MAX], out) {
                    finding.why("keepalived reports it and leaves out the one that comes later");
                }
            }
            k if *k == UNICAST_PEER_ENTRY => peer(host, id, out),
            k if *k == VIRTUAL_SERVER => family_of_server(host, id, out),
            k if is_method(k) => tunnel(host, id, keyword, out),
            k if *k == VRRP_RX_BUFS_POLICY => policies(host, id, out),
            k if *k == real_server::REAL_SERVER => host.config.children(id).for_each(|checker| connection(host, id, checker, out)),
            k if *k == MIN_REPLY_LENGTH => {
                if let Some(checker) = host.config.setting(id).parent
                    && let Some(finding) = smaller(host, checker, [&MIN_REPLY_LENGTH, &MAX_REPLY_LENGTH], out)
                {
                    finding
                        .why("no reply is both: the check always fails")
                        .label(phrase::last_brace(host, checker), phrase::AT_THE_END);
                }
            }
            _ => {}
        }
    }
}

/// A finding if the first setting of a block is larger than the second one.
fn smaller<'f, 'h>(
    host: &'h Host,
    block: SettingId,
    [low, high]: [&'static Keyword; 2],
    out: &'f mut Findings<'_>,
) -> Option<Finding<'f, 'h>> {
    let number = |row: &'static Keyword| {
        let id = host.config.last(block, row)?;
        match host.config.values(id).first()?.data {
            Data::Int(number) => Some((id, number)),
            _ => None,
        }
    };
    let ((low_id, least), (high_id, most)) = (number(low)?, number(high)?);
    (least > most).then(|| {
        let message = format!("`{} {least}` is more than `{} {most}`", low.name, high.name);
        out.setting(host, low_id, message)
            .label(host.config.setting(high_id).span, "the limit is here")
            .help("make the first number the smaller one")
    })
}

fn address(host: &Host, block: SettingId, row: &'static Keyword) -> Option<(SettingId, IpAddr)> {
    let id = host.config.last(block, row)?;
    match host.config.values(id).first()?.data {
        Data::Ip(ip) | Data::Net { ip, .. } => Some((id, ip)),
        _ => None,
    }
}

/// A BFD session: its addresses, and how far its packets may travel.
fn session(
    host: &Host,
    id: SettingId,
    seen: &mut FxHashMap<(IpAddr, Option<IpAddr>), SettingId>,
    out: &mut Findings<'_>,
) {
    let neighbor = address(host, id, &bfd::NEIGHBOR_IP).max(address(host, id, &bfd::NEIGHBOUR_IP));
    let source = address(host, id, &bfd::SOURCE_IP);
    let name = host.config.name(id);
    if let (Some((at, own)), Some((there, other))) = (source, neighbor)
        && own.is_ipv4() != other.is_ipv4()
    {
        out.setting(host, at, format!("the addresses of `{name}` are of two families"))
            .label(host.config.setting(there).span, "the neighbor is here")
            .label(phrase::last_brace(host, id), phrase::AT_THE_END)
            .why("keepalived reports it and switches the session off")
            .help("use two addresses of one family");
    } else if let Some((at, ip)) = neighbor {
        let first = *seen.entry((ip, source.map(|(_, ip)| ip))).or_insert(id);
        if first != id && host.config.name(first) != name {
            out.setting(host, at, format!("`{name}` has the same neighbor as `{}`", host.config.name(first)))
                .label(host.config.setting(first).span, "the first session with it")
                .label(phrase::last_brace(host, id), phrase::AT_THE_END)
                .why("keepalived runs one session between two addresses: it reports this one and leaves it out")
                .help("follow the first session, or name another neighbor");
        }
    }
    let block = id;
    let number = |row: &'static Keyword| {
        let id = host.config.last(block, row)?;
        match host.config.values(id).first()?.data {
            Data::Int(number) => Some((id, number)),
            _ => None,
        }
    };
    let ttl = number(&bfd::TTL).max(number(&bfd::HOPLIMIT));
    if let (Some((at, hops)), Some((limit, ttl))) = (number(&bfd::MAX_HOPS), ttl)
        && hops > ttl
    {
        out.setting(host, at, format!("`max_hops {hops}` is more than the TTL of {ttl}"))
            .severity(Severity::Warning)
            .label(host.config.setting(limit).span, "the TTL is here")
            .label(phrase::last_brace(host, block), phrase::AT_THE_END)
            .why("keepalived reports it and takes the TTL")
            .help("lower `max_hops`, or raise the TTL");
    }
}

fn peer(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let number = |row: &'static Keyword| match host.config.option(id, row)?.first()? {
        value @ Value { data: Data::Int(number), .. } => Some((value.span, *number)),
        _ => None,
    };
    if let (Some((low, least)), Some((high, most))) = (number(&MIN_TTL), number(&MAX_TTL))
        && least > most
    {
        out.at(host, low, format!("`min_ttl {least}` is more than `max_ttl {most}`"))
            .label(high, "the limit is here")
            .why("every advert of this peer is thrown away")
            .help("make the first number the smaller one");
    }
}

fn family_of_server(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let written = host.config.last(id, &server::IP_FAMILY);
    let (Some(statement), Some(value)) = (written, host.config.values(id).first()) else { return };
    let wanted = match host.config.values(statement).first().map(|value| value.data) {
        Some(Data::Choice("inet")) => Family::Ipv4,
        Some(Data::Choice("inet6")) => Family::Ipv6,
        _ => return,
    };
    if let Data::Ip(ip) | Data::Net { ip, .. } = value.data
        && Family::of(ip) != wanted
    {
        out.setting(host, statement, format!("the address of this virtual server is not {}", host.slice(host.config.setting(statement).span)))
            .label(value.span, "the address is here")
            .why("keepalived reports it and goes by the address")
            .help("remove the line: it is for services by firewall mark");
    }
}

/// Where a check connects to, and from where.
fn connection(host: &Host, server: SettingId, checker: SettingId, out: &mut Findings<'_>) {
    let to = address(host, checker, &CONNECT_IP);
    let own = match host.config.values(server).first().map(|value| value.data) {
        Some(Data::Ip(ip) | Data::Net { ip, .. }) => Some(ip),
        _ => None,
    };
    if let (Some((at, from)), Some(target)) = (address(host, checker, &BINDTO), to.map(|(_, ip)| ip).or(own))
        && from.is_ipv4() != target.is_ipv4()
    {
        out.setting(host, at, format!("no connection leads from {from} to {target}"))
            .why("they are of two families: keepalived reports `bindto` and leaves it out")
            .help("name an address of this host that is of the target's family");
    }
    if let Some((at, IpAddr::V6(ip))) = to
        && ip.is_unicast_link_local()
        && host.config.last(checker, &BIND_IF).is_none()
    {
        out.setting(host, at, format!("{ip} is link-local, and there is no `bind_if`"))
            .why("the address does not say on which link it is; keepalived reports the check")
            .help("add `bind_if` with the interface");
    }
}

fn is_method(keyword: &Keyword) -> bool {
    [&server::LB_KIND, &server::LVS_METHOD, &server::SORRY_SERVER_LVS_METHOD, &real_server::LVS_METHOD].contains(&keyword)
}

/// A tunnel and its port. `lb_kind` has options for them, its other names the same words as values.
fn tunnel(host: &Host, id: SettingId, keyword: &'static Keyword, out: &mut Findings<'_>) {
    let values = host.config.values(id);
    let is_gue = values.iter().any(|value| value.data == Data::Choice("gue"));
    let is_port = |value: &&Value| match value.data {
        Data::Option(row) => *row == server::PORT,
        Data::Choice(word) => word == "port",
        _ => false,
    };
    let why = format!("keepalived reports the line and leaves out what `{}` says", keyword.name);
    match (is_gue, values.iter().find(is_port)) {
        (true, None) => {
            out.setting(host, id, "a `gue` tunnel needs a port")
                .why(why)
                .help("add `port` with the UDP port at which the real servers expect the tunnel");
        }
        (false, Some(port)) => {
            out.at(host, port.span, "only a `gue` tunnel has a port")
                .why(why)
                .help("remove `port` and its number, or write `TUN type gue`");
        }
        (true, Some(_)) | (false, None) => {}
    }
}

fn policies(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let values = host.config.values(id);
    let find = |word: &str| values.iter().find(|value| matches!(value.data, Data::Choice(choice) if choice == word));
    if let (Some(mtu), Some(advert)) = (find("MTU"), find("ADVERT")) {
        out.at(host, advert.span, "`ADVERT` has no effect beside `MTU`")
            .severity(Severity::Warning)
            .label(mtu.span, "this one counts")
            .why("keepalived reports it and leaves `ADVERT` out")
            .help("keep one of them");
    }
}
