//! What the kernel has on a host under kalc and under keepalived from the same file: the same.

use crate::support::lab::{Daemon, Lab, Program, has_keepalived};
use crate::support::skip;
use std::process::Command;

/// Runs a file under each program on a fresh host, waits until it holds, and gives what `look` sees then and after the end.
fn compare(
    test: &str,
    config: &str,
    prepare: impl Fn(&Lab),
    holds: impl Fn(&Lab) -> bool,
    look: impl Fn(&Lab) -> Vec<String>,
) -> Option<[Vec<String>; 2]> {
    let programs = [Program::Kalc, Program::Keepalived];
    let mut seen = Vec::new();
    for program in programs {
        if program == Program::Keepalived && !has_keepalived() {
            skip(test, "there is no keepalived 2.2.7 here");
            continue;
        }
        let lab = Lab::new(test, 1)?;
        prepare(&lab);
        let before = look(&lab);
        let daemon: Daemon = lab.start(1, program, config);
        lab.wait(|| holds(&lab), &[&daemon], &format!("{program:?} holds"));
        let held = look(&lab);
        assert_eq!(daemon.stop(), 0);
        // keepalived 2.2.7 leaves an address with `peer` behind.
        if program == Program::Kalc {
            assert_eq!(look(&lab), before, "all is taken off");
        }
        seen.push(held);
    }
    let [kalc, keepalived] = <[_; 2]>::try_from(seen).ok()?;
    assert_eq!(kalc, keepalived, "kalc on the left, keepalived on the right");
    Some([kalc, keepalived])
}

/// What `ip` shows, without what differs from run to run.
fn show(lab: &Lab, arguments: &[&str]) -> Vec<String> {
    let output = Command::new("ip").args(["-n", &lab.space(1)]).args(arguments).output().expect("ip runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<String> = text.lines().map(|line| line.trim().replace("  ", " ")).collect();
    lines.sort();
    lines
}

#[test]
fn every_option_of_an_address_means_the_same() {
    let config = "vrrp_instance VI_1 {\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n \
                  priority 200\n advert_int 0.1\n virtual_ipaddress {\n  10.99.0.100\n  10.99.0.101/24 brd + label eth0:x\n  \
                  10.99.2.102/24 brd 10.99.2.255 scope link\n  10.99.3.103/24 brd - scope 200\n  \
                  10.99.0.104/24 noprefixroute preferred_lft 0\n  10.99.0.105 peer 10.99.7.1\n  \
                  10.99.8.1/24 dev eth1 preferred_lft 4000\n }\n virtual_ipaddress_excluded {\n  10.99.0.120/26 scope host\n  \
                  fd99::100/64\n  fd99::101\n  fd99::102/64 home\n  fd99::103/64 noprefixroute\n  fd99::104/64 preferred_lft 4000\n  \
                  fd99::105/64 -nodad\n  fe80::99/64\n }\n}\n";
    let prepare = |lab: &Lab| {
        lab.ip(1, "link add eth1 address 02:00:00:00:01:01 type veth peer name far1 address 02:00:00:00:01:02");
        lab.ip(1, "link set eth1 up");
        lab.ip(1, "link set far1 up");
    };
    let look = |lab: &Lab| {
        // Lifetimes run.
        let strip = |line: String| match line.split_once(" preferred_lft 39") {
            Some((valid, rest)) if rest.ends_with("sec") => format!("{valid} preferred_lft running"),
            Some(_) | None => line,
        };
        show(lab, &["-o", "addr", "show"]).into_iter().map(strip).collect()
    };
    let held = compare(
        "every_option_of_an_address_means_the_same",
        config,
        prepare,
        |lab| lab.has(1, "fe80::99/64") && lab.has(1, "10.99.0.120/26"),
        look,
    );
    if let Some([kalc, _]) = held {
        assert!(
            kalc.iter().filter(|line| line.contains("10.99.") || line.contains("fd99:")).count() >= 15,
            "{kalc:#?}"
        );
    }
}

#[test]
fn secondaries_are_promoted_while_the_daemon_runs() {
    let config = "vrrp_instance VI_1 {\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n \
                  priority 200\n advert_int 0.1\n promote_secondaries\n virtual_ipaddress {\n  10.99.0.100/24\n }\n}\n";
    let setting = |lab: &Lab| {
        let read = ["netns", "exec", &lab.space(1), "sysctl", "-n", "net.ipv4.conf.eth0.promote_secondaries"]
            .map(str::to_owned);
        let output = Command::new("ip").args(read).output().expect("sysctl runs");
        vec![String::from_utf8_lossy(&output.stdout).trim().to_owned()]
    };
    let held = compare(
        "secondaries_are_promoted_while_the_daemon_runs",
        config,
        |lab| {
            let off = ["netns", "exec", &lab.space(1), "sysctl", "-qw", "net.ipv4.conf.all.promote_secondaries=0"]
                .map(str::to_owned);
            assert!(Command::new("ip").args(off).status().is_ok_and(|status| status.success()));
        },
        |lab| lab.has(1, "10.99.0.100/24"),
        setting,
    );
    if let Some([kalc, _]) = held {
        assert_eq!(kalc, ["1"]);
    }
}
