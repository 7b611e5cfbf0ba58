//! A weight that `nopreempt` makes useless.
//!
//! A failed check with a weight lowers the priority of the master. With `nopreempt` a backup stays one as long as it hears
//! any master, whatever its priority, and a master only steps down for a higher advert, which nobody sends. So the check
//! fails, a number falls, and the addresses stay. This is one of the most frequent reports of a failover that does not work.
//!
//! Leave the weight out: a failure is then a fault, the master leaves at once and a backup takes over. Or keep the weight and
//! drop `nopreempt`. A host without `nopreempt` among the peers does take over; where kalc sees all hosts it knows.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -20
//! }
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     nopreempt
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
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
//!     state BACKUP
//!     nopreempt
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk weight 0
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//! }
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     nopreempt
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
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
//! Here one of three preempts:
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     weight -60
//! }
//! vrrp_instance VI_1 {
//!     nopreempt
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         chk
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::tracker::{Key, Tracker, trackers};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::track::lists::{BFD_WEIGHT, INTERFACE_WEIGHT, WEIGHT};
use kalc_ir::Instance;

pub(super) const META: Meta =
    Meta { code: "KA501", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in host.ir.vrrp_instances.iter().filter(|instance| stays(instance)) {
        for tracker in useless(host, instance) {
            report(host, instance, &tracker, Severity::Warning, out);
        }
    }
}

/// With the peers at hand it is certain, or not so.
pub(super) fn reconsider(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        let unknown = |&face: &usize| ["preempts", "state", "priority"].iter().any(|field| fleet.is_unknown(face, field));
        for &face in router.iter().filter(|&&face| stays(fleet.instance(face))) {
            let (host, instance) = (fleet.host(face), fleet.instance(face));
            let others = || router.iter().filter(|&&other| other != face);
            let one_preempts = others().any(|&other| fleet.instance(other).preempts);
            for tracker in useless(host, instance) {
                if one_preempts {
                    out.withdraw(host, place::span(host, tracker.origin));
                } else if !others().any(unknown) {
                    report(host, instance, &tracker, Severity::Error, out);
                }
            }
        }
    }
}

/// Whether an instance leaves a lower master in place.
fn stays(instance: &Instance) -> bool {
    !instance.preempts && !["preempts", "state", "priority"].iter().any(|field| instance.is_unknown(field))
}

/// Trackers that change a number only, unless another one of the same thing is a fault.
fn useless(host: &Host, instance: &Instance) -> Vec<Tracker> {
    let all = trackers(&host.ir, instance);
    let covered = |tracker: &Tracker| all.iter().any(|other| other.key == tracker.key && other.weight.is_fault());
    // The number in a file may be anything, an address of a running process too.
    let counts = |tracker: &&Tracker| !tracker.weight.is_fault() && !matches!(tracker.key, Key::File(_)) && !covered(tracker);
    all.iter().filter(counts).cloned().collect()
}

fn report(host: &Host, instance: &Instance, tracker: &Tracker, severity: Severity, out: &mut Findings<'_>) {
    let entry = place::statement(tracker.origin);
    let message = format!("a failed {} moves nothing: `{}` has `nopreempt`", tracker.describe(), instance.name);
    let why = if severity == Severity::Error {
        "no peer preempts either: the check lowers the priority of the master, and every backup accepts a lower master"
    } else {
        "the check lowers the priority of the master, and backups with `nopreempt` accept a lower master"
    };
    let mut finding = out
        .setting(host, entry, message)
        .severity(severity)
        .why(why)
        .help("leave the weight out (`weight 0`): a failure is then a fault, and a backup takes over at once; or drop `nopreempt` on all hosts");
    if let Some(nopreempt) = written(&instance.origins, "preempts") {
        finding = finding.label(host.config.setting(nopreempt).span, "`nopreempt` is here");
    }
    if let Some(edit) = weight_zero(host, entry) {
        finding.suggested_fix(&[edit]);
    }
}

/// An edit that makes a tracker's failure a fault, where it is tracked.
pub(super) fn weight_zero(host: &Host, entry: SettingId) -> Option<(kalc_grammar::source::Span, String)> {
    let config = &host.config;
    let weight = [&WEIGHT, &INTERFACE_WEIGHT, &BFD_WEIGHT].into_iter().find_map(|option| config.option(entry, option));
    match weight {
        Some(values) => values.first().map(|value| (value.span, "0".to_owned())),
        None => {
            let end = config.setting(entry).span.end;
            Some((kalc_grammar::source::Span::new(end, end), " weight 0".to_owned()))
        }
    }
}
