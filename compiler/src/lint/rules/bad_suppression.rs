//! A comment that silences findings does nothing, or not what it says.
//!
//! An `allow` with a wrong code, without its brackets or past its date hides nothing, and one that outlived its finding
//! hides the next one of its kind.
//!
//! A comment names rules by code or name. It covers its own line, or, on a line of its own, the statement or block below
//! it; `allow-file` covers the file. With `until=2027-03-01` it counts up to that day.
//!
//! A rule that does not exist and a date that has passed are errors, a comment that is not understood is a warning, and one
//! that silences nothing is a hint. A rule that could find nothing in this run, as it compares hosts and there is only
//! one, is not said to be useless.
//!
//! ```keepalived fail
//! # kalc: allow(KA999) nobody knows why
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51 # kalc: allow KA304
//! }
//! ```
//!
//! ```keepalived fail
//! # kalc: allow(KA401) the secret is short enough by now
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived pass
//! # kalc: allow(missing-garp-master-delay, until=9999-12-31) the switches here do not need it
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.1/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA981", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

/// Whether a comment silences something is known when all other rules are done: see [`crate::suppress`].
pub(super) fn check(_: &Host, _: &mut Findings<'_>) {}
