//! The program as its users meet it: exit statuses, formats, which files are read, and what happens when one cannot be.

mod support;

use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use support::{kalc, root, run, run_with_input};
use tempfile::TempDir;

/// A configuration in which kalc finds nothing above a warning.
const CLEAN: &str = "\
vrrp_instance web {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    garp_master_delay 5
    garp_master_refresh 60
    virtual_ipaddress {
        192.0.2.10/24 dev eth0
    }
}
";

/// A configuration with one mistake: KA101 in line 4.
const MISSPELT: &str = "\
vrrp_instance api {
    state BACKUP
    interface eth0
    adver_int 2
    virtual_router_id 52
    priority 100
    garp_master_delay 5
    garp_master_refresh 60
    virtual_ipaddress {
        192.0.2.20/24 dev eth0
    }
}
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        write(folder.path(), name, text.as_bytes());
    }
    folder
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

#[test]
fn exit_status_says_whether_something_was_found() {
    let files = folder(&[("clean.conf", CLEAN), ("bad.conf", MISSPELT)]);
    let clean = run(files.path(), &["check", "clean.conf"]);
    assert_eq!((clean.status, clean.stderr.as_str()), (0, ""), "{clean:#?}");
    let bad = run(files.path(), &["check", "bad.conf"]);
    assert_eq!((bad.status, bad.stderr.as_str()), (1, ""), "{bad:#?}");
    assert!(bad.stdout.contains("KA101") && bad.stdout.contains("bad.conf:4:5"), "{bad:#?}");
    let both = run(files.path(), &["check", "clean.conf", "bad.conf"]);
    assert_eq!(both.status, 1, "{both:#?}");
}

#[test]
fn missing_file_is_told_beside_findings_of_others() {
    let files = folder(&[("bad.conf", MISSPELT), ("clean.conf", CLEAN)]);
    let missing = run(files.path(), &["check", "nothing.conf"]);
    assert_eq!(missing.status, 2, "{missing:#?}");
    assert!(missing.stderr.contains("nothing.conf"), "{missing:#?}");
    for order in [["nothing.conf", "bad.conf", "clean.conf"], ["bad.conf", "clean.conf", "nothing.conf"]] {
        let mixed = run(files.path(), &[&["check", "--format", "json"], &order[..]].concat());
        assert_eq!(mixed.status, 2, "{mixed:#?}");
        assert!(mixed.stderr.contains("nothing.conf"), "{mixed:#?}");
        assert!(mixed.codes().contains(&"KA101".to_owned()), "{mixed:#?}");
        assert_eq!(mixed.json()["summary"]["files"], 2);
    }
}

