//! Addresses that the host holds and must not answer on: strict mode and `no_accept`, under kalc and under keepalived.

use crate::support::lab::{Daemon, Lab, Program, has_keepalived};
use crate::support::skip;
use std::io::ErrorKind;
use std::net::{SocketAddr, SocketAddrV6, TcpStream};
use std::process::Command;
use std::time::Duration;

/// How long a host may take to refuse a connection.
const ANSWER: Duration = Duration::from_millis(600);

/// Whether a host answers on an address, as the second host of the lab sees it: nobody listens there, so that an answer
/// is a refusal.
fn answers(lab: &Lab, address: &str) -> bool {
    lab.inside(2, || {
        let index = nix::net::if_::if_nametoindex("eth0").expect("an interface");
        let to = match address.parse().expect("an address") {
            std::net::IpAddr::V6(address) if address.is_unicast_link_local() => {
                SocketAddr::V6(SocketAddrV6::new(address, 9, 0, index))
            }
            address => SocketAddr::new(address, 9),
        };
        match TcpStream::connect_timeout(&to, ANSWER) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => true,
            Err(error) if error.kind() == ErrorKind::TimedOut => false,
            other => panic!("{address}: {other:?}"),
        }
    })
}

/// Whether the second host has learnt who has an address.
fn is_resolved(lab: &Lab, address: &str) -> bool {
    let output = Command::new("ip").args(["-n", &lab.space(2), "neigh", "show", address]).output().expect("ip runs");
    String::from_utf8_lossy(&output.stdout).contains("02:00:00:00:00:01")
}

fn rules(lab: &Lab) -> String {
    let output = Command::new("ip").args(["netns", "exec", &lab.space(1), "nft", "list", "ruleset"]).output();
    String::from_utf8_lossy(&output.expect("nft runs").stdout).into_owned()
}

const VIPS: [&str; 4] = ["10.99.0.100", "10.99.0.101", "fd99::100", "fe80::100"];

fn config(global: &str, instance: &str) -> String {
    format!(
        "global_defs {{\n {global}\n}}\nvrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n \
         version 3\n priority 200\n advert_int 0.1\n {instance}\n virtual_ipaddress {{\n  10.99.0.100/24\n }}\n \
         virtual_ipaddress_excluded {{\n  10.99.0.101/24\n  fd99::100/64\n  fe80::100/64\n }}\n}}\n"
    )
}

fn holds(lab: &Lab, daemon: &Daemon) {
    let all = ["10.99.0.100/24", "10.99.0.101/24", "fd99::100/64", "fe80::100/64"];
    lab.wait_for_holder(1, &all, &[daemon], "alone");
}

fn programs(test: &str) -> Vec<Program> {
    if has_keepalived() {
        return vec![Program::Kalc, Program::Keepalived];
    }
    skip(test, "there is no keepalived 2.2.7 here");
    vec![Program::Kalc]
}

#[test]
fn a_host_does_not_answer_on_addresses_that_it_does_not_accept() {
    let test = "a_host_does_not_answer_on_addresses_that_it_does_not_accept";
    for program in programs(test) {
        let Some(lab) = Lab::new(test, 2) else { return };
        for (global, instance, answer) in [
            ("", "", true),
            ("", "no_accept", false),
            ("vrrp_strict", "", false),
            ("vrrp_strict", "accept", true),
            ("nftables mine\n nftables_counters\n nftables_priority -7", "no_accept", false),
        ] {
            let daemon = lab.start(1, program, &config(global, instance));
            holds(&lab, &daemon);
            for vip in VIPS {
                assert_eq!(answers(&lab, vip), answer, "{program:?} {global} {instance} {vip}\n{}", rules(&lab));
                assert!(is_resolved(&lab, vip), "{program:?} {global} {instance} {vip}");
            }
            // What is the host's own is left alone.
            for own in ["10.99.0.1", "fd99::1", "fe80::ff:fe00:1"] {
                assert!(answers(&lab, own), "{program:?} {global} {instance} {own}\n{}", rules(&lab));
            }
            if global.contains("mine") {
                let rules = rules(&lab);
                assert!(rules.contains(" mine {") && rules.contains("counter packets"), "{rules}");
            }
            assert_eq!(daemon.stop(), 0);
            assert_eq!(rules(&lab), "", "{program:?} {global} {instance}");
        }
    }
}

#[test]
fn rules_follow_a_reload_and_do_not_outlive_the_daemon() {
    let Some(lab) = Lab::new("rules_follow_a_reload_and_do_not_outlive_the_daemon", 2) else { return };
    let daemon = lab.start(1, Program::Kalc, &config("", "no_accept"));
    holds(&lab, &daemon);
    assert!(!answers(&lab, VIPS[0]));
    std::fs::write(lab.config(1), config("", "no_accept").replace("10.99.0.101", "10.99.0.102")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| lab.has(1, "10.99.0.102/24"), &[&daemon], "the other address");
    assert!(!answers(&lab, "10.99.0.102"));
    lab.wait(|| !rules(&lab).contains("10.99.0.101"), &[&daemon], "nothing is kept away from the old one");
    std::fs::write(lab.config(1), config("", "accept")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| rules(&lab).is_empty(), &[&daemon], "there is no table");
    assert!(VIPS.iter().all(|vip| answers(&lab, vip)));
    std::fs::write(lab.config(1), config("vrrp_strict", "")).expect("a file");
    daemon.signal("HUP");
    lab.wait(|| rules(&lab).contains("10.99.0.100"), &[&daemon], "there is a table");
    // Somebody else's cleaning does not open the host.
    let flush = Command::new("ip").args(["netns", "exec", &lab.space(1), "nft", "flush", "ruleset"]).status();
    assert!(flush.is_ok());
    assert!(!answers(&lab, VIPS[0]), "{}", rules(&lab));
    daemon.kill();
    lab.wait(|| rules(&lab).is_empty(), &[], "the kernel has taken the table away");
}
