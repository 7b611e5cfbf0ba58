//! Two virtual servers are one service for the kernel.
//!
//! The kernel has one service for an address, port and protocol, or for a firewall mark and family. keepalived says nothing
//! about a second block for it (measured): both are set up, their real servers end up in one table, and the settings of
//! the block that comes last count for all.
//!
//! Write one block with all real servers, or give one of them its own port.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server_group web {
//!     192.0.2.8-11 80
//! }
//! virtual_server group web {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 53 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 53 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server 192.0.2.10 53 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol UDP
//!     real_server 192.0.2.21 53 {
//!         DNS_CHECK {
//!         }
//!     }
//! }
//! @one virtual_server fwmark 7 {
//! @one     lb_algo rr
//! @one     real_server 192.0.2.21 80 {
//! @one         TCP_CHECK {
//! @one         }
//! @one     }
//! @one }
//! @two virtual_server fwmark 7 {
//! @two     lb_algo rr
//! @two     real_server 192.0.2.22 80 {
//! @two         TCP_CHECK {
//! @two         }
//! @two     }
//! @two }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_ir::ipvs::{GroupEntry, Protocol, Service};
use kalc_ir::{Family, Ir, OriginId, VirtualServer};
use rustc_hash::FxHashMap;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA805", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

/// What the kernel knows a service by, but for the addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Port(Protocol, u16, Family),
    Mark(u32, Family),
}

/// Some services of one block.
#[derive(Clone, Copy)]
struct Services {
    /// As numbers; both 0 for a mark.
    first: u128,
    last: u128,
    server: OriginId,
    index: usize,
}

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut by_kind: FxHashMap<Kind, Vec<Services>> = FxHashMap::default();
    // In the order of the text, so that the same block is named each time.
    let mut order = Vec::new();
    for (index, server) in host.ir.virtual_servers.iter().enumerate() {
        for (kind, first, last) in services(&host.ir, server) {
            let known = by_kind.entry(kind).or_default();
            if known.is_empty() {
                order.push(kind);
            }
            known.push(Services { first, last, server: server.origin, index });
        }
    }
    let mut told = vec![false; host.ir.virtual_servers.len()];
    for kind in order {
        let services = by_kind.get_mut(&kind).map(std::mem::take).unwrap_or_default();
        for (first, second) in overlaps(services) {
            if !std::mem::replace(&mut told[second.index], true) {
                report(host, kind, first.server, second.server, out);
            }
        }
    }
}

/// What a virtual server takes, with the addresses as numbers.
fn services(ir: &Ir, server: &VirtualServer) -> Vec<(Kind, u128, u128)> {
    let family = server.family.unwrap_or(Family::Ipv4);
    let mark = |mark: u32, own: Option<Family>| Some((Kind::Mark(mark, own.unwrap_or(family)), 0, 0));
    let addresses = |first: IpAddr, last: IpAddr, port: u16| {
        server.protocol.map(|protocol| (Kind::Port(protocol, port, Family::of(first)), number(first), number(last)))
    };
    let entry = |entry: &GroupEntry| match *entry {
        GroupEntry::Addresses { first, last, port, .. } => addresses(first, last, port),
        GroupEntry::Fwmark { mark: number, family, .. } => mark(number, family),
    };
    match server.service {
        Service::Address { address, port } => addresses(address, address, port).into_iter().collect(),
        Service::Fwmark(number) => mark(number, None).into_iter().collect(),
        Service::Group { group: Some(group), .. } => {
            ir.virtual_server_group(group).entries.iter().filter_map(entry).collect()
        }
        Service::Group { group: None, .. } | Service::Unknown { .. } => Vec::new(),
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Pairs of different blocks that share a service, the earlier block first.
fn overlaps(mut services: Vec<Services>) -> Vec<(Services, Services)> {
    services.sort_by_key(|services| (services.first, services.index));
    let mut found = Vec::new();
    // The one that reaches furthest of those before.
    let mut reach: Option<Services> = None;
    for next in services {
        if let Some(before) = reach.filter(|before| before.last >= next.first) {
            if before.index < next.index {
                found.push((before, next));
            } else if before.index > next.index {
                found.push((next, before));
            }
        }
        if reach.is_none_or(|before| before.last < next.last) {
            reach = Some(next);
        }
    }
    found
}

fn report(host: &Host, kind: Kind, first: OriginId, second: OriginId, out: &mut Findings<'_>) {
    let what = match kind {
        Kind::Mark(mark, _) => format!("firewall mark {mark}"),
        Kind::Port(protocol, port, _) => {
            let protocol = match protocol {
                Protocol::Tcp => "TCP",
                Protocol::Udp => "UDP",
                Protocol::Sctp => "SCTP",
            };
            format!("{protocol} port {port} of an address")
        }
    };
    let span = |origin: OriginId| host.config.setting(SettingId(origin.0)).span;
    out.at(host, span(second), format!("{what} has a virtual server already"))
        .why("the kernel has one service for it, so the two blocks overwrite each other and share their real servers")
        .help("write one block with all real servers")
        .label(span(first), "the other one is here");
}