#[test]
fn json_has_the_promised_shape() {
    let files = folder(&[("b/keepalived.conf", MISSPELT), ("a/keepalived.conf", MISSPELT)]);
    let found = run(files.path(), &["check", "--format", "json", "b/keepalived.conf", "a/keepalived.conf"]);
    let json = found.json();
    assert_eq!(json["version"], 1);
    let diagnostics = json["diagnostics"].as_array().expect("diagnostics");
    assert!(diagnostics.len() >= 2, "{found:#?}");
    for d in diagnostics {
        for key in ["code", "name", "severity", "message", "file"] {
            assert!(d[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {d:#}");
        }
        assert!(["error", "warning", "info", "hint"].contains(&d["severity"].as_str().expect("a word")), "{d:#}");
        range(&d["range"]);
        for related in d["related"].as_array().expect("related") {
            assert!(related["file"].is_string() && related["message"].is_string(), "{d:#}");
            range(&related["range"]);
        }
        if let Some(fix) = d.get("fix") {
            assert!(fix["safe"].is_boolean(), "{d:#}");
            for edit in fix["edits"].as_array().expect("edits") {
                assert!(edit["file"].is_string() && edit["text"].is_string(), "{d:#}");
                range(&edit["range"]);
            }
        }
    }
    let place = |d: &Value| (d["code"].clone(), d["file"].clone(), d["range"]["start"].clone());
    let expected = serde_json::json!({ "line": 4, "column": 5, "offset": 60 });
    let first = diagnostics.iter().find(|d| d["code"] == "KA101").expect("KA101");
    assert_eq!(place(first), ("KA101".into(), "b/keepalived.conf".into(), expected));
    // The order is that of the files as given, then that of the text.
    let names: Vec<_> = diagnostics.iter().map(|d| d["file"].as_str().expect("a name")).collect();
    assert!(names.is_sorted_by(|a, b| a >= b), "{names:?}");
    let summary = &json["summary"];
    assert_eq!(summary["files"], 2);
    for (key, word) in [("errors", "error"), ("warnings", "warning"), ("infos", "info"), ("hints", "hint")] {
        let count = diagnostics.iter().filter(|d| d["severity"] == word).count();
        assert_eq!(summary[key], count, "{key}");
    }
}

fn range(range: &Value) {
    for end in ["start", "end"] {
        assert!(range[end]["line"].as_u64().is_some_and(|line| line >= 1), "{range:#}");
        assert!(range[end]["column"].as_u64().is_some_and(|column| column >= 1), "{range:#}");
        assert!(range[end]["offset"].is_u64(), "{range:#}");
    }
}

#[test]
fn columns_count_characters_and_offsets_bytes() {
    let files = folder(&[("x.conf", "vrrp_instance \"größer\" { adver_int 2\n}\n")]);
    let found = run(files.path(), &["check", "--select", "KA101", "--format", "json", "x.conf"]);
    let start = &found.json()["diagnostics"][0]["range"]["start"];
    assert_eq!(*start, serde_json::json!({ "line": 1, "column": 26, "offset": 27 }), "{found:#?}");
}

#[test]
fn short_is_one_line_a_finding() {
    let files = folder(&[("bad.conf", MISSPELT)]);
    let found = run(files.path(), &["check", "--select", "KA101", "--format", "short", "bad.conf"]);
    assert_eq!(
        found.stdout,
        "bad.conf:4:5: error KA101 unknown-keyword: `adver_int` is no keyword in `vrrp_instance`\n"
    );
    assert_eq!(found.status, 1);
}

#[test]
fn folders_are_searched_for_configurations() {
    let files = folder(&[
        ("keepalived.conf", MISSPELT),
        ("deep/er/keepalived.conf", MISSPELT),
        ("lb1.keepalived.conf", MISSPELT),
        ("vrrp.conf", MISSPELT),
        ("nginx.conf", "server { listen 80; adver_int 2; }\n"),
        ("notes.txt", MISSPELT),
        (".git/keepalived.conf", MISSPELT),
        ("empty/readme.md", "nothing here\n"),
    ]);
    let found = run(files.path(), &["check", "--no-cluster", "--select", "KA101", "--format", "short", "."]);
    let mut names: Vec<_> = found.stdout.lines().filter_map(|line| line.split(':').next()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["./deep/er/keepalived.conf", "./keepalived.conf", "./lb1.keepalived.conf", "./vrrp.conf"],
        "{found:#?}"
    );
    let empty = run(files.path(), &["check", "empty", "vrrp.conf"]);
    assert_eq!(empty.status, 2, "{empty:#?}");
    assert!(empty.stderr.contains("empty") && empty.stdout.contains("KA101"), "{empty:#?}");
}

#[test]
fn files_that_hold_no_text_are_refused_and_the_rest_is_checked() {
    let files = folder(&[("bad.conf", MISSPELT)]);
    let noise: Vec<u8> = (0..4096u32).map(|n| (n * 7 % 32) as u8).collect();
    write(files.path(), "noise.conf", &noise);
    // Reading this one fails for every user, root included.
    std::os::unix::fs::symlink("/proc/self/mem", files.path().join("unreadable.conf")).expect("a link");
    for name in ["noise.conf", "unreadable.conf"] {
        let found = run(files.path(), &["check", "--format", "json", name, "bad.conf"]);
        assert_eq!(found.status, 2, "{found:#?}");
        assert!(found.stderr.contains(name), "{found:#?}");
        assert!(found.codes().contains(&"KA101".to_owned()), "{found:#?}");
    }
}

#[test]
fn strange_bytes_are_checked_all_the_same() {
    let files = folder(&[]);
    let nul = CLEAN.replace("web", "w\0eb");
    let cases: [&[u8]; 6] =
        [b"", b"\n", b"\xef\xbb\xbf", b"\xff\xfe{\n}", nul.as_bytes(), b"vrrp_instance \xe9 {\n}\n"];
    for bytes in cases {
        write(files.path(), "x.conf", bytes);
        let found = run(files.path(), &["check", "--format", "json", "x.conf"]);
        assert!(found.status <= 1, "{bytes:?}: {found:#?}");
        found.json();
    }
}

#[test]
fn files_that_include_each_other_end() {
    let files = folder(&[
        ("keepalived.conf", &format!("include other.conf\n{CLEAN}")),
        ("other.conf", "include keepalived.conf\n"),
        ("self.conf", "include self.conf\n"),
    ]);
    for name in ["keepalived.conf", "self.conf"] {
        let found = run(files.path(), &["check", "--format", "json", name]);
        assert!(found.status <= 1, "{found:#?}");
        found.json();
    }
}

#[test]
fn standard_input_has_the_name_it_is_given() {
    let files = folder(&[]);
    let found = run_with_input(files.path(), &["check", "--format", "short", "-"], MISSPELT.as_bytes());
    assert!(found.stdout.starts_with("<stdin>:"), "{found:#?}");
    let args = ["check", "--format", "short", "--stdin-filename", "lb1.conf", "-"];
    let named = run_with_input(files.path(), &args, MISSPELT.as_bytes());
    assert!(named.stdout.starts_with("lb1.conf:") && named.status == 1, "{named:#?}");
    let empty = run_with_input(files.path(), &["check", "-"], b"");
    assert_eq!(empty.status, 0, "{empty:#?}");
}

#[test]
fn reader_may_stop_early() {
    let files = folder(&[]);
    let text = "vrrp_instance a {\n".to_owned() + &"    adver_int 1\n".repeat(3_000) + "}\n";
    write(files.path(), "long.conf", text.as_bytes());
    for format in ["human", "short", "json"] {
        let mut child = kalc(files.path())
            .args(["check", "--format", format, "long.conf"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kalc starts");
        let mut first = [0u8; 64];
        child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
        let output = child.wait_with_output().expect("kalc ends");
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[test]
fn rules_are_chosen_by_code_name_or_beginning() {
    let files = folder(&[("bad.conf", MISSPELT)]);
    let check = |args: &[&str]| run(files.path(), &[&["check", "--format", "json", "bad.conf"], args].concat());
    let fires = |args: &[&str]| check(args).codes().contains(&"KA101".to_owned());
    for name in ["KA101", "unknown-keyword", "KA1", "KA4,KA101"] {
        assert!(fires(&["--select", name]), "{name}");
    }
    assert!(!fires(&["--select", "KA4"]));
    for name in ["KA101", "unknown-keyword", "KA1", "KA4,KA101"] {
        assert!(!fires(&["--ignore", name]), "{name}");
    }
    assert!(!fires(&["--off", "KA101"]));
    let nothing = check(&["--select", "KA000"]);
    assert_eq!(nothing.status, 2, "{nothing:#?}");
    assert!(nothing.stderr.contains("KA000") && nothing.stdout.is_empty(), "{nothing:#?}");
}

#[test]
fn severity_and_failing_severity_can_be_changed() {
    let files = folder(&[("bad.conf", MISSPELT)]);
    let check = |args: &[&str]| run(files.path(), &[&["check", "--select", "KA101", "bad.conf"], args].concat());
    assert_eq!(check(&["--warn", "KA101"]).status, 0);
    assert_eq!(check(&["--warn", "KA101", "--fail-on", "warning"]).status, 1);
    assert_eq!(check(&["--warn", "KA101", "--fail-on", "info"]).status, 1);
    assert_eq!(check(&["--error", "KA101"]).status, 1);
    assert_eq!(check(&["--fail-on", "never"]).status, 0);
    let json = check(&["--warn", "KA101", "--format", "json"]).json();
    assert_eq!(json["diagnostics"][0]["severity"], "warning");
    assert_eq!(json["summary"]["warnings"], 1);
}

#[test]
fn statistics_count_by_rule() {
    let text = MISSPELT.replace("    priority", "    prority");
    let files = folder(&[("bad.conf", &text)]);
    let found = run(files.path(), &["check", "--select", "KA101", "--statistics", "bad.conf"]);
    assert_eq!((found.status, found.stdout.trim()), (1, "2  KA101  unknown-keyword"), "{found:#?}");
}

#[test]
fn quiet_leaves_only_findings() {
    let files = folder(&[("clean.conf", CLEAN)]);
    let args = ["check", "--select", "KA1", "clean.conf"];
    assert_eq!(run(files.path(), &args).stdout, "1 file checked, nothing to report\n");
    assert_eq!(run(files.path(), &[&args[..], &["-q"]].concat()).stdout, "");
}

#[test]
fn output_goes_to_the_file_that_is_named() {
    let files = folder(&[("bad.conf", MISSPELT)]);
    let found = run(files.path(), &["check", "--format", "json", "--output", "out.json", "bad.conf"]);
    assert_eq!((found.status, found.stdout.as_str()), (1, ""), "{found:#?}");
    let text = std::fs::read_to_string(files.path().join("out.json")).expect("the output");
    assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
    let nowhere = run(files.path(), &["check", "--output", "no/such/folder", "bad.conf"]);
    assert_eq!(nowhere.status, 2, "{nowhere:#?}");
    assert!(nowhere.stderr.contains("no/such/folder"), "{nowhere:#?}");
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let files = folder(&[("bad.conf", MISSPELT)]);
    let escapes = |args: &[&str]| run(files.path(), &[&["check", "bad.conf"], args].concat()).stdout.contains('\u{1b}');
    assert!(!escapes(&[]));
    assert!(!escapes(&["--color", "never"]));
    assert!(escapes(&["--color", "always"]));
}

#[test]
fn configuration_id_chooses_lines() {
    let text = CLEAN.replace("    priority 100\n", "    @lb1 priority 150\n    @lb2 prority 100\n");
    let files = folder(&[("keepalived.conf", &text)]);
    let codes = |args: &[&str]| {
        run(files.path(), &[&["check", "--format", "json", "--select", "KA101", "keepalived.conf"], args].concat())
            .codes()
    };
    assert_eq!(codes(&["-i", "lb1"]), Vec::<String>::new());
    assert_eq!(codes(&["--config-id", "lb2"]), ["KA101"]);
    assert_eq!(codes(&[]), ["KA101"], "every id of the file is gone through");
}

#[test]
fn mistake_in_text_that_counts_often_is_told_once() {
    let turns = "~SEQ(n, 1, 50) adver_int $n\n$LINE=prority 100\n$LINE\n$LINE\ninclude part.inc\ninclude part.inc\n";
    let files = folder(&[("keepalived.conf", turns), ("part.inc", "sate BACKUP\n")]);
    let found = run(files.path(), &["check", "--select", "KA101", "--format", "short", "keepalived.conf"]);
    assert_eq!(found.stdout.lines().count(), 3, "{found:#?}");
}

#[test]
fn definitions_come_from_the_command_line() {
    let files = folder(&[("keepalived.conf", &CLEAN.replace("priority 100", "priority $PRIORITY"))]);
    let found = run(files.path(), &["check", "--define", "PRIORITY=90", "keepalived.conf"]);
    assert_eq!(found.status, 0, "{found:#?}");
    let wrong = run(files.path(), &["check", "--define", "PRIORITY", "keepalived.conf"]);
    assert_eq!(wrong.status, 2, "{wrong:#?}");
    assert!(wrong.stderr.contains("NAME=VALUE"), "{wrong:#?}");
}

#[test]
fn hints_are_shown_on_request() {
    let files = folder(&[("clean.conf", CLEAN)]);
    let shown = run(files.path(), &["check", "--hints", "--format", "short", "clean.conf"]);
    let hidden = run(files.path(), &["check", "--format", "short", "clean.conf"]);
    assert!(!hidden.stdout.contains(": hint "), "{hidden:#?}");
    assert!(shown.stdout.lines().count() >= hidden.stdout.lines().count(), "{shown:#?}");
}

#[test]
fn version_help_and_bad_flags() {
    let files = folder(&[]);
    let version = run(files.path(), &["--version"]);
    assert_eq!((version.status, version.stdout.as_str()), (0, concat!("kalc ", env!("CARGO_PKG_VERSION"), "\n")));
    for command in [&["--help"][..], &["check", "--help"], &["compile", "--help"], &["rules", "--help"]] {
        let help = run(files.path(), command);
        assert!(help.status == 0 && help.stdout.contains("Usage: kalc"), "{help:#?}");
    }
    for wrong in [&["chekc"][..], &["check", "--no-such-flag"], &["check", "--format", "xml"], &[]] {
        let failed = run(files.path(), wrong);
        assert!(failed.status == 2 && failed.stdout.is_empty() && !failed.stderr.is_empty(), "{failed:#?}");
    }
}

#[test]
fn rules_and_explain_agree() {
    let files = folder(&[]);
    let rules = run(files.path(), &["rules", "--format", "json"]).json();
    for rule in rules.as_array().expect("a list") {
        let code = rule["code"].as_str().expect("a code");
        let name = rule["name"].as_str().expect("a name");
        for key in ["severity", "group", "fixable"] {
            assert!(rule[key].is_string(), "{key} of {code}");
        }
        assert!(rule["cluster"].is_boolean() && rule["blocks_run"].is_boolean(), "{code}");
        for word in [code, name] {
            let page = run(files.path(), &["explain", word]);
            assert!(page.status == 0 && page.stdout.starts_with(&format!("# {code} {name}")), "{page:#?}");
        }
    }
    let unknown = run(files.path(), &["explain", "KA4O1"]);
    assert_eq!(unknown.status, 2, "{unknown:#?}");
    assert!(unknown.stderr.contains("KA401"), "the nearest is suggested: {unknown:#?}");
}

#[test]
fn examples_show_what_they_say() {
    let all = run(&root(), &["check", "examples"]);
    assert_eq!(all.status, 1, "{all:#?}");
    for clean in [&["examples/pair"][..], &["examples/director"], &["examples/pair", "examples/director"]] {
        let found = run(&root(), &[&["check", "--fail-on", "warning"], clean].concat());
        assert_eq!(found.status, 0, "{found:#?}");
    }
    let mistakes = support::files(&root().join("examples/mistakes"), ".conf");
    assert!(mistakes.len() >= 10);
    for file in mistakes {
        let found = run(&root(), &["check", "--fail-on", "warning", &file.to_string_lossy()]);
        assert_eq!(found.status, 1, "{found:#?}");
    }
    // Each of these two is fine by itself.
    for host in ["a", "b"] {
        let found = run(&root(), &["check", "--fail-on", "warning", &format!("examples/mismatch/{host}")]);
        assert_eq!(found.status, 0, "{found:#?}");
    }
    let codes = run(&root(), &["check", "--format", "json", "examples/mismatch"]).codes();
    assert!(["KA601", "KA602"].iter().all(|code| codes.contains(&(*code).to_owned())), "{codes:?}");
    for file in support::files(&root().join("examples"), ".conf") {
        let text = std::fs::read_to_string(&file).expect("an example");
        assert!(text.starts_with("# "), "{}: an example says what it shows", file.display());
    }
}

const HA: &str = "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n garp_master_delay 1\n \
                  virtual_ipaddress {\n 192.0.2.10/24\n }\n";

#[test]
fn one_file_for_several_hosts_is_a_cluster() {
    let text = format!("{HA}@main priority 200\n@spare priority 100\n@spare advert_int 5\n}}\n");
    let folder = folder(&[("keepalived.conf", &text)]);
    let check = |more: &[&str]| {
        run(folder.path(), &[&["check", "--select", "KA6", "--format", "short", "keepalived.conf"], more].concat())
            .stdout
    };
    let found = check(&[]);
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.contains("KA602") && found.contains("keepalived.conf (id main)"), "{found}");
    // With an id it is one host.
    assert_eq!(check(&["-i", "main"]), "");
}

#[test]
fn cluster_tells_masters_and_times() {
    let host = |priority: u8| format!("{HA} priority {priority}\n}}\n");
    let folder = folder(&[("web1/keepalived.conf", &host(101)), ("web2/etc/keepalived/keepalived.conf", &host(100))]);
    let found = run(folder.path(), &["cluster", "."]);
    assert_eq!(found.status, 0, "{found:#?}");
    assert!(found.stdout.contains("web2 is master after 2.609 to 3.609 s"), "{}", found.stdout);
    let answer = run(folder.path(), &["cluster", "--format", "json", "."]).json();
    let router = &answer["virtual_routers"][0];
    assert_eq!((&router["vrid"], &router["stable_sets"][0][0]), (&Value::from(51), &Value::from("web1")));
    for field in ["id", "family", "version", "members", "scenarios", "timing", "unknown"] {
        assert!(!router[field].is_null(), "{field}");
    }
}

#[test]
fn cluster_tells_contradictions_by_its_status() {
    let host = |more: &str| format!("{HA} {more}\n}}\n");
    let folder = folder(&[("a.conf", &host("priority 101")), ("b.conf", &host("advert_int 5"))]);
    let found = run(folder.path(), &["cluster", "a.conf", "b.conf"]);
    assert_eq!(found.status, 1, "{found:#?}");
    assert!(found.stdout.contains("AT ONCE") && found.stdout.contains("KA602"), "{}", found.stdout);
    assert_eq!(run(folder.path(), &["cluster", "none.conf"]).status, 2);
}

#[test]
fn machine_is_looked_at_only_when_asked() {
    let text = "vrrp_instance a {\n interface kalc-none0\n virtual_router_id 7\n priority 100\n virtual_ipaddress {\n  192.0.2.7/24\n }\n}\n";
    let files = folder(&[("a.conf", text)]);
    let check = |args: &[&str]| run(files.path(), &[&["check", "--format", "json", "a.conf"], args].concat());
    let here = "KA313".to_owned();
    assert!(!check(&[]).codes().contains(&here));
    assert!(check(&["--host"]).codes().contains(&here), "no machine has such an interface");
    std::fs::write(files.path().join("a.conf"), text.replace("kalc-none0", "lo")).expect("written");
    assert!(!check(&["--host"]).codes().contains(&here), "every machine has this one");
}
