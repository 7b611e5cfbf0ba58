//! Two directors are each other's real servers.
//!
//! With `lb_kind DR` or `TUN` a packet reaches the real server unchanged, still for the virtual address. If that server is the
//! other director, its own table takes the packet and balances it again, half of the time back: connections bounce until they
//! happen to stay, or die.
//!
//! Use separate real servers, NAT, or a firewall mark that leaves out packets from the other director. One file alone shows it
//! if its own address and that of a unicast peer are both real servers: then that is a warning, as the other file may say
//! something else. Where the files do not tell the hosts' own addresses, and there are as many real servers as directors, that
//! is a hint.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     mcast_src_ip 192.0.2.21
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     mcast_src_ip 192.0.2.22
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     unicast_src_ip 192.0.2.21
//!     unicast_peer {
//!         192.0.2.22
//!     }
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     mcast_src_ip 192.0.2.1
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     mcast_src_ip 192.0.2.2
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```

use crate::cluster::peers::same_network;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_ir::OriginId;
use kalc_ir::ipvs::{Forwarding, RealServer, Service};
use kalc_ir::vrrp::{Instance, Transport};
use std::collections::BTreeSet;
use std::net::IpAddr;

const WHY: &str =
    "each director balances again what the other one forwards, so half of the connections bounce between them";
const HELP: &str =
    "use separate real servers, `lb_kind NAT`, or a firewall mark that leaves out packets of the other director";

pub(super) const META: Meta =
    Meta { code: "KA625", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

/// One file: the host itself and the peer that it names are both real servers.
pub(super) fn check_host(host: &Host, out: &mut Findings<'_>) {
    let own = own(host);
    let peers: BTreeSet<IpAddr> = host.ir.vrrp_instances.iter().flat_map(peers).collect();
    let span = |origin: OriginId| host.config.setting(SettingId(origin.0)).span;
    for server in &host.ir.virtual_servers {
        let Service::Address { address, port } = server.service else { continue };
        let among = |addresses: &BTreeSet<IpAddr>| {
            server.real_servers.iter().filter(|real| is_direct(real)).find(|real| addresses.contains(&real.address))
        };
        let (Some(mine), Some(theirs)) = (among(&own), among(&peers)) else { continue };
        let message = format!("virtual server {address} {port} sends to this host and to its peer {}", theirs.address);
        out.at(host, span(theirs.origin), message)
            .severity(Severity::Warning)
            .why(WHY)
            .help(HELP)
            .label_on(host, span(mine.origin), "and this is the host itself");
    }
}

/// The unicast peers of an instance.
fn peers(instance: &Instance) -> Vec<IpAddr> {
    match &instance.transport {
        Transport::Multicast { .. } => Vec::new(),
        Transport::Unicast { peers, .. } => peers.iter().map(|peer| peer.address).collect(),
    }
}

/// Whether packets reach it as they came, for the virtual address.
fn is_direct(server: &RealServer) -> bool {
    server.forwarding != Forwarding::Nat
}

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for router in &fleet.routers {
        for (at, &right) in router.iter().enumerate() {
            for &left in router[..at].iter().take(8) {
                let hosts = (fleet.faces[left].host, fleet.faces[right].host);
                if !told.contains(&hosts) && pair(fleet, left, right, router.len(), out) {
                    told.insert(hosts);
                }
            }
        }
    }
}

/// Two hosts; whether something was found.
fn pair(fleet: &Fleet<'_>, left: usize, right: usize, directors: usize, out: &mut Findings<'_>) -> bool {
    let (own_left, own_right) = (own(fleet.host(left)), own(fleet.host(right)));
    for mine in &fleet.host(right).ir.virtual_servers {
        let Service::Address { address, port } = mine.service else { continue };
        let same = |theirs: &&kalc_ir::VirtualServer| theirs.service == mine.service && theirs.protocol == mine.protocol;
        let Some(theirs) = fleet.host(left).ir.virtual_servers.iter().find(same) else { continue };
        let to = |servers: &[RealServer], own: &BTreeSet<IpAddr>| {
            servers.iter().filter(|server| is_direct(server)).find(|server| own.contains(&server.address)).map(|server| server.origin)
        };
        if let (Some(here), Some(there)) = (to(&mine.real_servers, &own_left), to(&theirs.real_servers, &own_right)) {
            let message = format!("virtual server {address} {port} sends to {}, which sends it back", fleet.host(left).name());
            out.at(fleet.host(right), fleet.span(right, here), message)
                .why(WHY)
                .help(HELP)
                .label_on(fleet.host(left), fleet.span(left, there), "and this one sends to it");
            return true;
        }
        let addresses: BTreeSet<IpAddr> = mine.real_servers.iter().filter(|server| is_direct(server)).map(|server| server.address).collect();
        let nothing_known = own_left.is_empty() && own_right.is_empty();
        let near = addresses.iter().all(|&ip| same_network(ip, address));
        let fits = near && addresses.len() == directors && mine.real_servers.len() == directors;
        if nothing_known && fits && fleet.faces[right].holds(address) {
            let message = format!("virtual server {address} {port} has as many real servers as there are directors");
            out.at(fleet.host(right), fleet.span(right, mine.origin), message)
                .severity(Severity::Hint)
                .why("if these servers are the directors, each balances again what the other one forwards, and connections bounce")
                .help("write `mcast_src_ip` or `unicast_src_ip` to tell the own addresses; if they are the directors, use NAT or a firewall mark")
                .label_on(fleet.host(left), fleet.span(left, theirs.origin), "the other director's is here");
            return true;
        }
    }
    false
}

/// Addresses of a host itself, as far as its file or `kalc.toml` tells.
fn own(host: &Host) -> BTreeSet<IpAddr> {
    let sources = host.ir.vrrp_instances.iter().filter_map(|instance| instance.source);
    let written = sources.chain(host.ir.static_addresses.iter().map(|address| address.address));
    written.chain(host.settings.addresses.iter().map(|own| own.address)).collect()
}
