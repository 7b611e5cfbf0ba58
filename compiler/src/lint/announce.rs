//! What instances announce by gratuitous ARP and neighbour advertisements, for the rules about it.

use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::garp::VRRP_MIN_GARP;
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::vrrp::VirtualInterface;
use kalc_ir::{Address, Family, Instance, OriginId};

/// The addresses of an instance, those included that adverts do not name.
pub fn addresses(instance: &Instance) -> impl Iterator<Item = &Address> {
    instance.virtual_addresses.iter().chain(&instance.excluded_addresses)
}

/// Whether neighbours have to learn something when the instance moves: it has addresses, and no MAC that moves with them.
pub fn moves_addresses(instance: &Instance) -> bool {
    let has_own_mac = match instance.virtual_interface {
        VirtualInterface::Vmac { .. } => true,
        VirtualInterface::None | VirtualInterface::Ipvlan { .. } => false,
    };
    !has_own_mac && addresses(instance).next().is_some()
}

/// Whether the user decided for one announcement and no more.
pub fn is_minimal(host: &Host) -> bool {
    let statements = host.config.blocks(&GLOBAL_DEFS).filter_map(|block| host.config.last(block, &VRRP_MIN_GARP));
    let mut last = statements.map(|id| host.config.values(id).first().map(|value| value.data));
    last.any(|value| value != Some(Data::Bool(false)))
}

/// The instances that announce on one interface, for one family.
#[derive(Debug)]
pub struct Line<'h> {
    /// The interface.
    pub interface: &'h str,
    /// The family.
    pub family: Family,
    /// Each instance with the number of its addresses there.
    pub instances: Vec<(&'h Instance, u64)>,
}

impl Line<'_> {
    /// Number of addresses.
    pub fn addresses(&self) -> u64 {
        self.instances.iter().map(|(_, count)| count).sum()
    }

    /// The pause between two packets, in microseconds.
    pub fn pause_us(&self, host: &Host) -> u64 {
        let global = &host.ir.global;
        let mut groups = host.ir.garp_groups.iter();
        let group = groups.find(|group| group.interfaces.iter().any(|name| name == self.interface));
        match self.family {
            Family::Ipv4 => group.and_then(|group| group.garp_interval_us).unwrap_or(global.garp_interval_us),
            Family::Ipv6 => group.and_then(|group| group.gna_interval_us).unwrap_or(global.gna_interval_us),
        }
    }
}

/// What is announced where, in the order of the text. Instances with a MAC of their own are left out.
pub fn lines(host: &Host) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for instance in host.ir.vrrp_instances.iter().filter(|instance| moves_addresses(instance)) {
        for address in addresses(instance) {
            let Some(interface) = address.interface.as_deref() else { continue };
            let family = Family::of(address.address);
            let at = match lines.iter().position(|line| line.interface == interface && line.family == family) {
                Some(at) => at,
                None => {
                    lines.push(Line { interface, family, instances: Vec::new() });
                    lines.len() - 1
                }
            };
            match lines[at].instances.last_mut() {
                Some((last, count)) if std::ptr::eq(*last, instance) => *count += 1,
                Some(_) | None => lines[at].instances.push((instance, 1)),
            }
        }
    }
    lines
}

/// Where a field of an instance was written: there, in `global_defs`, or the instance's header.
pub fn origin(host: &Host, instance: &Instance, field: &str) -> OriginId {
    instance.origins.get(field).or(host.ir.global.origins.get(field)).unwrap_or(instance.origin)
}

/// The words of a statement.
pub fn span(host: &Host, origin: OriginId) -> Span {
    host.config.setting(SettingId(origin.0)).span
}
