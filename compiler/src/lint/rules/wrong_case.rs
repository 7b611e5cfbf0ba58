//! A word is right but for capital and small letters.
//!
//! keepalived compares nearly all words as they are. `state master` means BACKUP, `auth_type pass` means no
//! authentication, `lb_algo RR` means wlc, and `tcp_check` is unknown: the line is reported and the default counts.
//!
//! Write it as the language does. That may change what a running host does today.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state master
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     Priority 90
//! }
//! ```
//!
//! A few words may be written either way:
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     protocol tcp
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::nearest;
use kalc_grammar::fault::{At, BadValue, FaultKind};
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA115", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let At::Logical(span) = fault.at else { continue };
        match &fault.kind {
            FaultKind::UnknownKeyword { meant: Some(meant), opens_block, .. }
                if meant.name.eq_ignore_ascii_case(host.slice(span)) =>
            {
                let why = match opens_block {
                    true => "case counts: to keepalived this is an unknown word, and it loses its place in the file",
                    false => "case counts: to keepalived this is an unknown word, and it skips the line",
                };
                found(host, out, span, meant.name, why, *opens_block);
            }
            FaultKind::UnknownOption { keyword } => {
                let word = phrase::first_word(host, span);
                let names = keyword.options.iter().flat_map(|group| group.iter()).map(|option| option.name);
                if let Some(meant) = nearest(host.slice(word), names)
                    && meant.eq_ignore_ascii_case(host.slice(word))
                {
                    found(host, out, word, meant, "case counts: to keepalived this is an unknown word", false);
                }
            }
            _ => {}
        }
    }
    for word in bad_words(host, Family::Case) {
        let BadValue::WrongCase(meant) = word.reason else { continue };
        let why = format!("case counts: {}", word.why(host));
        found(host, out, word.span, meant, &why, false);
    }
}

fn found(host: &Host, out: &mut Findings<'_>, span: Span, meant: &str, why: &str, blocks_run: bool) {
    let word = host.slice(span);
    let quoted = word.starts_with('"');
    out.at(host, span, format!("`{word}` is written `{meant}`"))
        .blocks_run(blocks_run)
        .why(why)
        .help(format!("write `{meant}`"))
        .suggested_fix(&[(span, if quoted { format!("\"{meant}\"") } else { meant.to_owned() })]);
}
