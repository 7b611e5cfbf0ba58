//! Every rule's page: its examples are run here.

use kalc_compiler::check::{check_host, check_matched, reconsider};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_compiler::lint::page::{Example, Shows, examples};
use kalc_compiler::lint::rules::RULES;
use kalc_compiler::lint::{Rule, Scope};
use kalc_compiler::render::short;
use kalc_compiler::suppress::{self, Date};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::collections::BTreeSet;

/// Every file of an example that no other one includes is a host.
fn run(example: &Example) -> Vec<Diagnostic> {
    let files = MemoryFiles::new(example.files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let read = |(name, text): &(String, String)| {
        Host::read(SourceFile::new(name.as_str(), text.clone().into_bytes()), &files, &Profile::default())
    };
    let hosts: Vec<Host> = example.files.iter().map(read).collect();
    let included: BTreeSet<String> =
        hosts.iter().flat_map(|host| host.sources.iter().skip(1).map(|(_, file)| file.name().to_owned())).collect();
    let hosts: Vec<Host> = hosts.into_iter().filter(|host| !included.contains(host.name())).collect();
    let mut diagnostics: Vec<Diagnostic> = hosts.iter().flat_map(check_host).collect();
    if hosts.len() > 1 {
        // The files of an example are all there are.
        let given = Given { is_whole: true, max_failover_us: Some(5_000_000), ..Given::default() };
        let fleet = Fleet::new(&hosts, given);
        reconsider(&fleet, &mut diagnostics);
        diagnostics.extend(check_matched(&fleet));
    }
    let files = hosts.iter().flat_map(|host| host.sources.iter().map(|(_, file)| file));
    let today = Date::parse("2026-11-21").expect("a date");
    let is_active = |rule: &Rule| rule.scope() == Scope::File || hosts.len() > 1;
    suppress::apply(&mut diagnostics, files, &suppress::Options { today, is_active: &is_active });
    diagnostics
}

#[test]
fn examples_show_what_their_page_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for (index, example) in examples(&rule.page()).iter().enumerate() {
            let found = run(example);
            let fires = found.iter().any(|d| d.code == rule.meta.code);
            let others: Vec<_> =
                found.iter().filter(|d| d.code != rule.meta.code && d.severity == Severity::Error).cloned().collect();
            let case = format!("{} {} example {}", rule.meta.code, rule.name, index + 1);
            match (example.shows, fires) {
                (Shows::Fail, false) => wrong.push(format!("{case} does not fire:\n{}", short::render(&found))),
                (Shows::Pass, true) => wrong.push(format!("{case} fires:\n{}", short::render(&found))),
                (Shows::Fail, true) | (Shows::Pass, false) => {}
            }
            // One mistake, one finding: an example of one rule is no error for another.
            if !others.is_empty() {
                wrong.push(format!("{case} is an error for others:\n{}", short::render(&others)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_is_complete() {
    for rule in RULES {
        let page = rule.page();
        let shown = examples(&page);
        let has = |shows| shown.iter().any(|example| example.shows == shows);
        assert!(has(Shows::Fail) && has(Shows::Pass), "{}: a page has an example of each kind", rule.name);
        assert!(
            page.lines().next().is_some_and(|line| line.ends_with('.')),
            "{}: the first line is a sentence",
            rule.name
        );
    }
}

#[test]
fn codes_and_names_are_unique_and_sorted() {
    let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.meta.code).collect();
    assert_eq!(codes.len(), RULES.len());
    let names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
    for rule in RULES {
        assert!(rule.meta.code.len() == 5 && rule.meta.code.starts_with("KA"), "{}", rule.meta.code);
    }
}
