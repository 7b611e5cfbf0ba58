//! What goes wrong around a daemon: afterwards everything is as it should be.

use crate::support::lab::{Lab, Program};
use std::time::Duration;

const ADDRESS: &str = "10.99.0.100/24";
const SECOND: &str = "10.99.0.101/24";

fn config(priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority {priority}\n version 3\n \
         advert_int 0.2\n virtual_ipaddress {{\n  {ADDRESS}\n  {SECOND} label eth0:vip brd +\n }}\n}}\n"
    )
}

#[test]
fn an_address_deleted_by_hand_comes_back() {
    let Some(lab) = Lab::new("an_address_deleted_by_hand_comes_back", 1) else { return };
    // Of one network the kernel removes the second address with the first.
    let (address, second) = ("10.99.0.100/32", "10.99.0.101/32");
    let a = lab.start(
        1,
        Program::Kalc,
        &config(100).replace(ADDRESS, address).replace(SECOND, second).replace("brd +", ""),
    );
    lab.wait_for_holder(1, &[address, second], &[&a], "start");
    for _ in 0..2 {
        lab.ip(1, &format!("addr del {address} dev eth0"));
        lab.wait_for_holder(1, &[address, second], &[&a], "deleted by hand");
    }
    lab.ip(1, "addr flush dev eth0");
    lab.ip(1, "addr add 10.99.0.1/24 dev eth0");
    lab.wait_for_holder(1, &[address, second], &[&a], "all addresses deleted by hand");
}

#[test]
fn an_interface_that_vanishes_and_returns_is_used_again() {
    let Some(lab) = Lab::new("an_interface_that_vanishes_and_returns_is_used_again", 2) else { return };
    let add = || {
        lab.ip(1, "link add dum0 type veth peer name dum1");
        lab.ip(1, "link set dum1 up");
        lab.ip(1, "link set dum0 up");
    };
    add();
    let text = config(150).replace(SECOND, &format!("{SECOND} dev dum0")).replace("label eth0:vip", "");
    let (a, b) = (lab.start(1, Program::Kalc, &text), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS, SECOND], &[&a, &b], "start");
    lab.ip(1, "link del dum0");
    lab.wait_for_holder(2, &[ADDRESS, SECOND], &[&a, &b], "an interface is gone");
    add();
    lab.wait_for_holder(1, &[ADDRESS, SECOND], &[&a, &b], "the interface is back");
}

#[test]
fn a_partition_heals() {
    let Some(lab) = Lab::new("a_partition_heals", 2) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    lab.port(1, "disabled");
    lab.wait(
        || lab.has(1, ADDRESS) && lab.has(2, ADDRESS),
        &[&a, &b],
        "both are master while they cannot hear each other",
    );
    lab.port(1, "forwarding");
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "healed");
}

#[test]
fn a_daemon_that_was_stopped_hears_before_it_speaks() {
    let Some(lab) = Lab::new("a_daemon_that_was_stopped_hears_before_it_speaks", 2) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    // The backup sleeps: its master-down time is long over when it wakes, and adverts wait in its socket.
    b.signal("STOP");
    std::thread::sleep(Duration::from_secs(10));
    let before = b.log().matches("to MASTER").count();
    b.signal("CONT");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(b.log().matches("to MASTER").count(), before, "it took over from a living master:\n{}", b.log());
    // The master sleeps: the other takes over, and gives back.
    a.signal("STOP");
    lab.wait(|| lab.has(2, ADDRESS), &[&a, &b], "the backup takes over from a sleeper");
    a.signal("CONT");
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "the sleeper is awake");
}

#[test]
fn what_a_killed_daemon_left_is_removed_even_if_it_is_no_longer_configured() {
    let Some(lab) = Lab::new("what_a_killed_daemon_left_is_removed", 1) else { return };
    let a = lab.start(1, Program::Kalc, &config(100));
    lab.wait_for_holder(1, &[ADDRESS, SECOND], &[&a], "start");
    a.kill();
    assert!(lab.has(1, ADDRESS) && lab.has(1, SECOND), "nobody has removed them yet");
    let other = config(100).replace(SECOND, "10.99.0.102/24").replace("label eth0:vip", "");
    let a = lab.start(1, Program::Kalc, &other);
    lab.wait(|| !lab.has(1, SECOND), &[&a], "what was left is removed");
    lab.wait_for_holder(1, &[ADDRESS, "10.99.0.102/24"], &[&a], "what is configured is there");
    assert_eq!(a.stop(), 0);
    assert_eq!(
        std::fs::read_dir(lab.run_dir(1))
            .map_or(0, |files| files.flatten().filter(|f| f.file_name() == "addresses.json").count()),
        0
    );
}

