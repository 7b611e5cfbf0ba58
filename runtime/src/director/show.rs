//! The virtual servers, for whoever asks for the state.

use crate::ipvs::{Counters, Found, Ipvs};
use crate::status::{KernelStatus, LastFailure, RealServerStatus, SorryStatus, VirtualServerStatus};
use crate::timer::now;
use crate::wall;
use kalc_core::director::{Quorum, ServerView, ServiceView};
use kalc_core::{Director, Instant};
use kalc_ir::CheckerKind;
use kalc_ir::ipvs::Forwarding;
use std::time::SystemTime;

/// All virtual servers as they are now, with what the kernel counted.
pub fn virtual_servers(core: &Director, ipvs: &mut Ipvs) -> Vec<VirtualServerStatus> {
    let owned = core.owned();
    let found = ipvs.list(|key| owned.contains(key)).unwrap_or_else(|error| {
        tracing::error!("cannot read the table of virtual servers: {error}");
        Found::default()
    });
    core.services().map(|service| virtual_server(&service, &found)).collect()
}

fn virtual_server(view: &ServiceView<'_>, found: &Found) -> VirtualServerStatus {
    let state = match (view.quorum, view.is_sorry) {
        (Quorum::Held, _) => "up",
        (Quorum::Lost | Quorum::NeverHeld, true) => "sorry",
        (Quorum::Lost | Quorum::NeverHeld, false) => "down",
    };
    let (since, since_ms) = since(view.since);
    let mut stats = KernelStatus::default();
    for counters in view.keys().filter_map(|key| found.services.get(&key)) {
        add(&mut stats, counters);
    }
    VirtualServerStatus {
        name: view.name.to_owned(),
        state: state.to_owned(),
        since,
        since_ms,
        services: view.keys().map(|key| key.to_string()).collect(),
        scheduler: view.server.scheduler.name().to_owned(),
        weight: view.weight,
        quorum: view.server.quorum,
        hysteresis: view.server.hysteresis,
        is_suspended: view.is_suspended,
        sorry_server: view.server.sorry_server.as_ref().map(|sorry| SorryStatus {
            address: sorry.address,
            port: sorry.port,
            is_active: view.is_sorry,
        }),
        real_servers: view.servers().map(|server| real_server(view, &server, found)).collect(),
        stats,
    }
}

fn real_server(service: &ServiceView<'_>, view: &ServerView<'_>, found: &Found) -> RealServerStatus {
    let (since, since_ms) = since(view.since);
    let mut stats = KernelStatus::default();
    let mut weight_in_kernel = None;
    for (key, destination) in service.destinations_of(view) {
        if let Some(counters) = found.destinations.get(&(key, destination)) {
            add(&mut stats, counters);
        }
        let known = found.table.get(&key).and_then(|service| service.destinations.get(&destination));
        weight_in_kernel = weight_in_kernel.or(known.map(|known| known.settings.weight));
    }
    RealServerStatus {
        name: view.name.clone(),
        address: view.server.address,
        port: view.server.port,
        state: if view.is_up { "up" } else { "down" }.to_owned(),
        since,
        since_ms,
        weight: view.weight,
        weight_in_kernel,
        forwarding: match view.server.forwarding {
            Forwarding::Nat => "NAT",
            Forwarding::Dr => "DR",
            Forwarding::Tun { .. } => "TUN",
        }
        .to_owned(),
        last_failure: view.last_failure.map(|(check, failure)| LastFailure {
            check: keyword(&check.kind).to_owned(),
            reason: failure.to_string(),
        }),
        probes: view.counts.probes,
        failures: view.counts.failures,
        stats,
    }
}

fn since(at: Instant) -> (String, u64) {
    let (wall, since) = (SystemTime::now(), now().saturating_since(at));
    let text = wall::rfc3339(wall.checked_sub(since).unwrap_or(wall));
    (text, u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn add(stats: &mut KernelStatus, counters: &Counters) {
    stats.connections += counters.connections;
    stats.packets_in += counters.packets_in;
    stats.packets_out += counters.packets_out;
    stats.bytes_in += counters.bytes_in;
    stats.bytes_out += counters.bytes_out;
    stats.active_connections += u64::from(counters.active);
    stats.inactive_connections += u64::from(counters.inactive);
}

/// The keyword of a check.
const fn keyword(kind: &CheckerKind) -> &'static str {
    match kind {
        CheckerKind::Tcp { .. } => "TCP_CHECK",
        CheckerKind::Http(http) if http.tls => "SSL_GET",
        CheckerKind::Http(_) => "HTTP_GET",
        CheckerKind::Smtp { .. } => "SMTP_CHECK",
        CheckerKind::Dns { .. } => "DNS_CHECK",
        CheckerKind::Ping { .. } => "PING_CHECK",
        CheckerKind::Udp { .. } => "UDP_CHECK",
        CheckerKind::Misc { .. } => "MISC_CHECK",
        CheckerKind::File { .. } => "FILE_CHECK",
        CheckerKind::Bfd { .. } => "BFD_CHECK",
    }
}
