//! `auth_hmac`: two hosts with the keys share a virtual router; who has none, or repeats what was said, changes nothing.
//!
//! Debian's keepalived does not know it: what keepalived 2.4.3 sends and accepts are the vectors of `kalc-core`.

use crate::hostile::{refused, send};
use crate::pairs::{Kind, PLAIN, alone};
use crate::support::lab::{Daemon, Lab, Program};
use kalc_core::wire::hmac::Sequence;
use kalc_core::wire::{GROUP_V4, Outgoing};
use kalc_ir::vrrp::{Auth, Hmac, HmacKey, HmacMode, HmacSource, Secret};
use kalc_ir::{Family, Vrid, VrrpVersion};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::Read;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const ADDRESS: &str = "10.99.0.100/24";
const FIRST: &str = "0123456789abcdef0123456789abcdef";
const SECOND: &str = "hex:202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";

const SIGNED: &str =
    " version 3\n advert_int 0.3\n auth_hmac {\n  key 1 0123456789abcdef0123456789abcdef\n  active_key 1\n }";

#[test]
fn signed_adverts() {
    alone("signed_adverts", Kind { lines: SIGNED, ..PLAIN });
}

#[test]
fn signed_adverts_of_version_2() {
    let lines = " advert_int 1\n auth_hmac {\n  key 1 0123456789abcdef0123456789abcdef\n  active_key 1\n  \
                 anti_replay monotonic\n }";
    alone("signed_adverts_of_version_2", Kind { lines, ..PLAIN });
}

#[test]
fn signed_adverts_over_ipv6() {
    let addresses = &["fe80::100/64", "fd99::100/64"];
    alone("signed_adverts_over_ipv6", Kind { lines: SIGNED, addresses, ..PLAIN });
    alone("signed_adverts_over_ipv6", Kind { lines: SIGNED, addresses, is_unicast: true, ..PLAIN });
}

fn config(priority: u8, settings: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority {priority}\n version 3\n \
         advert_int 0.5\n auth_hmac {{\n{settings}\n }}\n virtual_ipaddress {{\n  {ADDRESS}\n }}\n}}\n"
    )
}

/// How often a daemon has changed its state.
fn changes(daemon: &Daemon) -> usize {
    [" to BACKUP", " to MASTER", " to FAULT"].iter().map(|state| daemon.log().matches(state).count()).sum()
}

#[test]
fn keys_change_over_one_host_at_a_time_without_a_second_master() {
    let Some(lab) = Lab::new("keys_change_over_one_host_at_a_time", 2) else { return };
    let file = lab.folder().join("second.key");
    std::fs::write(&file, format!("{SECOND}\n")).expect("a key");
    let (first, second) = (format!("  key 1 {FIRST}"), format!("  key 2 file:{}", file.display()));
    let a = lab.start(1, Program::Kalc, &config(150, &format!("{first}\n  active_key 1")));
    let b = lab.start(2, Program::Kalc, &config(100, &format!("{first}\n  active_key 1")));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    let before = (changes(&a), changes(&b));
    for settings in [
        format!("{first}\n{second}\n  active_key 1"),
        format!("{first}\n{second}\n  active_key 2"),
        format!("{second}\n  active_key 2"),
    ] {
        for (host, daemon, priority) in [(2, &b, 100), (1, &a, 150)] {
            std::fs::write(lab.config(host), config(priority, &settings)).expect("a configuration");
            let loaded = daemon.log().matches("is reloaded").count();
            daemon.signal("HUP");
            lab.wait(
                || daemon.log().matches("is reloaded").count() > loaded,
                &[&a, &b],
                &format!("{settings} on {host}"),
            );
            // Longer than a backup waits for its master.
            std::thread::sleep(Duration::from_secs(2));
        }
    }
    assert_eq!((changes(&a), changes(&b)), before, "a state changed:\n{}\n{}", a.log(), b.log());
    assert!(a.log().contains("others may read this key"), "{}", a.log());
    assert!(!a.log().contains(FIRST) && !a.log().contains(&SECOND[4..]), "a key is in the log:\n{}", a.log());
    // Without its file the configuration is not taken, and the one before goes on.
    std::fs::remove_file(&file).expect("it is there");
    b.signal("HUP");
    lab.wait(|| b.log().contains("no key for auth_hmac of VI_1"), &[&a, &b], "the lost key is told");
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "in the end");
}

