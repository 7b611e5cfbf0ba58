//! Two virtual routers want one virtual interface, or one MAC address.
//!
//! A name can be taken once: keepalived ignores the second one with a message, and gives the interface a name of its own. A
//! name that belongs to an interface of the host is ignored too. Where two instances of one family with one virtual router
//! id use VMACs on different interfaces, both have the same MAC address, and a switch that learns addresses for both networks
//! in one table sees it move to and fro.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac v51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 52
//!     use_vmac v51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac v51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 52
//!     use_vmac vrrp.52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     use_vmac
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::interface::{USE_IPVLAN, USE_VMAC};
use kalc_ir::vrrp::{Instance, VirtualInterface};
use kalc_ir::OriginId;

pub(super) const META: Meta =
    Meta { code: "KA373", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let instances = &host.ir.vrrp_instances;
    for (index, instance) in instances.iter().enumerate() {
        if instance.is_unknown("virtual_interface") {
            continue;
        }
        let Some(statement) = statement(host, instance) else { continue };
        if let Some(name) = name(instance) {
            let taken = instances[..index].iter().find(|other| self::name(other) == Some(name));
            if let Some((other, at)) = taken.and_then(|other| Some((other, self::statement(host, other)?))) {
                same_name(host, instance, (statement, name), (at, &other.name), out);
                continue;
            }
            if let Some(user) = physical(host, name) {
                let message = format!("the virtual interface of `{}` has the name of another interface, `{name}`", instance.name);
                out.setting(host, statement, message)
                    .why("keepalived reports it, ignores the name and makes up another one")
                    .help("write a name that no interface of the host has")
                    .label(place::span(host, user), "the interface is used here");
                continue;
            }
        }
        let other = instances[..index].iter().find(|other| one_mac(other, instance));
        if let Some((other, at)) = other.and_then(|other| Some((other, self::statement(host, other)?))) {
            out.setting(host, statement, format!("`{}` and `{}` use one MAC address on two interfaces", other.name, instance.name))
                .severity(Severity::Info)
                .why("the address follows from the virtual router id; a switch with one table for both networks sees it move to and fro")
                .help("take another `virtual_router_id` for one of them, if the networks share a switch")
                .label(host.config.setting(at).span, format!("`{}` uses it here", other.name));
        }
    }
}

fn same_name(host: &Host, instance: &Instance, (id, name): (SettingId, &str), other: (SettingId, &str), out: &mut Findings<'_>) {
    let (at, owner) = other;
    let finding = out
        .setting(host, id, format!("the virtual interface `{name}` is already that of `{owner}`"))
        .why("keepalived reports it, ignores the name and makes up another one")
        .help("write another name")
        .label(host.config.setting(at).span, format!("`{owner}` has it here"));
    // The name that keepalived would make up.
    let free = instance.vrid.map(|vrid| format!("{}.{vrid}", host.ir.global.vmac_prefix));
    let free = free.filter(|free| !host.ir.vrrp_instances.iter().any(|other| self::name(other) == Some(free)));
    let word = host.config.values(id).iter().find(|value| host.text(value) == name);
    if let (Some(free), Some(word)) = (free, word) {
        finding.suggested_fix(&[(word.span, free)]);
    }
}

/// The statement that asks for the virtual interface.
fn statement(host: &Host, instance: &Instance) -> Option<SettingId> {
    host.config.last(block(instance), &USE_VMAC).or(host.config.last(block(instance), &USE_IPVLAN))
}

/// The name that is written for it.
fn name(instance: &Instance) -> Option<&str> {
    match &instance.virtual_interface {
        VirtualInterface::None => None,
        VirtualInterface::Vmac { name, .. } | VirtualInterface::Ipvlan { name, .. } => name.as_deref(),
    }
}

/// Where the file uses an interface as one of the host's own.
fn physical(host: &Host, name: &str) -> Option<OriginId> {
    let own = |instance: &Instance| {
        let is_it = instance.interface.as_deref() == Some(name);
        is_it.then(|| instance.origins.get("interface")).flatten()
    };
    host.ir.vrrp_instances.iter().find_map(own)
}

/// Whether two instances have one standard address on two interfaces.
fn one_mac(a: &Instance, b: &Instance) -> bool {
    let standard = |instance: &Instance| match &instance.virtual_interface {
        VirtualInterface::Vmac { mac: Some(mac), .. } if mac.0[..4] == [0x00, 0x00, 0x5e, 0x00] => Some(*mac),
        VirtualInterface::None | VirtualInterface::Vmac { .. } | VirtualInterface::Ipvlan { .. } => None,
    };
    let grouped = a.sync_group.is_some() && a.sync_group == b.sync_group;
    standard(a).is_some() && standard(a) == standard(b) && a.interface != b.interface && !grouped
}
