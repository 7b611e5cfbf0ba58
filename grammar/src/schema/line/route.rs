//! Entries of route lists: the words of `ip route`.
//!
//! The destination is the one word without a keyword before it and may stand anywhere. `nexthop` and the words of
//! tunnels nest, so they are tables of words instead of rows.

use crate::schema::prelude::*;

/// Address family words that may precede a gateway.
const FAMILY: Param = opt(choice(&["inet", "inet6"])).label("family");
/// `lock` keeps the kernel from changing a metric by itself.
const LOCK: Param = opt(Arg::Literal("lock"));
/// A route's numbers: unsigned, 32 bit, decimal.
const NUMBER: Param = req(int(0, U32));
const BYTE: Param = req(int(0, 255));
const DSFIELD: Param = req(Arg::NumberOrName { max: 255 });

/// Encapsulations and their parameters; `encap` of a next hop uses this table, `encap` of a route the rows below.
const ENCAPSULATIONS: &[(&str, &[Param])] = &[
    ("ip", &[many(Arg::Words(ENCAP_IP))]),
    ("ip6", &[many(Arg::Words(ENCAP_IP6))]),
    ("mpls", &[req(Arg::MplsLabels)]),
    ("ila", &[req(Arg::IlaLocator)]),
];

const TYPES: &[&str] = &[
    "unicast",
    "local",
    "broadcast",
    "brd",
    "multicast",
    "throw",
    "unreachable",
    "prohibit",
    "blackhole",
    "nat",
    "anycast",
    "xresolve",
];

const ENCAP_IP: &[(&str, &[Param])] = &[
    ("id", &[req(Arg::Uint64)]),
    ("dst", &[req(Arg::Ipv4)]),
    ("src", &[req(Arg::Ipv4)]),
    ("tos", &[DSFIELD]),
    ("ttl", &[BYTE]),
    ("flags", &[req(int(0, 65535))]),
];

const ENCAP_IP6: &[(&str, &[Param])] = &[
    ("id", &[req(Arg::Uint64)]),
    ("dst", &[req(Arg::Ipv6)]),
    ("src", &[req(Arg::Ipv6)]),
    ("tc", &[DSFIELD]),
    ("hoplimit", &[BYTE]),
    ("flags", &[req(int(0, 65535))]),
];

const NEXTHOP_WORDS: &[(&str, &[Param])] = &[
    ("via", &[FAMILY, req(Arg::Ip)]),
    ("dev", &[req(Arg::Interface)]),
    ("weight", &[req(int(1, 256))]),
    ("onlink", &[]),
    ("encap", &[req(Arg::Words(ENCAPSULATIONS))]),
    ("realms", &[req(Arg::Realms)]),
];

words! {
    /// A route that stays from start to stop, in the words of `ip route add`. Any word that is no keyword is taken
    /// for the destination, and one bad word drops the whole route.
    STATIC_ENTRY = entry(&[opt(Arg::Network).label("destination")]).options(&[SHARED, STATIC_TAIL]).runs();

    /// A route that exists while this host is master, in the words of `ip route add`. Any word that is no keyword is
    /// taken for the destination, so a misspelt keyword is reported as a bad address, and the whole route is dropped.
    VIRTUAL_ENTRY = entry(&[opt(Arg::Network).label("destination")]).options(&[SHARED]).runs();
}

