//! `kalc check --baseline` and `--write-baseline` from outside.

mod support;

use std::fs;
use std::path::Path;
use support::run;

const TEXT: &str = "vrrp_instance A {\n    state master\n    interface eth0\n    virtual_router_id 1\n    garp_master_delay 5\n    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("web1")).expect("a folder");
    write(folder.path(), TEXT);
    folder
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("web1/keepalived.conf"), text).expect("a file");
}

#[test]
fn known_findings_are_left_out_wherever_kalc_runs() {
    let folder = folder();
    let written = run(folder.path(), &["check", "--select", "KA115", "--write-baseline", "known.json", "web1"]);
    assert_eq!((written.status, written.stdout.as_str()), (0, ""));
    assert_eq!(written.stderr, "1 finding written to known.json\n");
    // Lines may move.
    write(folder.path(), &format!("# a comment\n\n{}", TEXT.replace("    state", "\tstate  ")));
    let known = run(folder.path(), &["check", "--select", "KA115", "--baseline", "known.json", "web1"]);
    let expect = "1 file checked, nothing to report\n1 finding in the baseline\n";
    assert_eq!((known.status, known.stdout.as_str(), known.stderr.as_str()), (0, expect, ""));
    let inside = run(&folder.path().join("web1"), &["check", "--baseline", "../known.json", "keepalived.conf"]);
    assert_eq!(inside.status, 0, "{inside:?}");
    // It is not fixed either.
    let fix = run(folder.path(), &["check", "--select", "KA115", "--baseline", "known.json", "--unsafe-fixes", "web1"]);
    assert_eq!((fix.status, fix.stderr.as_str()), (0, ""), "{fix:?}");
    let json = run(folder.path(), &["check", "--baseline", "known.json", "--format", "json", "web1"]).json();
    assert_eq!(json["baseline"], serde_json::json!({ "known": 1, "gone": [] }));
}

#[test]
fn new_findings_are_found_and_gone_ones_told() {
    let folder = folder();
    run(folder.path(), &["check", "-q", "--select", "KA115", "--write-baseline", "known.json", "web1"]);
    write(folder.path(), &TEXT.replace("master\n", "backup\n"));
    let done = run(folder.path(), &["check", "--baseline", "known.json", "--format", "short", "web1"]);
    assert_eq!(done.status, 1);
    assert!(done.stdout.contains("KA115"), "{done:?}");
    let gone = "known.json: gone: KA115 in web1/keepalived.conf: vrrp_instance A > state master\n";
    assert_eq!(done.stderr, gone);
    // A rule that did not speak found nothing to be gone.
    let other = run(folder.path(), &["check", "--baseline", "known.json", "--select", "KA401", "web1"]);
    assert_eq!((other.status, other.stderr.as_str()), (0, ""));
}

#[test]
fn what_is_no_baseline_is_a_failure() {
    let folder = folder();
    fs::write(folder.path().join("known.json"), "[]").expect("a file");
    for name in ["known.json", "missing.json"] {
        assert_eq!(run(folder.path(), &["check", "--baseline", name, "web1"]).status, 2, "{name}");
    }
    assert_eq!(run(folder.path(), &["check", "--fix", "--write-baseline", "x", "web1"]).status, 2);
}
