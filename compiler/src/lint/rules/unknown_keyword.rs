//! The first word of a statement is no keyword of any block, in any version of keepalived.
//!
//! keepalived reports the line and skips it. If the word opens a block it loses its place: what stands in the block is
//! read as if it stood outside, and the block's `}` closes the block around, so that everything behind is misread. kalc
//! reads on as the file was meant. The same holds for a word in an entry of a list that is none of its options.
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
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 devv eth0
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
use kalc_grammar::config::nearest;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::Keyword;
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA101", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let At::Logical(span) = fault.at else { continue };
        match &fault.kind {
            FaultKind::UnknownKeyword { parent, opens_block, meant } => {
                keyword(host, out, span, parent, *opens_block, *meant);
            }
            FaultKind::UnknownOption { keyword } => option(host, out, span, keyword),
            _ => {}
        }
    }
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
        None => {
            finding.help("remove it, or turn it into a comment");
        }
    }
}

/// A word in an entry; the place is all words from there to the end of the line.
fn option(host: &Host, out: &mut Findings<'_>, rest: Span, entry: &'static Keyword) {
    let span = phrase::first_word(host, rest);
    let word = host.slice(span);
    let names = || entry.options.iter().flat_map(|group| group.iter()).map(|option| option.name);
    let meant = nearest(word, names());
    if meant.is_some_and(|meant| meant.eq_ignore_ascii_case(word)) {
        return;
    }
    let place = match host.config.setting_at(span.start).and_then(|id| host.config.setting(id).parent) {
        Some(list) => format!("an entry of `{}`", host.config.setting(list).keyword.name),
        None => format!("`{}`", entry.name),
    };
    let finding = out
        .at(host, span, format!("`{word}` is no option of {place}"))
        .blocks_run(false)
        .why("keepalived reports the word and drops it, in many lists with the whole entry");
    match meant {
        Some(meant) => {
            finding.help(format!("write `{meant}`")).suggested_fix(&[(span, meant.to_owned())]);
        }
        None => {
            let names: Vec<_> = names().take(6).map(|name| format!("`{name}`")).collect();
            finding.help(format!("remove it; words that may follow are {}", names.join(", ")));
        }
    }
}
