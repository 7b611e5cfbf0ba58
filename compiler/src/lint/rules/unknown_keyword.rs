//! The first word of a statement is no keyword of any block, in no version that kalc knows.
//!
//! keepalived reports the line and skips it. If the word opens a block it loses its place: what stands in the block is
//! read as if it stood outside, and the block's `}` closes the block around, so that everything behind is misread. kalc
//! reads on as the file was meant.
//!
//! Write the keyword that was meant, or remove the line.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     adver_int 2
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipadress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! $WORD=advert_int
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     $WORD 2
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Keyword, history};
use kalc_grammar::source::Span;
use rustc_hash::FxHashSet;
use std::sync::Arc;

pub(super) const META: Meta =
    Meta { code: "KA101", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let long: FxHashSet<(Arc<str>, u32)> = host
        .faults
        .iter()
        .filter(|fault| matches!(fault.kind, FaultKind::LineTooLong { .. }))
        .map(|fault| line(host, fault.at))
        .collect();
    for fault in &host.faults {
        let At::Logical(span) = fault.at else { continue };
        if let FaultKind::UnknownKeyword { parent, opens_block, meant } = &fault.kind {
            // What is left of a line that is too long is no statement of its own.
            if !long.is_empty() && long.contains(&line(host, fault.at)) {
                continue;
            }
            keyword(host, out, span, parent, *opens_block, *meant);
        }
    }
}

fn line(host: &Host, at: At) -> (Arc<str>, u32) {
    let place = host.place(at).0;
    (place.file, place.start.line)
}

fn keyword(
    host: &Host,
    out: &mut Findings<'_>,
    span: Span,
    parent: &'static Keyword,
    opens_block: bool,
    meant: Option<&'static Keyword>,
) {
    let word = host.slice(span);
    // A word that was one is told as such.
    if history::removed(word).is_some() {
        return;
    }
    // A slip of case is a mistake of its own, with a page of its own.
    if meant.is_some_and(|meant| meant.name.eq_ignore_ascii_case(word)) {
        return;
    }
    let finding =
        out.at(host, span, format!("`{word}` is no keyword {}", phrase::inside(parent))).blocks_run(opens_block).why(
            if opens_block {
                "keepalived loses its place here: it reads the contents as part of the block around, and the next `}` closes that"
            } else {
                "keepalived reports the line and skips it"
            },
        );
    match meant {
        Some(meant) => {
            finding.help(format!("write `{}`", meant.name)).suggested_fix(&[(span, meant.name.to_owned())]);
        }
        None if host.config.text[..span.start as usize].trim_end().ends_with('\\') => {
            finding.help("put it on the line before: a backslash does not continue a line");
        }
        None => {
            finding.help("remove it, or turn it into a comment");
        }
    }
}
