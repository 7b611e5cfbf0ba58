//! Priority 255 on a host that does not own the addresses.
//!
//! 255 says that the virtual addresses are the host's own (RFC 9568, section 6.1). keepalived never lowers it: it drops
//! trackers with a weight, so what they watch can fail unseen. And a host that sends from an address which is none of the
//! virtual ones is no owner.
//!
//! Write 254 or less. An owner has one of the virtual addresses as its `unicast_src_ip` or `mcast_src_ip`, or is told to
//! ignore the others by `owner_ignore_adverts`. `nopreempt` and `preempt_delay` on an owner are told by KA307 and KA308.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 255
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 254
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 255
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 254
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 255
//!     mcast_src_ip 192.0.2.10
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::schema::vrrp_instance::{OWNER_IGNORE_ADVERTS, PRIORITY};
use kalc_ir::{Instance, OriginId, Reason};

pub(super) const META: Meta =
    Meta { code: "KA306", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        // Without a written priority KA305 speaks.
        let Some(priority) = host.config.last(block(instance), &PRIORITY) else { continue };
        if !instance.priority.is_owner() || instance.is_unknown("priority") {
            continue;
        }
        let lost = lost(instance);
        let source = foreign_source(host, instance);
        let (message, why) = if !lost.is_empty() {
            (
                format!("priority 255 costs `{}` its trackers with a weight", instance.name),
                "the priority of an owner never changes, so keepalived drops them: what they watch can fail unseen",
            )
        } else if source.is_some() {
            (
                format!("`{}` has the priority of an owner and sends from another address", instance.name),
                "255 says that the virtual addresses are this host's own; nothing can lower it, and `nopreempt` is cleared",
            )
        } else {
            continue;
        };
        let mut finding = out.setting(host, priority, message).why(why).help("write 254 or less");
        if !lost.is_empty() {
            finding = finding.severity(Severity::Error);
        }
        for tracker in &lost {
            finding = finding.label(place::span(host, *tracker), "this one is dropped");
        }
        if let (true, Some(source)) = (lost.is_empty(), source) {
            finding = finding.label(place::span(host, source), "this is none of the virtual addresses");
        }
        if let Some(value) = host.config.values(priority).first() {
            finding.suggested_fix(&[(value.span, "254".to_owned())]);
        }
    }
}

/// Trackers whose weight cannot count.
fn lost(instance: &Instance) -> Vec<OriginId> {
    let dropped = instance.dropped.iter().filter(|dropped| dropped.reason == Reason::WeightOfOwner).map(|d| d.origin);
    // keepalived keeps processes, and their weights change nothing.
    let processes = instance.trackers.processes.iter().filter(|tracked| !tracked.weight.is_fault());
    let mut all: Vec<OriginId> = dropped.chain(processes.map(|tracked| tracked.origin)).collect();
    // A file of which the default weight became a fault is told twice.
    all.dedup_by_key(|origin| origin.0);
    all
}

/// Where a source address is written that is no virtual one, unless the instance is told to be an owner on purpose.
fn foreign_source(host: &Host, instance: &Instance) -> Option<OriginId> {
    let source = instance.source?;
    let mut all = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
    let on_purpose = instance.owner_ignore_adverts || host.config.last(block(instance), &OWNER_IGNORE_ADVERTS).is_some();
    let is_foreign = !all.any(|address| address.address == source)
        && !on_purpose
        && !instance.virtual_addresses.is_empty()
        && !instance.is_unknown("virtual_addresses")
        && !instance.is_unknown("source");
    is_foreign.then(|| instance.origins.get("source"))?
}
