//! The table that keeps packets away from addresses which the host does not own (RFC 9568 section 6.1, Accept_Mode).
//!
//! ```text
//! table inet kalc {
//!     set vips4 { type ipv4_addr }
//!     set vips6 { type ipv6_addr }
//!     set links6 { type ipv6_addr . iface_index }
//!     chain in {
//!         type filter hook input priority -1;
//!         icmpv6 type nd-neighbor-solicit accept        (and nd-neighbor-advert)
//!         ip6 daddr . iif @links6 drop
//!         ip daddr @vips4 drop
//!         ip6 daddr @vips6 drop
//!     }
//!     chain out {
//!         meta oifkind "macvlan" icmpv6 type mld-listener-report drop    (and -done, and version 2)
//!         the same as in, with saddr and oif
//!     }
//! }
//! ```
//!
//! keepalived 2.2.7 has the same sets and rules in two tables, one for each family (measured). Neighbour discovery goes
//! on: without it nobody could send packets that the host is to forward to the address. Link-local addresses are
//! different ones on each interface, so that the interface is part of them.

use super::Guard;
use super::message::{Attributes, Kind, Transaction, octets};
use std::net::IpAddr;

/// `NFT_TABLE_F_OWNER`: the table goes when the socket does that made it.
const OWNER: u32 = 2;

/// Names of the sets.
const V4: &str = "vips4";
const V6: &str = "vips6";
const LINKS: &str = "links6";

/// How the table looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its name.
    pub table: String,
    /// Whether its chains come before others: `nftables_priority`.
    pub priority: i32,
    /// Whether it counts packets.
    pub counts: bool,
    /// Whether macvlans tell nobody of the IPv6 groups that they are in.
    pub silences_macvlans: bool,
}

#[derive(Clone, Copy)]
enum Direction {
    In,
    Out,
}

/// The whole table, with nothing in its sets.
pub fn make(transaction: &mut Transaction, look: &Look) {
    transaction.message(Kind::NewTable, |table| {
        table.text(1, &look.table);
        table.number(2, OWNER);
    });
    // Key types are for `nft list` (`libnftables`): 7 is ipv4_addr, 8 is ipv6_addr, 20 is iface_index.
    for (id, name, kind, length) in [(1, V4, 7, 4), (2, V6, 8, 16), (3, LINKS, 8 << 6 | 20, 20)] {
        transaction.message(Kind::NewSet, |set| {
            set.text(1, &look.table);
            set.text(2, name);
            set.number(3, 0);
            set.number(4, kind);
            set.number(5, length);
            set.number(10, id);
        });
    }
    for direction in [Direction::In, Direction::Out] {
        chain(transaction, look, direction);
    }
}

fn chain(transaction: &mut Transaction, look: &Look, direction: Direction) {
    // NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT
    let (name, hook) = match direction {
        Direction::In => ("in", 1),
        Direction::Out => ("out", 3),
    };
    transaction.message(Kind::NewChain, |chain| {
        chain.text(1, &look.table);
        chain.text(3, name);
        chain.nest(4, |at| {
            at.number(1, hook);
            at.number(2, look.priority.cast_unsigned());
        });
        chain.number(5, 1);
        chain.text(7, "filter");
    });
    let mut rule = |expressions: &dyn Fn(&mut Attributes<'_>), verdict: Verdict| {
        transaction.message(Kind::NewRule, |rule| {
            rule.text(1, &look.table);
            rule.text(2, name);
            rule.nest(4, |list| {
                expressions(list);
                if look.counts {
                    expression(list, "counter", |_| {});
                }
                decide(list, verdict);
            });
        });
    };
    if look.silences_macvlans && matches!(direction, Direction::Out) {
        // RFC 2710 and RFC 3810.
        for kind in [131, 132, 143] {
            let matches = |list: &mut Attributes<'_>| {
                // NFT_META_OIFKIND, as long as the name of an interface may be.
                meta(list, 27, 1);
                equals(list, b"macvlan\0\0\0\0\0\0\0\0\0");
                meta(list, 16, 1);
                equals(list, &[58]);
                payload(list, Layer::Transport, 0, 1);
                equals(list, &[kind]);
            };
            rule(&matches, Verdict::Drop);
        }
    }
    // IPPROTO_ICMPV6; types of RFC 4861.
    for kind in [135, 136] {
        let matches = |list: &mut Attributes<'_>| {
            meta(list, 16, 1);
            equals(list, &[58]);
            payload(list, Layer::Transport, 0, 1);
            equals(list, &[kind]);
        };
        rule(&matches, Verdict::Accept);
    }
    // Where the address is in the header, and which interface counts (NFT_META_IIF, NFT_META_OIF).
    let (at4, at6, interface) = match direction {
        Direction::In => (16, 24, 4),
        Direction::Out => (12, 8, 5),
    };
    let links = |list: &mut Attributes<'_>| {
        family(list, 10);
        payload(list, Layer::Network, at6, 16);
        // NFT_REG32_04: behind the sixteen bytes of the address.
        meta(list, interface, 12);
        lookup(list, LINKS);
    };
    rule(&links, Verdict::Drop);
    for (number, at, length, set) in [(2, at4, 4, V4), (10, at6, 16, V6)] {
        let matches = |list: &mut Attributes<'_>| {
            family(list, number);
            payload(list, Layer::Network, at, length);
            lookup(list, set);
        };
        rule(&matches, Verdict::Drop);
    }
}