#[test]
fn lost_events_of_interfaces_are_made_up_for() {
    let Some(lab) = Lab::new("lost_events_of_interfaces_are_made_up_for", 2) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS, SECOND], &[&a, &b], "start");
    lab.ip(1, "link add many type veth peer name other");
    let batch = lab.folder().join("batch");
    let lines = |verb: &str| -> String {
        let addresses =
            (0..8000).map(|n| format!("addr {verb} 10.{}.{}.{}/32 dev many\n", 100 + n / 62_500, n / 250, n % 250));
        addresses.collect()
    };
    // It cannot read while more comes than its socket holds.
    a.signal("STOP");
    for _ in 0..2 {
        for verb in ["add", "del"] {
            std::fs::write(&batch, lines(verb)).expect("a file");
            lab.ip(1, &format!("-batch {}", batch.display()));
        }
    }
    lab.ip(1, &format!("addr del {SECOND} dev eth0"));
    a.signal("CONT");
    lab.wait(|| a.log().contains("events of interfaces were lost"), &[&a, &b], "it notices that it missed some");
    lab.wait_for_holder(1, &[ADDRESS, SECOND], &[&a, &b], "all is read anew");
}

#[test]
fn a_lossy_network_has_one_holder_in_the_end() {
    const TEST: &str = "a_lossy_network_has_one_holder_in_the_end";
    if std::process::Command::new("nft").arg("-v").output().is_err() {
        return crate::support::skip(TEST, "there is no nft here");
    }
    let Some(lab) = Lab::new(TEST, 2) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    lab.lose(1, 20);
    std::thread::sleep(Duration::from_secs(5));
    assert!(lab.has(1, ADDRESS), "the better one stays master, whatever it misses of the other:\n{}", a.log());
    lab.lose(1, 0);
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "no more loss");
}

#[test]
fn many_reloads_disturb_nobody() {
    let Some(lab) = Lab::new("many_reloads_disturb_nobody", 2) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS, SECOND], &[&a, &b], "start");
    let before = b.log().matches("to MASTER").count();
    for turn in 0..100 {
        if turn % 10 == 0 {
            let more = format!("{ADDRESS}\n  10.99.0.{}/24", 110 + turn / 10);
            // In one step: the reload before may be reading.
            let fresh = lab.folder().join("fresh.conf");
            std::fs::write(&fresh, config(150).replacen(ADDRESS, &more, 1)).expect("a configuration");
            std::fs::rename(&fresh, lab.config(1)).expect("a configuration");
        }
        a.signal("HUP");
        std::thread::sleep(Duration::from_millis(20));
    }
    lab.wait_for_holder(1, &[ADDRESS, SECOND, "10.99.0.119/24"], &[&a, &b], "after 100 reloads");
    assert!(!lab.has(1, "10.99.0.118/24"), "an address of an earlier configuration is gone");
    assert_eq!(b.log().matches("to MASTER").count(), before, "the backup never missed the master:\n{}", b.log());
}

#[test]
fn a_reload_takes_instances_away_and_brings_them_back() {
    let Some(lab) = Lab::new("a_reload_takes_instances_away_and_brings_them_back", 1) else { return };
    let instances = |numbers: &[u8]| -> String {
        let instance = |number: &u8| {
            format!(
                "vrrp_instance VI_{number} {{\n interface eth0\n virtual_router_id {number}\n version 3\n \
                 advert_int 0.1\n virtual_ipaddress {{\n  10.99.0.{number}/24\n }}\n}}\n"
            )
        };
        numbers.iter().map(instance).collect()
    };
    let daemon = lab.start(1, Program::Kalc, &instances(&[101, 102, 103]));
    lab.wait(|| lab.has(1, "10.99.0.103/24"), &[&daemon], "it runs");
    for numbers in [&[102][..], &[], &[103, 101], &[102, 103, 101], &[]] {
        std::fs::write(lab.config(1), instances(numbers)).expect("a file");
        daemon.signal("HUP");
        let is_so = || {
            [101, 102, 103].iter().all(|number| lab.has(1, &format!("10.99.0.{number}/24")) == numbers.contains(number))
        };
        lab.wait(is_so, &[&daemon], &format!("it holds those of {numbers:?}"));
    }
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
    assert_eq!(daemon.stop(), 0);
}
