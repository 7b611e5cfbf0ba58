//! Entries of rule lists: the words of `ip rule`.
//!
//! A rule has matches and exactly one action (`table`, `l3mdev`, `goto`, `nop`, `blackhole`, `unreachable`,
//! `prohibit`); that there is one, and that the words fit it, is for the checks to say.

use crate::schema::prelude::*;

const TABLE_ID: Param = req(Arg::NumberOrName { max: u32::MAX });
const PREFERENCE_NUMBER: Param = req(c_int(0, U32)).label("preference");
const GOTO_TARGET: Param = req(int(0, U32)).label("preference");
const DSFIELD: Param = req(Arg::NumberOrName { max: 255 });
const INTERFACE_GROUP: Param = req(Arg::NumberOrName { max: u32::MAX });
const PREFIX_LENGTH: Param = req(int(0, I32));
const PORTS: Param = req(Arg::Range { max: 65535 });

/// The actions that `type` may introduce; a table is none of them.
const ACTIONS: &[(&str, &[Param])] =
    &[("goto", &[GOTO_TARGET]), ("nop", &[]), ("blackhole", &[]), ("unreachable", &[]), ("prohibit", &[])];

words! {
    /// A routing rule that stays from start to stop, in the words of `ip rule add`. It needs exactly one action, most
    /// often `table`; an unknown word drops the rule.
    STATIC_ENTRY = entry(&[]).options(&[SHARED, STATIC_TAIL]).runs();

    /// A routing rule that exists while this host is master, in the words of `ip rule add`. It needs exactly one
    /// action, most often `table`; an unknown word drops the rule.
    VIRTUAL_ENTRY = entry(&[]).options(&[SHARED]).runs();
}

rows! { SHARED:
    /// Makes it an IPv4 rule where the other words leave that open; write it before the addresses.
    INET = flag("inet").runs();

    /// Makes it an IPv6 rule where the other words leave that open; write it before the addresses.
    INET6 = flag("inet6").runs();

    /// Matches packets from that network.
    FROM = value("from", &[req(Arg::Network)]).runs();

    /// Matches packets to that network.
    TO = value("to", &[req(Arg::Network)]).runs();

    /// Action: look the packet up in that routing table, by number or by name from rt_tables. Table 0 is refused.
    TABLE = value("table", &[TABLE_ID]).runs();

    /// Another word for `table`.
    LOOKUP = value("lookup", &[TABLE_ID]).alias("table").runs();

    /// Inverts the match.
    NOT = flag("not").runs();

    /// Place among the rules; the kernel asks the lowest number first. Write it: without one, keepalived reports the
    /// rule and counts down from 16384 for each family.
    PREFERENCE = value("preference", &[PREFERENCE_NUMBER]).default("counts down from 16384").runs();

    /// Another word for `preference`.
    ORDER = value("order", &[PREFERENCE_NUMBER]).alias("preference").runs();

    /// Another word for `preference`; unlike the priority of an instance, low numbers come first.
    PRIORITY = value("priority", &[PREFERENCE_NUMBER]).alias("preference").runs();

    /// Matches the type of service, by number or by name from rt_dsfield.
    TOS = value("tos", &[DSFIELD]).runs();

    /// Another word for `tos`.
    DSFIELD_WORD = value("dsfield", &[DSFIELD]).alias("tos").runs();

    /// Matches the firewall mark, with an optional mask; both may be hexadecimal.
    FWMARK = value("fwmark", &[req(Arg::Mark)]).runs();

    /// Realms that packets get, by number or by name from rt_realms. IPv4 only, and only with `table`.
    REALMS = value("realms", &[req(Arg::Realms)]).runs();

    /// Passes over routes of the table whose prefix is this long or shorter: 0 passes over the default route. Only with
    /// `table`.
    SUPPRESS_PREFIXLENGTH = value("suppress_prefixlength", &[PREFIX_LENGTH]).runs();

    /// Short spelling of `suppress_prefixlength`.
    SUP_PL = value("sup_pl", &[PREFIX_LENGTH]).alias("suppress_prefixlength").runs();

    /// Passes over routes of the table that leave by an interface of that group. Only with `table`.
    SUPPRESS_IFGROUP = value("suppress_ifgroup", &[INTERFACE_GROUP]).runs();

    /// Short spelling of `suppress_ifgroup`.
    SUP_GROUP = value("sup_group", &[INTERFACE_GROUP]).alias("suppress_ifgroup").runs();

    /// Matches packets that came in by that interface. If it does not exist, the rule is dropped.
    DEV = value("dev", &[req(Arg::Interface)]).runs();

    /// Another word for `dev`.
    IIF = value("iif", &[req(Arg::Interface)]).alias("dev").runs();

    /// Matches packets of local programs that are bound to that interface. If it does not exist, the rule is dropped.
    OIF = value("oif", &[req(Arg::Interface)]).runs();

    /// Matches the identifier of the tunnel that the packet came through.
    TUNNEL_ID = value("tunnel-id", &[req(Arg::Uint64)]).runs();

    /// Matches packets of local processes of those users; both ends of the range must be there.
    UIDRANGE = value("uidrange", &[req(Arg::Range { max: u32::MAX })]).runs();

    /// Action: look the packet up in the table of its VRF. Not together with `table`.
    L3MDEV = flag("l3mdev").runs();

    /// Mark of the program that owns the rule, as a number. keepalived finds its rules again by 18 and takes another
    /// one only together with `no_track`.
    PROTOCOL = value("protocol", &[req(int(0, 255))]).default("18").runs();

    /// Matches the protocol above IP, by name or number.
    IPPROTO = value("ipproto", &[req(Arg::NumberOrName { max: 255 })]).runs();

    /// Matches the source port. Write one port as a range, `80-80`: a single number is reported and the rule then
    /// matches every port.
    SPORT = value("sport", &[PORTS]).runs();

    /// Matches the destination port. Write one port as a range, `80-80`: a single number is reported and the rule
    /// then matches every port.
    DPORT = value("dport", &[PORTS]).runs();

    /// Does not watch the rule: its removal by others does not lead to a fault state.
    NO_TRACK = flag("no_track").default("off").runs();

    /// Optional word before an action other than a table.
    TYPE = value("type", &[req(Arg::Words(ACTIONS)).label("action")]).runs();

    /// Action: go on at the rule with that preference. It must be larger than the rule's own, which must be written.
    GOTO = value("goto", &[GOTO_TARGET]).runs();

    /// Action: do nothing; the rule is a target for `goto`.
    NOP = flag("nop").runs();

    /// Action: drop the packet silently.
    BLACKHOLE = flag("blackhole").runs();

    /// Action: drop the packet and answer that the network is unreachable.
    UNREACHABLE = flag("unreachable").runs();

    /// Action: drop the packet and answer that the way is prohibited.
    PROHIBIT = flag("prohibit").runs();
}

rows! { STATIC_TAIL:
    /// Sends the instances of that track group to fault state when the rule is lost. The rule needs `dev` or `iif`, and
    /// the group must be defined above the list.
    TRACK_GROUP = value("track_group", &[req(Arg::Use(Symbol::TrackGroup))]).runs();
}