/// Puts addresses into their sets, or takes them out.
pub fn elements<'a>(
    transaction: &mut Transaction,
    look: &Look,
    kind: Kind,
    guards: impl Iterator<Item = &'a Guard> + Clone,
) {
    for name in [V4, V6, LINKS] {
        let mut keys = guards.clone().filter(|guard| set_of(guard) == name).map(key).peekable();
        if keys.peek().is_none() {
            continue;
        }
        transaction.message(kind, |message| {
            message.text(1, &look.table);
            message.text(2, name);
            message.nest(3, |list| {
                for key in keys {
                    list.nest(1, |element| element.nest(1, |data| data.bytes(1, &key)));
                }
            });
        });
    }
}

fn set_of(guard: &Guard) -> &'static str {
    match guard.address {
        IpAddr::V4(_) => V4,
        IpAddr::V6(address) if address.is_unicast_link_local() => LINKS,
        IpAddr::V6(_) => V6,
    }
}

/// Interfaces have the byte order of the machine.
fn key(guard: &Guard) -> Vec<u8> {
    let mut key = octets(guard.address);
    if set_of(guard) == LINKS {
        key.extend(guard.interface.to_ne_bytes());
    }
    key
}

#[derive(Clone, Copy)]
enum Verdict {
    Drop = 0,
    Accept = 1,
}

/// `NFT_PAYLOAD_…_HEADER`
#[derive(Clone, Copy)]
enum Layer {
    Network = 1,
    Transport = 2,
}

fn expression(list: &mut Attributes<'_>, name: &str, data: impl FnOnce(&mut Attributes<'_>)) {
    list.nest(1, |expression| {
        expression.text(1, name);
        expression.nest(2, data);
    });
}

/// What the kernel knows of the packet, into a register.
fn meta(list: &mut Attributes<'_>, key: u32, register: u32) {
    expression(list, "meta", |meta| {
        meta.number(1, register);
        meta.number(2, key);
    });
}

/// `NFT_META_NFPROTO`: only packets of that family go on.
fn family(list: &mut Attributes<'_>, number: u8) {
    meta(list, 15, 1);
    equals(list, &[number]);
}

/// Some bytes of the packet, into the first register.
fn payload(list: &mut Attributes<'_>, layer: Layer, offset: u32, length: u32) {
    expression(list, "payload", |payload| {
        payload.number(1, 1);
        payload.number(2, layer as u32);
        payload.number(3, offset);
        payload.number(4, length);
    });
}

/// Only packets go on for which the first register holds that.
fn equals(list: &mut Attributes<'_>, value: &[u8]) {
    expression(list, "cmp", |cmp| {
        cmp.number(1, 1);
        cmp.number(2, 0);
        cmp.nest(3, |data| data.bytes(1, value));
    });
}

/// Only packets go on whose register is in a set.
fn lookup(list: &mut Attributes<'_>, set: &str) {
    expression(list, "lookup", |lookup| {
        lookup.text(1, set);
        lookup.number(2, 1);
    });
}

fn decide(list: &mut Attributes<'_>, verdict: Verdict) {
    expression(list, "immediate", |immediate| {
        immediate.number(1, 0);
        immediate.nest(2, |data| data.nest(2, |code| code.number(1, verdict as u32)));
    });
}
