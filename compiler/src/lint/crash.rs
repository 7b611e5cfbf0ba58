//! What crashes keepalived, for rules that leave it to KA125.

use crate::host::Host;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Keyword, bfd, virtual_server};
use kalc_grammar::source::Span;

/// Whether keepalived crashes when that keyword has no value.
pub fn on_missing_value(keyword: &'static Keyword) -> bool {
    *keyword == virtual_server::FWMARK || *keyword == bfd::BFD_INSTANCE
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
