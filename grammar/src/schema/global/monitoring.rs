//! `global_defs`: SNMP, D-Bus and the files that show state and statistics.

use crate::schema::prelude::*;

/// Seconds between two reads of the kernel's counters.
const STATS_INTERVAL: &[Param] = &[req(seconds(1_000, 30_000_000))];

rows! { SETTINGS:
    /// Socket of the SNMP agent to which keepalived connects. The first use counts; only builds with SNMP have it.
    SNMP_SOCKET = value("snmp_socket", &[req(text(0)).label("socket")])
        .default("unix:/var/agentx/master")
        .first_wins()
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Sends SNMP traps on changes of state.
    ENABLE_TRAPS = flag("enable_traps").default("off")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Serves the VRRP part of keepalived's own MIB.
    ENABLE_SNMP_VRRP = flag("enable_snmp_vrrp").default("off")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Earlier name of `enable_snmp_vrrp`, accepted without a message.
    ENABLE_SNMP_KEEPALIVED = flag("enable_snmp_keepalived").default("off").deprecated("enable_snmp_vrrp")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Serves the standard MIBs of VRRP version 2 and of version 3.
    ENABLE_SNMP_RFC = flag("enable_snmp_rfc").default("off")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Serves the MIB of RFC 2787, for VRRP version 2.
    ENABLE_SNMP_RFCV2 = flag("enable_snmp_rfcv2").default("off")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Serves the MIB of RFC 6527, for VRRP version 3.
    ENABLE_SNMP_RFCV3 = flag("enable_snmp_rfcv3").default("off")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Serves the part of keepalived's own MIB that shows virtual and real servers.
    ENABLE_SNMP_CHECKER = flag("enable_snmp_checker").default("off")
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Age at which the counters of a virtual server are read anew from the kernel before SNMP answers with them.
    SNMP_VS_STATS_UPDATE_INTERVAL = value("snmp_vs_stats_update_interval", STATS_INTERVAL)
        .default("5")
        .unit(Unit::Seconds)
        .new_in_2_4_3()
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Age at which the counters of real servers are read anew from the kernel before SNMP answers with them.
    SNMP_RS_STATS_UPDATE_INTERVAL = value("snmp_rs_stats_update_interval", STATS_INTERVAL)
        .default("value of `snmp_vs_stats_update_interval`")
        .unit(Unit::Seconds)
        .new_in_2_4_3()
        .without_effect("kalc has no SNMP; `kalc status --format json` and `--metrics` tell the same");

    /// Offers the instances on D-Bus. Only builds with D-Bus have it.
    ENABLE_DBUS = flag("enable_dbus").default("off")
        .without_effect("kalc is not on D-Bus; `kalc status` and `kalc ctl` talk to the daemon");

    /// Name under which keepalived appears on D-Bus.
    DBUS_SERVICE_NAME = value("dbus_service_name", &[req(text(0)).label("name")]).default("org.keepalived.Vrrp1")
        .without_effect("kalc is not on D-Bus; `kalc status` and `kalc ctl` talk to the daemon");

    /// Word that stands for the interface in the D-Bus path of an instance that has none.
    DBUS_NO_INTERFACE_NAME = value("dbus_no_interface_name", &[req(text(0)).label("name")])
        .default("none")
        .new_in_2_4_3()
        .without_effect("kalc is not on D-Bus; `kalc status` and `kalc ctl` talk to the daemon");

    /// Layout of the JSON dump: 1 is a bare list of instances, 2 gives the list a name and adds tracked processes.
    JSON_VERSION = value("json_version", &[req(int(1, 2))]).default("1").new_in_2_4_3()
        .without_effect("`kalc status` shows the state; no file is written");

    /// Adds the name of the instance and of the namespace to the names of the dump files, so that several keepalived
    /// on one host do not overwrite each other's.
    DATA_USE_INSTANCE = switch("data_use_instance").default("off")
        .without_effect("`kalc status` shows the state; no file is written");

    /// File to which the state is written when keepalived gets the signal for it.
    STATE_DUMP_FILE = value("state_dump_file", &[req(Arg::Path)])
        .default("a file in the temporary folder")
        .new_in_2_4_3()
        .without_effect("`kalc status` shows the state; no file is written");

    /// File to which the statistics are written when keepalived gets the signal for it.
    STATS_DUMP_FILE = value("stats_dump_file", &[req(Arg::Path)])
        .default("a file in the temporary folder")
        .new_in_2_4_3()
        .without_effect("`kalc status` shows the state; no file is written");

    /// File to which the state is written as JSON when keepalived gets the signal for it.
    JSON_DUMP_FILE = value("json_dump_file", &[req(Arg::Path)])
        .default("a file in the temporary folder")
        .new_in_2_4_3()
        .without_effect("`kalc status` shows the state; no file is written");
}
