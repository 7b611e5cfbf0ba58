//! The hosts of a virtual router do not balance alike.
//!
//! Both may hold the virtual address, but the virtual servers for it are not the same: one is missing, or scheduler, method,
//! persistence or real servers differ. So the service changes with every failover. With `lvs_sync_daemon` hosts share their table of
//! connections only if `id`, `group` and `port` agree.
//!
//! Keep these blocks in one file that all hosts include.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo wlc
//!     lb_kind NAT
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
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind NAT
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
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind NAT
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
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo rr
//!     lb_kind NAT
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

use kalc_ir::global::SyncDaemon;
use kalc_ir::ipvs::{Forwarding, Persistence, Protocol, Scheduler, Service};
use kalc_ir::{OriginId, VirtualServer};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA624", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

/// What a client uses: address, port and protocol.
type Client = (IpAddr, u16, u8);

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for router in &fleet.routers {
        let model = router[0];
        for &face in &router[1..] {
            services(fleet, face, model, out);
            if told.insert((fleet.faces[face].host, fleet.faces[model].host)) {
                sync_daemon(fleet, face, model, out);
            }
        }
    }
}

fn services(fleet: &Fleet<'_>, face: usize, model: usize, out: &mut Findings<'_>) {
    if fleet.is_unknown(face, "virtual_servers") || fleet.is_unknown(model, "virtual_servers") {
        return;
    }
    let (mine, theirs) = (clients(fleet, face, model), clients(fleet, model, face));
    let (host, other) = (fleet.host(face), fleet.host(model));
    let (here, there) = (host.name(), other.name());
    let lacks = |of: &BTreeMap<Client, &VirtualServer>, than: &BTreeMap<Client, &VirtualServer>| -> Vec<Client> {
        than.keys().filter(|client| !of.contains_key(client)).copied().collect()
    };
    for (missing, has, lacking, place, from) in [
        (lacks(&mine, &theirs), there, here, model, &theirs),
        (lacks(&theirs, &mine), here, there, face, &mine),
    ] {
        let Some(first) = missing.first() else { continue };
        let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
        let message = format!("{has} has virtual server {}{more}, {lacking} does not", show(*first));
        let peer = if place == face { model } else { face };
        out.at(fleet.host(place), fleet.span(place, from[first].origin), message)
            .why("both hosts may hold the address, and the service is gone while the other one is master")
            .help("write the same `virtual_server` blocks on all hosts, best in a file that all of them include")
            .label_on(fleet.host(peer), fleet.span(peer, fleet.instance(peer).origin), "the address is shared with this host");
    }
    for (client, server) in &mine {
        let Some(peer) = theirs.get(client) else { continue };
        let Some((what, own, others)) = difference(server, peer) else { continue };
        let message = format!("virtual server {} has {what} {own}, in {there} {others}", show(*client));
        let place = |server: &VirtualServer, field: &str| server.origins.get(field).unwrap_or(server.origin);
        let field = match what {
            "scheduler" => "scheduler",
            "method" => "forwarding",
            "persistence" => "persistence",
            _ => "",
        };
        out.at(host, fleet.span(face, place(server, field)), message)
            .why("the service changes with every failover")
            .help("write the same `virtual_server` on all hosts, best in a file that all of them include")
            .label_on(other, fleet.span(model, place(peer, field)), "the peer's is here");
    }
}

/// The virtual servers on addresses that both faces hold.
fn clients<'h>(fleet: &Fleet<'h>, face: usize, peer: usize) -> BTreeMap<Client, &'h VirtualServer> {
    let shared = |ip: IpAddr| fleet.faces[face].holds(ip) && fleet.faces[peer].holds(ip);
    let mut found = BTreeMap::new();
    for server in &fleet.host(face).ir.virtual_servers {
        if let Service::Address { address, port } = server.service
            && shared(address)
        {
            let protocol = match server.protocol {
                Some(Protocol::Tcp) => 0,
                Some(Protocol::Udp) | None => 1,
                Some(Protocol::Sctp) => 2,
            };
            found.entry((address, port, protocol)).or_insert(server);
        }
    }
    found
}

fn show((address, port, protocol): Client) -> String {
    format!("{address} {port} {}", ["TCP", "UDP", "SCTP"][usize::from(protocol.min(2))])
}

