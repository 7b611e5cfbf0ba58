//! From hosts to findings.

use crate::diagnostic::{Diagnostic, Place};
use crate::fleet::{Fleet, Given};
use crate::host::Host;
use crate::lint::rules::RULES;
use crate::lint::{Check, Findings, Rule};
use crate::share;
use rustc_hash::{FxHashMap, FxHashSet};

/// The rule that speaks of templates.
const PLACEHOLDER: &str = "KA117";

/// What the rules find on one host by itself. Of a template only the rule that says so speaks.
///
/// The order is that of the rules, whoever runs them: those of a large file are shared by several threads.
pub fn check_host(host: &Host) -> Vec<Diagnostic> {
    check_host_while(host, &|| true).unwrap_or_default()
}

/// The same; `None` if between two rules `goes_on` says that nobody wants the answer any more.
pub fn check_host_while(host: &Host, goes_on: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Diagnostic>> {
    let much = host.config.settings.len() >= share::FROM_STATEMENTS;
    let found = share::map(RULES, much, |rule| check_by(rule, host, goes_on));
    found.into_iter().collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

fn check_by(rule: &'static Rule, host: &Host, goes_on: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Diagnostic>> {
    if !goes_on() {
        return None;
    }
    let mut diagnostics = Vec::new();
    if host.template.is_some() && rule.meta.code != PLACEHOLDER || !rule.needs.are_met(&host.settings) {
        return Some(diagnostics);
    }
    match rule.check {
        Check::Host(check) | Check::Both(check, _) | Check::Peers { alone: check, .. } => {
            check(host, &mut Findings::new(rule, &mut diagnostics));
        }
        Check::Fleet(_) => {}
    }
    Some(diagnostics)
}

/// What the rules find between hosts that were named together.
pub fn check_fleet(hosts: &[Host]) -> Vec<Diagnostic> {
    check_given(hosts, Given::default())
}

/// What the rules find between hosts of which more is known.
pub fn check_given<'h>(hosts: impl IntoIterator<Item = &'h Host>, given: Given) -> Vec<Diagnostic> {
    check_matched(&Fleet::new(hosts, given))
}

/// What the rules find between hosts that are matched already.
pub fn check_matched(fleet: &Fleet<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for rule in RULES {
        if !fleet.hosts.iter().any(|host| rule.needs.are_met(&host.settings)) {
            continue;
        }
        if let Check::Fleet(check) | Check::Both(_, check) = rule.check {
            check(fleet, &mut Findings::new(rule, &mut diagnostics));
        }
    }
    diagnostics
}

/// Corrects what was found on hosts by themselves where their peers show more: it may be worse, or not true at all.
pub fn reconsider(fleet: &Fleet<'_>, alone: &mut Vec<Diagnostic>) {
    for rule in RULES {
        let Check::Peers { together, .. } = rule.check else { continue };
        if !fleet.hosts.iter().any(|host| rule.needs.are_met(&host.settings)) {
            continue;
        }
        let mut found = Vec::new();
        let mut findings = Findings::new(rule, &mut found);
        together(fleet, &mut findings);
        let mut settled: FxHashSet<Place> = findings.into_withdrawn().into_iter().collect();
        settled.extend(found.iter().map(|new| new.place.clone()));
        alone.retain(|d| d.code != rule.meta.code || !settled.contains(&d.place));
        alone.extend(found);
    }
}

/// One list of what was found under several configuration ids. What only some of them show says which.
pub fn merge_profiles(found: Vec<(String, Vec<Diagnostic>)>) -> Vec<Diagnostic> {
    let all = found.len();
    let mut merged: Vec<(Diagnostic, Vec<String>)> = Vec::new();
    let mut index: FxHashMap<Diagnostic, usize> = FxHashMap::default();
    for (id, diagnostics) in found {
        for diagnostic in diagnostics {
            let at = *index.entry(diagnostic.clone()).or_insert_with(|| {
                merged.push((diagnostic, Vec::new()));
                merged.len() - 1
            });
            let ids = &mut merged[at].1;
            if ids.last() != Some(&id) {
                ids.push(id.clone());
            }
        }
    }
    merged
        .into_iter()
        .map(|(mut diagnostic, ids)| {
            if ids.len() < all {
                let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
                diagnostic.message.push_str(&format!(" (with configuration id {})", ids.join(", ")));
            }
            diagnostic
        })
        .collect()
}
