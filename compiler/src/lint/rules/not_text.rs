//! The file holds bytes that are no text.
//!
//! A NUL byte ends the line for version 2.2.7; 2.4.3 reports the line and drops it. Bytes that are no UTF-8 are taken as they
//! are: they reach logs, mails and the names of scripts, where other programs may refuse them. That is a warning, and in
//! comments nothing.
//!
//! Such bytes come from files that were saved as UTF-16 or Latin-1. Save the file as UTF-8 without a byte order mark.
//!
//! ```keepalived fail
//! global_defs {
//!     router_id lb1␀
//! }
//! ```
//!
//! ```keepalived pass
//! # Grüße aus Zürich
//! global_defs {
//!     router_id "Zürich"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;

pub(super) const META: Meta =
    Meta { code: "KA124", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        match fault.kind {
            FaultKind::NulByte => {
                out.fault(host, fault.at, "a NUL byte")
                    .why("keepalived 2.4.3 reports the line and drops it; 2.2.7 reads the line up to here")
                    .help("save the file as UTF-8");
            }
            FaultKind::InvalidUtf8 => {
                out.fault(host, fault.at, "bytes that are no UTF-8")
                    .severity(Severity::Warning)
                    .why("keepalived takes the bytes as they are; other programs may not")
                    .help("save the file as UTF-8");
            }
            _ => {}
        }
    }
}
