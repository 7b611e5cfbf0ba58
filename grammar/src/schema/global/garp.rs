//! `global_defs`: gratuitous ARP and unsolicited neighbour advertisements, by which the network learns where an
//! address has gone.
//!
//! `vrrp_instance` has the same settings without the prefix; they win there.

use crate::schema::prelude::*;

/// An optional `all`, and seconds.
const EXTRA_IF: &[Param] = &[opt(Arg::Literal("all")), req(int(1, 86_400)).label("seconds")];

rows! { SETTINGS:
    /// Time after a router became master until it announces its addresses a second time; 0 leaves that out. The
    /// second burst reaches neighbours that missed the first, so keep it unless you know your switches.
    VRRP_GARP_MASTER_DELAY = value("vrrp_garp_master_delay", &[req(int(0, 4294))]).default("5").unit(Unit::Seconds)
        .runs();

    /// How many announcements per address each burst of a new master holds. 0 is reported and becomes 1.
    VRRP_GARP_MASTER_REPEAT = value("vrrp_garp_master_repeat", &[req(int(0, U32))]).default("5").runs();

    /// Time between announcements that a master repeats for as long as it is master, for neighbours that forget or
    /// were wrong; 0 sends none.
    VRRP_GARP_MASTER_REFRESH = value("vrrp_garp_master_refresh", &[req(int(0, U32))])
        .default("0 (off)")
        .unit(Unit::Seconds)
        .runs();

    /// How many announcements per address each refresh of a master holds. 0 is reported and becomes 1.
    VRRP_GARP_MASTER_REFRESH_REPEAT = value("vrrp_garp_master_refresh_repeat", &[req(int(0, U32))]).default("1").runs();

    /// Time until the second burst after a master heard a router of lower priority, which may have drawn the
    /// neighbours to itself.
    VRRP_GARP_LOWER_PRIO_DELAY = value("vrrp_garp_lower_prio_delay", &[req(int(0, 4294))])
        .default("value of `vrrp_garp_master_delay`")
        .unit(Unit::Seconds)
        .runs();

    /// How many announcements per address follow an advert of lower priority; 0 sends none.
    VRRP_GARP_LOWER_PRIO_REPEAT = value("vrrp_garp_lower_prio_repeat", &[req(int(0, I32))])
        .default("value of `vrrp_garp_master_repeat`")
        .runs();

    /// Pause between two gratuitous ARP packets on one interface, for switches that drop bursts; write 0.001 for a
    /// millisecond. 0 is an error although it is the default: leave the line out. A second or more is logged.
    VRRP_GARP_INTERVAL = value("vrrp_garp_interval", &[req(seconds(1, 4_294_967_295))])
        .default("0")
        .unit(Unit::Seconds)
        .runs();

    /// Pause between two unsolicited neighbour advertisements on one interface. 0 is an error although it is the
    /// default: leave the line out.
    VRRP_GNA_INTERVAL = value("vrrp_gna_interval", &[req(seconds(1, 4_294_967_295))])
        .default("0")
        .unit(Unit::Seconds)
        .runs();

    /// Announces each address once and never again: one packet, no second burst, no refresh. It only touches
    /// settings that still have their defaults when it is read, so its place among them matters.
    VRRP_MIN_GARP = switch("vrrp_min_garp").default("off").runs();

    /// Repeats announcements at this interval on interfaces that carry virtual addresses but no adverts, so that
    /// switches do not forget them; a third of the switch's cache time is a good value. It covers VMACs only, with
    /// `all` every interface of the instance. Without a time the line is reported and ignored.
    VRRP_GARP_EXTRA_IF =
        value("vrrp_garp_extra_if", EXTRA_IF).default("0 (off)").unit(Unit::Seconds).runs();

    /// Earlier name of `vrrp_garp_extra_if`.
    VRRP_VMAC_GARP_INTVL = value("vrrp_vmac_garp_intvl", EXTRA_IF)
        .default("0")
        .unit(Unit::Seconds)
        .deprecated("vrrp_garp_extra_if")
        .runs();
}
