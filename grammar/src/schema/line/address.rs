//! Entries of address lists: an address and words of `ip address`.
//!
//! An unknown word is reported and passed over, unlike in routes and rules, where it drops the entry.

use crate::schema::prelude::*;

words! {
    /// An address that stays on the host from start to stop. One entry a line: the address, an optional prefix, then
    /// options in any order.
    STATIC_ENTRY = entry(&[req(Arg::IpPrefix)]).options(&[STATIC_DEV_ROWS, SHARED, STATIC_TAIL])
        .default("prefix 32 or 128").runs();

    /// An address that moves with the master. One entry a line: the address, then options in any order. Without a
    /// prefix it gets 32 or 128, which is right for most virtual addresses; ranges, host names and dotted netmasks
    /// are refused, and a second address on the line is lost as an unknown option.
    VIRTUAL_ENTRY = entry(&[req(Arg::IpPrefix)]).options(&[VIRTUAL_DEV_ROWS, SHARED, VIRTUAL_TAIL])
        .default("prefix 32 or 128")
        .runs();
}

rows! { STATIC_DEV_ROWS:
    /// Interface that gets the address. If it does not exist, the address is left out.
    STATIC_DEV = value("dev", &[req(Arg::Interface)]).default("default_interface").runs();
}

rows! { VIRTUAL_DEV_ROWS:
    /// Interface that gets the address, where it is not the one that carries the adverts. If it does not exist, the
    /// address is left out and the instance starts without it.
    VIRTUAL_DEV = value("dev", &[req(Arg::Interface)]).default("interface of the instance").runs();
}

rows! { SHARED:
    /// How far the address is valid: `global`, `site`, `link`, `host`, `nowhere`, another name from rt_scopes, or a
    /// number that may be hexadecimal. IPv4 only; on an IPv6 address it is reported and dropped.
    SCOPE = value("scope", &[req(Arg::NumberOrName { max: 255 })]).default("global").runs();

    /// Broadcast address of an IPv4 entry. `+` fills the host bits with ones, `-` with zeros; both need a prefix of 30
    /// or shorter, and neither goes together with `peer`.
    BRD = value("brd", &[req(Arg::Broadcast)]).runs();

    /// Long spelling of `brd`.
    BROADCAST = value("broadcast", &[req(Arg::Broadcast)]).alias("brd").runs();

    /// Label of an IPv4 address, such as `eth0:1`, for old tools that expect one. With more than 15 bytes the whole
    /// address is dropped; begin it with the name of the interface, which is not checked.
    LABEL = value("label", &[req(text(15))]).runs();

    /// Address of the other end of a point-to-point link, of the same family and without a prefix. A prefix on the
    /// entry's own address is then ignored.
    PEER = value("peer", &[req(Arg::Ip)]).runs();

    /// Marks an IPv6 address as the home address of a mobile host (RFC 6275).
    HOME = flag("home").default("off").runs();

    /// Lets the kernel look for a duplicate before it uses this IPv6 address; otherwise keepalived turns duplicate
    /// address detection off so that the address works at once after a takeover. The minus belongs to the word.
    NODAD = flag("-nodad").default("off").runs();

    /// Lets the kernel derive and renew temporary IPv6 privacy addresses from this one.
    MNGTMPADDR = flag("mngtmpaddr").default("off").runs();

    /// Adds the address without the route to its network that the kernel would make.
    NOPREFIXROUTE = flag("noprefixroute").default("off").runs();

    /// Joins the multicast group on the interface, for an entry that is a multicast address.
    AUTOJOIN = flag("autojoin").default("off").runs();

    /// Keeps the fate of this entry out of the instance's: its interface may go down without a fault state.
    NO_TRACK = flag("no_track").default("off").runs();

    /// Seconds during which the address is preferred as source of new connections, or `forever`. With 0 it answers
    /// but is not chosen as a source, which is what an IPv6 /128 gets unless you say otherwise.
    PREFERRED_LFT = value("preferred_lft", &[req(Arg::IntOr { min: 0, max: U32, words: &["forever"] })])
        .default("0 for IPv6 /128, else forever").unit(Unit::Seconds)
        .runs();
}

rows! { STATIC_TAIL:
    /// Sends the instances of that track group to fault state when this address cannot be kept. Define the group
    /// above the list.
    TRACK_GROUP = value("track_group", &[req(Arg::Use(Symbol::TrackGroup))]).runs();
}

rows! { VIRTUAL_TAIL:
    /// Puts the address on a macvlan with the virtual router's MAC above `dev`, where that is another interface than
    /// the instance's. Hosts of that network then see no change of MAC at a takeover.
    USE_VMAC = flag("use_vmac").default("off").runs();
}
