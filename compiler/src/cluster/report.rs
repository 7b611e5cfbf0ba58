//! What `kalc cluster` tells people.

use super::election::{Event, Outcome, Router, Scenario};
use super::failover::{Cause, failovers};
use super::hears::Hears;
use super::peers::weigh;
use super::timing::{range, seconds};
use super::tracker::{Key, effective, healthy};
use crate::diagnostic::{Diagnostic, Place};
use crate::fleet::Fleet;
use kalc_grammar::schema::usage::decimal;
use kalc_ir::net::Family;
use std::fmt::Write;

/// How a weighted tracker of the preferred member compares with the distance to the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Index of the tracker.
    pub tracker: usize,
    /// How far its failure lowers the priority, after cutting.
    pub drop: i32,
    /// How far the next host is below with everything fine.
    pub distance: i32,
}

impl Margin {
    /// Whether it is enough, and by how much.
    pub fn describe(&self) -> String {
        let Margin { drop, distance, .. } = self;
        let (spare, needed) = (self.spare(), distance + 1);
        if spare > 0 {
            format!("moves the master: it takes {drop}, and the next host is {distance} below (margin {spare})")
        } else {
            format!("moves nothing: it takes {drop}, and the next host is {distance} below; {needed} would do")
        }
    }

    /// What is left over; the master moves if it is positive.
    pub fn spare(&self) -> i32 {
        self.drop - self.distance
    }
}

/// The margins of a member that is master with everything fine.
pub fn margins(router: &Router, master: usize) -> Vec<Margin> {
    let member = &router.members[master];
    let own = healthy(member.base, &member.trackers).priority;
    let others = router.members.iter().enumerate().filter(|&(index, other)| index != master && other.preempts);
    let Some(next) = others.map(|(_, other)| healthy(other.base, &other.trackers).priority).max() else {
        return Vec::new();
    };
    let margin = |(index, tracker): (usize, &super::tracker::Tracker)| {
        let failed = effective(member.base, &member.trackers, |at| at == index).priority;
        (!tracker.weight.is_fault() && !tracker.is_unknown).then(|| Margin {
            tracker: index,
            drop: i32::from(own) - i32::from(failed),
            distance: i32::from(own) - i32::from(next),
        })
    };
    member.trackers.iter().enumerate().filter_map(margin).collect()
}

/// `IPv4`, or nothing if it is not known.
pub fn family(family: Option<Family>) -> &'static str {
    match family {
        Some(Family::Ipv4) => "IPv4, ",
        Some(Family::Ipv6) => "IPv6, ",
        None => "",
    }
}

/// What has happened, in words.
pub fn event(router: &Router, event: &Event) -> String {
    match event {
        Event::Healthy => "everything fine".to_owned(),
        Event::Tracker { member, tracker } => {
            let member = &router.members[*member];
            format!("{} fails on {}", member.trackers[*tracker].describe(), member.host)
        }
        Event::Everywhere(key) => {
            let same = |tracker: &&super::tracker::Tracker| tracker.key == *key;
            let name = router.members.iter().flat_map(|member| &member.trackers).find(same);
            let kind = if matches!(key, Key::Interface(_)) { "interface".to_owned() } else { "it".to_owned() };
            format!("{} fails everywhere", name.map_or(kind, super::tracker::Tracker::describe))
        }
        Event::Away(member) => format!("{} is away", router.members[*member].host),
    }
}

/// Who is master then, in words.
pub fn outcome(router: &Router, scenario: &Scenario) -> String {
    let host = |member: usize| match scenario.effective[member] {
        Some(effective) => format!("{} ({effective})", router.members[member].host),
        None => router.members[member].host.clone(),
    };
    let list = |members: &[usize], word: &str| members.iter().map(|&m| host(m)).collect::<Vec<_>>().join(word);
    match &scenario.outcome {
        None if scenario.is_unknown => "not known: the tracker has values that are not in the files".to_owned(),
        None => "not known".to_owned(),
        Some(Outcome::Nobody) => "nobody: every host is away or in the fault state".to_owned(),
        Some(Outcome::Master(member)) => host(*member),
        Some(Outcome::FirstComer(members, Some(cold))) => {
            let when = if scenario.event == Event::Healthy { "after a common start" } else { "as before" };
            format!("whoever came first of {}; {when}: {}", list(members, ", "), host(*cold))
        }
        Some(Outcome::FirstComer(members, None)) => format!("whoever came first of {}", list(members, ", ")),
        Some(Outcome::Several(sets)) => {
            let most = sets.iter().max_by_key(|set| set.len()).map_or(&[][..], Vec::as_slice);
            format!("{} AT ONCE", list(most, " and "))
        }
        Some(Outcome::Circle) => "nobody for long: each gives way to another one".to_owned(),
    }
}

