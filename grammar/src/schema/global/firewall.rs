//! `global_defs`: the firewall rules behind `no_accept`, strict mode and VMACs.

use crate::schema::prelude::*;

/// The name of an iptables chain.
const CHAIN: Arg = text(27);
/// The name of an ipset.
const SET: Arg = text(30);

rows! { SETTINGS:
    /// Keeps packets away from virtual addresses with iptables, in these chains for what comes in and goes out. Only
    /// some builds have it, others report it and use nftables; where both are asked for, nftables is used. The
    /// chains must differ.
    VRRP_IPTABLES = value("vrrp_iptables", &[opt(CHAIN).label("in chain"), opt(CHAIN).label("out chain")])
        .default("INPUT OUTPUT")
        .without_effect("kalc keeps packets away with nftables, as keepalived does where iptables is missing");

    /// Names of the ipsets that hold the addresses, so that few iptables rules suffice; names left out are made
    /// from the first. Without any name ipsets are not used. It needs `vrrp_iptables` and a build with ipset, which
    /// Debian's 2.2.7 is not.
    VRRP_IPSETS = value(
        "vrrp_ipsets",
        &[
            opt(SET).label("address set"),
            opt(SET).label("address6 set"),
            opt(SET).label("address_iface6 set"),
            opt(SET).label("igmp set"),
            opt(SET).label("mld set"),
            opt(SET).label("nd set"),
        ],
    )
    .default("keepalived keepalived6 keepalived_if6 and so on")
    .without_effect("kalc keeps packets away with nftables, as keepalived does where iptables is missing");

    /// Keeps packets away from virtual addresses with nftables, in a table of this name. `use_vmac`, `no_accept` and
    /// strict mode turn it on by themselves; the first name counts, and how long it may be depends on the build.
    NFTABLES = value("nftables", &[opt(text(254)).label("table")]).default("keepalived; `kalc` under kalc").first_wins()
        .runs();

    /// Priority of the chains in that table, which decides whether they see a packet before or after others.
    NFTABLES_PRIORITY = value("nftables_priority", &[req(int(-I32 - 1, I32)).label("priority")]).default("-1")
        .runs();

    /// Matches interfaces in the nftables rules by index instead of by name.
    NFTABLES_IFINDEX = flag("nftables_ifindex").default("off")
        .without_effect("rules of kalc name interfaces by index in any case");

    /// Adds packet counters to the nftables rules, for finding out which of them match.
    NFTABLES_COUNTERS = flag("nftables_counters").default("off")
        .runs();
}
