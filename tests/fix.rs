//! `kalc check --fix`, `--unsafe-fixes` and `--diff` from outside.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{run, run_with_input, skip};

/// Something that can go without a loss (the second `advert_int`), and something that was meant otherwise (`master`).
const TEXT: &str = "vrrp_instance A {\n    state master\n    interface eth0\n    virtual_router_id 1\n    advert_int 2\n    advert_int 1\n    garp_master_delay 5\n    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n";

fn safe() -> String {
    TEXT.replace("    advert_int 2\n", "")
}

fn all() -> String {
    safe().replace("master\n", "MASTER\n")
}

fn folder(texts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in texts {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

fn fingerprint(folder: &Path, name: &str) -> String {
    run(folder, &["compile", "--fingerprint", name]).stdout
}

#[test]
fn safe_fixes_leave_the_fingerprint_and_the_mode() {
    let folder = folder(&[("a.conf", TEXT)]);
    let path = folder.path().join("a.conf");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    let before = fingerprint(folder.path(), "a.conf");
    let done = run(folder.path(), &["check", "--format", "short", "--fix", "a.conf"]);
    assert_eq!(done.status, 1, "the rest is still found: {done:?}");
    assert!(done.stdout.contains("KA115") && !done.stdout.contains("KA106"), "{}", done.stdout);
    assert_eq!(done.stderr, "1 finding fixed in 1 file\n");
    assert_eq!(text(folder.path(), "a.conf"), safe());
    assert_eq!(fingerprint(folder.path(), "a.conf"), before);
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o7777, 0o600);
    let again = run(folder.path(), &["check", "--fix", "a.conf"]);
    assert_eq!((again.status, again.stderr.as_str()), (1, ""), "twice is once");
    assert_eq!(text(folder.path(), "a.conf"), safe());
}

#[test]
fn suggested_fixes_are_made_when_asked_for() {
    let rules = "KA106,KA115";
    for args in [
        &["check", "--select", rules, "--unsafe-fixes", "a.conf"][..],
        &["check", "--select", rules, "--fix", "--unsafe-fixes", "a.conf"],
    ] {
        let folder = folder(&[("a.conf", TEXT)]);
        let done = run(folder.path(), args);
        assert_eq!((done.status, done.stderr.as_str()), (0, "2 findings fixed in 1 file\n"), "{done:?}");
        assert_eq!(text(folder.path(), "a.conf"), all());
    }
}

#[test]
fn what_is_silenced_or_switched_off_is_not_fixed() {
    let silenced = TEXT.replace("advert_int 1\n", "advert_int 1 # kalc: allow(KA106) twice\n");
    let folder = folder(&[("a.conf", &silenced), ("b.conf", TEXT)]);
    let done = run(folder.path(), &["check", "--fix", "--ignore", "KA115", "--no-cluster", "a.conf"]);
    assert_eq!((done.status, text(folder.path(), "a.conf")), (0, silenced), "{done:?}");
    // What is not shown is not touched: hints, such as one about a comment that silences nothing.
    let useless = safe().replace("eth0\n", "eth0 # kalc: allow(KA401)\n");
    fs::write(folder.path().join("c.conf"), &useless).expect("a file");
    run(folder.path(), &["check", "--fix", "c.conf"]);
    assert_eq!(text(folder.path(), "c.conf"), useless);
    run(folder.path(), &["check", "--fix", "--hints", "c.conf"]);
    assert_eq!(text(folder.path(), "c.conf"), safe());
    run(folder.path(), &["check", "--fix", "--off", "KA106", "b.conf"]);
    assert_eq!(text(folder.path(), "b.conf"), TEXT);
}

#[test]
fn a_diff_changes_nothing_and_can_be_applied() {
    const TEST: &str = "a_diff_changes_nothing_and_can_be_applied";
    let folder = folder(&[("a.conf", TEXT)]);
    let diff = run(folder.path(), &["check", "--select", "KA106,KA115", "--diff", "--unsafe-fixes", "a.conf"]);
    assert_eq!(diff.status, 1, "{diff:?}");
    assert!(diff.stdout.starts_with("--- a.conf\n+++ a.conf\n@@ "), "{}", diff.stdout);
    assert_eq!(text(folder.path(), "a.conf"), TEXT);
    let only_safe = run(folder.path(), &["check", "--diff", "a.conf"]);
    assert!(!only_safe.stdout.contains("MASTER") && only_safe.stdout.contains("-    advert_int 2"));
    let patch = Command::new("patch").args(["-p0", "-s"]).current_dir(folder.path()).stdin(Stdio::piped()).spawn();
    let Ok(mut patch) = patch else { return skip(TEST, "there is no patch") };
    std::io::Write::write_all(&mut patch.stdin.take().expect("a pipe"), diff.stdout.as_bytes()).expect("patch reads");
    assert!(patch.wait().expect("patch ends").success());
    assert_eq!(text(folder.path(), "a.conf"), all());
}

#[test]
fn standard_input_is_printed_as_fixed() {
    let folder = folder(&[]);
    let done = run_with_input(folder.path(), &["check", "--fix", "--format", "short", "-"], TEXT.as_bytes());
    assert_eq!((done.status, done.stdout), (1, safe()));
    assert!(done.stderr.contains("<stdin>:2:11: error KA115"), "{}", done.stderr);
}

#[test]
fn a_shared_part_is_fixed_only_if_that_is_right_for_all() {
    let part = "state master\n";
    let main = |vrid: u8| TEXT.replace("state master", "include part").replace("id 1", &format!("id {vrid}"));
    let folder = folder(&[("part", part), ("a.conf", &main(1)), ("b.conf", &main(2))]);
    let done = run(folder.path(), &["check", "--unsafe-fixes", "--select", "KA115", "a.conf", "b.conf"]);
    assert_eq!((done.status, text(folder.path(), "part").as_str()), (0, "state MASTER\n"), "both have it: {done:?}");
}
