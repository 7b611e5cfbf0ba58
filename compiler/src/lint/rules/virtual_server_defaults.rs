//! A virtual server does not say what it balances, or how.
//!
//! Without `protocol` a service on an address is UDP: whoever connects to the web server by TCP is refused. Without
//! `lb_algo` the scheduler is `wlc`, and without `lb_kind` packets are rewritten (`NAT`), which needs the answers to come
//! back through this host. keepalived fills the gaps in, reports each one, and its test of the file fails.
//!
//! Without a port a service takes every port, which works only where clients stay with their server, so keepalived switches
//! persistence of 360 seconds on.
//!
//! Write them. A firewall mark decides by itself which packets are meant, so a service by mark has no protocol, and
//! keepalived misses only `lb_algo` there (measured).
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 6
//!     lb_algo wlc
//!     lb_kind NAT
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     delay_loop 6
//!     lb_algo wlc
//!     lb_kind NAT
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 {
//!     protocol TCP
//!     lb_algo wlc
//!     lb_kind NAT
//!     real_server 192.0.2.21 {
//!         PING_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 {
//!     persistence_timeout 360
//!     protocol TCP
//!     lb_algo wlc
//!     lb_kind NAT
//!     real_server 192.0.2.21 {
//!         PING_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server fwmark 7 {
//!     lvs_sched rr
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::virtual_server::{LB_ALGO, LB_KIND, LVS_METHOD, LVS_SCHED, PERSISTENCE_GRANULARITY, PERSISTENCE_TIMEOUT, PROTOCOL};
use kalc_ir::ipvs::{GroupEntry, Service, VirtualServer};
use kalc_ir::{CheckerKind, Ir};

pub(super) const META: Meta =
    Meta { code: "KA801", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        let id = SettingId(server.origin.0);
        let has = |keywords: &[&'static kalc_grammar::schema::Keyword]| {
            keywords.iter().any(|keyword| host.config.last(id, keyword).is_some())
        };
        let by_address = is_by_address(&host.ir, server);
        if by_address && !has(&[&PROTOCOL]) {
            protocol(host, server, id, out);
        }
        let missing: Vec<(&str, &str)> = [
            ("lb_algo", "wlc", !has(&[&LB_ALGO, &LVS_SCHED])),
            ("lb_kind", "NAT", by_address && !has(&[&LB_KIND, &LVS_METHOD])),
        ]
        .into_iter()
        .filter_map(|(keyword, default, is_missing)| is_missing.then_some((keyword, default)))
        .collect();
        how(host, id, &missing, out);
        if !has(&[&PERSISTENCE_TIMEOUT, &PERSISTENCE_GRANULARITY]) && takes_every_port(&host.ir, server) {
            persistence(host, id, out);
        }
    }
}

fn takes_every_port(ir: &Ir, server: &VirtualServer) -> bool {
    match server.service {
        Service::Address { port, .. } => port == 0,
        Service::Group { group: Some(group), .. } => {
            let entries = &ir.virtual_server_group(group).entries;
            entries.iter().any(|entry| matches!(entry, GroupEntry::Addresses { port: 0, .. }))
        }
        Service::Group { group: None, .. } | Service::Fwmark(_) | Service::Unknown { .. } => false,
    }
}

fn persistence(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let finding = out
        .setting(host, id, "this virtual server takes every port and has no `persistence_timeout`")
        .severity(Severity::Info)
        .why("keepalived uses 360 seconds, reports it, and its test of the file fails")
        .help("write the port, or `persistence_timeout 360` if every port is meant");
    if let Some(edit) = phrase::first_line(host, id, &["persistence_timeout 360"]) {
        finding.safe_fix(&[edit]);
    }
}

/// Whether addresses tell what is balanced; a group of marks alone has none.
fn is_by_address(ir: &Ir, server: &VirtualServer) -> bool {
    match server.service {
        Service::Address { .. } => true,
        Service::Group { group: Some(group), .. } => {
            let entries = &ir.virtual_server_group(group).entries;
            entries.iter().any(|entry| matches!(entry, GroupEntry::Addresses { .. }))
        }
        Service::Group { group: None, .. } | Service::Fwmark(_) | Service::Unknown { .. } => false,
    }
}

fn protocol(host: &Host, server: &VirtualServer, id: SettingId, out: &mut Findings<'_>) {
    let kinds = || server.real_servers.iter().flat_map(|real| &real.checkers).map(|checker| &checker.kind);
    let is_udp = |kind: &CheckerKind| matches!(kind, CheckerKind::Udp { .. } | CheckerKind::Dns { .. });
    let is_tcp = |kind: &CheckerKind| {
        matches!(kind, CheckerKind::Tcp { .. } | CheckerKind::Http(_) | CheckerKind::Smtp { .. })
    };
    let finding = out.setting(host, id, "this virtual server has no `protocol`, so it is UDP");
    if kinds().any(is_udp) && !kinds().any(is_tcp) {
        // It probably is what is meant.
        let finding = finding
            .severity(Severity::Info)
            .why("keepalived reports it, and its test of the file fails")
            .help("write `protocol UDP`");
        if let Some(edit) = phrase::first_line(host, id, &["protocol UDP"]) {
            finding.safe_fix(&[edit]);
        }
        return;
    }
    let finding = finding
        .why("a client that connects by TCP is refused, whatever the health checks say; keepalived's test fails")
        .help("write `protocol TCP`, or `UDP` if that is meant");
    if kinds().any(is_tcp)
        && let Some(edit) = phrase::first_line(host, id, &["protocol TCP"])
    {
        finding.suggested_fix(&[edit]);
    }
}

fn how(host: &Host, id: SettingId, missing: &[(&str, &str)], out: &mut Findings<'_>) {
    if missing.is_empty() {
        return;
    }
    let names: Vec<String> = missing.iter().map(|(keyword, _)| format!("`{keyword}`")).collect();
    let defaults: Vec<String> = missing.iter().map(|(_, default)| format!("`{default}`")).collect();
    let lines: Vec<String> = missing.iter().map(|(keyword, default)| format!("{keyword} {default}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let finding = out
        .setting(host, id, format!("this virtual server has no {}", names.join(" and no ")))
        .severity(Severity::Info)
        .why(format!("keepalived uses {}, reports it, and its test of the file fails", defaults.join(" and ")))
        .help(format!("write `{}` if that is meant", lines.join("` and `")));
    if let Some(edit) = phrase::first_line(host, id, &lines) {
        finding.safe_fix(&[edit]);
    }
}
