//! IPv4 and IPv6 in one instance.
//!
//! An advert carries addresses of one family, and is sent from and to addresses of the same one. The first that stands in
//! the block decides; keepalived reports all others and drops them.
//!
//! Move addresses of the other family to `virtual_ipaddress_excluded`, where both may stand, or to an instance of their own
//! in one sync group with this one.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         2001:db8::10/64
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     virtual_ipaddress_excluded {
//!         2001:db8::10/64
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     virtual_ipaddress_excluded {
//!         2001:db8::10/64
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, phrase, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER;
use kalc_grammar::schema::vrrp_instance::{VIRTUAL_IPADDRESS, VIRTUAL_IPADDRESS_EXCLUDED};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::net::Family;
use kalc_ir::{Instance, Reason};

pub(super) const META: Meta =
    Meta { code: "KA353", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let Some(family) = instance.family else { continue };
        // By the statement that they stand in: the addresses of a list are one mistake.
        let mut groups: Vec<(Option<SettingId>, Vec<SettingId>)> = Vec::new();
        for dropped in instance.dropped.iter().filter(|dropped| dropped.reason == Reason::OtherFamily) {
            let id = place::statement(dropped.origin);
            if family_of(host, id).is_none_or(|other| other == family) {
                continue;
            }
            let list = host.config.setting(id).parent.filter(|&parent| parent != block(instance));
            // Source and peers are one mistake as well.
            let list = list.filter(|&list| host.config.setting(list).keyword != &UNICAST_PEER);
            match groups.iter_mut().find(|(known, _)| *known == list) {
                Some((_, entries)) => entries.push(id),
                None => groups.push((list, vec![id])),
            }
        }
        for (list, entries) in groups {
            report(host, instance, family, list, &entries, out);
        }
    }
}

fn family_of(host: &Host, id: SettingId) -> Option<Family> {
    match host.config.values(id).first()?.data {
        Data::Ip(ip) | Data::Net { ip, .. } => Some(Family::of(ip)),
        _ => None,
    }
}

fn report(
    host: &Host,
    instance: &Instance,
    family: Family,
    list: Option<SettingId>,
    entries: &[SettingId],
    out: &mut Findings<'_>,
) {
    let [first, others @ ..] = entries else { return };
    let (own, other) = match family {
        Family::Ipv4 => ("IPv4", "IPv6"),
        Family::Ipv6 => ("IPv6", "IPv4"),
    };
    let config = &host.config;
    let what = match (list, config.setting(*first)) {
        (Some(list), _) => config.setting(list).keyword.name,
        (None, setting) if setting.parent != Some(block(instance)) => UNICAST_PEER.name,
        (None, setting) => setting.keyword.name,
    };
    let mut finding = out
        .setting(host, *first, format!("`{}` is an {own} instance, and this `{what}` is {other}", instance.name))
        .why("the first address of the block decides about the family; keepalived reports the others and drops them");
    for &id in others {
        finding = finding.label(config.setting(id).span, "dropped too");
    }
    let Some(list) = list.filter(|&list| config.setting(list).keyword == &VIRTUAL_IPADDRESS) else {
        finding.help(format!("write an {own} address, or make a second instance for {other} in one sync group with this one"));
        return;
    };
    finding = finding.help("move it to `virtual_ipaddress_excluded`, or to an instance of its own in one sync group with this one");
    if config.last(block(instance), &VIRTUAL_IPADDRESS_EXCLUDED).is_none() {
        let indent = phrase::indentation(host, config.setting(list).span.start);
        let lines: String =
            entries.iter().map(|&entry| format!("{indent}    {}\n", host.slice(config.setting(entry).span))).collect();
        let end = host.whole(list).end;
        let mut edits: Vec<(Span, String)> = entries.iter().map(|&entry| place::without(host, entry)).collect();
        edits.push((Span::new(end, end), format!("\n{indent}virtual_ipaddress_excluded {{\n{lines}{indent}}}")));
        finding.suggested_fix(&edits);
    }
}
