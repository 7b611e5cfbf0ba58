//! An instance tracks its own interface.
//!
//! keepalived watches it anyway: when it goes down the instance is in fault. It reports the entry and ignores it, with the
//! weight that is written there.
//!
//! Delete the entry.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_interface {
//!         eth0
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_interface {
//!         eth1
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::track::lists::INTERFACE_WEIGHT;
use kalc_grammar::schema::vrrp_instance::interface::DONT_TRACK_PRIMARY;
use kalc_ir::Reason;

pub(super) const META: Meta =
    Meta { code: "KA515", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        for dropped in instance.dropped.iter().filter(|dropped| dropped.reason == Reason::OwnInterface) {
            let id = place::statement(dropped.origin);
            let (name, interface) = (&instance.name, &dropped.text);
            let weight = host.config.option(id, &INTERFACE_WEIGHT).is_some();
            if let Some(dont) = host.config.last(block(instance), &DONT_TRACK_PRIMARY) {
                out.setting(host, id, format!("`{name}` tracks `{interface}`, and `dont_track_primary` says not to"))
                    .why("keepalived ignores this entry: its own interface is not tracked")
                    .help("delete one of the two")
                    .label(host.config.setting(dont).span, "this one counts");
                continue;
            }
            out.setting(host, id, format!("`{name}` tracks its own interface `{interface}`"))
                .why(if weight {
                    "keepalived ignores the entry with its weight: when the interface goes down the instance is in fault"
                } else {
                    "keepalived watches it anyway, and reports and ignores the entry"
                })
                .help("delete the entry")
                .safe_fix(&[place::without_entry(host, id)]);
        }
    }
}
