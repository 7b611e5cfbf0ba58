//! A condition can never hold, so its line is always dropped.
//!
//! `@id` at the start of a line keeps the line where keepalived's configuration id is exactly `id`: the value of its option
//! `-i`, else the host name up to the first dot. There are no lists, patterns or expressions, and no blank behind the `@`.
//! What keepalived cannot match it drops without a word. A second condition on a line is read as a keyword.
//!
//! Write one line for each id. For all but one id there is `@^id`.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     @lb1|lb2 priority 100
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     @ lb1 priority 100
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     @lb1 priority 100
//!     @^lb1 priority 90
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;

pub(super) const META: Meta =
    Meta { code: "KA122", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::ImpossibleCondition { id } if id.is_empty() => {
                out.fault(host, fault.at, "this condition names no configuration id")
                    .why("keepalived drops the line on every host and reports nothing")
                    .help("write the id directly behind the `@`");
            }
            FaultKind::ImpossibleCondition { id } => {
                out.fault(host, fault.at, format!("no host has the configuration id `{id}`"))
                    .why("keepalived compares it as it is, drops the line on every host and reports nothing")
                    .help("write one line for each id: there are no lists and no expressions");
            }
            FaultKind::SecondCondition => {
                out.fault(host, fault.at, "a line has one condition")
                    .why("keepalived takes the second one for a keyword, reports it and skips the line")
                    .help("write one line for each id");
            }
            _ => {}
        }
    }
}