/// An advert that would end every other master, signed with a key at a time.
fn advert(key: Option<&str>, id: u8, utc: Duration) -> Vec<u8> {
    let hmac = |key: &str| Hmac {
        keys: vec![HmacKey {
            id,
            source: HmacSource::Secret(Secret { bytes: key.as_bytes().to_vec(), written_length: 32 }),
        }],
        active_key: id,
        time_window_us: 0,
        is_monotonic: false,
        mode: HmacMode::Enforce,
    };
    let auth = key.map_or(Auth::None, |key| Auth::Hmac(hmac(key)));
    let mut bytes = Vec::new();
    Outgoing {
        family: Family::Ipv4,
        version: VrrpVersion::V3,
        vrid: Vrid::new(51).expect("a number"),
        priority: 254,
        interval_us: 500_000,
        addresses: &["10.99.0.100".parse().expect("an address")],
        auth: &auth,
        source: "10.99.0.3".parse().expect("an address"),
        destination: GROUP_V4.into(),
        ttl: 255,
        ip_identification: 7,
        ah_sequence: 7,
        hmac_sequence: Sequence::default().next(utc),
        old_unicast_checksum: false,
        v3_checksum_as_v2: false,
    }
    .encode(&mut bytes);
    bytes
}

/// An advert as a host of the segment hears it.
fn overheard(lab: &Lab, host: usize) -> Vec<u8> {
    lab.inside(host, || {
        let mut socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(112))).expect("a raw socket");
        socket.join_multicast_v4(&GROUP_V4, &Ipv4Addr::new(10, 99, 0, host as u8)).expect("a group");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
        let mut bytes = [0; 200];
        let length = socket.read(&mut bytes).expect("the master speaks");
        bytes[..length].to_vec()
    })
}

#[test]
fn what_is_not_signed_now_with_a_key_changes_nothing() {
    let Some(lab) = Lab::new("what_is_not_signed_now_with_a_key_changes_nothing", 3) else { return };
    let settings = format!("  key 1 {FIRST}\n  active_key 1");
    let (a, b) =
        (lab.start(1, Program::Kalc, &config(150, &settings)), lab.start(2, Program::Kalc, &config(100, &settings)));
    lab.wait_for_holder(1, &[ADDRESS], &[&a, &b], "start");
    let before = (changes(&a), changes(&b));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let good = advert(Some(FIRST), 1, now);
    let mut changed = good.clone();
    changed[22] = 255;
    let mut malformed = good.clone();
    let kind = malformed.len() - 28;
    malformed[kind] = 2;
    let replayed = overheard(&lab, 3);
    std::thread::sleep(Duration::from_secs(1));
    let bad = [
        ("hmac_missing", advert(None, 1, now)),
        ("hmac", advert(Some("0123456789abcdef0123456789abcdeX"), 1, now)),
        ("hmac", changed),
        ("hmac_key", advert(Some(FIRST), 9, now)),
        ("hmac_clock", advert(Some(FIRST), 1, now - Duration::from_secs(60))),
        ("hmac_trailer", malformed),
        ("hmac_replay", replayed),
    ];
    let packets: Vec<Vec<u8>> = bad.iter().map(|(_, packet)| packet.clone()).collect();
    send(&lab, 3, &packets, 10, Duration::from_millis(5));
    for (reason, _) in &bad {
        let wanted = 10 * bad.iter().filter(|(other, _)| other == reason).count() as u64;
        lab.wait(|| refused(&lab, 2, reason) == wanted, &[&a, &b], &format!("host 2 counts {wanted} for {reason}"));
    }
    assert_eq!((changes(&a), changes(&b)), before, "a state changed:\n{}\n{}", a.log(), b.log());
    // The same with the key and the time is believed.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    send(&lab, 3, &[advert(Some(FIRST), 1, now)], 1, Duration::ZERO);
    lab.wait(|| !lab.has(1, ADDRESS), &[&a, &b], "who has the key is heard");
}
