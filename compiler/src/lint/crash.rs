//! What crashes keepalived, for rules that leave it to KA125.

use crate::host::Host;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Keyword, bfd, virtual_server};

/// Whether keepalived crashes when that keyword has no value.
pub fn on_missing_value(keyword: &'static Keyword) -> bool {
    *keyword == virtual_server::FWMARK || *keyword == bfd::BFD_INSTANCE
}

/// Whether an open quote is that of a script.
pub fn is_script_quote(host: &Host, at: At) -> bool {
    let At::Logical(quote) = at else { return false };
    host.faults.iter().any(|fault| match (&fault.kind, fault.at) {
        (FaultKind::ScriptQuote { .. }, At::Logical(script)) => script.start <= quote.end && quote.start <= script.end,
        _ => false,
    })
}
