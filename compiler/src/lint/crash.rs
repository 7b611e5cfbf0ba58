//! What crashes keepalived, for rules that leave it to KA125.

use crate::host::Host;
use crate::settings::Target;
use kalc_grammar::config::SettingId;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::checker::url::PATH;
use kalc_grammar::schema::checker::web::{TLS_URL, URL};
use kalc_grammar::schema::checker::{HTTP_GET, SSL_GET};
use kalc_grammar::schema::{Keyword, bfd, virtual_server};
use kalc_grammar::source::Span;

/// Whether keepalived crashes when that keyword has no value.
pub fn on_missing_value(keyword: &'static Keyword) -> bool {
    *keyword == virtual_server::FWMARK || *keyword == bfd::BFD_INSTANCE
}

/// Whether a check is one for web pages that has none, and the program crashes on that: 2.2.7 does, 2.4.3 drops the check.
pub fn on_missing_page(host: &Host, check: SettingId) -> bool {
    let keyword = host.config.setting(check).keyword;
    let has_page = || pages(host, check).any(|url| host.config.last(url, &PATH).is_some());
    let may_crash = match host.settings.target {
        Some(Target::Keepalived(major, minor, patch)) => (major, minor, patch) < (2, 4, 3),
        Some(Target::Kalc) => false,
        None => true,
    };
    may_crash && (*keyword == HTTP_GET || *keyword == SSL_GET) && !has_page()
}

/// The `url`s of a check.
pub fn pages(host: &Host, check: SettingId) -> impl Iterator<Item = SettingId> {
    host.config.all(check, &URL).chain(host.config.all(check, &TLS_URL))
}

/// The words of scripts whose quote is open, in the order of the text.
pub fn script_quotes(host: &Host) -> Vec<Span> {
    let mut scripts: Vec<Span> = host
        .faults
        .iter()
        .filter_map(|fault| match (&fault.kind, fault.at) {
            (FaultKind::ScriptQuote { .. }, At::Logical(script)) => Some(script),
            _ => None,
        })
        .collect();
    scripts.sort_unstable();
    scripts
}

/// Whether an open quote is that of one of these scripts.
pub fn is_script_quote(scripts: &[Span], at: At) -> bool {
    let At::Logical(quote) = at else { return false };
    let before = scripts.partition_point(|script| script.start <= quote.end);
    scripts[..before].last().is_some_and(|script| quote.start <= script.end)
}
