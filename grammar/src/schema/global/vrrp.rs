//! `global_defs`: how VRRP behaves, and what instances inherit.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// VRRP version of the instances that do not set `version`, wherever they stand in the file. All routers of a
    /// virtual router must speak the same version, or each ignores the other and both become master. IPv6 instances
    /// use 3 unless they say otherwise.
    VRRP_VERSION = value("vrrp_version", &[req(int(2, 3))]).default("2").runs();

    /// Holds every instance to the letter of the VRRP standard: no authentication, no unicast, priority 255 exactly
    /// for the owner, at least one address. It also filters traffic to the virtual addresses unless `accept` is
    /// set, so a ping to them goes unanswered; most files that carry it copied it from a sample and want it gone.
    VRRP_STRICT = switch("vrrp_strict").default("off").runs();

    /// Skips comparing the list of addresses in an advert when the one before came from the same master, which saves
    /// work with long lists. It does not excuse hosts whose lists differ.
    VRRP_SKIP_CHECK_ADV_ADDR = switch("vrrp_skip_check_adv_addr").default("off")
        .without_effect("addresses that differ are accepted and told once for each master, whatever this says");

    /// Accepts unicast adverts only from the addresses in `unicast_peer`. Turning it on is wise wherever strangers
    /// can reach the host.
    VRRP_CHECK_UNICAST_SRC = flag("vrrp_check_unicast_src").default("off").runs();

    /// IPv4 multicast group to which adverts are sent. Every router of the virtual router needs the same; an address
    /// that is not multicast is reported and skipped.
    VRRP_MCAST_GROUP4 = value("vrrp_mcast_group4", &[req(Arg::Multicast4)]).default("224.0.0.18").runs();

    /// IPv6 multicast group to which adverts are sent; it should have link-local scope, and another scope is used
    /// with a warning.
    VRRP_MCAST_GROUP6 = value("vrrp_mcast_group6", &[req(Arg::Multicast6)]).default("ff02::12").runs();

    /// How many adverts in a row a backup must miss before it takes over.
    VRRP_DOWN_TIMER_ADVERTS = value("vrrp_down_timer_adverts", &[req(int(1, 100))]).default("3").runs();

    /// A master that hears a router of lower priority does not answer with an advert, although RFC 9568 wants one, so
    /// the other router may stay master for longer. Strict mode turns it on.
    VRRP_LOWER_PRIO_NO_ADVERT = switch("vrrp_lower_prio_no_advert").default("off").runs();

    /// A master that loses to a higher priority sends one last advert, so that the winner notices and announces the
    /// addresses. It heals the ARP tables after a network that was split comes together.
    VRRP_HIGHER_PRIO_SEND_ADVERT = switch("vrrp_higher_prio_send_advert").default("off").runs();

    /// An address owner (priority 255) ignores the adverts of others instead of settling a conflict between two
    /// owners.
    VRRP_OWNER_IGNORE_ADVERTS = switch("vrrp_owner_ignore_adverts").default("off").new_in_2_4_3().runs();

    /// Leaves the pseudo header out of the checksum of VRRP version 3 over IPv4, as version 2 does and some other
    /// makers' routers expect. All routers must agree. Words after it are ignored here, so `off` turns it on; the
    /// keyword of the same name in an instance reads them.
    V3_CHECKSUM_AS_V2 = flag("v3_checksum_as_v2").default("off").new_in_2_4_3().runs();

    /// Holds VRRP back for this long after keepalived has started, so that a network that is still coming up does
    /// not see a second master. The longer of this and `vrrp_delay_after_boot` counts; a minute or more is logged.
    VRRP_STARTUP_DELAY = value("vrrp_startup_delay", &[req(seconds(1_000, 4_294_967_295))])
        .default("0")
        .unit(Unit::Seconds)
        .runs();

    /// Holds VRRP back until the host has been up for this long; unlike `vrrp_startup_delay` it does nothing when
    /// keepalived is restarted later.
    VRRP_DELAY_AFTER_BOOT = value("vrrp_delay_after_boot", &[req(seconds(1_000, 4_294_967_295))])
        .default("0")
        .unit(Unit::Seconds)
        .new_in_2_4_3()
        .runs();

    /// Logs adverts whose virtual router ID no instance here has; it helps to find a free one.
    LOG_UNKNOWN_VRIDS = flag("log_unknown_vrids").default("off").runs();

    /// Lets the file name interfaces that do not exist yet, or that come and go; without it a missing interface
    /// stops keepalived. `allow_if_changes` also accepts an interface that returns as another kind. Any other word
    /// is reported, yet the setting is turned on.
    DYNAMIC_INTERFACES = flag_with("dynamic_interfaces", &[opt(choice(&["allow_if_changes"]))]).default("off")
        .without_effect("interfaces may always come and go; instances of a missing one are in fault");

    /// Interface of static and excluded addresses that name none. It acts only on what follows it, and whether the
    /// interface exists is not checked at that point.
    DEFAULT_INTERFACE = value("default_interface", &[req(Arg::Interface)]).default("eth0").runs();

    /// Stops the kernel from sending IGMP reports for link-local groups such as that of VRRP, instead of moving them
    /// from VMACs to the interface below. A kernel without the setting is reported.
    DISABLE_LOCAL_IGMP = flag("disable_local_igmp").default("off")
        .without_effect("the group of VRRP is joined below macvlans, which report none");

    /// First part of the names of the interfaces that `use_vmac` creates. The first use counts.
    VMAC_PREFIX = value("vmac_prefix", &[req(text(0)).label("prefix")]).default("vrrp").first_wins().runs();

    /// First part of the names of the interfaces that `use_vmac` on a single address creates. The first use counts.
    VMAC_ADDR_PREFIX = value("vmac_addr_prefix", &[req(text(0)).label("prefix")])
        .default("value of `vmac_prefix`")
        .first_wins()
        .runs();

    /// How large the receive buffer of a VRRP socket is made: room for packets of the interface's MTU, for packets
    /// of the expected advert, or a number of bytes. A number must be the first word and displaces the others;
    /// `MTU` displaces `ADVERT`.
    VRRP_RX_BUFS_POLICY = value(
        "vrrp_rx_bufs_policy",
        &[many(Arg::IntOrChoiceNoCase { min: 0, max: U32, words: &["MTU", "ADVERT"] }).label("policy")],
    )
    .default("kernel value")
    .unit(Unit::Bytes)
        .without_effect("kalc has the kernel's buffers, or those of `kernel_rx_buf_size`, and counts what is lost");

    /// How many packets per instance the buffer of `vrrp_rx_bufs_policy` must hold.
    VRRP_RX_BUFS_MULTIPLIER = value("vrrp_rx_bufs_multiplier", &[req(int(1, U32))]).default("3")
        .without_effect("kalc has the kernel's buffers, or those of `kernel_rx_buf_size`, and counts what is lost");
}
