//! Configurations that people copy from how-tos: each mistake gets its finding and no other, and a fix where one is safe.
//!
//! The files are in `howtos/`. What is listed is everything that kalc says: `FILE:LINE CODE SEVERITY FIX`.

use kalc_compiler::check::{check_given, check_host};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::fleet::Given;
use kalc_compiler::host::Host;
use kalc_compiler::settings::{Cloud, Settings};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::path::Path;

type Files = Vec<(String, String)>;

fn read(names: &[&str]) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/howtos");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the test");
    names.iter().map(|name| ((*name).to_owned(), text(name))).collect()
}

/// What kalc says of hosts, in the order of the text.
fn check(files: &Files, settings: &Settings) -> Vec<Diagnostic> {
    let host = |(name, text): &(String, String)| {
        let file = SourceFile::new(name.as_str(), text.clone().into_bytes());
        let mut host = Host::read(file, &MemoryFiles::default(), &Profile::default());
        host.settings = settings.clone();
        host
    };
    let hosts: Vec<Host> = files.iter().map(host).collect();
    let mut found: Vec<Diagnostic> = hosts.iter().flat_map(check_host).collect();
    if hosts.len() > 1 {
        found.extend(check_given(&hosts, Given { is_whole: true, ..Given::default() }));
    }
    found.sort_by_key(|d| (d.place.clone(), d.code));
    found
}

fn list(found: &[Diagnostic]) -> Vec<String> {
    let line = |d: &Diagnostic| {
        let fix = match &d.fix {
            None => "none",
            Some(fix) if fix.safe => "safe",
            Some(_) => "suggested",
        };
        format!("{}:{} {} {} {fix}", d.place.file, d.place.start.line, d.code, d.severity.word())
    };
    found.iter().map(line).collect()
}

/// The files after all safe fixes.
fn fixed(files: &Files, found: &[Diagnostic]) -> Files {
    let safe = found.iter().filter_map(|d| d.fix.as_ref()).filter(|fix| fix.safe);
    let mut edits: Vec<_> = safe.flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.place.start.offset, edit.place.end.offset)));
    let mut files = files.clone();
    for (name, text) in &mut files {
        for edit in edits.iter().filter(|edit| *edit.place.file == **name) {
            text.replace_range(edit.place.start.offset as usize..edit.place.end.offset as usize, &edit.text);
        }
    }
    files
}

/// Checks files, then what the safe fixes make of them: those findings are gone, and no new one has come.
fn expect(names: &[&str], clouds: &[Cloud], expected: &[&str]) {
    let settings = Settings { profiles: clouds.iter().map(|cloud| (*cloud).into()).collect(), ..Settings::default() };
    let files = read(names);
    let found = check(&files, &settings);
    assert_eq!(list(&found), expected);
    let after = fixed(&files, &found);
    let codes = |found: &[Diagnostic]| -> Vec<(String, &str)> {
        let left = found.iter().filter(|d| d.fix.as_ref().is_none_or(|fix| !fix.safe));
        left.map(|d| (d.place.file.to_string(), d.code)).collect()
    };
    let again = check(&after, &settings);
    assert_eq!(codes(&again), codes(&found), "{after:#?}");
    assert_eq!(fixed(&after, &again), after);
}

#[test]
fn authentication_header_with_a_long_secret() {
    let expected = [
        "ah.conf:5 KA701 warning safe",
        "ah.conf:5 KA702 info suggested",
        "ah.conf:12 KA405 warning none",
        "ah.conf:13 KA401 error safe",
    ];
    expect(&["ah.conf"], &[], &expected);
}

#[test]
fn equal_unicast_pair_with_an_interval_of_zero() {
    let expected = [
        "pair/lb1.conf:4 KA209 error safe",
        "pair/lb1.conf:6 KA701 warning safe",
        "pair/lb1.conf:6 KA702 info suggested",
        "pair/lb2.conf:4 KA209 error safe",
        "pair/lb2.conf:6 KA701 warning safe",
        "pair/lb2.conf:6 KA702 info suggested",
        "pair/lb2.conf:11 KA607 info none",
    ];
    expect(&["pair/lb1.conf", "pair/lb2.conf"], &[], &expected);
}

#[test]
fn nopreempt_that_the_state_undoes() {
    let expected = [
        "nopreempt.conf:2 KA701 warning safe",
        "nopreempt.conf:2 KA702 info suggested",
        "nopreempt.conf:4 KA307 error suggested",
    ];
    expect(&["nopreempt.conf"], &[], &expected);
}

#[test]
fn retry_of_another_check() {
    expect(&["retry.conf"], &[], &["retry.conf:11 KA102 error suggested"]);
}

#[test]
fn words_in_the_wrong_case() {
    let expected = [
        "case.conf:2 KA701 warning safe",
        "case.conf:2 KA702 info suggested",
        "case.conf:3 KA115 error suggested",
        "case.conf:9 KA115 error suggested",
        "case.conf:18 KA115 error suggested",
        "case.conf:19 KA115 error suggested",
        "case.conf:23 KA115 error suggested",
    ];
    expect(&["case.conf"], &[], &expected);
}

#[test]
fn prose_behind_a_secret() {
    let expected =
        ["prose.conf:2 KA701 warning safe", "prose.conf:2 KA702 info suggested", "prose.conf:10 KA105 warning safe"];
    expect(&["prose.conf"], &[], &expected);
}

#[test]
fn persistence_of_no_time() {
    expect(&["persistence.conf"], &[], &["persistence.conf:6 KA201 error safe"]);
}

#[test]
fn directors_that_are_each_others_real_servers() {
    let expected = [
        "dr/lb1.conf:2 KA701 warning safe",
        "dr/lb1.conf:2 KA702 info suggested",
        "dr/lb2.conf:2 KA701 warning safe",
        "dr/lb2.conf:2 KA702 info suggested",
        "dr/lb2.conf:18 KA625 error none",
    ];
    expect(&["dr/lb1.conf", "dr/lb2.conf"], &[], &expected);
}

#[test]
fn seven_addresses_at_tencent() {
    let expected = [
        "tencent.conf:2 KA701 error safe",
        "tencent.conf:2 KA702 warning suggested",
        "tencent.conf:2 KA754 warning suggested",
        "tencent.conf:9 KA414 hint suggested",
    ];
    expect(&["tencent.conf"], &[Cloud::Tencent], &expected);
    // Elsewhere seven are not many.
    let elsewhere = [
        "tencent.conf:2 KA701 warning safe",
        "tencent.conf:2 KA702 info suggested",
        "tencent.conf:9 KA414 hint suggested",
    ];
    expect(&["tencent.conf"], &[], &elsewhere);
}
