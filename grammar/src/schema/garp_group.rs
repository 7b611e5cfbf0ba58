//! `garp_group`: how fast gratuitous ARP may leave an interface.

use super::prelude::*;

rows! { ROWS:
    /// Interfaces that share one pace for gratuitous ARP and neighbour advertisements, because the switch behind
    /// them drops bursts. It needs `garp_interval` or `gna_interval`, else it is dropped; interfaces outside every
    /// group follow `vrrp_garp_interval` and `vrrp_gna_interval`.
    GARP_GROUP = block("garp_group", &[SETTINGS]).runs();
}

rows! { SETTINGS:
    /// Pause between two gratuitous ARP packets of the group. A second or more is logged; 2.2.7 accepts at most
    /// 2147.483647.
    GARP_INTERVAL = value("garp_interval", &[req(seconds(0, 4_294_967_295))]).unit(Unit::Seconds).runs();

    /// Pause between two unsolicited neighbour advertisements of the group.
    GNA_INTERVAL = value("gna_interval", &[req(seconds(0, 4_294_967_295))]).unit(Unit::Seconds).runs();

    /// One interface of the group. It must not be a VMAC nor belong to another group.
    INTERFACE = value("interface", &[req(Arg::Interface)]).repeats().runs();

    /// The interfaces of the group, for several that lead to the same switch.
    INTERFACES = list("interfaces", &INTERFACES_ENTRY).runs();
}

words! {
    /// One or more interfaces.
    INTERFACES_ENTRY = entry(&[many(Arg::Interface)]).runs();
}
