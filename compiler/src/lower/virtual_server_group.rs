//! `virtual_server_group`.

use super::Lowerer;
use super::block::{self, dropped, options};
use kalc_grammar::config::{Config, SettingId};
use kalc_grammar::value::Data;
use kalc_ir::ipvs::{GroupEntry, VirtualServerGroup};
use kalc_ir::{Dropped, Family, OriginId, Reason, Unknown};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl Lowerer<'_> {
    /// One group; without an entry there is none.
    pub(super) fn virtual_server_group(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        let mut group = VirtualServerGroup {
            name: name.clone().into_owned(),
            entries: Vec::new(),
            unknown: Vec::new(),
            dropped: Vec::new(),
            origin: OriginId(id.0),
        };
        for entry in self.config.children(id) {
            match lower(self.config, entry) {
                Ok(Some(lowered)) => group.entries.push(lowered),
                Ok(None) => {
                    let text = self.config.slice(self.config.setting(entry).span).to_owned();
                    group.unknown.push(Unknown { field: "entries", text, origin: OriginId(entry.0) });
                }
                Err(dropped) => group.dropped.push(dropped),
            }
        }
        if group.entries.is_empty() && group.unknown.is_empty() {
            return self.drop(id, Reason::Incomplete);
        }
        if !self.virtual_server_groups.add(name, self.ir.virtual_server_groups.len()) {
            return self.drop(id, Reason::Duplicate);
        }
        self.ir.virtual_server_groups.push(group);
    }
}

/// One entry; `None` if only the running daemon knows it.
fn lower(config: &Config, entry: SettingId) -> Result<Option<GroupEntry>, Dropped> {
    let values = config.values(entry);
    let origin = OriginId(entry.0);
    if values.iter().any(|value| value.data == Data::Unknown) || block::is_guess(config, entry) {
        return Ok(None);
    }
    let bad = || Err(dropped(config, entry, Reason::BadValue));
    if let Some((_, values)) = options(values).next() {
        let Some(mark) = values.first().and_then(block::int) else { return bad() };
        let family = match values.get(1).map(|value| value.data) {
            None => None,
            Some(Data::Choice("inet6")) => Some(Family::Ipv6),
            Some(Data::Choice(_)) => Some(Family::Ipv4),
            Some(_) => return bad(),
        };
        return Ok(Some(GroupEntry::Fwmark { mark, family, origin }));
    }
    let port = match values.get(1).map(|value| value.data) {
        None => Some(0),
        Some(_) => block::int(&values[1]),
    };
    let range = match values.first().map(|value| value.data) {
        Some(Data::Net { ip, prefix }) => Some((ip, last_of(ip, prefix.unwrap_or(Family::of(ip).bits())))),
        Some(Data::Ip(ip)) => Some((ip, ip)),
        Some(Data::IpRange) => config.ip_range(&values[0]),
        Some(_) | None => None,
    };
    match (range, port) {
        (Some((first, last)), Some(port)) => Ok(Some(GroupEntry::Addresses { first, last, port, origin })),
        (_, _) => bad(),
    }
}

fn last_of(ip: IpAddr, prefix: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() | u32::MAX.checked_shr(prefix.into()).unwrap_or(0)))
        }
        IpAddr::V6(ip) => {
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() | u128::MAX.checked_shr(prefix.into()).unwrap_or(0)))
        }
    }
}
