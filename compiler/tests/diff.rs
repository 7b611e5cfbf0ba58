//! What a reload would change: cases in the words that people see, and the law that nothing is forgotten.

use kalc_compiler::host::Host;
use kalc_compiler::ir_json::effect;
use kalc_compiler::lint::page::examples;
use kalc_compiler::lint::rules::RULES;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_ir::diff::{Action, changes};

fn read(text: &str) -> Host {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    Host::read(file, &MemoryFiles::default(), &Profile::default())
}

const OLD: &str = "global_defs {
    router_id lb1
}
vrrp_script chk {
    script \"/bin/check a\"
    interval 2
}
vrrp_instance A {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type PASS
        auth_pass s3cret
    }
    virtual_ipaddress {
        192.0.2.10/24
        192.0.2.11/24
    }
    track_script {
        chk weight 10
    }
}
vrrp_instance B {
    interface eth0
    virtual_router_id 52
    virtual_ipaddress {
        192.0.2.20/24
    }
}
virtual_server 192.0.2.10 80 {
    protocol TCP
    delay_loop 6
    real_server 192.0.2.101 80 {
        weight 3
        TCP_CHECK {
            connect_timeout 3
        }
    }
    real_server 192.0.2.102 80 {
        weight 3
    }
}
";

/// The changes when one text takes the place of another.
#[track_caller]
fn check(replaced: &[(&str, &str)], expect: &[&str]) {
    let mut new = OLD.to_owned();
    for (from, to) in replaced {
        assert!(new.contains(from), "{from}");
        new = new.replacen(from, to, 1);
    }
    let found: Vec<String> =
        changes(&read(OLD).ir, &read(&new).ir).iter().map(|change| format!("{}: {change}", change.object)).collect();
    assert_eq!(found, expect);
}

#[test]
fn addresses_that_come_and_go() {
    check(
        &[("192.0.2.11/24", "192.0.2.12/24")],
        &[
            "vrrp_instance A: virtual_ipaddress 192.0.2.12/24 is added",
            "vrrp_instance A: virtual_ipaddress 192.0.2.11/24 is removed",
        ],
    );
    check(&[("192.0.2.11/24", "192.0.2.11/25")], &["vrrp_instance A: virtual_ipaddress 192.0.2.11 prefix 24 -> 25"]);
    check(
        &[("192.0.2.10/24\n        192.0.2.11/24", "192.0.2.11/24\n        192.0.2.10/24")],
        &["vrrp_instance A: virtual_ipaddress order 192.0.2.10, 192.0.2.11 -> 192.0.2.11, 192.0.2.10"],
    );
}

#[test]
fn instances_that_are_other_routers_begin_anew() {
    check(
        &[("virtual_router_id 51", "virtual_router_id 61")],
        &["vrrp_instance A: restarts its election (virtual_router_id)", "vrrp_instance A: vrid 51 -> 61"],
    );
    check(&[("vrrp_instance B", "vrrp_instance C")], &["vrrp_instance C: is added", "vrrp_instance B: is removed"]);
    check(&[("priority 100", "priority 90")], &["vrrp_instance A: priority 100 -> 90"]);
}

#[test]
fn timers_trackers_and_scripts() {
    check(
        &[("priority 100", "priority 100\n    advert_int 3\n    preempt_delay 1.5")],
        &["vrrp_instance A: advert_interval 1 s -> 3 s", "vrrp_instance A: preempt_delay 0 s -> 1.5 s"],
    );
    check(&[("chk weight 10", "chk weight -10")], &["vrrp_instance A: track_script chk weight 10 -> -10"]);
    check(&[("chk weight 10", "")], &["vrrp_instance A: track_script chk is removed"]);
    check(
        &[("check a", "check b"), ("interval 2", "interval 3")],
        &[
            "vrrp_script chk: command `/bin/check a` -> `/bin/check b`",
            "vrrp_script chk: interval 2 s -> 3 s",
            "vrrp_script chk: timeout 2 s -> 3 s",
        ],
    );
}

#[test]
fn real_servers_are_drained_and_weighed() {
    check(
        &[("weight 3\n        TCP", "weight 0\n        TCP")],
        &["virtual_server 192.0.2.10:80 tcp: real_server 192.0.2.101:80 is drained (weight 3 -> 0)"],
    );
    check(
        &[("weight 3\n        TCP", "weight 5\n        TCP")],
        &["virtual_server 192.0.2.10:80 tcp: real_server 192.0.2.101:80 weight 3 -> 5"],
    );
    check(
        &[("192.0.2.102", "192.0.2.103")],
        &[
            "virtual_server 192.0.2.10:80 tcp: real_server 192.0.2.103:80 is added",
            "virtual_server 192.0.2.10:80 tcp: real_server 192.0.2.102:80 is removed",
        ],
    );
    check(
        &[("connect_timeout 3", "connect_timeout 4")],
        &[
            "virtual_server 192.0.2.10:80 tcp: real_server 192.0.2.101:80 TCP_CHECK check connect at 192.0.2.101:80 timeout 3 s -> connect at 192.0.2.101:80 timeout 4 s",
        ],
    );
}

#[test]
fn secrets_are_not_shown() {
    let new = OLD.replace("s3cret", "0ther");
    let found = changes(&read(OLD).ir, &read(&new).ir);
    assert_eq!(found.len(), 1);
    let text = format!("{found:?} {}", serde_json::to_string(&found).expect("JSON"));
    assert!(matches!(found[0].action, Action::Changed { field: "auth_pass", .. }), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("0ther"), "{text}");
}

#[test]
fn a_file_that_only_looks_different_shows_nothing() {
    check(&[("vrrp_instance A {", "# comment\nvrrp_instance A\n{"), ("interval 2", "interval   2.0")], &[]);
    // What keepalived ignores is no change.
    check(&[("priority 100", "priority 100\n    priority 100 # again")], &[]);
    // Neither is another order of things that have names.
    let (first, second) = OLD.split_at(OLD.find("vrrp_instance B").expect("it"));
    let (b, rest) = second.split_at(second.find("virtual_server").expect("it"));
    let moved = first.replacen("vrrp_instance A", &format!("{b}vrrp_instance A"), 1) + rest;
    assert_eq!(changes(&read(OLD).ir, &read(&moved).ir), []);
}

/// Whatever a line does, taking it away is told; and what has no effect is not.
#[test]
fn every_line_that_counts_is_told() {
    let mut told = 0;
    for rule in RULES {
        for example in examples(&rule.page()) {
            for (_, text) in &example.files {
                let whole = read(text);
                assert_eq!(changes(&whole.ir, &whole.ir), []);
                for without in 0..text.lines().count() {
                    let rest: Vec<&str> =
                        text.lines().enumerate().filter(|(at, _)| *at != without).map(|(_, line)| line).collect();
                    let rest = read(&rest.join("\n"));
                    let differs = effect(&whole.ir) != effect(&rest.ir);
                    let (there, back) = (changes(&whole.ir, &rest.ir), changes(&rest.ir, &whole.ir));
                    let beside = |host: &Host| (host.ir.config_id.clone(), host.ir.symbolic.clone());
                    if beside(&whole) != beside(&rest) && there.is_empty() {
                        continue;
                    }
                    assert_eq!(there.is_empty(), !differs, "line {} of\n{text}\n{there:?}", without + 1);
                    assert_eq!(back.is_empty(), there.is_empty(), "line {} of\n{text}", without + 1);
                    told += usize::from(differs);
                }
            }
        }
    }
    assert!(told > 500, "{told}");
}
