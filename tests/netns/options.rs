//! What the kernel has on a host under kalc and under keepalived from the same file: the same.

use crate::support::lab::{Daemon, Lab, Program, has_keepalived};
use crate::support::skip;
use serde_json::Value;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::Read;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::{Duration, Instant};

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
        settled(&lab);
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

/// Waits until the interface has the address that the kernel gives it.
fn settled(lab: &Lab) {
    lab.wait(|| lab.has(1, "fe80::ff:fe00:1/64"), &[], "the interface has its own address");
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
        bare_interface,
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

/// Routes and rules of a host, but for the kernel's own.
fn routes_and_rules(lab: &Lab) -> Vec<String> {
    let mut all = Vec::new();
    for family in ["-4", "-6"] {
        let routes = show(lab, &[family, "-o", "route", "show", "table", "all"]);
        all.extend(routes.into_iter().filter(|line| !line.contains("table local") && !line.contains("proto kernel")));
        all.extend(show(lab, &[family, "rule", "show"]));
    }
    all.retain(|line| !line.starts_with("ff00::") && !line.starts_with("fe80::"));
    all
}

const ROUTES: &str = "\
198.51.100.0/24 via 10.99.0.2 dev eth0
src 10.99.0.100 to 198.51.101.0/24 via 10.99.0.2 dev eth0 metric 7
blackhole 198.51.102.0/24 no_track
prohibit 198.51.109.0/24 no_track
throw 198.51.110.0/24 table 79 no_track
198.51.103.0/24 dev eth1 scope link table 77
198.51.111.0/24 dev eth1 table 77777
198.51.112.0/24 dev eth1
198.51.104.1 via 10.99.0.2 dev eth0 mtu 1400 advmss lock 1200 tos 0x10 initcwnd 20 initrwnd 30 window 9000 rtt 300ms rttvar 200ms rto_min 250ms ssthresh 20 reordering 5 cwnd lock 10 hoplimit 60 quickack 1 fastopen_no_cookie 1
198.51.105.0/24 via 10.77.0.1 dev eth1 onlink protocol 33 no_track
198.51.114.0/24 via 10.99.0.3 dev eth0 protocol static no_track
default via 10.99.0.2 dev eth0 table 78
2001:db8:1::/48 via fd99::2 dev eth0 metric 5 pref high
unreachable 2001:db8:2::/48 no_track
2001:db8:3::/48 dev eth1
2001:db8:4::/48 dev eth1 pref low table 91
198.51.106.0/24 nexthop via 10.99.0.3 dev eth0 weight 2 nexthop via 10.88.0.3 dev eth1 weight 3
198.51.107.0/24 via 10.99.0.9 no_track
198.51.120.0/24 via 10.99.0.2 dev eth0 realms 5/6
198.51.121.0/24 via 10.99.0.2 dev eth0 realms cosmos features ecn
198.51.122.0/24 via 10.99.0.2 dev eth0 congctl lock reno
198.51.123.0/24 via 10.99.0.2 dev eth0 ttl-propagate enabled congctl cubic
198.51.124.0/24 via 10.99.0.2 dev eth0 add
198.51.124.0/24 via 10.99.0.3 dev eth0 append
198.51.125.0/24 via 10.99.0.2 dev eth0
198.51.125.0/24 via 10.99.0.3 dev eth0 prepend
198.51.126.0/24 via 10.99.0.2 dev eth0 as to 10.1.1.1
198.51.127.0/24 via 10.99.0.2 or 10.99.0.3
198.51.128.0/24 encap ip id 5 dst 10.99.0.7 src 10.99.0.1 ttl 9 tos 16 via 10.99.0.2 dev eth0
198.51.129.0/24 nexthop via 10.99.0.2 dev eth0 weight 2 realms 3 nexthop via 10.99.0.3 dev eth0 realms 1/2
2001:db8:5::/48 via fd99::2 dev eth0 from 2001:db8:77::/48
2001:db8:6::/48 encap ip6 id 7 dst fd99::9 hoplimit 5 tc 3 dev eth0
";

const RULES: &str = "\
from 198.51.100.0/24 table 77
to 198.51.101.0/24 table 78 preference 500 tos 0x10
not fwmark 0x5/0xff lookup 78 priority 501
fwmark 7 lookup 77777 priority 507
iif eth1 oif eth0 blackhole preference 502
from 2001:db8::/32 table 79 preference 503 suppress_prefixlength 1
from 198.51.100.9 goto 600 preference 505
from 198.51.100.10 table main preference 506
from 198.51.100.8 table 77 suppress_ifgroup 3 protocol 44 no_track preference 601
to 198.51.99.0/24 unreachable
to 2001:db8:9::/48 table local
from 198.51.120.0/24 realms 5/6 table 77 preference 520
from 198.51.121.0/24 realms cosmos table 77 preference 521
from 198.51.122.0/24 tunnel-id 99 table 77 preference 522
uidrange 1000-2000 from 198.51.123.0/24 table 77 preference 523
ipproto tcp sport 80-90 dport 443-443 from 198.51.124.0/24 table 77 preference 524
ipproto 17 from 198.51.125.0/24 table 77 preference 525
from 198.51.126.0/24 l3mdev preference 526
from 198.51.127.0/24 nop preference 527
from 198.51.128.0/24 type blackhole preference 528
from 198.51.129.0/24 type goto 600 preference 529
from 198.51.130.0/24 type nop preference 530
from 2001:db8::/32 ipproto ipv6-icmp table 77 preference 531
";

fn routed(routes: &str, rules: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
         advert_int 0.1\n virtual_ipaddress {{\n  10.99.0.100/24\n }}\n virtual_routes {{\n{routes} }}\n \
         virtual_rules {{\n{rules} }}\n}}\n"
    )
}

