//! A keyword stands in a block that does not take it.
//!
//! To keepalived it is an unknown word there: it reports the line and skips it. If the word opens a block, keepalived
//! loses its place as well, and everything up to the end of the file may be read in the wrong block.
//!
//! Often a `}` closed the block around too early, or the keyword is for a block further out or further in. Move the line.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     vrrp_script chk {
//!         script "/bin/true"
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!             nb_get_retry 3
//!         }
//!     }
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
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//! }
//! ```
//!
//! `weight` belongs to several blocks, each of which takes it:
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     weight 3
//!     real_server 192.0.2.20 80 {
//!         weight 2
//!         TCP_CHECK {
//!             retry 3
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, Fault, FaultKind};
use kalc_grammar::schema::{Keyword, homes};
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA102", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // One surplus brace is one mistake, and the other rule shows where it is.
    // So is a list that is never closed.
    let open: Vec<Span> = host.faults.iter().filter_map(unclosed).collect();
    let surplus = host.faults.iter().any(|fault| matches!(fault.kind, FaultKind::ExtraClose { .. }));
    for fault in &host.faults {
        let (FaultKind::MisplacedKeyword { parent, opens_block, meant, behind }, At::Logical(span)) =
            (&fault.kind, fault.at)
        else {
            continue;
        };
        let word = host.slice(span);
        match behind {
            Some(_) if surplus => {}
            Some(brace) => {
                out.at(host, span, format!("`{word}` stands behind the block that it belongs to"))
                    .label(*brace, "the block is closed here")
                    .why("keepalived knows the word in that block only, and skips it here with what follows")
                    .help("move the `}` behind the last statement of its block");
            }
            None if parent.entry.is_some()
                && open.iter().any(|keyword| keyword.start < span.start && host.slice(*keyword) == parent.name) => {}
            None => {
                let finding = out
                    .at(host, span, format!("`{word}` is a keyword, but not {}", phrase::inside(parent)))
                    .blocks_run(*opens_block)
                    .why(if *opens_block {
                        "keepalived loses its place here: it reads the contents as part of the block around, and the next `}` closes that"
                    } else {
                        "keepalived takes it for an unknown word and skips the line"
                    });
                match meant {
                    Some(meant) => finding
                        .help(format!("write `{}`, or {}", meant.name, place(word)))
                        .suggested_fix(&[(span, meant.name.to_owned())]),
                    None => match replacement(word, parent) {
                        Some(row) => finding
                            .help(format!("write `{}`, its name in this block", row.name))
                            .suggested_fix(&[(span, row.name.to_owned())]),
                        None => finding.help(place(word)),
                    },
                };
            }
        }
    }
}

/// Where a keyword would be right.
fn place(word: &str) -> String {
    let mut names: Vec<&str> = homes(word).iter().map(|home| home.parent.name).collect();
    names.dedup();
    match names.as_slice() {
        ["", ..] => "move it to the root of the file, outside of every block".to_owned(),
        [] => "remove it".to_owned(),
        [only] => format!("move it into `{only}`"),
        [first, second] => format!("move it into `{first}` or `{second}`"),
        [first, second, third, ..] => format!("move it into `{first}`, `{second}`, `{third}` or a similar block"),
    }
}

/// The keyword that does the same in this block.
fn replacement(word: &str, parent: &'static Keyword) -> Option<&'static Keyword> {
    let instead = match word {
        "nb_get_retry" => "retry",
        _ => return None,
    };
    parent.lookup(instead)
}

/// The keyword of a block that is never closed.
fn unclosed(fault: &Fault) -> Option<Span> {
    match fault.kind {
        FaultKind::Unclosed { keyword, .. } => Some(keyword),
        _ => None,
    }
}
