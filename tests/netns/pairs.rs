//! Two hosts share a virtual router: one holder, whatever happens to it.

use crate::support::lab::{Lab, Program, has_keepalived};
use crate::support::skip;

/// What a virtual router looks like on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Lines of the instance.
    pub lines: &'static str,
    /// Whether peers are named.
    pub is_unicast: bool,
    /// Lines of another instance, if there is one, that is in one sync group with the first.
    pub second: Option<&'static str>,
    /// Its addresses.
    pub addresses: &'static [&'static str],
    pub second_addresses: &'static [&'static str],
}

/// Over IPv4, to the group.
pub const PLAIN: Kind = Kind {
    lines: "",
    is_unicast: false,
    second: None,
    addresses: &["10.99.0.100/24", "10.99.0.101/32"],
    second_addresses: &[],
};

impl Kind {
    fn config(&self, host: usize, priority: u8, more: &str) -> String {
        let block = |name: &str, vrid: u8, lines: &str, addresses: &[&str]| {
            let addresses: String = addresses.iter().map(|address| format!("  {address}\n")).collect();
            let network = if addresses.contains(':') { "fd99::" } else { "10.99.0." };
            let (own, peer) = (format!("{network}{host}"), format!("{network}{}", 3 - host));
            let peers = if self.is_unicast {
                format!(" unicast_src_ip {own}\n unicast_peer {{\n  {peer}\n }}\n")
            } else {
                String::new()
            };
            format!(
                "vrrp_instance {name} {{\n state BACKUP\n interface eth0\n virtual_router_id {vrid}\n \
                 priority {priority}\n{lines}\n{more}\n{peers} virtual_ipaddress {{\n{addresses} }}\n}}\n"
            )
        };
        let mut text = block("VI_1", 51, self.lines, self.addresses);
        if let Some(lines) = self.second {
            text.push_str(&block("VI_2", 52, lines, self.second_addresses));
            text.push_str("vrrp_sync_group G {\n group {\n  VI_1\n  VI_2\n }\n}\n");
        }
        text
    }

    fn all_addresses(&self) -> Vec<&'static str> {
        self.addresses.iter().chain(self.second_addresses).copied().collect()
    }
}

/// Every pairing with at least one kalc, side by side.
fn check(test: &str, kind: Kind) {
    let pairings =
        [(Program::Kalc, Program::Kalc), (Program::Kalc, Program::Keepalived), (Program::Keepalived, Program::Kalc)];
    std::thread::scope(|scope| {
        for (first, second) in pairings {
            if (first, second) != (Program::Kalc, Program::Kalc) && !has_keepalived() {
                skip(test, "there is no keepalived 2.2.7 here");
                continue;
            }
            scope.spawn(move || {
                if let Some(lab) = Lab::new(test, 2) {
                    share(&lab, kind, first, second);
                }
            });
        }
    });
}

/// kalc over kalc, for what Debian's keepalived does not know.
pub fn alone(test: &str, kind: Kind) {
    if let Some(lab) = Lab::new(test, 2) {
        share(&lab, kind, Program::Kalc, Program::Kalc);
    }
}

/// The better host holds the addresses whenever it can.
fn share(lab: &Lab, kind: Kind, first: Program, second: Program) {
    let addresses = kind.all_addresses();
    let (better, worse) = (kind.config(1, 150, ""), kind.config(2, 100, ""));
    let name = format!("{first:?} over {second:?}");
    let b = lab.start(2, second, &worse);
    let a = lab.start(1, first, &better);
    lab.wait_for_holder(1, &addresses, &[&a, &b], &format!("{name}, start"));

    a.kill();
    lab.wait(
        || addresses.iter().all(|address| lab.has(2, address)),
        &[&b],
        &format!("{name}, kill -9: host 2 takes over"),
    );
    let a = lab.start_again(1, first);
    lab.wait_for_holder(1, &addresses, &[&a, &b], &format!("{name}, back after kill -9"));

    assert_eq!(a.stop(), 0, "{name}: a clean stop");
    lab.wait_for_holder(2, &addresses, &[&b], &format!("{name}, SIGTERM"));
    let a = lab.start_again(1, first);
    lab.wait_for_holder(1, &addresses, &[&a, &b], &format!("{name}, back after SIGTERM"));

    lab.carrier(1, "down");
    lab.wait_for_holder(2, &addresses, &[&a, &b], &format!("{name}, link loss"));
    lab.carrier(1, "up");
    lab.wait_for_holder(1, &addresses, &[&a, &b], &format!("{name}, link back"));

    assert_eq!(a.stop(), 0, "{name}: a clean stop");
    assert_eq!(b.stop(), 0, "{name}: a clean stop");
    for host in [1, 2] {
        let left: Vec<_> = addresses.iter().filter(|address| lab.has(host, address)).collect();
        assert!(left.is_empty(), "{name}: host {host} still has {left:?}");
    }
}