/// A further interface, `eth1`, once it has all that the kernel gives it.
fn bare_interface(lab: &Lab) {
    lab.ip(1, "link add eth1 address 02:00:00:00:01:01 type veth peer name far1 address 02:00:00:00:01:02");
    lab.ip(1, "link set eth1 up");
    lab.ip(1, "link set far1 up");
    let own = ["fe80::ff:fe00:101/64", "fe80::ff:fe00:102/64", "fe80::ff:fe00:1/64"];
    lab.wait(|| own.iter().all(|own| lab.has(1, own)), &[], "the interfaces have their own addresses");
}

fn second_interface(lab: &Lab) {
    bare_interface(lab);
    lab.ip(1, "addr add 10.88.0.1/24 dev eth1");
}

#[test]
fn routes_and_rules_mean_the_same() {
    let held = compare(
        "routes_and_rules_mean_the_same",
        &routed(ROUTES, RULES),
        second_interface,
        |lab| routes_and_rules(lab).iter().any(|line| line.contains("198.51.99.0/24")),
        routes_and_rules,
    );
    if let Some([kalc, _]) = held {
        let own = kalc.iter().filter(|line| line.contains("198.51.") || line.contains("2001:db8:")).count();
        assert!(own >= ROUTES.lines().count() + RULES.lines().count() - 5, "{kalc:#?}");
    }
}

#[test]
fn a_track_group_counts_the_interfaces_of_static_entries() {
    let test = "a_track_group_counts_the_interfaces_of_static_entries";
    let Some(lab) = Lab::new(test, 1) else { return };
    bare_interface(&lab);
    let text = "track_group G {\n group {\n  VI_1\n }\n}\n\
        static_ipaddress {\n 10.88.0.77/24 dev eth1 track_group G\n}\n\
        static_rules {\n from 198.51.100.1 iif eth1 table 77 preference 400 track_group G\n}\n\
        vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.1\n \
        virtual_ipaddress {\n  10.99.0.100/24\n }\n}\n\
        vrrp_instance VI_2 {\n interface eth0\n virtual_router_id 52\n version 3\n advert_int 0.1\n \
        virtual_ipaddress {\n  10.99.0.101/24\n }\n}\n";
    let (first, second, fixed) = ("10.99.0.100/24", "10.99.0.101/24", "10.88.0.77/24");
    for program in [Program::Keepalived, Program::Kalc] {
        let daemon = lab.start(1, program, text);
        lab.wait(|| lab.has(1, first) && lab.has(1, second) && lab.has(1, fixed), &[&daemon], "all is held");
        lab.ip(1, "link set eth1 down");
        lab.wait(|| !lab.has(1, first), &[&daemon], "the instance of the group lets go");
        assert!(lab.has(1, second), "{}", daemon.log());
        lab.ip(1, "link set eth1 up");
        lab.wait(|| lab.has(1, first) && lab.has(1, fixed), &[&daemon], "it holds again");
        lab.ip(1, "addr del 10.88.0.77/24 dev eth1");
        lab.wait(|| lab.has(1, fixed), &[&daemon], "what is removed is restored");
        assert!(lab.has(1, first), "{}", daemon.log());
        daemon.stop();
        lab.wait(|| !lab.has(1, first) && !lab.has(1, fixed), &[], "all is gone");
    }
}

