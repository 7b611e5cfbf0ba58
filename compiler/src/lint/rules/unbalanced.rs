//! A `{`, `}` or `"` has no partner.
//!
//! keepalived counts braces and says at the end of the file how many are missing, not where; a surplus `}` closes the
//! block around it and moves what follows out of it. A block without `{`, or a `{` behind a keyword that takes none, shifts
//! everything behind in the same way. A double quote protects up to the end of its line, so one without a partner swallows
//! the rest of the line. A backslash neither escapes a quote nor continues a line.
//!
//! Add the partner, or remove the one that has none.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24
//! }
//! ```
//!
//! ```keepalived fail
//! global_defs {
//!     router_id "lb1
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//!     priority 90
//!     advert_int 1
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority {
//!         90
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     router_id "}"   # }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{crash, phrase};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, Fault, FaultKind};
use kalc_grammar::limits::LINE_BYTES;
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA103", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let scripts = crash::script_quotes(host);
    let early = closed_too_early(host);
    let quotes = open_quotes(host);
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::Unclosed { keyword, noticed } => {
                let word = host.slice(*keyword);
                let finding = out
                    .fault(host, fault.at, format!("the block of `{word}` is never closed"))
                    .why("keepalived reads what follows as part of this block")
                    .help("add the missing `}`");
                if let Some(noticed) = noticed {
                    let finding = finding.label(*noticed, "it should be closed before this");
                    if let Some(edit) = closing(host, *keyword, *noticed) {
                        finding.suggested_fix(&[edit]);
                    }
                }
            }
            FaultKind::ExtraClose { inside } => extra_close(host, out, fault, *inside, &early),
            FaultKind::ExtraOpen => {
                out.fault(host, fault.at, "this `{` belongs to no keyword")
                    .why("keepalived skips it, and takes its `}` for the end of the block around")
                    .help("remove it with its `}`");
            }
            FaultKind::OpenQuote if !crash::is_script_quote(&scripts, fault.at) => open_quote(host, out, fault, &quotes),
            FaultKind::MissingBlock { keyword } => {
                let finding = out
                    .fault(host, fault.at, format!("`{}` has no `{{`", keyword.name))
                    .why("keepalived enters the block all the same, and the next `}` closes it")
                    .help("put `{` behind it and `}` behind its last statement");
                if let Some(next) = next_line(host, fault.at) {
                    finding.label(next, "keepalived looks for the `{` here at the latest");
                }
            }
            FaultKind::UnexpectedBlock { keyword } => {
                let what = if keyword.name == "<entry>" { "an entry of a list" } else { keyword.name };
                out.fault(host, fault.at, format!("this `{{` is behind `{what}`, which opens no block"))
                    .why("keepalived skips it, and its `}` closes the block around")
                    .help("remove it with its `}`");
            }
            _ => {}
        }
    }
}

/// The first word in a line behind a place.
fn next_line(host: &Host, at: At) -> Option<Span> {
    let At::Logical(span) = at else { return None };
    // Longer lines keepalived does not read.
    let rest = host.config.text.as_bytes().get(span.end as usize..)?.iter().take(LINE_BYTES);
    let newline = span.end + rest.copied().position(|byte| byte == b'\n')? as u32;
    let tokens = &host.tokens.significant;
    let next = tokens.partition_point(|token| token.start < newline);
    tokens.get(next).map(|token| token.span())
}

/// A line with the missing `}`, above what follows and its comments.
fn closing(host: &Host, keyword: Span, noticed: Span) -> Option<(Span, String)> {
    let start = phrase::line_start(host, noticed)?.start;
    let at = phrase::with_comments_above(host, Span::new(start, start)).start;
    Some((Span::new(at, at), format!("{}}}\n", phrase::indentation(host, keyword.start))))
}

/// The line of a `}`, if nothing else is on it.
fn line_of(host: &Host, brace: Span) -> Vec<(Span, String)> {
    phrase::whole_lines(host, brace).into_iter().map(|line| (line, String::new())).collect()
}

/// Every quote without its partner, in the order of the text.
fn open_quotes(host: &Host) -> Vec<Span> {
    let mut quotes: Vec<Span> = host
        .faults
        .iter()
        .filter_map(|fault| match (&fault.kind, fault.at) {
            (FaultKind::OpenQuote, At::Logical(span)) => Some(span),
            _ => None,
        })
        .collect();
    quotes.sort_unstable();
    quotes
}

/// Each `}` behind which a statement stands that belongs into the block it closes, and that statement, in the order of
/// the text.
fn closed_too_early(host: &Host) -> Vec<(Span, Span)> {
    let mut early: Vec<(Span, Span)> = host
        .faults
        .iter()
        .filter_map(|fault| match (&fault.kind, fault.at) {
            (FaultKind::MisplacedKeyword { behind: Some(brace), .. }, At::Logical(word)) => Some((*brace, word)),
            _ => None,
        })
        .collect();
    early.sort_by_key(|(_, word)| word.start);
    early
}

/// A `}` too many: the one in the text, unless statements behind an earlier one show that that is the one.
fn extra_close(host: &Host, out: &mut Findings<'_>, fault: &Fault, inside: Option<Span>, early: &[(Span, Span)]) {
    let At::Logical(span) = fault.at else { return };
    if let Some(inside) = inside {
        let word = host.slice(inside);
        out.at(host, span, format!("this `}}` closes the block of `{word}`, which goes on behind it"))
            .label(inside, "the block starts here")
            .why("keepalived reads what follows outside of the block, and skips it as unknown")
            .help("remove it")
            .suggested_fix(&line_of(host, span));
        return;
    }
    let before = early.partition_point(|(_, word)| word.start < span.start);
    match early[..before].last() {
        Some(&(brace, word)) => {
            out.at(host, brace, "this `}` closes its block too early")
                .label(word, "this belongs to the block")
                .label(span, "this `}` closes nothing")
                .why("keepalived knows what follows in that block only, and skips it")
                .help("remove it")
                .suggested_fix(&line_of(host, brace));
        }
        None => {
            out.at(host, span, "this `}` closes nothing")
                .why("a block was closed too early, or a `{` is missing: keepalived reads what stands between outside of its block")
                .help("remove it, or add the `{` that it belongs to");
        }
    }
}

/// Two on neighbouring lines are the two ends of one quote.
fn open_quote(host: &Host, out: &mut Findings<'_>, fault: &Fault, quotes: &[Span]) {
    let At::Logical(span) = fault.at else { return };
    let Ok(index) = quotes.binary_search(&span) else { return };
    // A line has one such quote at most, so the one in the next line is the next one.
    let neighbours = |first: usize| {
        let (Some(first), Some(second)) = (quotes.get(first), quotes.get(first + 1)) else { return None };
        let newlines = host.slice(Span::new(first.end, second.start)).matches('\n').count();
        (newlines == 1).then_some(*second)
    };
    let before = index >= 1 && neighbours(index - 1).is_some();
    // Of three in a row the first two belong together.
    let further = index >= 2 && neighbours(index - 2).is_some();
    if before && !further {
        return;
    }
    let finding = out
        .at(host, span, "this `\"` has no partner on its line")
        .why("keepalived drops the rest of the line; a quoted word cannot go on in the next line")
        .help("close the quote on the same line");
    if let Some(end) = neighbours(index) {
        finding.label(end, "this one is in another line");
    }
}
