//! A `#` or `!` cuts a value short.
//!
//! Both signs start a comment wherever they stand outside of double quotes, even in the middle of a word. A secret with a
//! `#` in it is silently the part before the sign. A value that starts with one is missing, which ends keepalived. A
//! backslash before the sign helps only at the root of the file and in `global_defs`.
//!
//! Put the value in double quotes, or a blank before a comment.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type PASS
//!         auth_pass a#bcdef
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     authentication {
//!         auth_type PASS
//!         auth_pass !secret
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0   # the public side
//!     virtual_router_id 51 !number
//!     authentication {
//!         auth_type PASS
//!         auth_pass "a#bcdef"# quoted
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Arg, Keyword};
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA113", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let At::Logical(span) = fault.at else { continue };
        match &fault.kind {
            FaultKind::CommentInsideWord { keyword, harm } => inside(host, out, span, keyword, *harm),
            FaultKind::EscapedCommentCut => {
                let sign = host.slice(span).find('\\').map_or(span.start, |at| span.start + at as u32);
                let finding = out
                    .at(host, Span::new(sign, sign + 2), "a backslash does not protect the comment sign here")
                    .why("keepalived takes the backslash away and cuts the value at the sign when it reads the block")
                    .help("put the value in double quotes");
                quote(host, finding, span, &host.slice(span).replace('\\', ""));
            }
            _ => {}
        }
    }
}

fn inside(host: &Host, out: &mut Findings<'_>, span: Span, keyword: &'static Keyword, harm: bool) {
    let text = host.slice(span);
    let Some(at) = text.find(['#', '!']) else { return };
    let sign = &text[at..=at];
    let name = if keyword.name == "<entry>" { "the entry".to_owned() } else { format!("`{}`", keyword.name) };
    let secret = keyword.params.iter().any(|param| matches!(param.arg, Arg::Secret { .. } | Arg::HmacKey));
    if at == 0 {
        let finding = out
            .at(host, span, format!("`{sign}` makes the value of {name} a comment"))
            .blocks_run(true)
            .why("keepalived finds no value here; for most keywords it stops reading and ends");
        if phrase::ends_line(host, span.end) {
            quote(host, finding.help("put the value in double quotes, or before the comment"), span, text);
        } else {
            finding.help("write the value before the comment");
        }
    } else if harm {
        let why = match secret {
            true => format!("keepalived takes only what is before the `{sign}`, without a message"),
            false => format!("keepalived takes only `{}`, without a message", &text[..at]),
        };
        let finding = out
            .at(host, span, format!("`{sign}` cuts the value of {name} short"))
            .why(why)
            .help("put the value in double quotes, or a blank before the comment");
        quote(host, finding, span, text);
    } else {
        let place = Span::new(span.start + at as u32, span.start + at as u32);
        out.at(host, span, format!("a comment starts right behind the value of {name}"))
            .severity(Severity::Warning)
            .why(format!("keepalived takes `{}` and drops the rest, which looks like a part of the value", &text[..at]))
            .help("put a blank before the comment")
            .safe_fix(&[(place, " ".to_owned())]);
    }
}

fn quote(host: &Host, finding: crate::lint::Finding<'_, '_>, span: Span, text: &str) {
    if !host.slice(span).contains('"') {
        finding.suggested_fix(&[(span, format!("\"{text}\""))]);
    }
}