#[test]
fn routes_follow_a_reload_come_back_and_are_swept_up() {
    let test = "routes_follow_a_reload_come_back_and_are_swept_up";
    let Some(lab) = Lab::new(test, 1) else { return };
    second_interface(&lab);
    let before = routes_and_rules(&lab);
    let has = |text: &str| routes_and_rules(&lab).iter().any(|line| line.contains(text));
    let one = "198.51.100.0/24 via 10.99.0.2 dev eth0\n198.51.101.0/24 dev eth1\n";
    let daemon = lab.start(1, Program::Kalc, &routed(one, "from 198.51.100.0/24 table 77 preference 500\n"));
    lab.wait(|| has("500:"), &[&daemon], "it holds");
    // Somebody else removes what is tracked.
    lab.ip(1, "route del 198.51.100.0/24");
    lab.ip(1, "rule del preference 500");
    lab.wait(|| has("198.51.100.0/24 via") && has("500:"), &[&daemon], "they are back");
    assert!(daemon.log().contains("route 198.51.100.0/24 via 10.99.0.2 dev eth0 was removed by somebody else"));
    let other = "198.51.100.0/24 via 10.99.0.3 dev eth0\n198.51.101.0/24 dev eth1\n";
    std::fs::write(lab.config(1), routed(other, "from 198.51.100.0/24 table 77 preference 501\n")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| has("via 10.99.0.3") && has("501:"), &[&daemon], "the new ones are there");
    lab.wait(|| !has("via 10.99.0.2") && !has("500:"), &[&daemon], "the old ones are gone");
    // The interface of a tracked route is as good as that of an address.
    lab.ip(1, "link set eth1 down");
    lab.wait(|| !has("198.51.100.0/24") && !has("501:"), &[&daemon], "it has let go");
    lab.ip(1, "link set eth1 up");
    lab.wait(|| has("198.51.101.0/24") && has("501:"), &[&daemon], "it holds again");
    daemon.kill();
    assert!(has("198.51.101.0/24") && has("501:"));
    let bare =
        "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {\n  10.99.0.100/24\n }\n}\n";
    let daemon = lab.start(1, Program::Kalc, bare);
    lab.wait(|| routes_and_rules(&lab) == before, &[&daemon], "what was left is removed");
    assert_eq!(daemon.stop(), 0);
}

fn statics(address: &str) -> String {
    format!(
        "static_ipaddress {{\n {address}/24 dev eth0\n fd55::1/64 dev eth0\n 10.55.1.1/24\n 10.99.0.1/24 dev eth0\n}}\n\
         static_routes {{\n 198.51.100.0/24 via 10.99.0.2 dev eth0\n 198.51.101.0/24 via 10.55.1.9 dev eth0\n}}\n\
         static_rules {{\n from 198.51.100.0/24 table 77\n to 198.51.101.0/24 table 78\n}}\n\
         vrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
         advert_int 0.1\n virtual_ipaddress {{\n  10.99.0.100/24\n }}\n virtual_rules {{\n  from 10.99.0.9 table 79\n }}\n}}\n"
    )
}

#[test]
fn static_addresses_routes_and_rules_mean_the_same() {
    let look = |lab: &Lab| {
        let mut all = routes_and_rules(lab);
        // The host's own address is there already: keepalived takes it off in the end, and here it stays.
        all.extend(show(lab, &["-o", "addr", "show"]));
        all
    };
    let held = compare(
        "static_addresses_routes_and_rules_mean_the_same",
        &statics("10.55.0.1").replace(" 10.99.0.1/24 dev eth0\n", ""),
        |_| {},
        |lab| lab.has(1, "10.99.0.100/24") && routes_and_rules(lab).iter().any(|line| line.contains("10.99.0.9")),
        look,
    );
    if let Some([kalc, _]) = held {
        assert!(kalc.iter().any(|line| line.starts_with("16382:") && line.contains("10.99.0.9")), "{kalc:#?}");
    }
}

