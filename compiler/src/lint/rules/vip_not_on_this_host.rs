//! A virtual server has an address that none of the host's virtual routers holds.
//!
//! Where a file has virtual routers and virtual servers, the first are there to move the addresses of the second. An address
//! that is only in one of the two is mostly a slip of the keyboard or a change that was made in one place. With
//! `ha_suspend` the checks of such a service never run, which makes it a warning.
//!
//! Silent in files without a `vrrp_instance`, where some of the addresses are not known, and where `quorum_up` adds the address.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         10.12.166.90/24
//!     }
//! }
//! virtual_server 10.12.166.80 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 10.12.166.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         10.12.166.90/24
//!     }
//! }
//! virtual_server 10.12.166.90 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 10.12.166.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! static_ipaddress {
//!     192.0.2.30/24 dev eth0
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     virtual_ipaddress_excluded {
//!         192.0.2.20/32 dev lo
//!     }
//! }
//! virtual_server 192.0.2.20 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server 192.0.2.30 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server 192.0.2.40 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     alpha
//!     omega
//!     quorum_up "/sbin/ip addr add 192.0.2.40/32 dev lo"
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

use super::sample_leftover::is_sample_service;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names::is_incomplete;
use crate::lint::{Findings, Fixable, Meta, announce};
use kalc_grammar::config::SettingId;
use kalc_ir::ipvs::{GroupEntry, Service};
use kalc_ir::{Dropped, Instance, OriginId, Reason, VirtualServer};
use rustc_hash::FxHashSet;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA807", severity: Severity::Info, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let instances = &host.ir.vrrp_instances;
    if instances.is_empty() || is_incomplete(host) || instances.iter().any(is_doubtful) {
        return;
    }
    let routers: Vec<IpAddr> = instances.iter().flat_map(announce::addresses).map(|address| address.address).collect();
    let fixed = host.ir.static_addresses.iter().map(|address| address.address);
    let own = host.settings.addresses.iter().map(|network| network.address);
    let held: FxHashSet<IpAddr> = routers.iter().copied().chain(fixed).chain(own).collect();
    // Without any address there is nothing to compare with.
    if routers.is_empty() {
        return;
    }
    let mut told = FxHashSet::default();
    for server in host.ir.virtual_servers.iter().filter(|server| !is_sample_service(server)) {
        for (ip, origin) in addresses(host, server) {
            if !held.contains(&ip) && !is_added(server, ip) && told.insert(ip) {
                report(host, server, ip, origin, &routers, out);
            }
        }
    }
}

/// Whether an address may be missing from the instance only because it could not be read.
fn is_doubtful(instance: &Instance) -> bool {
    let lost = |dropped: &Dropped| match dropped.reason {
        Reason::BadValue | Reason::BadName | Reason::UnknownWord | Reason::Misspelt | Reason::OtherFamily => true,
        Reason::Duplicate
        | Reason::NotDefined
        | Reason::Incomplete
        | Reason::OwnInterface
        | Reason::WeightInSyncGroup
        | Reason::WeightOfOwner
        | Reason::InOtherGroup
        | Reason::Excluded => false,
    };
    instance.is_unknown("virtual_addresses")
        || instance.is_unknown("excluded_addresses")
        || announce::addresses(instance).any(|address| !address.unknown.is_empty())
        || instance.dropped.iter().any(lost)
}

/// The addresses of a virtual server; of a range none, because it is rarely held as a whole.
fn addresses(host: &Host, server: &VirtualServer) -> Vec<(IpAddr, OriginId)> {
    match server.service {
        Service::Address { address, .. } => vec![(address, server.origin)],
        Service::Group { group: Some(group), .. } => {
            let entries = &host.ir.virtual_server_group(group).entries;
            let single = |entry: &GroupEntry| match *entry {
                GroupEntry::Addresses { first, last, origin, .. } => (first == last).then_some((first, origin)),
                GroupEntry::Fwmark { .. } => None,
            };
            entries.iter().filter_map(single).collect()
        }
        Service::Group { group: None, .. } | Service::Fwmark(_) | Service::Unknown { .. } => Vec::new(),
    }
}

/// Whether a command of the virtual server names the address.
fn is_added(server: &VirtualServer, ip: IpAddr) -> bool {
    let text = ip.to_string();
    server.quorum_up.iter().any(|command| {
        // A script may do it without being told the address.
        command.arguments.len() == 1 || command.arguments.iter().any(|word| word.contains(&text))
    })
}

fn report(host: &Host, server: &VirtualServer, ip: IpAddr, origin: OriginId, routers: &[IpAddr], out: &mut Findings<'_>) {
    let id = SettingId(origin.0);
    let Some(value) = host.config.values(id).first() else { return };
    let finding = out.at(host, value.span, format!("no virtual router of this host holds {ip}"));
    let finding = if server.ha_suspend {
        finding.severity(Severity::Warning).why("with `ha_suspend` the checks of this service never run")
    } else {
        finding.why("clients reach the service only if something else gives this host the address")
    };
    let mut near = routers.iter().filter(|router| differs_in_one_octet(ip, **router));
    match (near.next(), near.next()) {
        (Some(meant), None) => finding
            .help(format!("write {meant}, or add {ip} to a `virtual_ipaddress`"))
            .suggested_fix(&[(value.span, meant.to_string())]),
        _ => finding.help(format!("add {ip} to a `virtual_ipaddress`, or correct the address")),
    };
}

fn differs_in_one_octet(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            one.octets().iter().zip(other.octets()).filter(|(one, other)| **one != *other).count() == 1
        }
        (IpAddr::V6(_), _) | (_, IpAddr::V6(_)) => false,
    }
}
