//! A virtual server or one of its servers is skipped.
//!
//! keepalived leaves out a virtual server without a usable real server (a `sorry_server` alone is not enough), the second
//! entry for one real server, and servers of the other address family, which only a tunnel (`lb_kind TUN`) can reach. The
//! messages are in the log, and everything that is written in the skipped block is lost.
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
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server fd00::10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     sorry_server 192.0.2.30 80
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server fd00::10 80 {
//!     lb_algo rr
//!     lb_kind TUN
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!         }
//!     }
//!     real_server 192.0.2.22 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

use super::port_mismatch_without_nat::has_other_port;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names::is_incomplete;
use crate::lint::values::line_of;
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::real_server::REAL_SERVER;
use kalc_grammar::schema::virtual_server::{SORRY_SERVER, VIRTUAL_SERVER};
use kalc_grammar::value::Data;
use kalc_ir::{Dropped, Reason, VirtualServer};

pub(super) const META: Meta =
    Meta { code: "KA806", severity: Severity::Error, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for server in &host.ir.virtual_servers {
        for dropped in &server.dropped {
            match dropped.reason {
                Reason::Duplicate if dropped.keyword == REAL_SERVER.name => duplicate(host, server, dropped, out),
                Reason::OtherFamily => other_family(host, SettingId(dropped.origin.0), None, out),
                // Each of these has a rule of its own.
                Reason::Duplicate
                | Reason::Misspelt
                | Reason::BadName
                | Reason::BadValue
                | Reason::UnknownWord
                | Reason::NotDefined
                | Reason::Incomplete
                | Reason::OwnInterface
                | Reason::WeightInSyncGroup
                | Reason::WeightOfOwner
                | Reason::InOtherGroup
                | Reason::Excluded => {}
            }
        }
    }
    if is_incomplete(host) {
        return;
    }
    for dropped in &host.ir.dropped {
        if dropped.keyword == VIRTUAL_SERVER.name && dropped.reason == Reason::Incomplete {
            empty(host, SettingId(dropped.origin.0), out);
        }
    }
}

fn duplicate(host: &Host, server: &VirtualServer, dropped: &Dropped, out: &mut Findings<'_>) {
    let id = SettingId(dropped.origin.0);
    if has_other_port(host, server, id) {
        return;
    }
    let address = host.config.values(id).first().map_or_else(String::new, |value| host.text(value).into_owned());
    let finding = out
        .setting(host, id, format!("real server {address} stands in this virtual server already"))
        .why("keepalived reports the second block and skips it with everything in it");
    // What the first block means, by its address and the port that counts.
    let same = |other: &&kalc_ir::RealServer| match host.config.values(id) {
        [Value { data: Data::Ip(ip), .. }, rest @ ..] => {
            let port = match rest.first().map(|value| value.data) {
                Some(Data::Int(port)) => port,
                Some(_) | None => i64::from(other.port),
            };
            other.address == *ip && i64::from(other.port) == port
        }
        _ => false,
    };
    let Some(first) = server.real_servers.iter().find(same) else {
        finding.help("keep one of them");
        return;
    };
    let first = SettingId(first.origin.0);
    let finding = finding.label(host.config.setting(first).span, "it stands here already");
    if words(host, first) == words(host, id) {
        finding.help("delete the second block").safe_fix(&[(line_of(host, id), String::new())]);
    } else {
        finding.help("keep one of them; they do not say the same");
    }
}

/// The words of a block, however it is laid out.
fn words(host: &Host, id: SettingId) -> Vec<&str> {
    let whole = host.whole(id);
    let tokens = &host.tokens.significant;
    let from = tokens.partition_point(|token| token.start < whole.start);
    tokens[from..].iter().take_while(|token| token.start < whole.end).map(|token| host.slice(token.span())).collect()
}

fn other_family(host: &Host, id: SettingId, whole: Option<SettingId>, out: &mut Findings<'_>) {
    let what = host.config.setting(id).keyword.name.replace('_', " ");
    let address = host.config.values(id).first().map_or_else(String::new, |value| host.text(value).into_owned());
    let message = match whole {
        None => format!("{what} {address} is of the other address family"),
        Some(_) => format!("{what} {address} is of the other address family, and no other server is left"),
    };
    let why = match whole {
        None => "only a tunnel reaches another family; keepalived reports the server and skips it",
        Some(_) => "only a tunnel reaches another family; keepalived skips the server, and then the virtual server",
    };
    let finding = out.setting(host, id, message).why(why).help("use servers of one family, or `lb_kind TUN`");
    // A `sorry_server` has no block of its own.
    let is_block = *host.config.setting(id).keyword == REAL_SERVER;
    let finding = match if is_block { Some(id) } else { host.config.setting(id).parent } {
        Some(block) => finding.label(phrase::last_brace(host, block), phrase::AT_THE_END),
        None => finding,
    };
    if let Some(whole) = whole {
        finding.label(host.config.setting(whole).span, "this block is ignored");
    }
}

/// A block that keepalived drops because no server is left in it.
fn empty(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let whole = host.whole(id);
    // A block of which something could not be read, or that depends on the host, may have what it needs there.
    let doubtful = host.faults.iter().any(|fault| {
        matches!(fault.at, At::Logical(at) if whole.start <= at.start && at.start < whole.end)
            && !matches!(fault.kind, FaultKind::TrailingWords { .. })
    });
    if doubtful || !host.logical.config_ids.is_empty() && host.profile.config_id.is_none() {
        return;
    }
    let servers: Vec<SettingId> = host.config.all(id, &REAL_SERVER).collect();
    if let [first, ..] = servers[..] {
        // All readable, and still dropped.
        other_family(host, first, Some(id), out);
        return;
    }
    let finding = out
        .setting(host, id, "this virtual server has no real server")
        .why("keepalived reports it and ignores the whole block")
        .label(phrase::last_brace(host, id), phrase::AT_THE_END);
    if host.config.last(id, &SORRY_SERVER).is_some() {
        finding.help("add a `real_server`; a `sorry_server` alone is not enough");
    } else {
        finding.help("add a `real_server`, or delete the block");
    }
}