#[test]
fn static_entries_follow_a_reload_and_leave_what_is_the_hosts_own() {
    let test = "static_entries_follow_a_reload_and_leave_what_is_the_hosts_own";
    let Some(lab) = Lab::new(test, 1) else { return };
    settled(&lab);
    let before = (lab.addresses(1), routes_and_rules(&lab));
    let daemon = lab.start(1, Program::Kalc, &statics("10.55.0.1"));
    lab.wait(|| lab.has(1, "10.55.0.1/24") && lab.has(1, "10.99.0.100/24"), &[&daemon], "all are there");
    // Whatever is taken away comes back.
    lab.ip(1, "addr del 10.55.0.1/24 dev eth0");
    lab.wait(|| lab.has(1, "10.55.0.1/24"), &[&daemon], "it is back");
    std::fs::write(lab.config(1), statics("10.55.2.1")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| lab.has(1, "10.55.2.1/24") && !lab.has(1, "10.55.0.1/24"), &[&daemon], "another address");
    daemon.kill();
    let daemon = lab.start(1, Program::Kalc, &statics("10.55.3.1"));
    lab.wait(|| lab.has(1, "10.55.3.1/24") && !lab.has(1, "10.55.2.1/24"), &[&daemon], "the old one was swept up");
    assert_eq!(daemon.stop(), 0);
    assert_eq!((lab.addresses(1), routes_and_rules(&lab)), before);
}

#[test]
fn a_source_address_that_is_tracked_and_missing_is_a_fault() {
    let Some(lab) = Lab::new("a_source_address_that_is_tracked_and_missing_is_a_fault", 1) else { return };
    let config = |more: &str| {
        format!(
            "vrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
             advert_int 0.1\n unicast_src_ip 10.99.0.55\n {more}\n unicast_peer {{\n  10.99.0.2\n }}\n \
             virtual_ipaddress {{\n  10.99.0.100/24\n }}\n}}\n"
        )
    };
    let daemon = lab.start(1, Program::Kalc, &config("track_src_ip"));
    lab.wait(|| daemon.log().contains("INIT to FAULT"), &[&daemon], "the address is missing from the start");
    lab.ip(1, "addr add 10.99.0.55/24 dev eth0");
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it is there");
    lab.ip(1, "addr del 10.99.0.55/24 dev eth0");
    lab.wait(|| !lab.has(1, "10.99.0.100/24"), &[&daemon], "it is gone");
    std::fs::write(lab.config(1), config("")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it is not tracked any more");
    std::fs::write(lab.config(1), config("track_src_ip")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| !lab.has(1, "10.99.0.100/24"), &[&daemon], "it is tracked again");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn the_daemon_enters_the_namespace_that_is_named() {
    let Some(lab) = Lab::new("the_daemon_enters_the_namespace_that_is_named", 2) else { return };
    // It is started on the second host, and serves the first.
    let text = format!(
        "net_namespace {}\nvrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.1\n \
         virtual_ipaddress {{\n  10.99.0.100/24\n }}\n}}\n",
        lab.space(1)
    );
    for program in [Program::Keepalived, Program::Kalc] {
        let daemon = lab.start(2, program, &text);
        lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "the address is in the other namespace");
        assert!(!lab.has(2, "10.99.0.100/24"));
        daemon.stop();
        lab.wait(|| !lab.has(1, "10.99.0.100/24"), &[], "it is gone");
    }
    // CAP_SYS_ADMIN was for that alone.
    let daemon = lab.start(2, Program::Kalc, &text);
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).expect("it runs");
    let rights = status.lines().find_map(|line| line.strip_prefix("CapPrm:")).expect("rights");
    assert_eq!(u64::from_str_radix(rights.trim(), 16).expect("a number") & 1 << 21, 0);
    daemon.stop();
    let missing = text.replace(&lab.space(1), "there-is-none");
    let mut daemon = lab.start(2, Program::Kalc, &missing);
    lab.wait(|| !daemon.is_running(), &[], "it refuses");
    assert!(daemon.log().contains("cannot enter the network namespace `there-is-none`"), "{}", daemon.log());
}

