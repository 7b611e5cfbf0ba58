//! `use_vmac` and `use_ipvlan`.

use super::block::{self, Block, Reading};
use kalc_grammar::config::{Config, SettingId};
use kalc_grammar::schema::vrrp_instance::interface as row;
use kalc_grammar::value::Data;
use kalc_ir::net::Mac;
use kalc_ir::route::Named;
use kalc_ir::vrrp::{IpvlanMode, VirtualInterface};
use kalc_ir::{Family, Reason, Vrid};
use std::net::IpAddr;

/// The interface that is made, and the source address that an ipvlan brings along.
pub(super) fn virtual_interface(
    b: &mut Block<'_>,
    vrid: Option<Vrid>,
    family: Option<Family>,
    strict: bool,
) -> (VirtualInterface, Option<IpAddr>) {
    let base = b.flag(&row::VMAC_XMIT_BASE, "virtual_interface");
    let ipvlan = b.read(&[&row::USE_IPVLAN], "virtual_interface", |config, id, _| Reading::Known(ipvlan(config, id)));
    let vmac = b.read(&[&row::USE_VMAC], "virtual_interface", |config, id, _| {
        let (name, written) = vmac(config, id, vrid);
        let standard = vrid.zip(family).map(|(vrid, family)| Mac::of_virtual_router(family, vrid));
        // The standard knows no other address.
        let mac = written.filter(|_| !strict).or(standard);
        Reading::Known(VirtualInterface::Vmac { name, mac, transmits_on_base: base, group: group(config, id) })
    });
    match (vmac, ipvlan) {
        (Some(vmac), _) => (vmac, None),
        (None, Some(ipvlan)) => {
            let source = match ipvlan {
                VirtualInterface::Ipvlan { address, .. } => address,
                VirtualInterface::Vmac { .. } | VirtualInterface::None => None,
            };
            (ipvlan, source.filter(|ip| family.is_none_or(|family| family == Family::of(*ip))))
        }
        (None, None) => (VirtualInterface::None, None),
    }
}

/// Peers need the interface below; strict mode does not allow it.
pub(super) fn settle_base(b: &mut Block<'_>, interface: &mut VirtualInterface, unicast: bool, strict: bool) {
    match interface {
        VirtualInterface::Vmac { transmits_on_base, .. } => {
            *transmits_on_base = (*transmits_on_base || unicast) && !strict;
        }
        VirtualInterface::None | VirtualInterface::Ipvlan { .. } => {
            let origin = b.notes.origins.get("virtual_interface");
            if let Some(origin) = origin.filter(|_| *interface == VirtualInterface::None) {
                b.drop(SettingId(origin.0), Reason::Excluded);
            }
        }
    }
}

/// Name and address of `use_vmac`.
fn vmac(config: &Config, id: SettingId, vrid: Option<Vrid>) -> (Option<String>, Option<Mac>) {
    let (mut name, mut mac) = (None, None);
    for value in config.positional(id) {
        let Some(text) = block::text(config, value) else { continue };
        match parse_mac(&text, vrid) {
            Some(address) => mac = Some(address),
            None if text.contains(':') => {}
            None => name = Some(text),
        }
    }
    let option = config.option(id, &row::NAME).and_then(<[_]>::first);
    (option.and_then(|value| block::text(config, value)).or(name), mac)
}

fn ipvlan(config: &Config, id: SettingId) -> VirtualInterface {
    let (mut name, mut address, mut prefix) = (None, None, None);
    for value in config.positional(id) {
        match value.data {
            Data::Net { ip, prefix: length } => (address, prefix) = (Some(ip), length),
            _ => name = block::text(config, value).or(name),
        }
    }
    let option = config.option(id, &row::NAME).and_then(<[_]>::first);
    let name = option.and_then(|value| block::text(config, value)).or(name);
    let has = |keyword| config.option(id, keyword).is_some();
    let mode = if has(&row::PRIVATE) {
        IpvlanMode::Private
    } else if has(&row::VEPA) {
        IpvlanMode::Vepa
    } else {
        IpvlanMode::Bridge
    };
    VirtualInterface::Ipvlan { name, address, prefix, mode, group: group(config, id) }
}

/// Number or name behind `group`.
fn group(config: &Config, id: SettingId) -> Option<Named> {
    let value = config.option(id, &row::GROUP)?.first()?;
    block::int(value).map(Named::Number).or_else(|| block::text(config, value).map(Named::Name))
}

/// Six octets, or five and the VRID.
fn parse_mac(text: &str, vrid: Option<Vrid>) -> Option<Mac> {
    let mut mac = [0; 6];
    let mut count = 0;
    for octet in text.split(':') {
        *mac.get_mut(count)? = u8::from_str_radix(octet, 16).ok()?;
        count += 1;
    }
    match (count, vrid) {
        (6, _) => Some(Mac(mac)),
        (5, Some(vrid)) => {
            mac[5] = vrid.get();
            Some(Mac(mac))
        }
        (_, _) => None,
    }
}
