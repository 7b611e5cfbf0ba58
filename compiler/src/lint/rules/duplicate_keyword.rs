//! A keyword that takes one value stands twice in a block, with two values.
//!
//! The last one counts for most keywords, the first one for `notify` scripts, `process` and a few others, and a `BACKUP`
//! behind `state MASTER` changes nothing. keepalived says so for very few of them, and nobody who reads the file can know.
//!
//! Keep one of the lines.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     priority 90
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/bin/one"
//!     notify_master "/usr/bin/two"
//! }
//! ```
//!
//! Lists add up, and some keywords are there to be repeated:
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     priority 90
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, unquote};
use kalc_grammar::schema::vrrp_instance::STATE;
use kalc_grammar::schema::{Arg, Keyword, Kind, Repeat, Status};

pub(super) const META: Meta =
    Meta { code: "KA106", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut blocks: Vec<Option<SettingId>> = vec![None];
    while let Some(block) = blocks.pop() {
        // Keywords of one block are few: a list is faster than a map.
        let mut seen: Vec<(&'static Keyword, SettingId)> = Vec::new();
        let children = match block {
            Some(block) => host.config.children(block),
            None => host.config.roots(),
        };
        for id in children {
            let setting = host.config.setting(id);
            if setting.end > id.0 + 1 {
                blocks.push(Some(id));
            }
            if !counts_once(setting.keyword) || setting.recovered {
                continue;
            }
            match seen.iter_mut().find(|(known, _)| is_same(known, setting.keyword)) {
                Some((_, earlier)) => twice(host, out, std::mem::replace(earlier, id), id),
                None => seen.push((setting.keyword, id)),
            }
        }
    }
}

fn counts_once(keyword: &'static Keyword) -> bool {
    let single = match keyword.kind {
        Kind::Flag | Kind::Value => true,
        Kind::Block | Kind::NamedBlock | Kind::ListBlock | Kind::Entry => false,
    };
    single && keyword.repeat != Repeat::Accumulates
}

/// Whether two keywords are one setting: the same one, or two spellings of it.
fn is_same(one: &'static Keyword, other: &'static Keyword) -> bool {
    let is_alias = |keyword: &Keyword| matches!(keyword.status, Status::Alias(_));
    one == other || (is_alias(one) || is_alias(other)) && canonical(one) == canonical(other)
}

/// The name under which two spellings are one setting.
fn canonical(keyword: &'static Keyword) -> &'static str {
    match keyword.status {
        Status::Alias(of) => of,
        Status::Current | Status::Deprecated(_) => keyword.name,
    }
}

fn twice(host: &Host, out: &mut Findings<'_>, earlier: SettingId, later: SettingId) {
    let (first, second) = (host.config.setting(earlier), host.config.setting(later));
    let name = second.keyword.name;
    let words = |id: SettingId| {
        let setting = host.config.setting(id);
        phrase::words(host, setting.span).skip(1).map(|word| unquote(host.slice(word))).collect::<Vec<_>>()
    };
    let (before, after) = (words(earlier), words(later));
    // A value that is missing is reported as such.
    if before.is_empty() != after.is_empty() && second.keyword.kind == Kind::Value {
        return;
    }
    // Words behind a flag are not read.
    let bare = second.keyword.params.is_empty() && second.keyword.options.is_empty();
    if bare || before == after {
        let finding = out
            .at(host, second.span, format!("`{name}` stands here a second time, with the same value"))
            .severity(Severity::Hint)
            .label(first.span, "it stands here already")
            .help("remove one of the lines");
        if let Some(line) = phrase::whole_lines(host, second.span) {
            finding.safe_fix(&[(line, String::new())]);
        }
        return;
    }
    let first_wins = second.keyword.repeat == Repeat::FirstWins
        || *second.keyword == STATE && before == ["MASTER"] && after == ["BACKUP"];
    let bad = |id: SettingId| host.config.values(id).iter().any(|value| value.data == kalc_grammar::value::Data::Bad);
    let unsure = bad(earlier) || bad(later);
    let secret = second.keyword.params.iter().any(|param| matches!(param.arg, Arg::Secret { .. } | Arg::HmacKey));
    let (winner, loser) = if first_wins { (first, second) } else { (second, first) };
    let why = match (unsure, secret) {
        (true, _) => "keepalived refuses one of the values and takes the other".to_owned(),
        (false, true) => format!("keepalived takes the {} one", if first_wins { "first" } else { "last" }),
        (false, false) => format!(
            "keepalived takes the {} one, `{}`",
            if first_wins { "first" } else { "last" },
            host.slice(winner.span)
        ),
    };
    let notify = second.keyword.params.iter().any(|param| param.arg == Arg::Script);
    let finding = out
        .at(host, second.span, format!("`{name}` stands here a second time, with another value"))
        .severity(if notify { Severity::Error } else { Severity::Warning })
        .label(first.span, "it stands here already")
        .why(why)
        .help("keep one of the lines");
    if let (false, Some(line)) = (unsure, phrase::whole_lines(host, loser.span)) {
        finding.safe_fix(&[(line, String::new())]);
    }
}