#[test]
fn a_link_that_is_down_for_a_moment_moves_nothing() {
    let Some(lab) = Lab::new("a_link_that_is_down_for_a_moment_moves_nothing", 1) else { return };
    let text = "interface_up_down_delays {\n eth0 0.7 9\n}\n\
        vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n version 3\n advert_int 0.5\n virtual_ipaddress {\n  \
        10.99.0.100/24\n }\n}\n";
    let address = "10.99.0.100/24";
    for program in [Program::Keepalived, Program::Kalc] {
        let daemon = lab.start(1, program, text);
        lab.wait(|| lab.has(1, address), &[&daemon], "it holds");
        let began = Instant::now();
        lab.carrier(1, "down");
        std::thread::sleep(Duration::from_millis(250));
        lab.carrier(1, "up");
        // A machine that is busy may have made it a long moment.
        if began.elapsed() < Duration::from_millis(600) {
            std::thread::sleep(Duration::from_secs(1));
            assert!(lab.has(1, address), "{program:?}: {}", daemon.log());
        }
        let began = Instant::now();
        lab.carrier(1, "down");
        lab.wait(|| !lab.has(1, address), &[&daemon], "it lets go");
        assert!(began.elapsed() >= Duration::from_millis(650), "{program:?}: {:?}", began.elapsed());
        let began = Instant::now();
        lab.carrier(1, "up");
        lab.wait(|| lab.has(1, address), &[&daemon], "it holds again");
        // Nine seconds are more than twice the interval of adverts, and become that; then a master is waited for.
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(2300) && took < Duration::from_secs(9), "{program:?}: {took:?}");
        daemon.stop();
        lab.wait(|| !lab.has(1, address), &[], "it is gone");
    }
}

#[test]
fn states_are_written_to_pipes_again_after_a_reload() {
    let Some(lab) = Lab::new("states_are_written_to_pipes_again_after_a_reload", 1) else { return };
    let instance = |number: u8| {
        format!(
            "vrrp_instance VI_{number} {{\n interface eth0\n virtual_router_id 5{number}\n version 3\n advert_int 0.1\n \
             virtual_ipaddress {{\n  10.99.0.10{number}/24\n }}\n}}\n"
        )
    };
    let (pipe, seen) = (lab.folder().join("pipe"), lab.folder().join("seen"));
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    // On the host, so that it ends with the lab whatever happens.
    let script = format!("exec 3<>{}; exec cat <&3 >{} 2>&1", pipe.display(), seen.display());
    let mut reader = Command::new("ip")
        .args(["netns", "exec", &lab.space(1), "sh", "-c", &script])
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("a shell");
    let text = format!(
        "global_defs {{\n vrrp_notify_fifo {}\n fifo_write_vrrp_states_on_reload\n}}\n{}{}vrrp_sync_group G {{\n group {{\n  \
         VI_2\n }}\n}}\n",
        pipe.display(),
        instance(1),
        instance(2)
    );
    let lines =
        || -> Vec<String> { std::fs::read_to_string(&seen).unwrap_or_default().lines().map(str::to_owned).collect() };
    let masters = || lines().iter().filter(|line| line.contains("MASTER")).count();
    let daemon = lab.start(1, Program::Kalc, &text);
    lab.wait(|| masters() == 3, &[&daemon], "all are master");
    let before = lines().len();
    daemon.signal("HUP");
    lab.wait(|| masters() >= 5, &[&daemon], "they are told again");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(lines()[before..], ["GROUP \"G\" MASTER 0", "INSTANCE \"VI_1\" MASTER 100"]);
    daemon.stop();
    reader.kill().expect("it reads still");
    reader.wait().expect("it has ended");
}

/// The time of this host's clock that many seconds from now, in UTC.
fn in_seconds(seconds: u32, format: &str) -> String {
    let output = Command::new("date").args(["-u", "-d", &format!("+{seconds} seconds"), format]).output();
    String::from_utf8(output.expect("date runs").stdout).expect("a time")
}

