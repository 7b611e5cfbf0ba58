//! `vrrp_instance`: gratuitous ARP and unsolicited neighbour advertisements.

use crate::schema::prelude::*;

/// An optional `all`, and seconds.
const EXTRA_IF: &[Param] = &[opt(Arg::Literal("all")), req(int(0, 86_400)).label("seconds")];

rows! { SETTINGS:
    /// Time after becoming master until the addresses are announced a second time; 0 leaves that out.
    GARP_MASTER_DELAY = value("garp_master_delay", &[req(int(0, 4294))])
        .default("value of `vrrp_garp_master_delay`")
        .unit(Unit::Seconds)
        .runs();

    /// How many announcements per address each burst of a new master holds. 0 is reported and becomes 1.
    GARP_MASTER_REPEAT = value("garp_master_repeat", &[req(int(0, U32))]).default("value of `vrrp_garp_master_repeat`")
        .runs();

    /// Time between the announcements that a master goes on sending; 0 sends none. It heals neighbours that
    /// remember the wrong host, within this time.
    GARP_MASTER_REFRESH = value("garp_master_refresh", &[req(int(0, U32))])
        .default("value of `vrrp_garp_master_refresh`")
        .unit(Unit::Seconds)
        .runs();

    /// How many announcements per address each refresh holds. 0 is reported and becomes 1.
    GARP_MASTER_REFRESH_REPEAT = value("garp_master_refresh_repeat", &[req(int(0, U32))])
        .default("value of `vrrp_garp_master_refresh_repeat`")
        .runs();

    /// Time until the second burst after an advert of lower priority. Strict mode insists on 0.
    GARP_LOWER_PRIO_DELAY = value("garp_lower_prio_delay", &[req(int(0, 4294))])
        .default("value of `vrrp_garp_lower_prio_delay`")
        .unit(Unit::Seconds)
        .runs();

    /// How many announcements per address follow an advert of lower priority. Strict mode insists on 0.
    GARP_LOWER_PRIO_REPEAT = value("garp_lower_prio_repeat", &[req(int(0, I32))])
        .default("value of `vrrp_garp_lower_prio_repeat`")
        .runs();

    /// Repeats announcements at this interval on interfaces that carry virtual addresses but no adverts; VMACs only,
    /// or with `all` every interface of the instance. 0 turns it off, and the time must be given.
    GARP_EXTRA_IF = value("garp_extra_if", EXTRA_IF)
        .default("value of `vrrp_garp_extra_if`")
        .unit(Unit::Seconds)
        .runs();

    /// Earlier name of `garp_extra_if`.
    VMAC_GARP_INTVL = value("vmac_garp_intvl", EXTRA_IF).unit(Unit::Seconds).deprecated("garp_extra_if").runs();
}
