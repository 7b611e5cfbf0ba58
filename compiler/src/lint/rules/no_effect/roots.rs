//! Settings outside of instances and virtual servers that another one displaces.

use super::useless;
use crate::host::Host;
use crate::lint::Findings;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::garp_group::{GARP_GROUP, INTERFACE, INTERFACES};
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::firewall::{NFTABLES, VRRP_IPSETS, VRRP_IPTABLES};
use kalc_grammar::schema::ssl::SSL;
use kalc_grammar::source::Span;
use rustc_hash::FxHashMap;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    firewall(host, out);
    ssl(host, out);
    garp_groups(host, out);
}

fn firewall(host: &Host, out: &mut Findings<'_>) {
    let find = |row| host.config.blocks(&GLOBAL_DEFS).find_map(|block| host.config.first(block, row));
    let Some(nftables) = find(&NFTABLES) else { return };
    for row in [&VRRP_IPTABLES, &VRRP_IPSETS] {
        if let Some(statement) = find(row) {
            out.setting(host, statement, format!("`{}` has no effect beside `nftables`", row.name))
                .label(host.config.setting(nftables).span, "this one counts")
                .why("keepalived uses nftables where both are asked for")
                .help("keep the one that is meant");
        }
    }
}

/// The last `SSL` block counts.
fn ssl(host: &Host, out: &mut Findings<'_>) {
    let blocks: Vec<SettingId> = host.config.blocks(&SSL).collect();
    for pair in blocks.windows(2) {
        out.setting(host, pair[1], "a second `SSL` block replaces the first")
            .label(host.config.setting(pair[0]).span, "this one has no effect")
            .why("there is one set of certificates for all checks; keepalived reports it")
            .help("keep one block");
    }
}

/// An interface belongs to the first group that names it.
fn garp_groups(host: &Host, out: &mut Findings<'_>) {
    let mut seen: FxHashMap<String, Span> = FxHashMap::default();
    for group in host.config.blocks(&GARP_GROUP) {
        let lists = host.config.all(group, &INTERFACES).flat_map(|list| host.config.children(list));
        for statement in host.config.all(group, &INTERFACE).chain(lists) {
            for value in host.config.values(statement) {
                let name = host.text(value).into_owned();
                let Some(first) = seen.get(&name) else {
                    seen.insert(name, value.span);
                    continue;
                };
                let message = format!("`{name}` is in a `garp_group` already");
                let why = "an interface has one pace: keepalived reports the second group and ignores it there";
                if *host.config.setting(statement).keyword == INTERFACE {
                    useless(host, statement, message, why, out);
                } else {
                    out.at(host, value.span, message).label(*first, "the first one counts").why(why).help("name it once");
                }
            }
        }
    }
}
