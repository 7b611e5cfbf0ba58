//! `kalc.toml`: severities by rule and path, clusters, and what is said of a file that kalc does not understand.

mod support;

use std::path::Path;
use support::{Run, run, run_with_input};
use tempfile::TempDir;

/// An instance of a pair; KA101 in line 2 if `more` is a word that does not exist.
fn host(more: &str, interval: u32) -> String {
    format!(
        "vrrp_instance web {{\n    {more}\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n    priority 100\n    advert_int {interval}\n    garp_master_delay 5\n    virtual_ipaddress {{\n        192.0.2.10/24 dev eth0\n    }}\n}}\n"
    )
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

/// `FILE CODE` of errors and warnings that matter here.
fn found(folder: &Path, args: &[&str]) -> Vec<String> {
    let run = run(folder, &[&["check", "--select", "KA101,KA602,KA401", "--format", "json"], args].concat());
    assert!(run.status <= 1 && run.stderr.is_empty(), "{run:#?}");
    let json = run.json();
    let list = json["diagnostics"].as_array().expect("a list");
    list.iter()
        .map(|d| {
            let word = |key: &str| d[key].as_str().expect("a word");
            format!("{} {} {}", word("file"), word("code"), word("severity"))
        })
        .collect()
}

const PAIR: &str = "[[cluster]]\nname = \"web\"\nmembers = [ { host = \"web1\", file = \"web1/keepalived.conf\" },\n            { host = \"web2\", file = \"web2/keepalived.conf\" } ]\n";

#[test]
fn severities_are_set_by_rule_and_path_and_the_command_line_wins() {
    let toml = "[rules]\nKA1 = \"hint\"\nunknown-keyword = \"warning\"\n[per-file]\n\"lab/**\" = { off = [\"KA101\"] }\n\"lab/new/*.conf\" = { info = [\"KA101\"] }\n";
    let bad = host("frob", 1);
    let files = folder(&[("kalc.toml", toml), ("a.conf", &bad), ("lab/b.conf", &bad), ("lab/new/c.conf", &bad)]);
    let all = ["--no-cluster", "a.conf", "lab/b.conf", "lab/new/c.conf"];
    assert_eq!(found(files.path(), &all), ["a.conf KA101 warning", "lab/new/c.conf KA101 info"]);
    let error = [&all[..], &["--error", "KA101"]].concat();
    let each = ["a.conf KA101 error", "lab/b.conf KA101 error", "lab/new/c.conf KA101 error"];
    assert_eq!(found(files.path(), &error), each);
    assert_eq!(found(files.path(), &[&all[..], &["--off", "KA101"]].concat()), [] as [&str; 0]);
    // From a folder below, and named from elsewhere, it is the same project.
    assert_eq!(found(&files.path().join("lab"), &["b.conf", "../a.conf", "--no-cluster"]), ["../a.conf KA101 warning"]);
    let config = files.path().join("kalc.toml");
    let file = files.path().join("lab/b.conf");
    let elsewhere = folder(&[]);
    let args = ["--config", config.to_str().expect("UTF-8"), file.to_str().expect("UTF-8")];
    assert_eq!(found(elsewhere.path(), &args), [] as [&str; 0]);
}

#[test]
fn without_a_path_the_project_is_checked() {
    let other = host("frob", 1).replace(".10", ".99").replace("51", "77");
    let files = folder(&[
        ("kalc.toml", PAIR),
        ("web1/keepalived.conf", &host("", 1)),
        ("web2/keepalived.conf", &host("", 2)),
        ("other/keepalived.conf", &other),
    ]);
    assert_eq!(found(files.path(), &[]), ["web2/keepalived.conf KA602 error"]);
    assert_eq!(found(&files.path().join("web1"), &[]), ["../web2/keepalived.conf KA602 error"]);
    std::fs::write(files.path().join("kalc.toml"), "").expect("a file");
    let all = ["./other/keepalived.conf KA101 error", "./web2/keepalived.conf KA602 error"];
    assert_eq!(found(files.path(), &[]), all);
}

#[test]
fn one_file_of_a_cluster_brings_its_peers() {
    let files = folder(&[
        ("kalc.toml", PAIR),
        ("web1/keepalived.conf", &host("include more.inc", 1)),
        ("web1/more.inc", "adver_int 3\n"),
        ("web2/keepalived.conf", &host("frob", 2)),
        ("alone/keepalived.conf", &host("frub", 1).replace(".10", ".99").replace("51", "77")),
    ]);
    let pair = "web2/keepalived.conf KA602 error";
    // What is wrong with the peer by itself is not reported.
    assert_eq!(found(files.path(), &["web1/keepalived.conf"]), ["web1/more.inc KA101 error", pair]);
    assert_eq!(
        found(files.path(), &["./web1/keepalived.conf"]),
        ["web1/more.inc KA101 error", pair].map(|f| f.replace("web1/more", "./web1/more"))
    );
    assert_eq!(found(files.path(), &["web2/keepalived.conf"]), ["web2/keepalived.conf KA101 error", pair]);
    // A part of a member's file is read as such.
    assert_eq!(found(files.path(), &["web1/more.inc"]), ["web1/more.inc KA101 error", pair]);
    assert_eq!(found(files.path(), &["alone/keepalived.conf"]), ["alone/keepalived.conf KA101 error"]);
    assert_eq!(found(files.path(), &["--no-cluster", "web2/keepalived.conf"]), ["web2/keepalived.conf KA101 error"]);
    // An editor's text of a member is that member.
    let args = ["check", "--select", "KA602", "--format", "short", "--stdin-filename", "web2/keepalived.conf", "-"];
    let typed = run_with_input(files.path(), &args, host("", 1).as_bytes());
    assert_eq!((typed.status, typed.stdout.as_str()), (0, ""), "{typed:#?}");
    std::fs::remove_file(files.path().join("web2/keepalived.conf")).expect("a file");
    let missing = run(files.path(), &["check", "web1/keepalived.conf"]);
    assert!(missing.status == 2 && missing.stderr.contains("web2/keepalived.conf"), "{missing:#?}");
}

#[test]
fn members_of_one_file_have_their_ids_and_names() {
    let toml = "[[cluster]]\nname = \"web\"\nmembers = [ { host = \"web1\", file = \"both.conf\", config-id = \"one\" },\n            { host = \"web2\", file = \"both.conf\", config-id = \"two\", addresses = [\"10.0.0.12/24\"] } ]\nmax-failover = \"5s\"\n";
    let both = host("", 1).replace("    advert_int 1\n", "    @one advert_int 1\n    @two advert_int 2\n");
    let files = folder(&[("kalc.toml", toml), ("both.conf", &both)]);
    let short = run(files.path(), &["check", "--select", "KA602", "--format", "short"]);
    assert!(short.status == 1 && short.stdout.contains("both.conf") && short.stdout.contains("web1"), "{short:#?}");
    // Without the project the ids of the file make the hosts.
    std::fs::write(files.path().join("kalc.toml"), "").expect("a file");
    assert_eq!(found(files.path(), &["both.conf"]), ["both.conf KA602 error"]);
    assert_eq!(found(files.path(), &["both.conf", "-i", "one"]), [] as [&str; 0]);
    let excepted = format!("{toml}not-peers = [[\"web1:web\", \"web2:web\"]]\n");
    std::fs::write(files.path().join("kalc.toml"), excepted).expect("a file");
    assert_eq!(found(files.path(), &[]), [] as [&str; 0]);
}

#[test]
fn cluster_goes_by_the_project_too() {
    let other = host("", 1).replace(".10", ".99").replace("51", "77");
    let files = folder(&[
        ("kalc.toml", &format!("{PAIR}max-failover = \"1s\"\n")),
        ("web1/keepalived.conf", &host("include more.inc", 1)),
        ("web1/more.inc", "advert_int 1\n"),
        ("web2/keepalived.conf", &host("", 2)),
        ("other/keepalived.conf", &other),
    ]);
    let cluster = |folder: &Path, args: &[&str]| {
        let run = run(folder, &[&["cluster", "--format", "json"], args].concat());
        assert!(run.status <= 1 && run.stderr.is_empty(), "{run:#?}");
        let json = run.json();
        let words = |list: &str, key: &str| -> Vec<String> {
            let list = json[list].as_array().expect("a list").iter();
            list.map(|one| one[key].as_str().unwrap_or("none").to_owned()).collect()
        };
        (
            run.status,
            words("virtual_routers", "id"),
            words("virtual_routers", "cluster"),
            words("contradictions", "code"),
        )
    };
    let answer = |status: i32, found: &[&str]| {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        (status, words(&["web1:web web2:web"]), words(&["web"]), words(found))
    };
    let both = answer(1, &["KA602"]);
    // Without a path, from below, and with one file of the cluster, or a part of one.
    assert_eq!(cluster(files.path(), &[]), both);
    assert_eq!(cluster(&files.path().join("other"), &[]), both);
    assert_eq!(cluster(files.path(), &["web2/keepalived.conf"]), both);
    assert_eq!(cluster(files.path(), &["web1/more.inc"]), both);
    // A folder with hosts of no cluster shows those beside it.
    let text = run(files.path(), &["cluster", "."]).stdout;
    assert!(text.contains("cluster web") && text.contains("in no cluster") && text.contains("3 hosts"), "{text}");
    // Severities and exceptions count.
    let set = |more: &str| std::fs::write(files.path().join("kalc.toml"), format!("{PAIR}{more}\n")).expect("a file");
    set("[rules]\nKA602 = \"info\"");
    assert_eq!(cluster(files.path(), &[]), answer(0, &[]));
    set("[per-file]\n\"web2/*\" = { off = [\"KA602\"] }");
    assert_eq!(cluster(files.path(), &[]), answer(0, &[]));
    set("not-peers = [[\"web1:web\", \"web2:web\"]]");
    assert_eq!(cluster(files.path(), &[]).1, [] as [&str; 0]);
    let lower = host("", 1).replace("priority 100", "priority 90");
    std::fs::write(files.path().join("web2/keepalived.conf"), lower).expect("a file");
    set("max-failover = \"1s\"");
    assert_eq!(cluster(files.path(), &[]), answer(1, &["KA628"]));
    set("max-failover = \"5s\"");
    assert_eq!(cluster(files.path(), &[]), answer(0, &[]));
    set("max-failower = \"5s\"");
    let failed = run(files.path(), &["cluster"]);
    assert!(failed.status == 2 && failed.stderr.contains("max-failover"), "{failed:#?}");
}

#[test]
fn what_one_file_shows_and_two_prove_is_told_once() {
    let director = |own: &str, peer: &str, priority: u8| {
        let vrrp = host("", 1).replace(
            "priority 100",
            &format!("priority {priority}\n    unicast_src_ip {own}\n    unicast_peer {{\n        {peer}\n    }}"),
        );
        let real = |ip: &str| {
            format!(
                "    real_server {ip} 80 {{\n        TCP_CHECK {{\n            connect_timeout 3\n        }}\n    }}\n"
            )
        };
        let (one, two) = (real("192.0.2.21"), real("192.0.2.22"));
        format!(
            "{vrrp}virtual_server 192.0.2.10 80 {{\n    delay_loop 6\n    lb_algo rr\n    lb_kind DR\n    protocol TCP\n{one}{two}}}\n"
        )
    };
    let files = folder(&[
        ("a.conf", &director("192.0.2.21", "192.0.2.22", 100)),
        ("b.conf", &director("192.0.2.22", "192.0.2.21", 90)),
    ]);
    let check = |args: &[&str]| {
        let run = run(files.path(), &[&["check", "--select", "KA625", "--format", "short"], args].concat());
        run.stdout.lines().map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(check(&["a.conf"]), ["a.conf:27:5 warning KA625 dr-directors-forward-to-each-other"]);
    assert_eq!(check(&["a.conf", "b.conf"]), ["b.conf:22:5 error KA625 dr-directors-forward-to-each-other"]);
    assert_eq!(check(&["--no-cluster", "a.conf", "b.conf"]).len(), 2);
}

#[test]
fn a_wanted_tie_and_an_id_on_tencent_cloud() {
    let files = folder(&[("web1/keepalived.conf", &host("", 1)), ("web2/keepalived.conf", &host("", 1))]);
    let codes = |toml: &str| {
        std::fs::write(files.path().join("kalc.toml"), toml).expect("a file");
        let run = run(files.path(), &["check", "--select", "KA606,KA607", "--format", "json", "."]);
        assert!(run.stderr.is_empty(), "{run:#?}");
        let json = run.json();
        let found = json["diagnostics"].as_array().expect("a list").iter();
        found.map(|d| format!("{} {}", d["code"], d["severity"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(codes(""), ["KA607 info"]);
    let tencent = "profiles = [\"tencent\"]\n";
    assert_eq!(codes(tencent), ["KA607 info"]);
    assert_eq!(codes(&format!("{tencent}[profile.tencent]\npriority-tie = \"allow\"\n")), [] as [&str; 0]);
    // Two clusters that do not hear each other and have one id.
    let unicast = |own: &str, peer: &str| {
        format!("priority 100\n    unicast_src_ip {own}\n    unicast_peer {{\n        {peer}\n    }}")
    };
    for (name, own, peer, vip) in [("web1", 1, 2, 10), ("web2", 2, 1, 10), ("db1", 3, 4, 20), ("db2", 4, 3, 20)] {
        let addresses = unicast(&format!("192.0.2.{own}"), &format!("192.0.2.{peer}"));
        let text =
            host("", 1).replace("priority 100", &addresses).replace("192.0.2.10/24", &format!("192.0.2.{vip}/24"));
        let folder = files.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("keepalived.conf"), text).expect("a file");
    }
    assert_eq!(codes("[rules]\nKA607 = \"off\"\n"), [] as [&str; 0]);
    assert_eq!(codes(&format!("{tencent}[rules]\nKA607 = \"off\"\n")), ["KA606 info"]);
}

#[test]
fn what_the_project_file_gets_wrong_is_shown() {
    let files = folder(&[("a.conf", "")]);
    let check = |toml: &str| -> Run {
        std::fs::write(files.path().join("kalc.toml"), toml).expect("a file");
        run(files.path(), &["check", "a.conf"])
    };
    let cluster = |rest: &str| format!("{PAIR}{rest}\n");
    for (toml, hint) in [
        ("targt = \"kalc\"\n", "`target`"),
        ("target = \"keepalived\"\n", "keepalived-2.2.7"),
        ("profiles = [\"amazon\"]\n", "hetzner-cloud"),
        ("[rules]\nKA4O1 = \"off\"\n", "`KA401`"),
        ("[rules]\nKA401 = \"of\"\n", "`off`"),
        ("[per-file]\n\"a[\" = { off = [\"KA401\"] }\n", "pattern"),
        ("[per-file]\n\"a\" = { of = [\"KA401\"] }\n", "`off`"),
        ("[[cluster]]\nname = \"x\"\nmembers = [ { hots = \"a\", file = \"b\" } ]\n", "`host`"),
        (
            "[[cluster]]\nname = \"x\"\nmembers = [ { host = \"a\", file = \"b\", addresses = [\"web1\"] } ]\n",
            "10.0.0.11/24",
        ),
        ("[[cluster]]\nmembers = []\n", "name"),
        (&cluster("max-failover = \"5\""), "1.5s"),
        (&cluster("not-peers = [[\"web1\", \"web2:a\"]]"), "web1:VI_1"),
        (&cluster("not-peers = [[\"wev1:a\", \"web2:a\"]]"), "`web1`"),
        (&cluster(PAIR), "two clusters"),
        ("this is no toml\n", "kalc.toml"),
    ] {
        let failed = check(toml);
        assert_eq!((failed.status, failed.stdout.as_str()), (2, ""), "{toml}: {failed:#?}");
        assert!(failed.stderr.contains(hint) && failed.stderr.contains("kalc.toml"), "{toml}: {}", failed.stderr);
    }
    assert_eq!(check("target = \"keepalived-2.2.7\"\nprofiles = [\"tencent\", \"aws\"]\n").status, 0);
    let missing = run(files.path(), &["check", "--config", "no.toml", "a.conf"]);
    assert!(missing.status == 2 && missing.stderr.contains("no.toml"), "{missing:#?}");
    for wrong in [&["--profile", "amazon"][..], &["--target", "2.2.7"], &["--today", "now"]] {
        assert_eq!(run(files.path(), &[&["check", "a.conf"], wrong].concat()).status, 2, "{wrong:?}");
    }
    assert_eq!(run(files.path(), &["check", "--profile", "aws,gcp", "--target", "kalc", "a.conf"]).status, 0);
}

#[test]
fn comments_silence_on_the_command_line_too() {
    let allowed = host("frob # kalc: allow(KA101, until=2026-12-31) known", 1);
    let files = folder(&[
        ("a.conf", &allowed),
        ("b.conf", "include c.inc\n"),
        ("d.conf", "include c.inc\nfrub\n"),
        ("c.inc", "frob # kalc: allow(KA101)\n"),
    ]);
    let check = |args: &[&str]| {
        run(files.path(), &[&["check", "--hints", "--select", "KA101,KA981", "--format", "short"], args].concat())
    };
    assert_eq!(check(&["--today", "2026-12-31", "a.conf"]).stdout, "");
    let late = check(&["--today", "2027-01-01", "a.conf"]);
    assert!(late.status == 1 && late.stdout.contains("KA101") && late.stdout.contains("KA981"), "{late:#?}");
    // One comment in a file that two hosts include serves both.
    let shared = check(&["b.conf", "d.conf"]);
    assert_eq!(shared.stdout.lines().count(), 1, "{shared:#?}");
    let ignored = check(&["--ignore", "KA101", "--today", "2026-12-31", "a.conf"]);
    assert_eq!(ignored.stdout, "", "{ignored:#?}");
}

#[test]
fn completions_and_manual_pages_are_made() {
    let files = folder(&[]);
    for shell in ["bash", "zsh", "fish"] {
        let script = run(files.path(), &["completions", shell]);
        assert!(script.status == 0 && script.stdout.contains("--fail-on") || shell == "fish", "{script:#?}");
        assert!(script.stdout.contains("kalc"), "{script:#?}");
    }
    let page = run(files.path(), &["man"]);
    assert!(page.status == 0 && page.stdout.contains(".TH kalc 1"), "{page:#?}");
    assert_eq!(run(files.path(), &["man", "--output", "man"]).status, 0);
    let check = std::fs::read_to_string(files.path().join("man/kalc-check.1")).expect("a page");
    assert!(check.contains("stdin\\-filename"), "{check}");
}

#[test]
fn clouds_and_target_come_from_the_project_or_the_command_line() {
    let toml = "target = \"keepalived-2.2.4\"\nprofiles = [\"aws\"]\n[profile.aws]\nmac-spoofing = true\n";
    let text = host("mcast_dst_ip 224.0.0.99\n    use_vmac", 1);
    let files = folder(&[("kalc.toml", toml), ("a.conf", &text)]);
    let codes = |args: &[&str]| -> Vec<String> {
        let args = [&["check", "--select", "KA75,KA901", "--format", "json", "a.conf"], args].concat();
        let json = run(files.path(), &args).json();
        let list = json["diagnostics"].as_array().expect("a list");
        list.iter().map(|d| d["code"].as_str().expect("a word").to_owned()).collect()
    };
    assert_eq!(codes(&[]), ["KA751", "KA752", "KA901"]);
    // What the table says of a cloud still counts when the command line names it.
    assert_eq!(codes(&["--profile", "aws", "--target", "keepalived-2.2.7"]), ["KA751", "KA752"]);
    assert_eq!(codes(&["--profile", "gcp"]), ["KA751", "KA752", "KA901", "KA756"]);
    assert_eq!(codes(&["--profile", "openstack", "--target", "kalc"]), ["KA756"]);
    std::fs::write(files.path().join("kalc.toml"), "[profile.aws]\nmulticast = true\n").expect("a file");
    let refused = run(files.path(), &["check", "a.conf"]);
    assert!(refused.status == 2 && refused.stderr.contains("`aws` is not among the `profiles`"), "{refused:#?}");
}
