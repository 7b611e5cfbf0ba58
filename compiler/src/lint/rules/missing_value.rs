//! A keyword that needs a value has none.
//!
//! For most keywords keepalived stops reading at that line and ends with status 2. It does so on reload too: a daemon that
//! serves traffic is gone, and the addresses with it. A few keywords only report it and keep their default.
//!
//! Write the value. What a keyword takes is shown by `kalc schema`.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script {
//!     script "/bin/true"
//! }
//! ```
//!
//! Some values may be left out:
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     smtp_alert
//!     use_vmac
//!     notify_deleted
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::crash;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;
use kalc_grammar::schema::{Arg, Symbol, usage};

pub(super) const META: Meta = Meta { code: "KA104", severity: Severity::Error, fix: Fixable::None, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let FaultKind::MissingValue { keyword, .. } = &fault.kind else { continue };
        if crash::on_missing_value(keyword) {
            continue;
        }
        let usage = usage(keyword);
        let (name, help) = match keyword.name {
            "<entry>" => ("this entry".to_owned(), format!("write `{usage}`")),
            name => (format!("`{name}`"), format!("write `{name} {usage}`")),
        };
        let skips = keyword.params.iter().any(|param| {
            matches!(param.arg, Arg::Define(Symbol::VrrpInstance | Symbol::SyncGroup | Symbol::TrackGroup))
        });
        out.fault(host, fault.at, format!("{name} has no value"))
            .why(if skips {
                "keepalived reports it and skips the whole block"
            } else {
                "for nearly every keyword keepalived stops reading here and ends, also when a running daemon reloads"
            })
            .help(help);
    }
}