#[test]
fn a_reload_comes_at_the_time_that_a_file_tells() {
    let test = "a_reload_comes_at_the_time_that_a_file_tells";
    for program in [Program::Kalc, Program::Keepalived] {
        if program == Program::Keepalived && !has_keepalived() {
            skip(test, "there is no keepalived 2.2.7 here");
            continue;
        }
        for repeats in [false, true] {
            let Some(lab) = Lab::new(test, 1) else { return };
            // Nothing else is in that folder.
            let folder = lab.folder().join("times");
            std::fs::create_dir(&folder).expect("a folder");
            let (time, mark) = (folder.join("time"), lab.folder().join("mark"));
            let text = |addresses: &str| {
                format!(
                    "global_defs {{\n reload_time_file {}\n{} reload_file {}\n}}\nvrrp_instance VI_1 {{\n state MASTER\n \
                     interface eth0\n virtual_router_id 51\n version 3\n priority 200\n advert_int 0.1\n virtual_ipaddress \
                     {{\n{addresses} }}\n}}\n",
                    time.display(),
                    if repeats { " reload_repeat\n" } else { "" },
                    mark.display()
                )
            };
            std::fs::write(&mark, "").expect("a file");
            let daemon = lab.start(1, program, &text("  10.99.0.100/24\n"));
            lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
            lab.wait(|| !mark.exists(), &[&daemon], "what is to say that it has read is gone");
            std::fs::write(lab.config(1), text("  10.99.0.100/24\n  10.99.0.101/24\n")).expect("a configuration");
            std::fs::write(&mark, "").expect("a file");
            // What is no time, and one that is taken back, are nothing.
            std::fs::write(&time, "soon\n").expect("a file");
            std::fs::write(&time, in_seconds(1, "+%H:%M:%SZ")).expect("a file");
            std::fs::remove_file(&time).expect("it was there");
            std::thread::sleep(Duration::from_millis(1500));
            assert!(!lab.has(1, "10.99.0.101/24") && mark.exists(), "{program:?}\n{}", daemon.log());
            let began = Instant::now();
            let format = if repeats { "+%H:%M:%SZ" } else { "+%Y-%m-%d %H:%M:%SZ" };
            std::fs::write(&time, in_seconds(3, format)).expect("a file");
            lab.wait(|| lab.has(1, "10.99.0.101/24"), &[&daemon], "it has reloaded");
            // Whole seconds were told.
            assert!(began.elapsed() >= Duration::from_millis(1900), "{program:?} {:?}", began.elapsed());
            lab.wait(|| !mark.exists(), &[&daemon], "what is to say that it has read is gone");
            assert_eq!(time.exists(), repeats, "{program:?}\n{}", daemon.log());
            assert_eq!(daemon.stop(), 0);
        }
    }
}

/// Gratuitous ARP that a host hears for so long: address and milliseconds since the first, in their order.
fn announcements(lab: &Lab, host: usize, time: Duration) -> Vec<(Ipv4Addr, u128)> {
    const ARP: u16 = 0x0806;
    lab.inside(host, || {
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(i32::from(ARP.to_be()))));
        let socket = socket.expect("a packet socket");
        let began = Instant::now();
        let (mut heard, mut first) = (Vec::new(), None);
        while let Some(left) = time.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
            socket.set_read_timeout(Some(left)).expect("a limit");
            let mut bytes = [0; 64];
            let Ok(length) = (&socket).read(&mut bytes) else { break };
            // Sender and target are behind eight bytes, a hardware address each before them.
            let [sender, target] = [14, 24].map(|at| <[u8; 4]>::try_from(&bytes[at..at + 4]).expect("four"));
            if length >= 28 && sender == target {
                let first = *first.get_or_insert_with(Instant::now);
                heard.push((Ipv4Addr::from(sender), first.elapsed().as_millis()));
            }
        }
        heard
    })
}

