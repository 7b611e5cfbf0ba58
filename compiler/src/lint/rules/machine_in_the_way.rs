//! A setting of this machine keeps the configuration from working.
//!
//! With `--host` kalc looks at the kernel and the firewall of the machine that it runs on:
//!
//! * a firewall that drops protocol 112 (VRRP), or 51 with `auth_type AH`: the host hears no adverts and becomes a second
//!   master;
//! * `net.ipv4.ip_forward` (or its IPv6 counterpart) is 0, and a virtual server uses NAT: nothing reaches the real servers;
//! * a virtual address of a service by direct routing is on `lo` of this host, and `arp_ignore` or `arp_announce` lets it
//!   answer for the address: clients go to a real server instead of the director;
//! * `net.ipv4.ip_nonlocal_bind` is 0, and a proxy is watched: bound to a virtual address it cannot start on a backup.
//!
//! The examples are about a machine that does not forward.
//!
//! ```keepalived fail
//! ## for host=example
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     delay_loop 10
//!     real_server 198.51.100.1 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for host=example
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind TUN
//!     protocol TCP
//!     delay_loop 10
//!     real_server 198.51.100.1 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::facts::HostFacts;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, Needs, place};
use kalc_ir::ipvs::{Forwarding, Service};
use kalc_ir::vrrp::{Auth, Instance};
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA331", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) const MACHINE: Needs = Needs::Machine;

/// Programs that serve clients and are usually watched on both hosts.
const PROXIES: [&str; 7] = ["haproxy", "nginx", "varnishd", "envoy", "traefik", "squid", "caddy"];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let Some(facts) = host.settings.facts.as_deref() else { return };
    for instance in &host.ir.vrrp_instances {
        firewall(host, facts, instance, out);
    }
    servers(host, facts, out);
    binding(host, facts, out);
}

fn firewall(host: &Host, facts: &HostFacts, instance: &Instance, out: &mut Findings<'_>) {
    let needed: u8 = if matches!(instance.auth, Auth::Ah { .. }) { 51 } else { 112 };
    let Some((_, by)) = facts.dropped_protocols.iter().find(|(protocol, _)| *protocol == needed) else { return };
    out.at(host, place::span(host, instance.origin), format!("the firewall of this host drops the adverts of `{}`", instance.name))
        .why(format!("{by}: the host hears no master and becomes a second one"))
        .help(format!("let IP protocol {needed} in from the peers"));
}

/// The addresses of a virtual server, if it says them itself.
fn address(service: &Service) -> Option<IpAddr> {
    match service {
        Service::Address { address, .. } => Some(*address),
        Service::Fwmark(_) | Service::Group { .. } | Service::Unknown { .. } => None,
    }
}

fn servers(host: &Host, facts: &HostFacts, out: &mut Findings<'_>) {
    let mut forwarding_told = false;
    for server in &host.ir.virtual_servers {
        let at = place::span(host, server.origin);
        let uses = |kind: fn(&Forwarding) -> bool| server.real_servers.iter().any(|real| kind(&real.forwarding));
        let ip = address(&server.service);
        let name = if ip.is_some_and(|ip| ip.is_ipv6()) { "net.ipv6.conf.all.forwarding" } else { "net.ipv4.ip_forward" };
        if uses(|kind| matches!(kind, Forwarding::Nat)) && facts.sysctl(name) == Some(0) && !forwarding_told {
            forwarding_told = true;
            out.at(host, at, format!("`{name}` is 0, and this virtual server uses NAT"))
                .why("the kernel does not pass packets on, so nothing reaches the real servers")
                .help(format!("set `{name} = 1`"));
        }
        let on_lo = |ip: &IpAddr| facts.interface_of(*ip).is_some_and(|interface| interface.name == "lo");
        let Some(ip) = ip.filter(on_lo).filter(|ip| ip.is_ipv4() && uses(|kind| matches!(kind, Forwarding::Dr))) else { continue };
        let loose = [("arp_ignore", 1), ("arp_announce", 2)].into_iter().find(|(word, least)| {
            let all = facts.sysctl(&format!("net.ipv4.conf.all.{word}"));
            all.is_some_and(|all| all < *least)
        });
        if let Some((word, least)) = loose {
            out.at(host, at, format!("{ip} is on `lo` of this host, and `net.ipv4.conf.all.{word}` is below {least}"))
                .why("the host answers for the address of the service: clients then go to this real server instead of the director")
                .help("set `net.ipv4.conf.all.arp_ignore = 1` and `net.ipv4.conf.all.arp_announce = 2` on every real server");
        }
    }
}

/// Proxies that are watched on the host.
fn binding(host: &Host, facts: &HostFacts, out: &mut Findings<'_>) {
    if facts.sysctl("net.ipv4.ip_nonlocal_bind") != Some(0) {
        return;
    }
    let processes = host.ir.processes.iter().map(|process| (&*process.program, process.origin));
    let scripts = host.ir.scripts.iter().filter_map(|script| {
        let last = script.command.as_ref()?.arguments.last()?;
        Some((last.as_str(), script.origin))
    });
    let name = |program: &str| program.rsplit('/').next().unwrap_or(program).to_owned();
    let proxy = processes.chain(scripts).find(|(program, _)| PROXIES.contains(&&*name(program)));
    if let (Some((program, origin)), true) = (proxy, host.ir.vrrp_instances.iter().any(|i| !i.virtual_addresses.is_empty())) {
        out.at(host, place::span(host, origin), format!("`net.ipv4.ip_nonlocal_bind` is 0, and `{}` is watched here", name(program)))
            .severity(Severity::Info)
            .why("if it is told to listen on a virtual address it cannot start while this host is backup")
            .help("set `net.ipv4.ip_nonlocal_bind = 1`, or have it listen on all addresses");
    }
}
