//! `vrrp_instance`: the interface, and virtual interfaces on top of it.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Interface on which adverts are sent and heard, and on which addresses are set that name no other. It must
    /// exist at start unless `dynamic_interfaces` is set, and the loopback is refused. Only unicast with a source
    /// address can do without.
    INTERFACE = value("interface", &[req(Arg::Interface)]).runs();

    /// VRF in which the instance works; only for unicast without `interface`.
    VRF = value("vrf", &[req(Arg::Interface)])
        .without_effect("with `interface` keepalived ignores it, too, and an instance without one is refused by itself");

    /// Stays in place when the instance's own interface goes down. Without carrier nobody can reach the addresses,
    /// so it is for dummy interfaces and direct cables.
    DONT_TRACK_PRIMARY = flag("dont_track_primary").default("off").runs();

    /// Moves a MAC address together with the virtual addresses, so that neighbours need not learn a new one: a
    /// macvlan interface is made that has the virtual router MAC address of RFC 9568, or the one given; five octets
    /// are completed by the `virtual_router_id`. The words stand in any order. Clouds and switches that allow one
    /// MAC per port filter it; with unicast `vmac_xmit_base` comes along.
    USE_VMAC = value("use_vmac", &[opt(Arg::Interface).label("name"), opt(Arg::Mac).label("mac")])
        .options(&[&[&NAME, &NETLINK_NOTIFY_MSG, &GROUP]])
        .default("vrrp.VRID; vrrp6.VRID where that name is taken by the other family")
        .runs();

    /// Makes a VMAC also for each virtual address that is set on another interface than the instance's.
    USE_VMAC_ADDR = flag("use_vmac_addr").default("off").runs();

    /// Sends and hears adverts on the interface below the VMAC, with that interface's MAC address. It needs
    /// `use_vmac`, and strict mode does not allow it.
    VMAC_XMIT_BASE = flag("vmac_xmit_base").default("off").runs();

    /// Sends the adverts from an ipvlan interface that is made with an address of its own, so that they have their own
    /// source and the host's MAC address; the virtual addresses stay on the interface below. IPv4 needs that address
    /// here. It excludes `use_vmac`, and a second use is reported.
    USE_IPVLAN = value("use_ipvlan", &[opt(Arg::Interface).label("name"), opt(Arg::IpPrefix).label("address")])
        .options(&[&[&NAME, &GROUP, &BRIDGE, &PRIVATE, &VEPA]])
        .default("bridge")
        .runs();

    /// Lets the kernel keep the interface's other addresses when their primary address is removed. It does not work
    /// together with VMACs, which is reported.
    PROMOTE_SECONDARIES = flag("promote_secondaries").default("off").runs();

    /// Asks the hardware for the link state of the instance's interface.
    LINKBEAT_USE_POLLING = flag("linkbeat_use_polling").default("off").deprecated("linkbeat_interfaces")
        .without_effect("kalc listens to the kernel, which hears of the carrier from every driver of today");
}

words! {
    /// Name of the interface that is made, in case it could be mistaken for another word.
    NAME = value("name", &[req(Arg::Interface)]).runs();

    /// Makes the kernel report the interface below after a VMAC was added to it, for programs that wait for that.
    NETLINK_NOTIFY_MSG = flag("netlink_notify_msg")
        .without_effect("the kernel tells every program that listens of new interfaces by itself");

    /// Link group of the new interface, by number or by its name in the system's table.
    GROUP = value("group", &[req(Arg::NumberOrName { max: u32::MAX })]).runs();

    /// The ipvlan interfaces of one parent reach each other directly. All on one parent need the same mode.
    BRIDGE = flag("bridge").runs();

    /// The ipvlan interfaces of one parent cannot reach each other.
    PRIVATE = flag("private").runs();

    /// The ipvlan interfaces of one parent reach each other by way of the switch outside.
    VEPA = flag("vepa").runs();
}