#[test]
fn addresses_on_interfaces_without_adverts_are_announced_again() {
    let test = "addresses_on_interfaces_without_adverts_are_announced_again";
    let config = |setting: &str| {
        format!(
            "vrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
             advert_int 0.1\n garp_master_delay 1\n garp_master_repeat 1\n {setting}\n virtual_ipaddress {{\n  10.99.0.100/24\n  \
             10.99.0.101/24 dev mv0\n }}\n}}\n"
        )
    };
    // How often each is announced in the five seconds from the first time: at once, behind the delay, and then perhaps.
    for (setting, expect) in
        [("garp_extra_if all 2", [2, 4]), ("garp_extra_if 2", [2, 2]), ("garp_extra_if 2\n use_vmac_addr", [2, 4])]
    {
        for program in [Program::Kalc, Program::Keepalived] {
            if program == Program::Keepalived && !has_keepalived() {
                skip(test, "there is no keepalived 2.2.7 here");
                continue;
            }
            let Some(lab) = Lab::new(test, 2) else { return };
            lab.ip(1, "link add link eth0 name mv0 type macvlan mode bridge");
            lab.ip(1, "link set mv0 up");
            let heard = std::thread::scope(|scope| {
                let heard = scope.spawn(|| announcements(&lab, 2, Duration::from_millis(6500)));
                let daemon = lab.start(1, program, &config(setting));
                let heard = heard.join().expect("it hears");
                assert_eq!(daemon.stop(), 0);
                heard
            });
            let count = |last: u8| {
                let is_it =
                    |(address, at): &&(Ipv4Addr, u128)| *address == Ipv4Addr::new(10, 99, 0, last) && *at < 5000;
                heard.iter().filter(is_it).count()
            };
            assert_eq!([count(100), count(101)], expect, "{program:?} `{setting}`: {heard:?}");
        }
    }
}

/// Macvlans with their address and what is below, the addresses on them, and what is set on them and below.
fn macvlans(lab: &Lab) -> Vec<String> {
    let text = show(lab, &["-br", "link", "show", "type", "macvlan"]).join("\n");
    let mut lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ")).collect();
    let names: Vec<String> =
        text.lines().filter_map(|line| line.split_once('@').map(|(name, _)| name.to_owned())).collect();
    for name in names.iter().map(String::as_str).chain(["eth0", "eth1"]) {
        let addresses = show(lab, &["-br", "-4", "addr", "show", "dev", name]).join("\n");
        let addresses = addresses.split_whitespace().skip(2).filter(|word| word.contains('.'));
        let settings =
            ["arp_ignore", "arp_filter", "rp_filter", "accept_local", "promote_secondaries"].map(|setting| {
                let file = format!("/proc/sys/net/ipv4/conf/{name}/{setting}");
                lab.inside(1, move || std::fs::read_to_string(file).unwrap_or_default().trim().to_owned())
            });
        lines.push(format!("{name}: {} {}", addresses.collect::<Vec<_>>().join(" "), settings.join("")));
    }
    lines
}

#[test]
fn macvlans_of_addresses_are_keepaliveds() {
    let test = "macvlans_of_addresses_are_keepaliveds";
    let config = |global: &str, instance: &str, addresses: &str| {
        format!(
            "global_defs {{\n{global}}}\nvrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version \
             3\n priority 200\n advert_int 0.1\n{instance} virtual_ipaddress {{\n{addresses} }}\n}}\n"
        )
    };
    let two = "  10.99.0.100/24\n  10.88.0.100/24 dev eth1\n  10.88.0.101/24 dev eth1\n";
    let cases = [
        (config("", " use_vmac_addr\n", two), ["vrrp.51@eth1"].as_slice()),
        (config(" vmac_addr_prefix va\n", " use_vmac\n use_vmac_addr\n", two), &["va.51@eth1", "vrrp.51@eth0"]),
        (
            config(
                " vmac_addr_prefix va\n",
                "",
                "  10.99.0.100/24 use_vmac\n  10.99.0.101/24\n  10.88.0.100/24 dev eth1 use_vmac\n",
            ),
            &["va.51@eth0", "va1.51@eth1"],
        ),
    ];
    for (config, expect) in cases {
        let all = |lab: &Lab| config.matches("/24").count() == macvlans(lab).join(" ").matches(".10").count();
        let Some([kalc, _]) = compare(test, &config, second_interface, all, macvlans) else { return };
        for name in expect {
            assert!(kalc.iter().any(|line| line.starts_with(name) && line.contains("00:00:5e:00:01:33")), "{kalc:?}");
        }
    }
}

/// What both write for the signal JSON, without times, counts of adverts, and what kalc leaves out.
fn comparable(text: &str) -> Vec<Value> {
    let mut entries: Vec<Value> = serde_json::from_str(text).expect("a list");
    for entry in &mut entries {
        let data = entry["data"].as_object_mut().expect("data");
        assert!(data.remove("last_transition").expect("a time").as_f64().expect("a number") > 1e9);
        for name in ["auth_data", "vroutes", "vrules"] {
            data.remove(name);
        }
        entry["stats"].as_object_mut().expect("stats").remove("advert_sent");
    }
    entries
}