rows! { SHARED:
    /// Makes it an IPv4 route where the other words leave that open; write it before the addresses.
    INET = flag("inet").runs();

    /// Makes it an IPv6 route where the other words leave that open; write it before the addresses.
    INET6 = flag("inet6").runs();

    /// Introduces the destination. The word may be left out, the destination may not; a type such as `blackhole`
    /// needs the form without `to`, unless `inet` or `inet6` stands before it.
    TO = value("to", &[opt(choice(TYPES)).label("type"), req(Arg::Network).label("destination")]).runs();

    /// Type of the route, right before the destination: `blackhole` and `throw` and their like need no gateway.
    TYPE = value(
        "<type>",
        &[req(choice(TYPES))],
    ).default("unicast").runs();

    /// Source address that this host prefers for packets on this route, usually a virtual address. No prefix, same
    /// family as the destination.
    SRC = value("src", &[req(Arg::Ip)]).runs();

    /// Gateway, of the same family as the destination.
    VIA = value("via", &[FAMILY, req(Arg::Ip)]).runs();

    /// Old word for `via`.
    GW = value("gw", &[FAMILY, req(Arg::Ip)]).deprecated("via").runs();

    /// Limits an IPv6 route to packets with that source.
    FROM = value("from", &[req(Arg::IpPrefix)]).runs();

    /// Limits an IPv4 route to packets with that type of service, by number or by name from rt_dsfield.
    TOS = value("tos", &[DSFIELD]).default("0").runs();

    /// Another word for `tos`.
    DSFIELD_WORD = value("dsfield", &[DSFIELD]).default("0").alias("tos").runs();

    /// Routing table, by number or by name from rt_tables. A table other than main is only asked where a rule leads
    /// to it.
    TABLE = value("table", &[req(Arg::NumberOrName { max: u32::MAX })]).default("main").runs();

    /// Mark of the program that owns the route, by number or by name from rt_protos. keepalived finds its routes
    /// again by its own mark 18 and therefore takes another one only together with `no_track`.
    PROTOCOL = value("protocol", &[req(Arg::NumberOrName { max: 255 })]).default("keepalived").runs();

    /// Scope of an IPv4 route, by number or by name from rt_scopes: `link` for directly connected networks.
    SCOPE = value("scope", &[req(Arg::NumberOrName { max: 255 })]).default("global").runs();

    /// Preference among routes to one destination; the lowest number wins.
    METRIC = value("metric", &[NUMBER]).runs();

    /// Another word for `metric`.
    PRIORITY = value("priority", &[NUMBER]).alias("metric").runs();

    /// Another word for `metric`.
    PREFERENCE = value("preference", &[NUMBER]).alias("metric").runs();

    /// Interface that the packets leave by. If it does not exist, the route is dropped; without one the route cannot
    /// be tracked.
    DEV = value("dev", &[req(Arg::Interface)]).runs();

    /// Another word for `dev`.
    OIF = value("oif", &[req(Arg::Interface)]).alias("dev").runs();

    /// Takes the gateway for directly reachable although no connected network holds it. IPv4 only.
    ONLINK = flag("onlink").runs();

    /// Lightweight tunnel that the packets enter: one of `ip`, `ip6`, `mpls`, `ila`, with words of its own.
    ENCAP = value("encap", &[]).options(&[ENCAP_ROWS]).runs();

    /// Seconds after which the kernel removes an IPv6 route.
    EXPIRES = value("expires", &[NUMBER]).runs();

    /// Largest packet on this route, in bytes. With `lock`, path MTU discovery does not lower it.
    MTU = value("mtu", &[LOCK, NUMBER]).runs();

    /// Hop limit (TTL) of packets that this host sends on the route.
    HOPLIMIT = value("hoplimit", &[BYTE]).runs();

    /// Segment size in bytes that TCP announces to the other end.
    ADVMSS = value("advmss", &[LOCK, NUMBER]).runs();

    /// First estimate of TCP's round trip time, pulled into 0.2 to 120 s. Write the unit: a bare number counts eighths
    /// of a millisecond.
    RTT = value("rtt", &[LOCK, req(Arg::RouteTime)]).runs();

    /// First estimate of how much the round trip time varies, within the bounds of `rtt`. Write the unit: a bare
    /// number counts quarters of a millisecond.
    RTTVAR = value("rttvar", &[LOCK, req(Arg::RouteTime)]).runs();

    /// How far TCP segments may arrive out of order before they count as lost.
    REORDERING = value("reordering", &[LOCK, NUMBER]).runs();

    /// Largest TCP window that this host offers, in bytes.
    WINDOW = value("window", &[NUMBER]).runs();

    /// Upper limit of TCP's congestion window; it holds only with `lock`.
    CWND = value("cwnd", &[LOCK, NUMBER]).runs();

    /// First threshold between slow start and congestion avoidance of TCP.
    SSTHRESH = value("ssthresh", &[LOCK, NUMBER]).runs();

    /// Realms of source and destination for accounting and rules, by number or by name from rt_realms. IPv4 only.
    REALMS = value("realms", &[req(Arg::Realms)]).runs();

    /// Shortest time before TCP sends a segment again.
    RTO_MIN = value("rto_min", &[LOCK, req(Arg::RouteTime)]).runs();

    /// Segments that a new TCP connection may send before the first acknowledgement.
    INITCWND = value("initcwnd", &[NUMBER]).runs();

    /// Segments that a new TCP connection offers to receive at first.
    INITRWND = value("initrwnd", &[NUMBER]).runs();

    /// TCP features of the route; the kernel knows `ecn` (explicit congestion notification).
    FEATURES = value("features", &[req(choice(&["ecn"]))]).runs();

    /// Whether TCP acknowledges at once on this route: 1 or 0.
    QUICKACK = value("quickack", &[req(int(0, 1))]).runs();

    /// Congestion control algorithm of TCP, such as `bbr`. With `lock`, programs cannot choose another.
    CONGCTL = value("congctl", &[LOCK, req(text(0)).label("algorithm")]).runs();

    /// Router preference of an IPv6 route (RFC 4191), by word or by number.
    PREF = value("pref", &[req(Arg::IntOr { min: 0, max: 255, words: &["low", "medium", "high"] })]).runs();

    /// Whether the TTL travels between the IP and the MPLS header.
    TTL_PROPAGATE = value("ttl-propagate", &[req(choice(&["enabled", "disabled"]))]).runs();

    /// Whether TCP fast open works without a cookie on this route: 1 or 0.
    FASTOPEN_NO_COOKIE = value("fastopen_no_cookie", &[req(int(0, 1))]).runs();

    /// Adds the route only if there is none like it. Of `add`, `append` and `prepend` the last word counts.
    ADD = flag("add").runs();

    /// Puts the route after others with the same destination and metric.
    APPEND = flag("append").runs();

    /// Puts the route before others with the same destination and metric.
    PREPEND = flag("prepend").default("on").runs();

    /// Changes the destination address on MPLS routes. keepalived makes none and skips the word with a report.
    AS = value("as", &[opt(Arg::Literal("to")), req(text(0)).label("address")]).without_effect("it is for MPLS routes, which keepalived does not make either");

    /// Old form of a route with two gateways; it does not mix with `nexthop`.
    OR = value("or", &[req(Arg::Ip)]).deprecated("nexthop").runs();

    /// One of several ways for the packets; say `nexthop` again for each and give them shares with `weight`. It comes
    /// last: after the first one only words of next hops are understood.
    NEXTHOP = value("nexthop", &[many(Arg::Words(NEXTHOP_WORDS))]).repeats().runs();

    /// Does not watch the route: neither its interface nor its removal by others leads to a fault state. Needed for
    /// routes without an interface.
    NO_TRACK = flag("no_track").default("off").runs();

    /// VRF device whose table takes the route; the interface must exist and be a VRF.
    VRF = value("vrf", &[req(Arg::Interface)]).runs();
}

rows! { STATIC_TAIL:
    /// Sends the instances of that track group to fault state when the route is lost. The route needs `dev`, and the
    /// group must be defined above the list.
    TRACK_GROUP = value("track_group", &[req(Arg::Use(Symbol::TrackGroup))]).runs();
}

rows! { ENCAP_ROWS:
    /// Tunnel over IPv4: `id`, `dst`, `src`, `tos`, `ttl`, `flags`, of which `id` or `dst` must be there.
    IP = value("ip", &[many(Arg::Words(ENCAP_IP))]).runs();

    /// Tunnel over IPv6: `id`, `dst`, `src`, `tc`, `hoplimit`, `flags`, of which `id` or `dst` must be there.
    IP6 = value("ip6", &[many(Arg::Words(ENCAP_IP6))]).runs();

    /// MPLS label stack, outermost first, such as `100/200`; labels go up to 1048575.
    MPLS = value("mpls", &[req(Arg::MplsLabels)]).runs();

    /// Locator that replaces the upper half of an IPv6 destination: four groups of hexadecimal digits.
    ILA = value("ila", &[req(Arg::IlaLocator)]).runs();
}
