//! What `kalc cluster` tells programs. Names of fields are stable.

use super::election::{Event, Outcome, Router, Scenario};
use super::failover::{Cause, failovers};
use super::hears::Hears;
use super::peers::weigh;
use super::report::{Group, deaf, event, margins};
use super::timing::Bounds;
use super::tracker::healthy;
use crate::diagnostic::Diagnostic;
use crate::fleet::Fleet;
use kalc_ir::net::Family;
use serde_json::{Value, json};

/// The version of this format.
const VERSION: u32 = 1;

/// One object with everything.
pub fn render(groups: &[Group<'_>], contradictions: &[Diagnostic]) -> Value {
    let (mut routers, mut alone) = (Vec::new(), Vec::new());
    for Group { name, fleet } in groups {
        for faces in &fleet.routers {
            let mut router = router(fleet, faces);
            router["cluster"] = json!(name);
            routers.push(router);
        }
        for (index, face) in fleet.faces.iter().enumerate().filter(|&(index, _)| fleet.router_of(index).is_none()) {
            alone.push(json!({ "cluster": name, "host": fleet.host(index).name(), "instance": face.name }));
        }
    }
    let found: Vec<Value> = contradictions
        .iter()
        .map(|d| {
            let related: Vec<Value> = d
                .related
                .iter()
                .map(|other| {
                    json!({ "file": &*other.place.file, "line": other.place.start.line, "message": other.message })
                })
                .collect();
            json!({ "code": d.code, "name": d.name, "severity": d.severity.word(), "message": d.message,
                    "file": &*d.place.file, "line": d.place.start.line, "related": related })
        })
        .collect();
    json!({ "version": VERSION, "virtual_routers": routers, "without_peer": alone, "contradictions": found })
}

fn router(fleet: &Fleet<'_>, faces: &[usize]) -> Value {
    let router = Router::new(fleet, faces);
    let first = &fleet.faces[faces[0]];
    let scenarios = router.scenarios();
    let sets = scenarios.first().map(|scenario| names(&router, &scenario.stable_sets)).unwrap_or_default();
    let id = |member: usize| format!("{}:{}", router.members[member].host, router.members[member].instance);
    let master = scenarios.first().and_then(|scenario| scenario.outcome.as_ref()?.master());
    let margins: Vec<Value> = master
        .map(|master| {
            let margin = |margin: &super::report::Margin| {
                json!({ "member": id(master), "tracker": router.members[master].trackers[margin.tracker].name,
                        "drop": margin.drop, "distance": margin.distance, "margin": margin.spare() })
            };
            margins(&router, master).iter().map(margin).collect()
        })
        .unwrap_or_default();
    let ids: Vec<String> = (0..router.members.len()).map(id).collect();
    json!({
        "id": ids.join(" "),
        "family": first.family.map(|family| match family { Family::Ipv4 => "ipv4", Family::Ipv6 => "ipv6" }),
        "vrid": first.vrid,
        "version": fleet.instance(faces[0]).version.number(),
        "addresses": first.addresses().map(|ip| ip.to_string()).collect::<Vec<_>>(),
        "members": members(fleet, &router),
        "evidence": evidence(fleet, faces),
        "stable_sets": sets,
        "scenarios": scenarios.iter().map(|one| scenario(&router, one)).collect::<Vec<_>>(),
        "timing": timing(&router),
        "margins": margins,
        "deaf": deaf(&router),
        "unknown": router.unknown,
    })
}

fn members(fleet: &Fleet<'_>, router: &Router) -> Vec<Value> {
    let member = |(index, member): (usize, &super::election::Member)| {
        let effective = healthy(member.base, &member.trackers).priority;
        let hears: Vec<&str> = (0..router.members.len())
            .filter(|&other| other != index && router.hears[index][other] == Hears::Yes)
            .map(|other| router.members[other].host.as_str())
            .collect();
        json!({
            "host": member.host,
            "file": fleet.host(member.face).file_name(),
            "instance": member.instance,
            "priority": member.base.get(),
            "effective_priority": effective,
            "preempts": member.preempts,
            "hears": hears,
            "skew_us": member.timers.skew(effective),
            "master_down_us": member.timers.master_down(effective),
            "start_us": member.timers.after_start(effective),
        })
    };
    router.members.iter().enumerate().map(member).collect()
}

fn evidence(fleet: &Fleet<'_>, faces: &[usize]) -> Vec<Value> {
    let mut all = Vec::new();
    for (at, &right) in faces.iter().enumerate() {
        for &left in &faces[..at] {
            let evidence = weigh(&fleet.faces[left], &fleet.faces[right]);
            all.push(json!({ "hosts": [fleet.host(left).name(), fleet.host(right).name()],
                             "points": evidence.points(), "because": evidence.words() }));
        }
    }
    all
}

fn names(router: &Router, sets: &[Vec<usize>]) -> Vec<Vec<String>> {
    sets.iter().map(|set| set.iter().map(|&member| router.members[member].host.clone()).collect()).collect()
}

fn scenario(router: &Router, scenario: &Scenario) -> Value {
    let host = |member: usize| router.members[member].host.as_str();
    let (kind, on, tracker) = match &scenario.event {
        Event::Healthy => ("healthy", None, None),
        Event::Tracker { member, tracker } => {
            ("tracker_failed", Some(host(*member)), Some(router.members[*member].trackers[*tracker].name.clone()))
        }
        Event::Everywhere(key) => {
            let mut trackers = router.members.iter().flat_map(|member| &member.trackers);
            let name = trackers.find(|tracker| tracker.key == *key).map(|tracker| tracker.name.clone());
            ("tracker_failed_everywhere", None, name)
        }
        Event::Away(member) => ("host_away", Some(host(*member)), None),
    };
    let result = match &scenario.outcome {
        None => "unknown",
        Some(Outcome::Nobody) => "nobody",
        Some(Outcome::Master(_)) => "master",
        Some(Outcome::FirstComer(..)) => "first_comer",
        Some(Outcome::Several(_)) => "several_masters",
        Some(Outcome::Circle) => "oscillation",
    };
    json!({
        "event": kind,
        "host": on,
        "tracker": tracker,
        "text": event(router, &scenario.event),
        "effective_priorities": scenario.effective,
        "result": result,
        "master": scenario.outcome.as_ref().and_then(Outcome::master).map(host),
        "stable_sets": names(router, &scenario.stable_sets),
    })
}

fn timing(router: &Router) -> Value {
    let bounds = |bounds: Bounds| json!({ "least_us": bounds.least_us, "most_us": bounds.most_us });
    let all: Vec<Value> = failovers(router)
        .iter()
        .map(|failover| {
            let (cause, tracker) = match failover.cause {
                Cause::Crash => ("crash", None),
                Cause::Stop => ("stop", None),
                Cause::Tracker(at) => ("tracker", Some(&router.members[failover.from].trackers[at].name)),
            };
            json!({ "cause": cause, "tracker": tracker, "from": router.members[failover.from].host,
                    "to": router.members[failover.to].host, "time": bounds(failover.time),
                    "hanging": failover.hanging.map(bounds) })
        })
        .collect();
    json!({ "failovers": all })
}