#[test]
fn the_signal_for_json_gives_what_keepalived_writes() {
    let test = "the_signal_for_json_gives_what_keepalived_writes";
    if !has_keepalived() {
        return skip(test, "there is no keepalived 2.2.7 here");
    }
    let Some(lab) = Lab::new(test, 1) else { return };
    settled(&lab);
    let config = "global_defs {\n script_user root\n}\nvrrp_script fails {\n script \"/bin/false\"\n interval 1\n}\n\
                  vrrp_instance A {\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
                  advert_int 0.1\n use_vmac\n garp_master_delay 2\n garp_master_refresh 60\n notify_master \"/bin/true a b\"\n \
                  notify_backup /bin/true\n notify_fault /bin/true\n notify_stop /bin/true\n notify \"/bin/true c\"\n \
                  virtual_ipaddress {\n  10.99.0.100/24 brd 10.99.0.255\n  10.99.0.101\n }\n}\n\
                  vrrp_instance B {\n state BACKUP\n nopreempt\n interface eth0\n virtual_router_id 52\n advert_int 1\n \
                  priority 100\n smtp_alert\n authentication {\n  auth_type PASS\n  auth_pass secret12\n }\n \
                  virtual_ipaddress {\n  10.99.0.110/24 scope link label eth0:x\n }\n virtual_ipaddress_excluded {\n  \
                  10.99.0.111/24\n }\n}\n\
                  vrrp_instance C {\n state BACKUP\n interface eth0\n virtual_router_id 53\n version 3\n advert_int 0.1\n \
                  no_accept\n preempt_delay 7\n virtual_ipaddress {\n  fe80::99\n  fd99::100/64\n }\n}\n\
                  vrrp_instance D {\n state BACKUP\n interface eth0\n virtual_router_id 54\n dont_track_primary\n \
                  track_script {\n  fails\n }\n virtual_ipaddress {\n  10.99.0.120/24\n }\n}\n";
    let held = ["10.99.0.100/24", "10.99.0.111/24", "fd99::100/64"];
    let written = lab.run_dir(1).join("keepalived.json");
    // Only the namespace of processes could give keepalived a folder of its own; it writes for everybody.
    let theirs_file = std::path::Path::new("/tmp/keepalived.json");
    let mut seen = Vec::new();
    for program in [Program::Kalc, Program::Keepalived] {
        let daemon = lab.start(1, program, config);
        lab.wait_for_holder(1, &held, &[&daemon], "it holds");
        std::thread::sleep(Duration::from_millis(500));
        let before = std::fs::read(theirs_file).ok();
        if program == Program::Keepalived {
            // It may be that of another time.
            let _ = std::fs::remove_file(theirs_file);
        }
        let file = if program == Program::Kalc { written.as_path() } else { theirs_file };
        lab.wait(
            || {
                daemon.signal_all("36");
                std::thread::sleep(Duration::from_millis(300));
                std::fs::read_to_string(file).is_ok_and(|text| text.trim_end().ends_with(']'))
            },
            &[&daemon],
            "it writes",
        );
        seen.push(std::fs::read_to_string(file).expect("it is written"));
        if program == Program::Kalc {
            let asked = Command::new(env!("CARGO_BIN_EXE_kalc"))
                .args(["ctl", "json", "--run-dir"])
                .arg(lab.run_dir(1))
                .output();
            let asked = String::from_utf8(asked.expect("kalc runs").stdout).expect("text");
            assert_eq!(comparable(&asked), comparable(&seen[0]));
            assert!(!asked.contains("secret12"), "{asked}");
        } else if let Some(before) = before {
            std::fs::write(theirs_file, before).expect("a file");
        } else {
            std::fs::remove_file(theirs_file).expect("it was written");
        }
        assert_eq!(daemon.stop(), 0);
    }
    let [ours, theirs] = [&seen[0], &seen[1]].map(|text| comparable(text));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(
            serde_json::to_string_pretty(ours).expect("JSON"),
            serde_json::to_string_pretty(theirs).expect("JSON")
        );
    }
    assert_eq!(ours.len(), theirs.len());
}
