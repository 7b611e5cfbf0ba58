//! A word is none of those that its keyword knows.
//!
//! Such keywords know a closed list of words, in one spelling: a scheduler, a method of forwarding, a state. keepalived
//! reports another word and goes on with the default, so `lb_algo roundrobin` balances with `wlc`. Where a truth value
//! may stand, these are `on`, `true`, `yes`, `off`, `false` and `no`, but not `1`, `0` or `enable`; with another word
//! the setting is left alone.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state SLAVE
//! }
//! ```
//!
//! ```keepalived fail
//! global_defs {
//!     vrrp_strict 1
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_strict no
//!     smtp_alert
//! }
//! virtual_server 192.0.2.10 80 {
//!     protocol tcp
//!     lb_algo rr
//!     lb_kind NAT
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::describe;
use crate::lint::values::{BadWord, Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value, nearest};
use kalc_grammar::schema::Arg;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::files::{IPROUTE_ETC_DIR, IPROUTE_USR_DIR};
use kalc_grammar::schema::line::{address, route};
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA203", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for word in bad_words(host, Family::Word) {
        let BadWord { span, text, keyword, arg, .. } = word;
        let takes = describe(&arg, keyword);
        let name = if *keyword == route::TYPE { "the type of a route" } else { keyword.name };
        let finding = out.at(host, span, format!("`{name}` does not know `{text}`")).why(word.why(host));
        match meant(&arg, text) {
            Some(meant) => {
                finding.help(format!("write `{meant}`; it takes {takes}")).suggested_fix(&[(span, meant.to_owned())]);
            }
            None => {
                finding.help(format!("it takes {takes}"));
            }
        }
    }
    scopes(host, out);
}

/// Names of scopes that every host knows (the kernel's own, as in the file that comes with iproute2).
const SCOPES: [&str; 5] = ["global", "site", "link", "host", "nowhere"];

/// A scope may have a name that only the host's tables know, but hardly any host adds one.
fn scopes(host: &Host, out: &mut Findings<'_>) {
    let has_tables = |row| host.config.blocks(&GLOBAL_DEFS).any(|block| host.config.first(block, row).is_some());
    if has_tables(&IPROUTE_USR_DIR) || has_tables(&IPROUTE_ETC_DIR) {
        return;
    }
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let row = match host.config.setting(id).keyword {
            k if *k == address::STATIC_ENTRY || *k == address::VIRTUAL_ENTRY => &address::SCOPE,
            k if *k == route::STATIC_ENTRY || *k == route::VIRTUAL_ENTRY => &route::SCOPE,
            _ => continue,
        };
        let Some([value @ Value { data: Data::Text, .. }, ..]) = host.config.option(id, row) else { continue };
        let text = host.text(value);
        if SCOPES.contains(&&*text) {
            continue;
        }
        let finding = out
            .at(host, value.span, format!("`scope` does not know `{text}`"))
            .severity(Severity::Warning)
            .why("unless the table rt_scopes of the host has this name, keepalived reports it and ignores it");
        match nearest(&text, SCOPES.into_iter()) {
            Some(meant) => {
                finding.help(format!("write `{meant}`")).suggested_fix(&[(value.span, meant.to_owned())]);
            }
            None => {
                finding.help("the scopes are `global`, `site`, `link`, `host` and `nowhere`");
            }
        }
    }
}

/// Words of other programs and of other versions, and what they are here.
const OTHER_WORDS: [(&str, &str); 14] = [
    ("roundrobin", "rr"),
    ("round_robin", "rr"),
    ("leastconn", "lc"),
    ("source", "sh"),
    ("SLAVE", "BACKUP"),
    ("STANDBY", "BACKUP"),
    ("PRIMARY", "MASTER"),
    ("SECONDARY", "BACKUP"),
    ("MASQ", "NAT"),
    ("FULLNAT", "NAT"),
    ("HTTP", "TCP"),
    ("HTTPS", "TCP"),
    ("TUNNEL", "TUN"),
    ("GATE", "DR"),
];

fn meant(arg: &Arg, text: &str) -> Option<&'static str> {
    let pick = |words: &[&'static str]| -> Option<&'static str> {
        let other = OTHER_WORDS.iter().find(|(other, _)| other.eq_ignore_ascii_case(text)).map(|(_, here)| *here);
        other.filter(|here| words.contains(here)).or_else(|| nearest(text, words.iter().copied()))
    };
    match *arg {
        Arg::Bool => match text.to_ascii_lowercase().as_str() {
            "1" | "y" | "enable" | "enabled" | "t" => Some("on"),
            "0" | "n" | "disable" | "disabled" | "f" | "none" => Some("off"),
            _ => pick(&["on", "off", "true", "false", "yes", "no"]),
        },
        Arg::Choice(words) | Arg::ChoiceNoCase(words) => pick(words),
        Arg::Literal(word) => pick(&[word]),
        Arg::Words(words) => pick(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
        _ => None,
    }
}
