//! `nopreempt` cannot act, because the instance starts as master.
//!
//! `nopreempt` lets a host that comes back leave the addresses where they are. keepalived takes it away from an instance
//! with `state MASTER` or priority 255, so this host takes the addresses back as soon as it is up: the second switch that
//! `nopreempt` was meant to spare.
//!
//! Write `state BACKUP` on every host and let the priority decide who is master first.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     nopreempt
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     nopreempt
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     nopreempt
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::vrrp_instance::{NOPREEMPT, PREEMPT, PRIORITY, STATE, VRRP_INSTANCE};
use kalc_ir::vrrp::InitialState;

pub(super) const META: Meta =
    Meta { code: "KA307", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        let block = block(instance);
        debug_assert!(config.setting(block).keyword == &VRRP_INSTANCE);
        // A later `preempt` takes `nopreempt` back.
        let Some(nopreempt) = config.last(block, &NOPREEMPT).filter(|id| config.last(block, &PREEMPT) < Some(*id)) else {
            continue;
        };
        if instance.state != InitialState::Master || instance.is_unknown("state") {
            continue;
        }
        let (cause, label) = match (config.first(block, &STATE), config.last(block, &PRIORITY)) {
            (Some(state), _) if config.values(state).first().is_some_and(|value| config.text_of(value) == "MASTER") => {
                (state, "because of this")
            }
            (_, Some(priority)) => (priority, "priority 255 makes it the owner of the addresses"),
            (Some(state), None) => (state, "because of this"),
            (None, None) => (block, "because of this"),
        };
        let finding = out
            .setting(host, nopreempt, format!("`nopreempt` has no effect: `{}` starts as master", instance.name))
            .why("keepalived clears it at start, and this host takes the addresses back whenever it comes up")
            .help("write `state BACKUP` on all hosts, or delete `nopreempt`")
            .label(config.setting(cause).span, label);
        if let (true, Some(value)) = (config.setting(cause).keyword == &STATE, config.values(cause).first()) {
            finding.suggested_fix(&[(value.span, "BACKUP".to_owned())]);
        }
    }
}
