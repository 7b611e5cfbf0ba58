//! A third host sends what no router should: the state does not change, and every packet is counted for its reason.

use crate::support::lab::{Daemon, Lab, Program};
use kalc_core::wire::Outgoing;
use kalc_ir::vrrp::{Auth, Secret};
use kalc_ir::{Family, Vrid, VrrpVersion};
use kalc_runtime::control::client::Client;
use kalc_runtime::control::{Answer, Request};
use kalc_runtime::status::Stats;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

const ADDRESS: &str = "10.99.0.100/24";
const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);
/// Lengths of the IPv4 header, and of the part of an advert before its addresses.
const HEADER: usize = 20;

fn config(priority: u8) -> String {
    format!(
        "vrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority {priority}\n advert_int 1\n \
         authentication {{\n  auth_type PASS\n  auth_pass secret12\n }}\n virtual_ipaddress {{\n  {ADDRESS}\n }}\n}}\n"
    )
}

fn pass(word: &str) -> Auth {
    let bytes = word.as_bytes().to_vec();
    Auth::Pass { secret: Secret { written_length: u32::try_from(bytes.len()).expect("a word"), bytes } }
}

/// An advert that would end every other master, if it were believed.
fn advert(vrid: u8, version: VrrpVersion, interval_us: u64, auth: &Auth, ttl: u8) -> Vec<u8> {
    let outgoing = Outgoing {
        family: Family::Ipv4,
        version,
        vrid: Vrid::new(vrid).expect("a number"),
        priority: 254,
        interval_us,
        addresses: &["10.99.0.100".parse().expect("an address")],
        auth,
        source: "10.99.0.3".parse().expect("an address"),
        destination: GROUP.into(),
        ttl,
        ip_identification: 7,
        ah_sequence: 7,
        hmac_sequence: kalc_core::wire::hmac::Sequence::default(),
        old_unicast_checksum: false,
        v3_checksum_as_v2: false,
    };
    let mut bytes = Vec::new();
    outgoing.encode(&mut bytes);
    bytes
}

/// Every kind of bad packet, with the reason under which it is to be counted.
fn bad_packets() -> Vec<(&'static str, Vec<u8>)> {
    let (second, right) = (1_000_000, pass("secret12"));
    let good = advert(51, VrrpVersion::V2, second, &right, 255);
    let mut wrong_sum = good.clone();
    wrong_sum[HEADER + 6] ^= 0xff;
    let mut wrong_type = good.clone();
    wrong_type[HEADER] = 0x22;
    let mut too_long = good.clone();
    too_long.extend([0; 60]);
    vec![
        ("checksum", wrong_sum),
        ("type", wrong_type),
        ("length", too_long),
        ("truncated", good[..HEADER + 6].to_vec()),
        ("password", advert(51, VrrpVersion::V2, second, &pass("secret13"), 255)),
        ("auth_type", advert(51, VrrpVersion::V2, second, &Auth::None, 255)),
        ("interval", advert(51, VrrpVersion::V2, 2 * second, &right, 255)),
        ("version", advert(51, VrrpVersion::V3, second, &Auth::None, 255)),
        ("ttl", advert(51, VrrpVersion::V2, second, &right, 1)),
    ]
}

/// Sends packets from a host, that many times each.
pub fn send(lab: &Lab, host: usize, packets: &[Vec<u8>], times: usize, pause: Duration) {
    lab.inside(host, || {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(255))).expect("a raw socket");
        socket.set_header_included_v4(true).expect("an option");
        socket.bind_device(Some(b"eth0")).expect("an interface");
        let to = SocketAddr::from((GROUP, 0)).into();
        for _ in 0..times {
            for packet in packets {
                socket.send_to(packet, &to).expect("it leaves");
            }
            std::thread::sleep(pause);
        }
    });
}

/// What an instance counted.
fn stats(lab: &Lab, host: usize) -> Stats {
    let mut client = Client::connect(&lab.run_dir(host)).expect("the daemon listens");
    match client.ask(&Request::Status).expect("it answers") {
        Answer::Status { status } => status.instances[0].stats.clone(),
        other => panic!("{other:?}"),
    }
}

/// How many packets an instance refused for a reason.
pub fn refused(lab: &Lab, host: usize, reason: &str) -> u64 {
    stats(lab, host).refused.get(reason).copied().unwrap_or(0)
}

#[test]
fn bad_packets_change_nothing_and_are_counted_by_reason() {
    let Some(lab) = Lab::new("bad_packets_change_nothing_and_are_counted_by_reason", 3) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    let changes =
        |daemon: &Daemon| daemon.log().matches(" to BACKUP").count() + daemon.log().matches(" to MASTER").count();
    let before = (changes(&a), changes(&b));
    let bad = bad_packets();
    let packets: Vec<Vec<u8>> = bad.iter().map(|(_, packet)| packet.clone()).collect();
    send(&lab, 3, &packets, 20, Duration::from_millis(5));
    // What is for another virtual router is not even woken for.
    send(&lab, 3, &[advert(52, VrrpVersion::V2, 1_000_000, &Auth::None, 255)], 20, Duration::ZERO);
    for host in [1, 2] {
        for (reason, _) in &bad {
            let what = format!("host {host} counts 20 packets for {reason}");
            lab.wait(|| refused(&lab, host, reason) == 20, &[&a, &b], &what);
        }
        let all: u64 = stats(&lab, host).refused.values().sum();
        assert_eq!(all, 20 * bad.len() as u64, "host {host}: {:?}", stats(&lab, host));
    }
    assert_eq!((changes(&a), changes(&b)), before, "a state changed:\n{}\n{}", a.log(), b.log());
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "after all of it");
}

#[test]
fn a_flood_costs_little_and_hides_no_peer() {
    let Some(lab) = Lab::new("a_flood_costs_little_and_hides_no_peer", 3) else { return };
    let (a, b) = (lab.start(1, Program::Kalc, &config(150)), lab.start(2, Program::Kalc, &config(100)));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    let (lines, cpu, start) = (b.log().lines().count(), b.cpu(), Instant::now());
    let changes = b.log().matches(" to MASTER").count();
    // 100 packets every 10 ms for 4 s: longer than a backup waits for its master.
    let packet = advert(51, VrrpVersion::V2, 1_000_000, &pass("guessing"), 255);
    send(&lab, 3, &vec![packet; 100], 400, Duration::from_millis(10));
    let (cpu, wall) = (b.cpu() - cpu, start.elapsed());
    assert!(cpu < wall.mul_f64(0.6), "{cpu:?} of CPU in {wall:?}");
    assert_eq!(b.log().matches(" to MASTER").count(), changes, "the backup lost its master in the noise:\n{}", b.log());
    assert!(b.log().lines().count() < lines + 20, "the log is flooded:\n{}", b.log());
    assert!(refused(&lab, 2, "password") > 1000, "{:?}", stats(&lab, 2));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "after the flood");
}
