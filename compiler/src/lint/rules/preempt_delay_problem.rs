//! `preempt_delay` cannot act, or hides a failure for its time.
//!
//! It makes a host of higher priority wait before it takes over. A host that starts as master does not wait, one with
//! `nopreempt` never takes over: keepalived reports the line and clears it.
//!
//! The delay runs whenever a master of lower priority is heard, whatever made it lower. If a failed check lowered the
//! master by its weight, the failure is covered up for as long. A check without a weight is a fault, which does not wait.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     preempt_delay 10
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     preempt_delay 10
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     nopreempt
//!     preempt_delay 10
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     nopreempt
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight 20
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     preempt_delay 60
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
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     preempt_delay 10
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 52
//!     priority 150
//!     preempt_delay 0
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::cluster::tracker::{Key, Tracker, trackers};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::{PREEMPT_DELAY, STATE};
use kalc_grammar::value::Data;
use kalc_ir::Instance;

pub(super) const META: Meta =
    Meta { code: "KA308", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

/// The shortest delay that is worth a word.
const LONG_US: u64 = 10_000_000;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let Some(delay) = host.config.last(block(instance), &PREEMPT_DELAY) else { continue };
        let is_unknown = ["state", "priority", "preempts", "preempt_delay_us", "is_strict"].iter().any(|f| instance.is_unknown(f));
        let Some(&Data::Micros(micros)) = host.config.values(delay).first().map(|value| &value.data) else { continue };
        // In strict mode KA310 speaks.
        if is_unknown || micros == 0 || instance.is_strict {
            continue;
        }
        if instance.preempt_delay_us == 0 {
            cleared(host, instance, delay, out);
        } else if instance.preempt_delay_us >= LONG_US {
            covers_up(host, instance, delay, out);
        }
    }
}

/// keepalived does not use it.
fn cleared(host: &Host, instance: &Instance, delay: SettingId, out: &mut Findings<'_>) {
    let name = &instance.name;
    if instance.preempts {
        let state = written(&instance.origins, "state").filter(|&id| host.config.setting(id).keyword == &STATE);
        let finding = out
            .setting(host, delay, format!("`preempt_delay` has no effect: `{name}` starts as master"))
            .why("a host that starts as master does not wait; keepalived reports it and clears the delay")
            .help("write `state BACKUP`: the priority decides who is master, and the host waits when it returns");
        match state.and_then(|id| Some((id, host.config.values(id).first()?))) {
            Some((id, value)) if host.text(value) == "MASTER" && !instance.priority.is_owner() => finding
                .label(host.config.setting(id).span, "because of this")
                .suggested_fix(&[(value.span, "BACKUP".to_owned())]),
            Some(_) | None => finding.suggested_fix(&[place::without(host, delay)]),
        };
    } else {
        let finding = out
            .setting(host, delay, format!("`preempt_delay` has no effect: `{name}` never preempts"))
            .why("with `nopreempt` there is nothing to wait for; keepalived reports it and clears the delay")
            .help("delete the line, or `nopreempt`")
            .suggested_fix(&[place::without(host, delay)]);
        if let Some(nopreempt) = written(&instance.origins, "preempts") {
            finding.label(host.config.setting(nopreempt).span, "because of this");
        }
    }
}

/// The second form. Of a host by itself its own trackers stand for those of its peers, which usually are the same.
fn covers_up(host: &Host, instance: &Instance, delay: SettingId, out: &mut Findings<'_>) {
    if let Some(tracker) = moves(host, instance) {
        hidden(host, delay, host, &tracker, out);
    }
}

/// The peers' trackers are what the delay covers up; where none of them has any, it covers up nothing.
pub(super) fn reconsider(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        for &face in router {
            let (host, instance) = (fleet.host(face), fleet.instance(face));
            let Some(delay) = host.config.last(fleet.block(face), &PREEMPT_DELAY) else { continue };
            let others = || router.iter().copied().filter(|&other| other != face);
            let unknown = |field| fleet.is_unknown(face, field) || others().any(|other| fleet.is_unknown(other, field));
            let waits = instance.preempt_delay_us >= LONG_US && instance.preempts;
            if !waits || ["preempt_delay_us", "preempts", "trackers"].into_iter().any(unknown) {
                continue;
            }
            match others().find_map(|other| Some((fleet.host(other), moves(fleet.host(other), fleet.instance(other))?))) {
                Some((peer, tracker)) => hidden(host, delay, peer, &tracker, out),
                None => out.withdraw(host, host.config.setting(delay).span),
            }
        }
    }
}

/// A tracker of an instance that moves its priority.
fn moves(host: &Host, instance: &Instance) -> Option<Tracker> {
    let all = trackers(&host.ir, instance);
    all.iter().find(|tracker| lowers(tracker, &all)).cloned()
}

fn hidden(host: &Host, delay: SettingId, at: &Host, tracker: &Tracker, out: &mut Findings<'_>) {
    out.setting(host, delay, format!("a failed {} of the master is covered up for this time", tracker.describe()))
        .severity(Severity::Info)
        .why("the delay runs before every takeover from a lower priority, also when a failed check has lowered it")
        .help("take the weight away: then a failure is a fault, and the other host takes over at once; or write a shorter delay")
        .label_on(at, place::span(at, tracker.origin), "its weight moves the addresses");
}

/// Whether a tracker moves priorities and nothing else covers the same thing at once.
fn lowers(tracker: &Tracker, all: &[Tracker]) -> bool {
    let covered = all.iter().any(|other| other.key == tracker.key && other.weight.is_fault());
    !tracker.weight.is_fault() && !matches!(tracker.key, Key::File(_)) && !covered && !tracker.is_unknown
}
