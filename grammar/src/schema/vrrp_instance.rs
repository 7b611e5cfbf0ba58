//! `vrrp_instance`: one virtual router.

use super::line;
use super::prelude::*;

rows! { ROWS:
    /// One virtual router: a set of addresses that exactly one of several hosts should hold.
    VRRP_INSTANCE = named_block("vrrp_instance", &[req(Arg::Define(Symbol::VrrpInstance))], &[SETTINGS]);
}

rows! { SETTINGS:
    /// Base priority of this host for the virtual router. The highest live host becomes master; 255 says that the
    /// addresses are this host's own.
    PRIORITY = value("priority", &[req(int(1, 255))]).default("100, or 255 with `state MASTER`");

    /// Time between two adverts of the master. Version 2 sends whole seconds only, version 3 steps of 10 ms; all
    /// hosts of a virtual router need the same value.
    ADVERT_INT = value("advert_int", &[req(seconds(10_000, 255_000_000))]).default("1").unit(Unit::Seconds);

    /// The addresses that move with the master; they are named in its adverts.
    VIRTUAL_IPADDRESS = list("virtual_ipaddress", &line::address::VIRTUAL_ENTRY);
}
