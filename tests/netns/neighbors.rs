//! BFD beside keepalived: sessions come up, are lost and come back, and instances follow them.

use crate::support::lab::{Daemon, Lab, Program};
use kalc_core::bfd::{Control, Diagnostic, State};
use std::net::UdpSocket;
use std::time::Duration;

/// Held as long as the session is up, and always.
const FOLLOWS: &str = "10.99.0.100/24";
const ALWAYS: &str = "10.99.0.101/24";

/// A host with instances that follow the session with another one: one in fault without it, one that has more priority.
fn follower(neighbor: &str, lines: &str) -> String {
    let instance = |name: &str, vrid: u8, track: &str, address: &str| {
        format!(
            "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n priority 100\n \
             advert_int 0.1\n track_bfd {{\n  {track}\n }}\n virtual_ipaddress {{\n  {address}\n }}\n}}\n"
        )
    };
    let [a, b] = [instance("VI_1", 51, "N", FOLLOWS), instance("VI_2", 52, "N weight 20", ALWAYS)];
    session(neighbor, lines) + &a + &b
}

fn session(neighbor: &str, lines: &str) -> String {
    format!("bfd_instance N {{\n neighbor_ip {neighbor}\n min_rx 100\n min_tx 100\n multiplier 4\n {lines}\n}}\n")
}

fn follow(test: &str, programs: [Program; 2], neighbors: [&str; 2], lines: [&str; 2]) {
    let Some(lab) = Lab::new(test, 2) else { return };
    let first = lab.start(1, programs[0], &follower(neighbors[1], lines[0]));
    lab.wait(|| lab.has(1, ALWAYS), &[&first], "an instance that does without the session holds its address");
    assert!(!lab.has(1, FOLLOWS), "{}", first.log());
    let second = lab.start(2, programs[1], &session(neighbors[0], lines[1]));
    lab.wait(|| lab.has(1, FOLLOWS), &[&first, &second], "the session is up, and the instance with it");
    second.kill();
    lab.wait(|| !lab.has(1, FOLLOWS), &[&first], "the neighbour is lost, and the address let go");
    assert!(lab.has(1, ALWAYS), "{}", first.log());
    let second = lab.start_again(2, programs[1]);
    lab.wait(|| lab.has(1, FOLLOWS), &[&first, &second], "it is back");
    lab.port(2, "disabled");
    lab.wait(|| !lab.has(1, FOLLOWS), &[&first, &second], "the wire is cut");
    lab.port(2, "forwarding");
    lab.wait(|| lab.has(1, FOLLOWS), &[&first, &second], "the wire is mended");
    let log = first.log();
    for change in ["100 to 120", "120 to 100"] {
        assert!(log.contains(change), "{log}");
    }
    second.stop();
    lab.wait(|| !lab.has(1, FOLLOWS), &[&first], "the neighbour has ended");
    first.stop();
}

const V4: [&str; 2] = ["10.99.0.1", "10.99.0.2"];
const V6: [&str; 2] = ["fd99::1", "fd99::2"];

#[test]
fn kalc_follows_keepalived() {
    follow("kalc_follows_keepalived", [Program::Kalc, Program::Keepalived], V4, ["", ""]);
}

#[test]
fn keepalived_follows_kalc() {
    follow("keepalived_follows_kalc", [Program::Keepalived, Program::Kalc], V4, ["", "passive"]);
}

#[test]
fn kalc_follows_kalc_over_ipv6() {
    follow(
        "kalc_follows_kalc_over_ipv6",
        [Program::Kalc, Program::Kalc],
        V6,
        ["source_ip fd99::1\n ttl 255", "ttl 255"],
    );
}

#[test]
fn kalc_follows_keepalived_over_ipv6_and_over_hops() {
    let test = "kalc_follows_keepalived_over_ipv6_and_over_hops";
    follow(test, [Program::Kalc, Program::Keepalived], V6, ["passive\n max_hops 3", "ttl 63\n max_hops 3"]);
}

fn is_up(daemon: &Daemon) -> bool {
    daemon.log().matches("session N is up").count() > daemon.log().matches("session N is down").count()
}

#[test]
fn others_cannot_end_a_session_and_a_reload_keeps_it() {
    let Some(lab) = Lab::new("others_cannot_end_a_session", 3) else { return };
    let first = lab.start(1, Program::Kalc, &follower("10.99.0.2", ""));
    let second = lab.start(2, Program::Kalc, &session("10.99.0.1", ""));
    lab.wait(|| lab.has(1, FOLLOWS), &[&first, &second], "the session is up");
    // A third host says that it is down, and much that is no packet at all.
    let down = Control {
        state: State::AdminDown,
        diagnostic: Diagnostic::AdminDown,
        is_poll: true,
        is_final: false,
        is_demand: false,
        multiplier: 1,
        mine: 7,
        yours: 0,
        min_tx_us: 1,
        min_rx_us: 1,
        min_echo_rx_us: 0,
    };
    lab.inside(3, || {
        let socket = UdpSocket::bind("10.99.0.3:0").expect("a socket");
        for count in 0..2000_u32 {
            let mut bytes = down.encode().to_vec();
            if count % 2 == 1 {
                let length = bytes.len();
                bytes[count as usize % length] ^= (count >> 3) as u8;
                bytes.truncate(count as usize % 30);
            }
            socket.send_to(&bytes, "10.99.0.1:3784").expect("it leaves");
            if count % 100 == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });
    std::fs::write(lab.config(1), follower("10.99.0.2", "idle_tx 2000")).expect("a file");
    first.signal("HUP");
    lab.wait(|| first.log().contains("is reloaded"), &[&first], "it has reloaded");
    std::thread::sleep(Duration::from_secs(1));
    assert!(is_up(&first) && is_up(&second) && lab.has(1, FOLLOWS), "{}", first.log());
    assert_eq!(first.log().matches("session N is down").count(), 0, "{}", first.log());
    // What the configuration does not name any more falls silent.
    std::fs::write(lab.config(1), follower("10.99.0.2", "").replace("10.99.0.2", "10.99.0.3")).expect("a file");
    first.signal("HUP");
    lab.wait(|| !is_up(&second), &[&first, &second], "the neighbour notices");
    lab.wait(|| !lab.has(1, FOLLOWS), &[&first], "the new session is not up");
    first.stop();
    second.stop();
}