/// The first difference: what it is, and both values.
fn difference(mine: &VirtualServer, theirs: &VirtualServer) -> Option<(&'static str, String, String)> {
    if !mine.unknown.is_empty() || !theirs.unknown.is_empty() {
        return None;
    }
    let name = |scheduler: Scheduler| format!("`{}`", scheduler.name());
    if mine.scheduler != theirs.scheduler {
        return Some(("scheduler", name(mine.scheduler), name(theirs.scheduler)));
    }
    let method = |forwarding: Forwarding| match forwarding {
        Forwarding::Nat => "`NAT`".to_owned(),
        Forwarding::Dr => "`DR`".to_owned(),
        Forwarding::Tun { .. } => "`TUN`".to_owned(),
    };
    if mine.forwarding != theirs.forwarding {
        return Some(("method", method(mine.forwarding), method(theirs.forwarding)));
    }
    let time = |persistence: &Option<Persistence>| match persistence {
        Some(persistence) => format!("{} s", persistence.timeout_us / 1_000_000),
        None => "none".to_owned(),
    };
    if mine.persistence != theirs.persistence {
        return Some(("persistence", time(&mine.persistence), time(&theirs.persistence)));
    }
    let servers = |of: &VirtualServer| -> BTreeSet<(IpAddr, u16)> {
        of.real_servers.iter().map(|server| (server.address, server.port)).collect()
    };
    let unreadable = |of: &VirtualServer| of.dropped.iter().any(|dropped| dropped.keyword == "real_server");
    let (own, others) = (servers(mine), servers(theirs));
    if own == others || unreadable(mine) || unreadable(theirs) {
        return None;
    }
    let only = |of: &BTreeSet<(IpAddr, u16)>, than: &BTreeSet<(IpAddr, u16)>| -> String {
        let words: Vec<String> = of.difference(than).take(2).map(|(ip, port)| format!("{ip}:{port}")).collect();
        if words.is_empty() { "nothing more".to_owned() } else { words.join(" and ") }
    };
    Some(("real servers with", only(&own, &others), only(&others, &own)))
}

fn sync_daemon(fleet: &Fleet<'_>, face: usize, model: usize, out: &mut Findings<'_>) {
    let (host, other) = (fleet.host(face), fleet.host(model));
    let unknown = |face: usize| {
        let ir = &fleet.host(face).ir;
        fleet.is_unknown(face, "lvs_sync_daemon")
            || ir.global.unknown.iter().any(|unknown| unknown.is_in("lvs_sync_daemon"))
    };
    if unknown(face) || unknown(model) {
        return;
    }
    let wire = |face: usize, daemon: &SyncDaemon| {
        let of = |name: &String| fleet.host(face).ir.vrrp_instances.iter().find(|instance| instance.name == *name);
        let vrid = daemon.instance.as_ref().and_then(of).and_then(|instance| instance.vrid).map(|vrid| vrid.get());
        (daemon.id.or(vrid).unwrap_or(0), daemon.port, daemon.group, daemon.max_length)
    };
    let daemon = |face: usize| fleet.host(face).ir.global.lvs_sync_daemon.as_ref();
    let place = |face: usize| -> OriginId { daemon(face).map_or(fleet.instance(face).origin, |daemon| daemon.origin) };
    let message = match (daemon(face), daemon(model)) {
        (Some(mine), Some(theirs)) if wire(face, mine) != wire(model, theirs) => {
            let ((a, p, ..), (b, q, ..)) = (wire(face, mine), wire(model, theirs));
            let details = match (a == b, p == q) {
                (false, _) => format!("id {a}, in {} id {b}", other.name()),
                (true, false) => format!("port {p}, in {} port {q}", other.name()),
                (true, true) => format!("another group or length than in {}", other.name()),
            };
            format!("`lvs_sync_daemon` has {details}")
        }
        (Some(_), None) => format!("`lvs_sync_daemon` is here and not in {}", other.name()),
        (None, Some(_)) => format!("`lvs_sync_daemon` is in {} and not here", other.name()),
        (Some(_), Some(_)) | (None, None) => return,
    };
    out.at(host, fleet.span(face, place(face)), message)
        .why("the hosts do not share their tables of connections, so clients are cut off by a failover")
        .help("write the same `lvs_sync_daemon` on both hosts")
        .label_on(other, fleet.span(model, place(model)), "compared with this host");
}
