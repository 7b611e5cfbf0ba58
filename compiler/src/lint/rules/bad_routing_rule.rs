//! The words of a routing rule do not go together.
//!
//! A rule of `virtual_rules` or `static_rules` has one action (`table`, `l3mdev`, `goto`, `nop`, `blackhole`,
//! `unreachable`, `prohibit`) and matches of one address family; `goto` leads to a larger preference than the rule's own;
//! `realms` and the suppressors need a table. keepalived reports a rule that breaks this and leaves it out. Without a
//! preference it makes one up, counting down from 16384: the order of rules is then that of the file turned round.
//!
//! Mend the rule, and give it a `preference`.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_rules {
//!         from 192.0.2.0/24 preference 1000
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_rules {
//!         from 192.0.2.0/24 table 100 blackhole preference 1000
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_rules {
//!         from 192.0.2.0/24 table 100
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_rules {
//!         from 192.0.2.0/24 preference 1000 goto 500
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_rules {
//!         from 192.0.2.0/24 preference 1000 goto 2000
//!         from 192.0.2.0/24 preference 1001 type blackhole
//!         from 2001:db8::/64 preference 1002 suppress_prefixlength 0 l3mdev
//!         preference 1003 lookup 100 realms 5 protocol 4 no_track
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::faulty::Faulty;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::line::rule;
use kalc_grammar::value::Data;
use kalc_ir::Family;

pub(super) const META: Meta = Meta { code: "KA213", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

const LOST: &str = "keepalived reports it and leaves the whole rule out";

const TABLES: [&Keyword; 3] = [&rule::TABLE, &rule::LOOKUP, &rule::L3MDEV];

const OTHER_ACTIONS: [&Keyword; 6] =
    [&rule::GOTO, &rule::NOP, &rule::BLACKHOLE, &rule::UNREACHABLE, &rule::PROHIBIT, &rule::TYPE];

const NEED_TABLE: [&Keyword; 5] =
    [&rule::REALMS, &rule::SUPPRESS_PREFIXLENGTH, &rule::SUP_PL, &rule::SUPPRESS_IFGROUP, &rule::SUP_GROUP];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let faulty = Faulty::new(host);
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if (*keyword == rule::STATIC_ENTRY || *keyword == rule::VIRTUAL_ENTRY) && faulty.spares(host, id) {
            one(host, id, out);
        }
    }
}

fn one(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    if mixed_families(host, id, out) {
        return;
    }
    let values = host.config.values(id);
    let is_any = |value: &&Value, rows: &[&Keyword]| matches!(value.data, Data::Option(row) if rows.contains(&row));
    let mut actions = values.iter().filter(|value| is_any(value, &TABLES) || is_any(value, &OTHER_ACTIONS));
    let Some(action) = actions.next() else {
        out.setting(host, id, "this rule has no action")
            .why(LOST)
            .help("add `table` with the routing table to look packets up in, or another action");
        return;
    };
    if let Some(second) = actions.next() {
        out.at(host, second.span, format!("`{}` is the second action of this rule", host.text(second)))
            .label(action.span, "the first one is here")
            .why(LOST)
            .help("keep one of them");
        return;
    }
    let needs_table = values.iter().find(|value| is_any(value, &NEED_TABLE));
    if let (Some(word), true) = (needs_table, is_any(&action, &OTHER_ACTIONS)) {
        out.at(host, word.span, format!("`{}` needs a table", host.text(word)))
            .label(action.span, "this action looks nothing up")
            .why(LOST)
            .help(format!("remove `{}` and its value, or make `table` the action", host.text(word)));
        return;
    }
    order(host, id, out);
    let protocol = host.config.option(id, &rule::PROTOCOL).and_then(<[Value]>::first);
    if let (Some(protocol), None) = (protocol, host.config.option(id, &rule::NO_TRACK))
        && protocol.data != Data::Int(18)
    {
        out.at(host, protocol.span, format!("a rule of protocol `{}` cannot be tracked", host.text(protocol)))
            .severity(Severity::Warning)
            .why("keepalived finds its rules again by protocol 18: it reports this and takes the protocol back")
            .help("add `no_track`, or remove `protocol`");
    }
}

/// Where the rule stands among the others, and where it leads to.
fn order(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let number = |rows: &[&'static Keyword]| {
        let value = rows.iter().find_map(|row| host.config.option(id, row))?.iter().find_map(|value| match value.data {
            Data::Int(number) => Some((value, number)),
            _ => None,
        })?;
        Some(value)
    };
    let own = number(&[&rule::PREFERENCE, &rule::ORDER, &rule::PRIORITY]);
    let target = number(&[&rule::GOTO, &rule::TYPE]);
    match (own, target) {
        (None, Some((target, _))) => {
            out.at(host, target.span, "`goto` needs a preference of the rule's own")
                .why(LOST)
                .help("add `preference` with a smaller number than the target's");
        }
        (Some((own, from)), Some((target, to))) if from >= to => {
            out.at(host, target.span, format!("`goto {to}` does not lead forward"))
                .label(own.span, "the preference of this rule")
                .why(LOST)
                .help("name a target with a larger preference");
        }
        (None, None) => {
            out.setting(host, id, "this rule has no preference")
                .severity(Severity::Warning)
                .why("keepalived reports it and counts down from 16384, so that later rules are asked first")
                .help("add `preference` with a number; the kernel asks the lowest first");
        }
        (Some(_), _) => {}
    }
}

/// Whether the addresses of a rule, or its family, contradict each other.
fn mixed_families(host: &Host, id: SettingId, out: &mut Findings<'_>) -> bool {
    let mut found: Vec<(&Value, Family)> = Vec::new();
    for row in [&rule::FROM, &rule::TO] {
        for value in host.config.option(id, row).unwrap_or_default() {
            if let Data::Ip(ip) | Data::Net { ip, .. } = value.data {
                found.push((value, Family::of(ip)));
            }
        }
    }
    let words = [(&rule::INET, Family::Ipv4), (&rule::INET6, Family::Ipv6)];
    let values = host.config.values(id);
    let word = |row: &'static Keyword| values.iter().find(|value| value.data == Data::Option(row));
    found.extend(words.into_iter().filter_map(|(row, family)| Some((word(row)?, family))));
    let Some(&(first, family)) = found.first() else { return false };
    if let Some((other, _)) = found.iter().find(|(_, other)| *other != family) {
        out.at(host, other.span, format!("`{}` is not of the family of this rule", host.text(other)))
            .label(first.span, "the other family is here")
            .why(LOST)
            .help("use addresses of one family, or write a rule for each");
        return true;
    }
    if let (Family::Ipv6, Some(realms)) = (family, word(&rule::REALMS)) {
        out.at(host, realms.span, "`realms` is for IPv4 rules only").why(LOST).help("remove `realms` and its value");
        return true;
    }
    false
}
