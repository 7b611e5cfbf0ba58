//! A `{`, `}` or `"` has no partner.
//!
//! keepalived counts braces and says at the end of the file how many are missing, not where; a surplus `}` closes the
//! block around it and moves what follows out of it. A double quote protects up to the end of its line, so one without a
//! partner swallows the rest of the line. A backslash neither escapes a quote nor continues a line.
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
//! ```keepalived pass
//! global_defs {
//!     router_id "}"   # }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::crash;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;

pub(super) const META: Meta =
    Meta { code: "KA103", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::Unclosed { keyword, noticed } => {
                let word = host.slice(*keyword);
                let finding = out
                    .fault(host, fault.at, format!("the block of `{word}` is never closed"))
                    .why("keepalived reads what follows as part of this block")
                    .help("add the missing `}`");
                if let Some(noticed) = noticed {
                    finding.label(*noticed, "it should be closed before this");
                }
            }
            FaultKind::ExtraClose => {
                out.fault(host, fault.at, "this `}` closes nothing")
                    .why("a block was closed too early, or a `{` is missing: keepalived reads what stands between outside of its block")
                    .help("remove it, or add the `{` that it belongs to");
            }
            FaultKind::ExtraOpen => {
                out.fault(host, fault.at, "this `{` belongs to no keyword")
                    .why("keepalived skips it, and takes its `}` for the end of the block around")
                    .help("remove it with its `}`");
            }
            FaultKind::OpenQuote if !crash::is_script_quote(host, fault.at) => {
                out.fault(host, fault.at, "this `\"` has no partner on its line")
                    .why("keepalived drops the rest of the line; a quoted word cannot go on in the next line")
                    .help("close the quote on the same line");
            }
            _ => {}
        }
    }
}
