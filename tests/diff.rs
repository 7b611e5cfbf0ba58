//! `kalc diff` from outside.

mod support;

use std::fs;
use support::{run, run_with_input};

const OLD: &str = "vrrp_instance A {\n    interface eth0\n    virtual_router_id 51\n    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n";

fn folder(new: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("old.conf"), OLD).expect("a file");
    fs::write(folder.path().join("new.conf"), new).expect("a file");
    folder
}

#[test]
fn changes_stand_below_what_they_change() {
    let new = OLD.replace("id 51", "id 52").replace("192.0.2.1/24", "192.0.2.2/24")
        + "vrrp_script x {\n    script /bin/true\n}\n";
    let folder = folder(&new);
    let done = run(folder.path(), &["diff", "old.conf", "new.conf"]);
    let expect = "vrrp_instance A\n    restarts its election (virtual_router_id)\n    virtual_ipaddress 192.0.2.2/24 is added\n    virtual_ipaddress 192.0.2.1/24 is removed\n    vrid 51 -> 52\nvrrp_script x\n    is added\n";
    assert_eq!((done.status, done.stdout.as_str(), done.stderr.as_str()), (1, expect, ""));
    let json = run(folder.path(), &["diff", "--format", "json", "old.conf", "new.conf"]);
    assert_eq!(json.status, 1);
    let json = json.json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(5));
    let first = &json["changes"][0];
    assert_eq!(first["object"], serde_json::json!({ "kind": "vrrp_instance", "name": "A" }));
    assert_eq!((&first["action"], &first["because"][0]), (&"restarts_election".into(), &"virtual_router_id".into()));
    assert_eq!(json["changes"][3]["message"], "vrrp_instance A: vrid 51 -> 52");
    for side in ["old", "new"] {
        let file = format!("{side}.conf");
        let print = run(folder.path(), &["compile", "--fingerprint", &file]).stdout;
        assert_eq!(json[side]["fingerprint"], print.trim(), "{side}");
    }
}

#[test]
fn a_file_that_was_formatted_shows_nothing() {
    let folder = folder(&OLD.replace("{\n    interface", "\n{ # first\ninterface").replace("    ", "\t"));
    let done = run(folder.path(), &["diff", "old.conf", "new.conf"]);
    assert_eq!((done.status, done.stdout.as_str()), (0, ""), "{done:?}");
    let stdin = run_with_input(folder.path(), &["diff", "old.conf", "-"], OLD.as_bytes());
    assert_eq!((stdin.status, stdin.stdout.as_str()), (0, ""));
    assert_eq!(run(folder.path(), &["diff", "old.conf", "missing.conf"]).status, 2);
}

#[test]
fn configuration_ids_are_those_of_one_host() {
    let folder =
        folder(&OLD.replace("virtual_router_id 51", "@web1 virtual_router_id 51\n    @web2 virtual_router_id 52"));
    for (id, status) in [("web1", 0), ("web2", 1)] {
        assert_eq!(run(folder.path(), &["diff", "-i", id, "old.conf", "new.conf"]).status, status, "{id}");
    }
}
