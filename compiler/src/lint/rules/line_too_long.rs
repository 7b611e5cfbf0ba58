//! A line has more than 1022 bytes.
//!
//! keepalived reads a line in one piece of at most 1022 bytes, indentation and comments included. Of a longer one, version 2.4.3
//! drops the first 1023 bytes with a report and reads the rest as a line of its own; version 2.2.7 silently makes two lines
//! of it. Either way the end of a comment may become a statement.
//!
//! Split the line: one item per line in lists, several lines of comment.
//!
//! ```keepalived fail
//! # a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment a very long comment  # and its end
//! ```
//!
//! ```keepalived pass
//! # a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits a long comment that fits
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;
use kalc_grammar::limits::LINE_BYTES;

pub(super) const META: Meta =
    Meta { code: "KA118", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        if let FaultKind::LineTooLong { length } = fault.kind {
            out.fault(host, fault.at, format!("this line has {length} bytes; keepalived reads {LINE_BYTES}"))
                .why("keepalived 2.4.3 loses its first 1023 bytes and takes the rest for a line; 2.2.7 makes two lines of it")
                .help("split it into several lines");
        }
    }
}
