//! Virtual servers and their real servers, as Prometheus reads them.
//!
//! Traffic has the names of keepalived_exporter (<https://github.com/gen2brain/keepalived_exporter>); what the checks
//! believe has names of kalc's own.

use super::metrics::{Metrics, Row, seconds};
use crate::status::{KernelStatus, RealServerStatus, VirtualServerStatus};

const SERVICE_TRAFFIC: [Row<KernelStatus>; 5] = [
    ("keepalived_lvs_vip_conn", "Connections of a virtual server.", |stats| stats.connections),
    ("keepalived_lvs_vip_in_packets", "Packets from clients of a virtual server.", |stats| stats.packets_in),
    ("keepalived_lvs_vip_out_packets", "Packets to clients of a virtual server.", |stats| stats.packets_out),
    ("keepalived_lvs_vip_in_bytes", "Bytes from clients of a virtual server.", |stats| stats.bytes_in),
    ("keepalived_lvs_vip_out_bytes", "Bytes to clients of a virtual server.", |stats| stats.bytes_out),
];

const SERVER_TRAFFIC: [Row<KernelStatus>; 5] = [
    ("keepalived_lvs_rs_conn", "Connections of a real server.", |stats| stats.connections),
    ("keepalived_lvs_rs_in_packets", "Packets from clients to a real server.", |stats| stats.packets_in),
    ("keepalived_lvs_rs_out_packets", "Packets to clients from a real server.", |stats| stats.packets_out),
    ("keepalived_lvs_rs_in_bytes", "Bytes from clients to a real server.", |stats| stats.bytes_in),
    ("keepalived_lvs_rs_out_bytes", "Bytes to clients from a real server.", |stats| stats.bytes_out),
];

const SERVICES: [Row<VirtualServerStatus>; 5] = [
    ("kalc_virtual_server_up", "Whether a virtual server has its quorum.", |service| u64::from(service.state == "up")),
    ("kalc_virtual_server_weight", "Weight of the real servers that are up.", |service| service.weight),
    ("kalc_virtual_server_quorum", "Weight that a virtual server needs.", |service| service.quorum.into()),
    ("kalc_virtual_server_sorry", "Whether the sorry server stands in.", |service| {
        u64::from(service.sorry_server.as_ref().is_some_and(|sorry| sorry.is_active))
    }),
    ("kalc_virtual_server_active_connections", "Connections that are open.", |service| {
        service.stats.active_connections
    }),
];

const SERVERS: [Row<RealServerStatus>; 3] = [
    ("kalc_real_server_up", "Whether a real server passes its checks.", |server| u64::from(server.state == "up")),
    ("kalc_real_server_weight", "Weight of a real server, with what checks make of it.", |server| server.weight.into()),
    ("kalc_real_server_active_connections", "Connections that are open.", |server| server.stats.active_connections),
];

const CHECKS: [Row<RealServerStatus>; 2] = [
    ("kalc_real_server_checks_total", "Checks of a real server that have ended.", |server| server.probes),
    ("kalc_real_server_check_failures_total", "Of these, those that failed.", |server| server.failures),
];

/// All metrics of the virtual servers.
pub(super) fn put(out: &mut Metrics, services: &[VirtualServerStatus]) {
    if services.is_empty() {
        return;
    }
    let each_service = |out: &mut Metrics, kind: &str, rows: &[Row<VirtualServerStatus>]| {
        for (name, help, value) in rows {
            out.family(name, kind, help);
            for service in services {
                out.sample(name, &[("virtual_server", &service.name)], value(service));
            }
        }
    };
    let each_server = |out: &mut Metrics, kind: &str, rows: &[Row<RealServerStatus>]| {
        for (name, help, value) in rows {
            out.family(name, kind, help);
            for (service, server) in pairs(services) {
                out.sample(name, &labels(service, server), value(server));
            }
        }
    };
    each_service(out, "gauge", &SERVICES);
    each_server(out, "gauge", &SERVERS);
    each_server(out, "counter", &CHECKS);
    for (name, help, value) in SERVICE_TRAFFIC {
        out.family(name, "counter", help);
        for service in services {
            out.sample(name, &[("virtual_server", &service.name)], value(&service.stats));
        }
    }
    for (name, help, value) in SERVER_TRAFFIC {
        out.family(name, "counter", help);
        for (service, server) in pairs(services) {
            out.sample(name, &labels(service, server), value(&server.stats));
        }
    }
    out.family("kalc_real_server_state_seconds", "gauge", "Time since a real server came to its state.");
    for (service, server) in pairs(services) {
        out.sample("kalc_real_server_state_seconds", &labels(service, server), seconds(server.since_ms));
    }
}

fn pairs(services: &[VirtualServerStatus]) -> impl Iterator<Item = (&VirtualServerStatus, &RealServerStatus)> {
    services.iter().flat_map(|service| service.real_servers.iter().map(move |server| (service, server)))
}

fn labels<'a>(service: &'a VirtualServerStatus, server: &'a RealServerStatus) -> [(&'static str, &'a str); 2] {
    [("virtual_server", &service.name), ("real_server", &server.name)]
}
