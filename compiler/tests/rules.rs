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
        let file = SourceFile::new(name.as_str(), text.clone().into_bytes());
        let mut host = Host::read(file, &files, &Profile::default());
        host.settings = example.settings.clone();
        host
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
    let is_active =
        |rule: &Rule| rule.needs.are_met(&example.settings) && (rule.scope() == Scope::File || hosts.len() > 1);
    suppress::apply(&mut diagnostics, files, &suppress::Options { today, is_active: &is_active });
    diagnostics
}

#[test]
fn examples_show_what_their_page_says() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for (index, example) in examples(&rule.page()).iter().enumerate() {
            if example.shows == Shows::Fixed {
                continue;
            }
            let found = run(example);
            let fires = found.iter().any(|d| d.code == rule.meta.code);
            let others: Vec<_> =
                found.iter().filter(|d| d.code != rule.meta.code && d.severity == Severity::Error).cloned().collect();
            let case = format!("{} {} example {}", rule.meta.code, rule.name, index + 1);
            match (example.shows, fires) {
                (Shows::Fail, false) => wrong.push(format!("{case} does not fire:\n{}", short::render(&found))),
                (Shows::Pass, true) => wrong.push(format!("{case} fires:\n{}", short::render(&found))),
                (Shows::Fail, true) | (Shows::Pass, false) | (Shows::Fixed, _) => {}
            }
            // One mistake, one finding: an example of one rule is no error for another.
            if !others.is_empty() {
                wrong.push(format!("{case} is an error for others:\n{}", short::render(&others)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the fixes of one rule make of the files of an example.
fn fixed(rule: &Rule, example: &Example) -> Vec<(String, String)> {
    let found = run(example);
    let fixes = found.iter().filter(|d| d.code == rule.meta.code).filter_map(|d| d.fix.as_ref());
    let mut edits: Vec<_> = fixes.flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.place.start.offset, edit.place.end.offset)));
    let mut files = example.files.clone();
    for (name, text) in &mut files {
        for edit in edits.iter().filter(|edit| *edit.place.file == **name) {
            text.replace_range(edit.place.start.offset as usize..edit.place.end.offset as usize, &edit.text);
        }
    }
    files
}

#[test]
fn fixes_make_what_the_page_shows_and_nothing_is_left_to_fix() {
    for rule in RULES {
        let shown = examples(&rule.page());
        for (before, after) in shown.iter().zip(shown.iter().skip(1)).filter(|(_, after)| after.shows == Shows::Fixed) {
            let case = format!("{} {}", rule.meta.code, rule.name);
            assert_eq!(before.shows, Shows::Fail, "{case}: what was fixed stands before");
            assert_eq!(fixed(rule, before), after.files, "{case}");
            let after = Example { settings: before.settings.clone(), ..after.clone() };
            assert_eq!(fixed(rule, &after), after.files, "{case}: a second time");
        }
    }
}

#[test]
fn every_page_is_complete() {
    for rule in RULES {
        let page = rule.page();
        let shown = examples(&page);
        let fences = page.lines().filter(|line| line.starts_with("```keepalived")).count();
        assert_eq!(shown.len(), fences, "{}: an example has a word that is not known", rule.name);
        // What is not understood stays in the text.
        let texts = || shown.iter().flat_map(|example| &example.files).flat_map(|(_, text)| text.lines());
        assert_eq!(texts().find(|line| line.starts_with("## ")), None, "{}", rule.name);
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
