//! The family of an instance, and from where and to whom its adverts go.

use super::block::{self, Block, Reading, first};
use super::vrrp::group;
use super::{addresses, track};
use kalc_grammar::config::{Config, SettingId};
use kalc_grammar::schema::vrrp_instance::{self as row, unicast};
use kalc_grammar::value::Data;
use kalc_ir::vrrp::{OldChecksum, Peer, Transport};
use kalc_ir::{Family, Global, OriginId, Reason};
use std::net::IpAddr;

/// The family, and the statement that decides it: the first one that tells a family (measured with 2.2.7).
pub(super) fn family(config: &Config, instance: SettingId) -> Option<(Family, SettingId)> {
    for id in block::children(config, instance) {
        let setting = config.setting(id);
        let keyword = setting.keyword;
        if keyword == &row::VIRTUAL_IPADDRESS {
            // An entry that is left out tells no family.
            let used = block::children(config, id)
                .find_map(|entry| Some((addresses::lower(config, entry, None).ok()?, entry)));
            if let Some((address, entry)) = used {
                return Some((Family::of(address.address), entry));
            }
        } else if keyword == &unicast::UNICAST_PEER {
            if let Some((ip, entry)) =
                block::children(config, id).find_map(|entry| Some((addresses::ip(config, entry)?, entry)))
            {
                return Some((Family::of(ip), entry));
            }
        } else if keyword == &unicast::UNICAST_SRC_IP
            || keyword == &unicast::MCAST_SRC_IP
            || keyword == &unicast::MCAST_DST_IP
        {
            if let Some(ip) = addresses::ip(config, id) {
                return Some((Family::of(ip), id));
            }
        } else if keyword == &row::NATIVE_IPV6 {
            return Some((Family::Ipv6, id));
        }
    }
    None
}

/// The source address: the last one that is written, unless it is of the other family; then there is none.
pub(super) fn source(b: &mut Block<'_>, family: Option<Family>) -> Option<IpAddr> {
    let written = b.read(&[&unicast::UNICAST_SRC_IP, &unicast::MCAST_SRC_IP], "source", |_, id, values| {
        first(values, block::ip).and(|ip| (ip, id))
    });
    let (ip, id) = written?;
    if family.is_some_and(|family| family != Family::of(ip)) {
        b.drop(id, Reason::OtherFamily);
        return None;
    }
    Some(ip)
}

/// To whom adverts go.
pub(super) struct Peers {
    pub transport: Transport,
}

impl Peers {
    /// Reads peers and group. Peers turn multicast off; a list that is empty, or holds none that can be used, does not.
    pub fn read(b: &mut Block<'_>, global: &Global, family: Option<Family>) -> Peers {
        let mut peers = Vec::new();
        let mut unknown = false;
        for entry in track::entries(b, &unicast::UNICAST_PEER, "transport.peers") {
            match first(b.config.values(entry), block::ip) {
                Reading::Known(ip) if family.is_some_and(|family| family != Family::of(ip)) => {
                    b.drop(entry, Reason::OtherFamily);
                }
                Reading::Known(address) => peers.push(peer(b.config, entry, address)),
                Reading::Unknown => {
                    unknown = true;
                    b.unknown("transport.peers", entry);
                }
                Reading::Ignored => b.drop(entry, Reason::BadValue),
            }
        }
        let written = b.read(&[&unicast::MCAST_DST_IP], "transport.group", |_, id, values| {
            first(values, block::ip).and(|ip| (ip, id))
        });
        let ttl = b.int(&unicast::UNICAST_TTL, "transport.ttl");
        if !peers.is_empty() || unknown {
            if let Some((_, id)) = written {
                b.drop(id, Reason::Excluded);
            }
            let default = if family == Some(Family::Ipv6) { 64 } else { 255 };
            return Peers { transport: Transport::Unicast { peers, ttl: ttl.unwrap_or(default) } };
        }
        let written = written.filter(|(ip, id)| {
            let fits = family.is_none_or(|family| family == Family::of(*ip));
            if !fits {
                b.drop(*id, Reason::OtherFamily);
            }
            fits
        });
        let group = written.map(|(ip, _)| ip).or(family.map(|family| group(global, family)));
        Peers { transport: Transport::Multicast { group } }
    }

    pub fn is_unicast(&self) -> bool {
        matches!(self.transport, Transport::Unicast { .. })
    }

    /// Whether a peer has a limit for TTLs, which turns `check_unicast_src` on.
    pub fn limits_ttl(&self) -> bool {
        match &self.transport {
            Transport::Multicast { .. } => false,
            Transport::Unicast { peers, .. } => peers.iter().any(|peer| peer.min_ttl > 0 || peer.max_ttl < 255),
        }
    }
}

fn peer(config: &Config, entry: SettingId, address: IpAddr) -> Peer {
    let limit = |keyword| config.option(entry, keyword).and_then(<[_]>::first).and_then(block::int);
    Peer {
        address,
        min_ttl: limit(&unicast::MIN_TTL).unwrap_or(0),
        max_ttl: limit(&unicast::MAX_TTL).unwrap_or(255),
        origin: OriginId(entry.0),
    }
}

/// `old_unicast_checksum [never]`
pub(super) fn old_checksum(b: &mut Block<'_>) -> OldChecksum {
    let written = b.read(&[&unicast::OLD_UNICAST_CHECKSUM], "old_unicast_checksum", |_, _, values| {
        match values.first().map(|value| value.data) {
            Some(Data::Choice(_)) => Reading::Known(OldChecksum::Never),
            Some(Data::Unknown) => Reading::Unknown,
            Some(_) | None => Reading::Known(OldChecksum::Always),
        }
    });
    written.unwrap_or(OldChecksum::Automatic)
}
