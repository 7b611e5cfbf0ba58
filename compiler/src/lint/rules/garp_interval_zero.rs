//! The interval between gratuitous ARP packets is set to 0.
//!
//! Up to version 1.4 the sample file of keepalived had `vrrp_garp_interval 0` and `vrrp_gna_interval 0`, and countless
//! files still carry both lines. Since version 2.0 the smallest interval is 0.000001: keepalived reports each line, and
//! its test fails. No pause is the default anyway.
//!
//! Delete the line; nothing changes.
//!
//! ```keepalived fail
//! global_defs {
//!     vrrp_garp_interval 0
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=keepalived-1.4.5
//! global_defs {
//!     vrrp_garp_interval 0
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_garp_interval 0.001
//! }
//! garp_group {
//!     garp_interval 0
//!     gna_interval 0
//!     interfaces {
//!         eth0
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::{Family, bad_words, line_of};
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta = Meta { code: "KA209", severity: Severity::Error, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // Versions before take it for no pause.
    if host.settings.is_older_than((2, 0, 0)) {
        return;
    }
    for word in bad_words(host, Family::GarpInterval) {
        let Some(id) = word.setting else { continue };
        let name = word.keyword.name;
        out.at(host, host.config.setting(id).span, format!("`{name} {}` is no interval", word.text))
            .why("keepalived reports it and ignores the line; its test of the file fails")
            .help("delete the line: without it there is no pause between the packets")
            .safe_fix(&[(line_of(host, id), String::new())]);
    }
}
