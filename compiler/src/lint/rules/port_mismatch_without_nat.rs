//! A real server has another port than its virtual server, and nothing rewrites ports.
//!
//! With `lb_kind DR` or `TUN` the packet reaches the real server as the client sent it, for the port of the virtual
//! server. keepalived reports the other port and resets it, so the health check and the service go to the port of the
//! virtual server. In a `virtual_server_group` it only reports it, and the check looks at a port that no client reaches.
//!
//! Write the same port, or none, which means the same; or use `lb_kind NAT`. If only the check is to look at another port,
//! write `connect_port` in the check.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 8080 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server_group web {
//!     192.0.2.10 80
//!     192.0.2.11 81
//! }
//! virtual_server group web {
//!     lb_algo rr
//!     lb_kind TUN
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind DR
//!     protocol TCP
//!     real_server 192.0.2.21 8080 {
//!         lvs_method NAT
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 {
//!         TCP_CHECK {
//!             connect_port 8080
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::real_server::{LVS_METHOD, REAL_SERVER};
use kalc_grammar::schema::virtual_server::SORRY_SERVER;
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::VirtualServer;
use kalc_ir::ipvs::{Forwarding, GroupEntry, Service};

pub(super) const META: Meta =
    Meta { code: "KA804", severity: Severity::Error, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        if server.unknown.iter().any(|unknown| unknown.is_in("forwarding") || unknown.is_in("service")) {
            continue;
        }
        let service = ports(host, server);
        for (id, value) in mismatches(host, server, &service) {
            report(host, id, value, &service, out);
        }
    }
}

/// The ports of a service, or of the entries of its group; 0 means every port.
struct Ports {
    ports: Vec<u16>,
    is_group: bool,
}

fn ports(host: &Host, server: &VirtualServer) -> Ports {
    match server.service {
        Service::Address { port, .. } => Ports { ports: vec![port], is_group: false },
        Service::Group { group: Some(group), .. } => {
            let entries = &host.ir.virtual_server_group(group).entries;
            let port = |entry: &GroupEntry| match entry {
                GroupEntry::Addresses { port, .. } => Some(*port),
                GroupEntry::Fwmark { .. } => None,
            };
            Ports { ports: entries.iter().filter_map(port).collect(), is_group: true }
        }
        // A mark has no port; that is no rule of ports.
        Service::Group { group: None, .. } | Service::Fwmark(_) | Service::Unknown { .. } => {
            Ports { ports: Vec::new(), is_group: true }
        }
    }
}

/// Whether a server of that virtual server has a port that the service does not have; also for `server-entry-dropped`,
/// because two servers may become one by it.
pub(super) fn has_other_port(host: &Host, server: &VirtualServer, id: SettingId) -> bool {
    mismatches(host, server, &ports(host, server)).iter().any(|(other, _)| *other == id)
}

/// The servers with a port of their own where no port is rewritten.
fn mismatches(host: &Host, server: &VirtualServer, service: &Ports) -> Vec<(SettingId, Value)> {
    let block = SettingId(server.origin.0);
    let mut found = Vec::new();
    for id in host.config.children(block) {
        let keyword = host.config.setting(id).keyword;
        let forwarding = if *keyword == REAL_SERVER {
            forwarding(host, server, id)
        } else if *keyword == SORRY_SERVER {
            let sorry = server.sorry_server.as_ref().filter(|sorry| sorry.origin.0 == id.0);
            sorry.map(|sorry| sorry.forwarding)
        } else {
            None
        };
        let is_direct = matches!(forwarding, Some(Forwarding::Dr | Forwarding::Tun { .. }));
        let Some(value @ Value { data: Data::Int(port @ 1..), .. }) = host.config.positional(id).get(1) else { continue };
        if is_direct && service.ports.iter().any(|known| i64::from(*known) != *port) {
            found.push((id, *value));
        }
    }
    found
}

/// What a real server uses; one that was dropped as a duplicate too.
fn forwarding(host: &Host, server: &VirtualServer, id: SettingId) -> Option<Forwarding> {
    match server.real_servers.iter().find(|real| real.origin.0 == id.0) {
        Some(real) if real.unknown.iter().any(|unknown| unknown.is_in("forwarding")) => None,
        Some(real) => Some(real.forwarding),
        None => host.config.last(id, &LVS_METHOD).is_none().then_some(server.forwarding),
    }
}

fn report(host: &Host, id: SettingId, value: Value, service: &Ports, out: &mut Findings<'_>) {
    let port = host.slice(value.span).to_owned();
    let who = host.config.setting(id).keyword.name.replace('_', " ");
    if service.is_group {
        out.at(host, value.span, format!("{who} has port {port}, and the group has others"))
            .why("with DR and TUN nobody rewrites the port, so this one is checked and another one is served")
            .help("give all entries of the group that port, or use `lb_kind NAT`");
        return;
    }
    let wanted = service.ports.first().copied().unwrap_or(0);
    let finding = out.at(
        host,
        value.span,
        match wanted {
            0 => format!("{who} has port {port}, the virtual server takes every port"),
            wanted => format!("{who} has port {port}, the virtual server has {wanted}"),
        },
    );
    let finding = finding
        .why("with DR and TUN nobody rewrites the port; keepalived reports it and resets it to that of the virtual server");
    let (text, span) = match wanted {
        0 => (String::new(), Span::new(phrase::blanks_before(host, value.span).start, value.span.end)),
        wanted => (wanted.to_string(), value.span),
    };
    let help = match wanted {
        0 => "remove the port, or use `lb_kind NAT`".to_owned(),
        wanted => format!("write port {wanted} or none, or use `lb_kind NAT`"),
    };
    finding.help(help).safe_fix(&[(span, text)]);
}
