//! `global_defs`: the kernel's load balancer.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// How long the load balancer remembers idle TCP connections (`tcp`), TCP connections after FIN (`tcpfin`) and
    /// UDP flows (`udp`), for all virtual servers. Write at least one pair, such as `lvs_timeouts tcp 3600`.
    LVS_TIMEOUTS = value("lvs_timeouts", &[])
        .options(&[&[&TCP, &TCPFIN, &UDP]])
        .default("kernel values")
        .unit(Unit::Seconds).runs();

    /// Empties the kernel's whole table of virtual servers at start, also of entries that others made.
    LVS_FLUSH = flag("lvs_flush").default("off").runs();

    /// Empties the kernel's table of virtual servers in one step at the end, instead of taking real servers out one
    /// by one. The bare keyword removes what others made too; with `VS` only the virtual servers of this file go.
    LVS_FLUSH_ON_STOP = flag_with("lvs_flush_on_stop", &[opt(choice(&["VS"]))]).default("off").runs();

    /// Earlier spelling of `lvs_flush_on_stop`.
    LVS_FLUSH_ONSTOP = flag_with("lvs_flush_onstop", &[opt(choice(&["VS"]))])
        .default("off").alias("lvs_flush_on_stop").runs();

    /// Copies the table of connections from the master to its backups over this interface, so that connections
    /// survive a failover; `inst` names the instance whose state decides who sends. The first use counts. An older
    /// form gives instance and ID by position, which is why a misspelt word is taken as the name of an instance.
    LVS_SYNC_DAEMON = value(
        "lvs_sync_daemon",
        &[
            req(Arg::Interface),
            opt(Arg::Use(Symbol::VrrpInstance)).label("instance (old form)"),
            opt(int(0, 255)).label("id (old form)"),
        ],
    )
    .options(&[&[&INST, &ID, &MAXLEN, &PORT, &TTL, &GROUP]])
    .first_wins().runs();

    /// Marks packets for virtual server groups by nftables rules in a table of this name, so that one virtual
    /// server in the kernel serves many addresses. The first name counts.
    NFTABLES_IPVS = value("nftables_ipvs", &[opt(text(254)).label("table")])
        .default("keepalived_ipvs")
        .first_wins()
        .refused("kalc makes a service for each address of a group and no marks, so that the group would not be one service");

    /// Priority of the chains in that table.
    NFTABLES_IPVS_PRIORITY = value("nftables_ipvs_priority", &[req(int(-I32 - 1, I32)).label("priority")])
        .default("-1")
        .without_effect("it counts with `nftables_ipvs`, which is refused");

    /// First firewall mark that `nftables_ipvs` gives out. Choose it so that the marks do not meet those of other
    /// rules on the host.
    NFTABLES_IPVS_START_FWMARK = value("nftables_ipvs_start_fwmark", &[req(int(1, U32)).label("mark")])
        .default("1000")
        .without_effect("it counts with `nftables_ipvs`, which is refused");
}

words! {
    /// Time after which an idle TCP connection is forgotten.
    TCP = value("tcp", &[req(int(0, 2_678_400))]).default("kernel value").unit(Unit::Seconds).runs();

    /// Time after which a TCP connection is forgotten once a FIN was seen.
    TCPFIN = value("tcpfin", &[req(int(0, 2_678_400))]).default("kernel value").unit(Unit::Seconds).runs();

    /// Time after which an idle UDP flow is forgotten.
    UDP = value("udp", &[req(int(0, 2_678_400))]).default("kernel value").unit(Unit::Seconds).runs();

    /// Instance whose state decides whether this host sends or receives connections.
    INST = value("inst", &[req(Arg::Use(Symbol::VrrpInstance))]).runs();

    /// ID of the group of hosts that exchange connections; all of them need the same.
    ID = value("id", &[req(int(0, 255))]).default("`virtual_router_id` of the instance, else 0").runs();

    /// Largest synchronisation packet that is sent.
    MAXLEN = value("maxlen", &[req(int(1, 65_507))]).default("kernel value").runs();

    /// UDP port of the synchronisation.
    PORT = value("port", &[req(Arg::Port)]).default("8848").runs();

    /// TTL of the synchronisation packets; 1 keeps them on the local network.
    TTL = value("ttl", &[req(int(1, 255))]).default("1").runs();

    /// Multicast group of the synchronisation.
    GROUP = value("group", &[req(Arg::Multicast)]).default("224.0.0.81").runs();
}