#[test]
fn version_2_with_a_password() {
    check(
        "version_2_with_a_password",
        Kind { lines: " advert_int 1\n authentication {\n  auth_type PASS\n  auth_pass cuongquangnam\n }", ..PLAIN },
    );
}

#[test]
fn version_2_with_authentication_headers() {
    check(
        "version_2_with_authentication_headers",
        Kind { lines: " advert_int 1\n authentication {\n  auth_type AH\n  auth_pass 0123456789\n }", ..PLAIN },
    );
}

#[test]
fn version_2_unicast() {
    check("version_2_unicast", Kind { lines: " advert_int 1", is_unicast: true, ..PLAIN });
}

#[test]
fn version_3_unicast() {
    check("version_3_unicast", Kind { lines: " version 3\n advert_int 0.5", is_unicast: true, ..PLAIN });
}

#[test]
fn version_3_unicast_over_ipv6() {
    check(
        "version_3_unicast_over_ipv6",
        Kind {
            lines: " version 3\n advert_int 0.5",
            is_unicast: true,
            addresses: &["fe80::100/64", "fd99::100/64"],
            ..PLAIN
        },
    );
}

#[test]
fn version_3_at_a_tenth_of_a_second() {
    check("version_3_at_a_tenth_of_a_second", Kind { lines: " version 3\n advert_int 0.1", ..PLAIN });
}

#[test]
fn version_3_at_a_hundredth_of_a_second() {
    check("version_3_at_a_hundredth_of_a_second", Kind { lines: " version 3\n advert_int 0.01", ..PLAIN });
}

#[test]
fn ipv6() {
    check(
        "ipv6",
        Kind {
            lines: " version 3\n advert_int 0.5",
            addresses: &["fe80::100/64", "fd99::100/64", "fd99::101/128"],
            ..PLAIN
        },
    );
}

#[test]
fn a_sync_group() {
    check(
        "a_sync_group",
        Kind {
            lines: " advert_int 1",
            second: Some(" version 3\n advert_int 0.3"),
            second_addresses: &["10.99.0.200/24"],
            ..PLAIN
        },
    );
}

/// The same, but whoever holds the addresses keeps them.
#[test]
fn nopreempt_leaves_the_addresses_where_they_are() {
    const TEST: &str = "nopreempt_leaves_the_addresses_where_they_are";
    let kind = Kind { lines: " version 3\n advert_int 0.3\n nopreempt", ..PLAIN };
    for (first, second) in [(Program::Kalc, Program::Kalc), (Program::Kalc, Program::Keepalived)] {
        if second == Program::Keepalived && !has_keepalived() {
            skip(TEST, "there is no keepalived 2.2.7 here");
            continue;
        }
        let Some(lab) = Lab::new(TEST, 2) else { return };
        let addresses = kind.all_addresses();
        let b = lab.start(2, second, &kind.config(2, 100, ""));
        lab.wait_for_holder(2, &addresses, &[&b], "alone");
        let a = lab.start(1, first, &kind.config(1, 150, ""));
        // It hears the other for several master-down times, and says that it is a backup.
        std::thread::sleep(std::time::Duration::from_secs(3));
        lab.wait_for_holder(2, &addresses, &[&a, &b], "a better one has come");
        assert_eq!(b.stop(), 0);
        lab.wait_for_holder(1, &addresses, &[&a], "the worse one has gone");
        let b = lab.start_again(2, second);
        std::thread::sleep(std::time::Duration::from_secs(2));
        lab.wait_for_holder(1, &addresses, &[&a, &b], "the worse one is back");
    }
}
