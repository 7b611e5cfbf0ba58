//! Settings of virtual servers that do not fit the service or the scheduler.

use super::useless;
use crate::host::Host;
use crate::lint::{Findings, phrase};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::real_server::REAL_SERVER;
use kalc_grammar::schema::virtual_server::{
    HASHED, HA_SUSPEND, LB_ALGO, LVS_SCHED, MH_FALLBACK, MH_PORT, OPS, PROTOCOL, SH_FALLBACK, SH_PORT, SORRY_SERVER,
    SORRY_SERVER_INHIBIT, SORRY_SERVER_LVS_METHOD,
};
use kalc_grammar::value::Data;
use kalc_ir::VirtualServer;
use kalc_ir::ipvs::{Forwarding, Protocol, Service};

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        let id = SettingId(server.origin.0);
        scheduler_flags(host, id, out);
        sorry_server(host, id, out);
        if let Service::Fwmark(_) = server.service {
            by_mark(host, server, id, out);
        } else if let (Some(Protocol::Tcp | Protocol::Sctp), Some(ops)) = (server.protocol, host.config.last(id, &OPS)) {
            let why = "single packets are balanced for UDP alone; keepalived reports it and clears it";
            useless(host, ops, "`ops` has no effect without UDP".to_owned(), why, out);
        }
    }
}

/// What is said of a sorry server counts below the one it is about.
fn sorry_server(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let server = host.config.first(id, &SORRY_SERVER);
    for keyword in [&SORRY_SERVER_INHIBIT, &SORRY_SERVER_LVS_METHOD] {
        let Some(early) = host.config.first(id, keyword).filter(|&at| server.is_none_or(|server| at < server)) else {
            continue;
        };
        let name = keyword.name;
        match server {
            None => {
                let why = "keepalived reports it and ignores it";
                useless(host, early, format!("`{name}` has no effect without `sorry_server`"), why, out);
            }
            Some(server) => {
                out.setting(host, early, format!("`{name}` stands above `sorry_server`"))
                    .label(host.config.setting(server).span, "move it below this line")
                    .why("keepalived knows no sorry server here, reports the line and ignores it")
                    .help("move it below `sorry_server`");
            }
        }
    }
}

/// The mark alone tells which packets are meant.
fn by_mark(host: &Host, server: &VirtualServer, id: SettingId, out: &mut Findings<'_>) {
    if let Some(protocol) = host.config.last(id, &PROTOCOL) {
        let why = "the mark decides alone which packets are meant; keepalived reports the protocol and ignores it";
        useless(host, protocol, "`protocol` has no effect with a firewall mark".to_owned(), why, out);
    }
    if let Some(suspend) = host.config.last(id, &HA_SUSPEND) {
        let why = "a mark has no address that this host could hold; keepalived reports it and clears it";
        useless(host, suspend, "`ha_suspend` has no effect with a firewall mark".to_owned(), why, out);
    }
    let port = |server: SettingId, out: &mut Findings<'_>| {
        if let Some(Value { span, data: Data::Int(port @ 1..) }) = host.config.positional(server).get(1) {
            out.at(host, *span, format!("port {port} has no effect with a firewall mark"))
                .why("only NAT rewrites ports; keepalived reports it and clears it")
                .help("remove the port")
                .safe_fix(&[(phrase::blanks_before(host, *span).to(*span), String::new())]);
        }
    };
    for real in &server.real_servers {
        let at = SettingId(real.origin.0);
        if real.forwarding != Forwarding::Nat && *host.config.setting(at).keyword == REAL_SERVER {
            port(at, out);
        }
    }
    if let (Some(sorry), Some(at)) = (&server.sorry_server, host.config.last(id, &SORRY_SERVER))
        && sorry.forwarding != Forwarding::Nat
    {
        port(at, out);
    }
}

/// Flags of a scheduler are read when that scheduler stands above them.
fn scheduler_flags(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let mut scheduler = None;
    let mut later = host.config.children(id).filter(|&child| is_scheduler(host, child)).peekable();
    for child in host.config.children(id) {
        let keyword = host.config.setting(child).keyword;
        if is_scheduler(host, child) {
            scheduler = host.config.values(child).first().map(|value| value.data);
            later.next();
            continue;
        }
        if *keyword == HASHED {
            let why = "keepalived knows the word and does nothing with it";
            useless(host, child, "`hashed` has no effect in any version".to_owned(), why, out);
            continue;
        }
        let wanted = match keyword {
            k if *k == SH_PORT || *k == SH_FALLBACK => "sh",
            k if *k == MH_PORT || *k == MH_FALLBACK => "mh",
            _ => continue,
        };
        // The two schedulers share their flags.
        if matches!(scheduler, Some(Data::Unknown | Data::Choice("sh" | "mh"))) {
            continue;
        }
        let below = later.peek().and_then(|&next| host.config.values(next).first());
        if below.is_some_and(|value| value.data == Data::Choice(wanted)) {
            out.setting(host, child, format!("`{}` stands above `lb_algo {wanted}`", keyword.name))
                .why("keepalived knows another scheduler here, reports the flag and ignores it")
                .help(format!("move it below `lb_algo {wanted}`"));
        } else {
            let why = "keepalived reports the flag and ignores it";
            useless(host, child, format!("`{}` is a flag of the scheduler `{wanted}`", keyword.name), why, out);
        }
    }
}

fn is_scheduler(host: &Host, id: SettingId) -> bool {
    let keyword = host.config.setting(id).keyword;
    *keyword == LB_ALGO || *keyword == LVS_SCHED
}
