//! A `~SEQ`, `~LST` or `_RANDOM` cannot be carried out.
//!
//! keepalived reports such a line and drops it, so everything that it would have made is missing. `~SEQ(name, start, step,
//! end)` has its step in the middle, and the step must lead from the start to the end. `~LST` takes as many values for each
//! turn as it has names. `${_RANDOM min max}` takes numbers alone.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         ~SEQ(n, 10, 0, 19) 192.0.2.$n
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         ~LST({a,b}, {1,2,3}) 192.0.$a.$b
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         ~SEQ(n, 19, -3, 10) 192.0.2.${n}
//!         ~LST(n, 4, 5) 192.0.2.${n}
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;

pub(super) const META: Meta =
    Meta { code: "KA120", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::BadSequence { reason } => {
                out.fault(host, fault.at, format!("this sequence cannot be carried out: {reason}"))
                    .why("keepalived reports the line and drops it")
                    .help("write `~SEQ(name, start, step, end)` or `~LST(name, value, value)`");
            }
            FaultKind::BadRandom => {
                out.fault(host, fault.at, "`_RANDOM` takes whole numbers: the least, and the largest")
                    .why("keepalived leaves the text as it is, and the line then says something else")
                    .help("write `${_RANDOM 1 9}`");
            }
            _ => {}
        }
    }
}
