//! `bfd_instance`: sessions that VRRP and checkers can follow.

use super::prelude::*;

rows! { ROWS:
    /// A BFD session (RFC 5880), which notices within milliseconds that a neighbour cannot be reached. Its name has
    /// at most 31 bytes; without a name keepalived crashes, and a second session of the same name is skipped. It
    /// must stand before what tracks it.
    BFD_INSTANCE = named_block("bfd_instance", &[req(Arg::Define(Symbol::Bfd))], &[SETTINGS]).runs();
}

rows! { SETTINGS:
    /// Address of the neighbour, which must run BFD towards this host. A session without it, or with the same pair
    /// of addresses as another one, is dropped.
    NEIGHBOR_IP = value("neighbor_ip", &[req(Arg::Ip)]).runs();

    /// Other spelling of `neighbor_ip`.
    NEIGHBOUR_IP = value("neighbour_ip", &[req(Arg::Ip)]).alias("neighbor_ip").runs();

    /// Own address of the session, of the neighbour's family.
    SOURCE_IP = value("source_ip", &[req(Arg::Ip)]).default("any").runs();

    /// Shortest interval at which this host is able to receive; the neighbour sends no faster. More than ten
    /// seconds are logged.
    MIN_RX = value("min_rx", &[req(Arg::Millis { min_us: 1_000, max_us: 4_294_967_000 })])
        .default("10")
        .unit(Unit::Milliseconds)
        .runs();

    /// Shortest interval at which this host wants to send. The larger of it and the neighbour's `min_rx` applies.
    MIN_TX = value("min_tx", &[req(Arg::Millis { min_us: 1_000, max_us: 4_294_967_000 })])
        .default("10")
        .unit(Unit::Milliseconds)
        .runs();

    /// Interval of sending while the session is down.
    IDLE_TX = value("idle_tx", &[req(Arg::Millis { min_us: 1_000_000, max_us: 4_294_967_000 })])
        .default("1000")
        .unit(Unit::Milliseconds)
        .runs();

    /// How many packets in a row must be missing until the session counts as down.
    MULTIPLIER = value("multiplier", &[req(int(1, 255))]).default("5").runs();

    /// Waits for the neighbour to begin. One of the two must be active.
    PASSIVE = flag("passive").default("off").runs();

    /// TTL of the packets that are sent, or their hop limit.
    TTL = value("ttl", &[req(int(1, 255))]).default("255, for IPv6 64").runs();

    /// Name of `ttl` in IPv6 terms.
    HOPLIMIT = value("hoplimit", &[req(int(1, 255))]).default("as `ttl`").alias("ttl").runs();

    /// How many routers a received packet may have passed, judged by its TTL; -1 switches the test off. A number
    /// above `ttl` is reported and lowered.
    MAX_HOPS = value("max_hops", &[req(int(-1, 255))]).default("0").runs();

    /// Speaks BFD over several hops (RFC 5883), which has a port of its own; both ends must agree, and `max_hops`
    /// must allow the distance.
    MULTIHOP = switch("multihop").default("off").new_in_2_4_3().runs();

    /// What the session does to the priority of instances that track it: a positive weight is added while it is up,
    /// a negative one while it is down, 0 means fault while it is down. `reverse` turns that round.
    WEIGHT = value("weight", &[req(int(-253, 253)), opt(choice(&["reverse"]))]).default("0").runs();

    /// Reports changes to VRRP; without `checker` beside it, only to VRRP.
    VRRP = flag("vrrp").default("both when neither is given").runs();

    /// Reports changes to the checkers; without `vrrp` beside it, only to them.
    CHECKER = flag("checker").default("both when neither is given").runs();
}