/// Who is master then, beside who was with everything fine.
fn change(router: &Router, before: Option<usize>, scenario: &Scenario) -> String {
    let after = outcome(router, scenario);
    match (&scenario.outcome, before) {
        (Some(Outcome::Master(master)), Some(before)) if scenario.event != Event::Healthy => {
            format!("{} {after}", if *master == before { "still" } else { "moves to" })
        }
        _ => after,
    }
}

/// How often adverts are sent, by all or by each.
fn interval(router: &Router) -> String {
    let mut all: Vec<u64> = router.members.iter().map(|member| member.timers.advert_us).collect();
    all.dedup();
    let all: Vec<String> = all.into_iter().map(|us| format!("{} s", decimal(us, 6))).collect();
    format!("adverts every {}", all.join(" or "))
}

/// Hosts whose text stands together: those of a cluster of `kalc.toml`, or all that are in none.
pub struct Group<'h> {
    /// The cluster's name.
    pub name: Option<&'h str>,
    /// The hosts.
    pub fleet: Fleet<'h>,
}

/// The whole text.
pub fn render(groups: &[Group<'_>], contradictions: &[Diagnostic]) -> String {
    let mut text = String::new();
    if groups.iter().all(|group| group.fleet.faces.is_empty()) {
        text.push_str("no host has a `vrrp_instance`\n\n");
    }
    let is_named = groups.iter().any(|group| group.name.is_some());
    for Group { name, fleet } in groups {
        if is_named {
            let title = name.map_or_else(|| "in no cluster".to_owned(), |name| format!("cluster {name}"));
            line_of(&mut text, format_args!("{title}\n{}\n", "=".repeat(title.chars().count())));
        }
        for faces in &fleet.routers {
            virtual_router(fleet, faces, &mut text);
            text.push('\n');
        }
        let alone: Vec<usize> = (0..fleet.faces.len()).filter(|&face| fleet.router_of(face).is_none()).collect();
        if !alone.is_empty() {
            text.push_str("without a peer\n");
            for face in alone {
                let (host, name) = (fleet.host(face).name(), &fleet.faces[face].name);
                line_of(&mut text, format_args!("  `{name}` in {host}"));
            }
            text.push('\n');
        }
    }
    if !contradictions.is_empty() {
        text.push_str("contradictions\n");
        for d in contradictions {
            contradiction(d, &mut text);
        }
        text.push('\n');
    }
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let routers = count(groups.iter().map(|group| group.fleet.routers.len()).sum(), "virtual router");
    let hosts = count(groups.iter().map(|group| group.fleet.hosts.len()).sum(), "host");
    line_of(&mut text, format_args!("{hosts}, {routers}, {}", count(contradictions.len(), "contradiction")));
    text
}

/// What is wrong, and every place that it is about.
fn contradiction(d: &Diagnostic, text: &mut String) {
    line_of(text, format_args!("  {} {}: {}", d.severity.word(), d.code, d.message));
    let at = |place: &Place| format!("{}:{}", place.file, place.start.line);
    line_of(text, format_args!("    {}", at(&d.place)));
    for related in &d.related {
        line_of(text, format_args!("    {}: {}", at(&related.place), related.message));
    }
}

fn virtual_router(fleet: &Fleet<'_>, faces: &[usize], text: &mut String) {
    let router = Router::new(fleet, faces);
    let first = &fleet.faces[faces[0]];
    let id = first.vrid.map_or_else(|| "without id".to_owned(), |vrid| vrid.to_string());
    let version = fleet.instance(faces[0]).version.number();
    let addresses: Vec<String> = first.addresses().take(3).map(|ip| ip.to_string()).collect();
    let family = family(first.family);
    let more = if first.addresses().count() > addresses.len() { ", …" } else { "" };
    let (addresses, interval) = (addresses.join(", "), interval(&router));
    line_of(text, format_args!("virtual router {id}: {addresses}{more} ({family}version {version}, {interval})"));

    text.push_str("  members\n");
    let width = router.members.iter().map(|member| member.host.chars().count()).max().unwrap_or(0);
    for member in &router.members {
        let healthy = healthy(member.base, &member.trackers).priority;
        let base =
            if healthy == member.base.get() { String::new() } else { format!(" ({} without its checks)", member.base) };
        let preempts = if member.preempts { "" } else { ", nopreempt" };
        let (name, host) = (&member.instance, &member.host);
        line_of(text, format_args!("    {host:width$}  `{name}`, priority {healthy}{base}{preempts}"));
    }
    text.push_str("  peers, because of\n");
    for &face in &faces[1..] {
        // The strongest tie to those before it.
        let before = faces.iter().copied().take_while(|&other| other != face);
        let tie = |&other: &usize| weigh(&fleet.faces[other], &fleet.faces[face]).points();
        let Some(other) = before.max_by_key(tie) else { continue };
        let evidence = weigh(&fleet.faces[other], &fleet.faces[face]);
        let (a, b, words) = (fleet.host(other).name(), fleet.host(face).name(), evidence.words().join(", "));
        line_of(text, format_args!("    {a} and {b}: {words}"));
    }
    let scenarios = router.scenarios();
    text.push_str("  master\n");
    if router.unknown.is_empty() {
        let before = scenarios.first().and_then(|scenario| scenario.outcome.as_ref()?.master());
        let row = |scenario: &Scenario| (event(&router, &scenario.event), change(&router, before, scenario));
        table(text, &scenarios.iter().map(row).collect::<Vec<_>>());
    } else {
        text.push_str("    not known, for the reasons below\n");
    }
    times(&router, text);
    let master = scenarios.first().and_then(|scenario| scenario.outcome.as_ref()?.master());
    if let Some(master) = master {
        let member = &router.members[master];
        let rows: Vec<(String, String)> = margins(&router, master)
            .iter()
            .map(|margin| {
                let name = format!("{} on {}", member.trackers[margin.tracker].describe(), member.host);
                (name, margin.describe())
            })
            .collect();
        if !rows.is_empty() {
            text.push_str("  margins\n");
            table(text, &rows);
        }
    }
    let deaf: Vec<String> = deaf(&router);
    for (title, lines) in [("who does not hear whom", &deaf), ("not known", &router.unknown)] {
        if !lines.is_empty() {
            line_of(text, format_args!("  {title}"));
            for line in lines {
                line_of(text, format_args!("    {line}"));
            }
        }
    }
}

/// Who does not accept whose adverts, and why.
pub fn deaf(router: &Router) -> Vec<String> {
    let mut lines = Vec::new();
    let name = |member: usize| &router.members[member].host;
    for (to, row) in router.hears.iter().enumerate() {
        for (from, hears) in row.iter().enumerate() {
            let Hears::No(reason) = hears else { continue };
            if router.hears[from][to] != *hears {
                lines.push(format!("{} does not hear {}: {reason}", name(to), name(from)));
            } else if to < from {
                lines.push(format!("{} and {} do not hear each other: {reason}", name(to), name(from)));
            }
        }
    }
    lines
}

fn times(router: &Router, text: &mut String) {
    let failovers = failovers(router);
    let Some(first) = failovers.first() else { return };
    let master = &router.members[first.from];
    line_of(text, format_args!("  failover from {}", master.host));
    let mut rows = Vec::new();
    for failover in &failovers {
        let cause = match failover.cause {
            Cause::Crash => "crash, power, cut link".to_owned(),
            Cause::Stop => "stop with goodbye".to_owned(),
            Cause::Tracker(at) => format!("{} fails", master.trackers[at].describe()),
        };
        let hanging = failover.hanging.map_or_else(String::new, |time| format!(" (if it hangs: {})", range(time)));
        rows.push((
            cause,
            format!("{} is master after {}{hanging}", router.members[failover.to].host, range(failover.time)),
        ));
    }
    let effective = healthy(master.base, &master.trackers).priority;
    if master.preempts {
        let start = seconds(master.timers.after_start(effective));
        rows.push((format!("return of {}", master.host), format!("it is master {start} after its start")));
    } else {
        rows.push((format!("return of {}", master.host), "it stays backup (nopreempt)".to_owned()));
    }
    table(text, &rows);
}

fn table(text: &mut String, rows: &[(String, String)]) {
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    for (left, right) in rows {
        line_of(text, format_args!("    {left:width$}  {right}"));
    }
}

/// Writing to a string cannot fail.
fn line_of(text: &mut String, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{line}");
}
