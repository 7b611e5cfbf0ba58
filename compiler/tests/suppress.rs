//! Comments that silence findings: what they cover, and what is said of those that do not do what they say.

use kalc_compiler::check::check_host;
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::host::Host;
use kalc_compiler::lint::{Rule, Scope};
use kalc_compiler::suppress::{Date, Options, apply};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;

/// Findings of KA101 and KA981, the rule of unknown keywords and that of comments, in one file with an include.
fn check_with(text: &str, include: &str, today: &str) -> Vec<Diagnostic> {
    let files = MemoryFiles::new([("more.conf", include)]);
    let host = Host::read(SourceFile::new("a.conf", text.as_bytes().to_vec()), &files, &Profile::default());
    let mut found = check_host(&host);
    let is_active = |rule: &Rule| rule.scope() == Scope::File;
    let options = Options { today: Date::parse(today).expect("a date"), is_active: &is_active };
    apply(&mut found, host.sources.iter().map(|(_, file)| file), &options);
    found.retain(|d| matches!(d.code, "KA101" | "KA981"));
    found.sort_by_key(|d| (d.place.file.clone(), d.place.start.offset, d.code));
    found
}

fn check(text: &str) -> Vec<(u32, &'static str, Severity)> {
    check_with(text, "", "2026-11-21").iter().map(|d| (d.place.start.line, d.code, d.severity)).collect()
}

const BAD: (&str, Severity) = ("KA101", Severity::Error);

#[test]
fn allow_behind_a_line_covers_the_line() {
    assert_eq!(check("global_defs {\n    frob 1\n}\n"), [(2, BAD.0, BAD.1)]);
    for allow in ["KA101", "unknown-keyword", "ka101", " KA101 , KA101", "KA101, KA401x"] {
        let found =
            check(&format!("global_defs {{\n    frob 1 # kalc: allow({allow}) it is known there\n    frub\n}}\n"));
        let bad: Vec<_> = found.iter().filter(|d| d.1 == BAD.0).collect();
        assert_eq!(bad, [&(3, BAD.0, BAD.1)], "{allow}: {found:?}");
    }
    assert_eq!(check("global_defs {\n    frob 1 !kalc:allow(KA101)\n}\n"), []);
    assert_eq!(check("global_defs {\n    frob \"# kalc: allow(KA101)\"\n}\n"), [(2, BAD.0, BAD.1)]);
}

#[test]
fn allow_above_covers_the_statement_or_block() {
    let block = "# kalc: allow(KA101)\n# another word\n\nvrrp_instance a {\n    frob 1\n    frub 2\n}\nvrrp_instance b {\n    frob 3\n}\n";
    assert_eq!(check(block), [(9, BAD.0, BAD.1)]);
    let statement = "vrrp_instance a {\n    # kalc: allow(KA101)\n    frob 1\n    frub 2\n}\n";
    assert_eq!(check(statement), [(4, BAD.0, BAD.1)]);
    let brace_below = "# kalc: allow(KA101)\nvrrp_instance a\n{\n    frob 1\n}\n";
    assert_eq!(check(brace_below), []);
    let nothing_below = "vrrp_instance a {\n    frob 1\n    # kalc: allow(KA101)\n}\nfrob\n";
    let found = check(nothing_below);
    assert_eq!(found, [(2, BAD.0, BAD.1), (3, "KA981", Severity::Hint), (5, BAD.0, BAD.1)]);
}

#[test]
fn allow_file_covers_its_file_alone() {
    let text = "frob 1\ninclude more.conf\n# kalc: allow-file(KA101)\nfrub 2\n";
    let found = check_with(text, "frab 3\n", "2026-11-21");
    let places: Vec<_> = found.iter().map(|d| (&*d.place.file, d.place.start.line, d.code)).collect();
    assert_eq!(places, [("more.conf", 1, "KA101")]);
    let inside = check_with("include more.conf\n", "frab 3 # kalc: allow(KA101)\n", "2026-11-21");
    assert_eq!(inside, []);
}

#[test]
fn allow_counts_up_to_its_day() {
    for text in ["frob # kalc: allow(KA101, until=2027-03-01)\n", "frob # kalc: allow(KA101) until=2027-03-01 reason\n"]
    {
        assert_eq!(check_with(text, "", "2027-03-01"), []);
        let found = check_with(text, "", "2027-03-02");
        let codes: Vec<_> = found.iter().map(|d| (d.code, d.severity)).collect();
        assert_eq!(codes, [BAD, ("KA981", Severity::Error)]);
        assert!(found[1].message.contains("2027-03-01"), "{found:#?}");
    }
    let wrong = check("frob # kalc: allow(KA101) until=tomorrow\n");
    assert_eq!(wrong, [(1, BAD.0, BAD.1), (1, "KA981", Severity::Warning)]);
}

#[test]
fn mistakes_in_comments_are_told() {
    for (comment, severity) in [
        ("allow(KA999)", Severity::Error),
        ("allow(unknown-keywrd)", Severity::Error),
        ("allow KA101", Severity::Warning),
        ("allow(KA101", Severity::Warning),
        ("allow()", Severity::Warning),
        ("ignore[KA101]", Severity::Warning),
        ("allow(KA101)", Severity::Hint),
    ] {
        assert_eq!(check(&format!("global_defs {{\n}} # kalc: {comment}\n")), [(2, "KA981", severity)], "{comment}");
    }
    let near = check_with("# kalc: allow(unknown-keywrd)\n", "", "2026-11-21");
    assert!(near[0].help.as_deref().is_some_and(|help| help.contains("`unknown-keyword`")), "{near:#?}");
    // A rule that compares hosts cannot find anything on one.
    assert_eq!(check("global_defs {\n} # kalc: allow(KA601)\n"), []);
    assert_eq!(check("# kalc: allow-file(KA981)\nglobal_defs {\n} # kalc: allow(KA999)\n"), []);
    assert_eq!(check("# kalc is good\n"), []);
}

#[test]
fn useless_parts_are_deleted_by_the_fix() {
    for (text, fixed) in [
        ("a # kalc: allow(KA401)\n", "a\n"),
        ("x\n  # kalc: allow(KA401) why\ny\n", "x\ny\n"),
        (
            "frob # kalc: allow(KA401, KA101, until=2027-01-01) why\n",
            "frob # kalc: allow(KA101, until=2027-01-01) why\n",
        ),
    ] {
        let found = check_with(text, "", "2026-11-21");
        let hint = found.iter().find(|d| d.code == "KA981").expect("a hint");
        let edit = &hint.fix.as_ref().expect("a fix").edits[0];
        let mut result = text.to_owned();
        result.replace_range(edit.place.start.offset as usize..edit.place.end.offset as usize, &edit.text);
        assert_eq!(result, fixed);
    }
}

#[test]
fn hostile_comments_do_no_harm() {
    for text in [
        "# kalc:",
        "# kalc: allow",
        "#kalc:allow(",
        "# kalc: allow(,,)",
        "#!#kalc: allow(KA101)\\\n",
        "{\n# kalc: allow(KA101)",
        "# kalc: allow(é, ä)",
        "# kalc: allow(until=)",
        "}} # kalc: allow(KA103)\n{",
        "a \\\n# kalc: allow(KA1)\nb \\\n\\\n",
    ] {
        check(text);
    }
}
