//! `virtual_server`: a service that IPVS spreads over real servers.
//!
//! What a server inherits (`delay_loop`, `retry`, ...) is declared once for each level, because the defaults and
//! sometimes the arguments differ from level to level.

use super::prelude::*;
use super::real_server;

/// Longest time without a limit of its own: 4294967295 s.
pub(crate) const SECONDS_MAX_US: u64 = 4_294_967_295_000_000;
/// A waiting time that may be zero.
pub(crate) const WAIT: &[Param] = &[req(seconds(0, SECONDS_MAX_US)).label("seconds")];
/// Time between two checks.
pub(crate) const DELAY: &[Param] = &[req(seconds(1, SECONDS_MAX_US)).label("seconds")];
/// Time for a connection.
pub(crate) const TIMEOUT: &[Param] = &[req(seconds(1, 4_294_967_295)).label("seconds")];
/// Number of tries where zero makes no sense.
pub(crate) const TRIES: &[Param] = &[req(int(1, U32))];
/// An address with an optional port. Port 0 is the same as none.
pub(crate) const ADDRESS: &[Param] = &[req(Arg::Ip).label("address"), opt(Arg::PortOrAny).label("port")];

const SCHEDULER: &[Param] =
    &[req(choice(&["rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos"]))
        .label("scheduler")];

const METHOD: Param = req(choice(&["NAT", "DR", "TUN"])).label("method");
const TUNNEL_TYPE: &[Param] = &[req(choice(&["ipip", "gue", "gre"]))];
const TUNNEL_PORT: &[Param] = &[req(Arg::Port)];

/// Method of forwarding with the options of a tunnel; `lb_kind` has the options as rows, so that they have paths.
pub(crate) const FORWARDING: &[Param] = &[
    METHOD,
    any(Arg::Words(&[("type", TUNNEL_TYPE), ("port", TUNNEL_PORT), ("nocsum", &[]), ("csum", &[]), ("remcsum", &[])])),
];

rows! { ROWS:
    /// A service that IPVS spreads over real servers: an address with a port, `fwmark` and a number, or `group` and the
    /// name of a group. Separate address and port by a blank; host names are refused. Without a port it takes every
    /// port, and persistence of 360 s is turned on where none is set; without a usable `real_server` the block is
    /// removed.
    VIRTUAL_SERVER = named_block(
        "virtual_server",
        &[opt(Arg::Ip).label("address"), opt(Arg::PortOrAny).label("port")],
        &[SETTINGS, real_server::ROWS],
    ).options(&[HEADER]).default("port 0").runs();
}

rows! { HEADER:
    /// Takes packets with that firewall mark instead of those to an address. The mark decides alone: `protocol` is
    /// ignored, and `ip_family` tells IPv4 from IPv6. Never leave the number out, keepalived crashes on it.
    FWMARK = value("fwmark", &[req(int(0, U32)).label("mark")]).runs();

    /// Takes the addresses and marks of a `virtual_server_group`. A name that no group has passes the test of
    /// keepalived and fails at run time.
    GROUP = value("group", &[req(Arg::Use(Symbol::VirtualServerGroup))]).runs();
}

rows! { TUNNEL:
    /// Encapsulation of a TUN tunnel.
    TYPE = value("type", TUNNEL_TYPE).default("ipip").runs();

    /// UDP port of a `gue` tunnel, which needs it; no other tunnel may have one.
    PORT = value("port", TUNNEL_PORT).runs();

    /// Tunnel packets carry no checksum.
    NOCSUM = flag("nocsum").runs();

    /// Tunnel packets carry a checksum; not for `ipip`.
    CSUM = flag("csum").runs();

    /// Tunnel packets use remote checksum offload; for `gue` only.
    REMCSUM = flag("remcsum").runs();
}

rows! { SETTINGS:
    /// Address family of a service by firewall mark, where no address tells it. A contradiction to the addresses is
    /// reported and ignored.
    IP_FAMILY = value("ip_family", &[req(choice(&["inet", "inet6"])).label("family")])
        .default("from the address").runs();

    /// How often a failed check is tried again before the server counts as down, unless the real server or the checker
    /// says otherwise. At least 1 here; only a checker can say 0.
    RETRY = value("retry", TRIES).default("depends on the checker").runs();

    /// Seconds before a failed check is tried again, unless the real server or the checker says otherwise.
    DELAY_BEFORE_RETRY = value("delay_before_retry", WAIT).default("depends on the checker")
        .unit(Unit::Seconds).runs();

    /// Longest random wait before the first check, so that many checks do not start at once; 0 starts them without
    /// delay.
    WARMUP = value("warmup", WAIT).default("value of delay_loop").unit(Unit::Seconds).runs();

    /// Seconds that a check waits for a connection or an answer, unless the real server or the checker says otherwise.
    /// The default of 5 is long for a service in the same network.
    CONNECT_TIMEOUT = value("connect_timeout", TIMEOUT).default("5").unit(Unit::Seconds).runs();

    /// Seconds between two checks of a real server. With the default of 60 a dead server keeps receiving clients for a
    /// minute or more; write a few seconds. Fractions are allowed, 0 is not.
    DELAY_LOOP = value("delay_loop", DELAY).default("60").unit(Unit::Seconds).runs();

    /// Keeps a failed server in the table with weight 0 instead of removing it, so that its open connections may
    /// finish. A plain flag here: `inhibit_on_failure no` also switches it on; in a `real_server` it can be switched
    /// off.
    INHIBIT_ON_FAILURE = flag("inhibit_on_failure").default("off").runs();

    /// Scheduler that picks the real server for a new connection. Lower case only: anything else is reported and `wlc`
    /// used. Weights count for the schedulers with a `w` and a few more; `rr` and `lc` treat all servers alike.
    LB_ALGO = value("lb_algo", SCHEDULER).default("wlc").runs();

    /// Another word for `lb_algo`.
    LVS_SCHED = value("lvs_sched", SCHEDULER).default("wlc").alias("lb_algo").runs();

    /// Has no effect in either version. For a hash of the source address write `lb_algo sh`.
    HASHED = flag("hashed").default("off")
        .without_effect("keepalived does nothing about it either");

    /// One packet scheduling: each datagram is balanced for itself, without a connection. For UDP only; with another
    /// protocol it is reported and dropped.
    OPS = flag("ops").default("off").runs();

    /// First flag of the scheduler, by number: with `sh` and `mh` it means the fallback.
    FLAG_1 = flag("flag-1").default("off").runs();

    /// Second flag of the scheduler, by number: with `sh` and `mh` it means the port.
    FLAG_2 = flag("flag-2").default("off").runs();

    /// Third flag of the scheduler, by number; no scheduler of the kernel gives it a meaning.
    FLAG_3 = flag("flag-3").default("off").runs();

    /// Lets scheduler `sh` hash the source port too. Write it below `lb_algo sh`: above, it is refused.
    SH_PORT = flag("sh-port").default("off").runs();

    /// Lets scheduler `sh` go on to another server when the hashed one is not available. Write it below `lb_algo sh`:
    /// above, it is refused.
    SH_FALLBACK = flag("sh-fallback").default("off").runs();

    /// Lets scheduler `mh` hash the source port too. Write it below `lb_algo mh`: above, it is refused.
    MH_PORT = flag("mh-port").default("off").runs();

    /// Lets scheduler `mh` go on to another server when the hashed one is not available. Write it below `lb_algo mh`:
    /// above, it is refused.
    MH_FALLBACK = flag("mh-fallback").default("off").runs();

    /// How packets reach the real servers. `NAT` rewrites them and needs the answers to come back through this host;
    /// `DR` sends them on unchanged within one network, so that ports must be equal and the real servers must hold the
    /// virtual address without answering ARP for it; `TUN` does the same through a tunnel. Upper case only: anything
    /// else is reported and `NAT` used.
    LB_KIND = value("lb_kind", &[METHOD]).options(&[TUNNEL]).default("NAT").runs();

    /// Another word for `lb_kind`.
    LVS_METHOD = value("lvs_method", FORWARDING).default("NAT").alias("lb_kind").runs();

    /// Persistence engine of IPVS; the kernel has `sip`, which keeps one call on one server. A name of more than 15
    /// bytes is cut.
    PERSISTENCE_ENGINE = value("persistence_engine", &[req(text(15)).label("name")]).runs();

    /// Seconds for which a client stays with the real server that it got first. Without a number it means 360; 0 is
    /// refused, leave the line out to have no persistence. Behind a proxy or a large NAT all clients look like one and
    /// land on one server.
    PERSISTENCE_TIMEOUT = value("persistence_timeout", &[opt(int(1, 2_678_400)).label("seconds")])
        .default("off, or 360 without a number").unit(Unit::Seconds).runs();

    /// Which part of the client's address decides persistence: a netmask for IPv4, a prefix length for IPv6. It turns
    /// persistence on. With IPv4, `24` is read as the mask 0.0.0.24; write `255.255.255.0`.
    PERSISTENCE_GRANULARITY = value("persistence_granularity", &[req(Arg::Netmask)])
        .default("255.255.255.255 or 128").runs();

    /// Transport protocol of the service. Always write it: without it keepalived reports the server and takes UDP.
    /// Capitals or not makes no difference here, and a service by firewall mark has none.
    PROTOCOL = value("protocol", &[req(Arg::ChoiceNoCase(&["TCP", "UDP", "SCTP"]))]).default("UDP").runs();

    /// Checks only while this host holds the virtual address, so that backups do not load the real servers. Not for
    /// services by firewall mark, which have no address; without VRRP on this host the checks may never start.
    HA_SUSPEND = flag("ha_suspend").default("off").runs();

    /// Sends mail when the quorum is gained or lost.
    SMTP_ALERT = switch("smtp_alert").default("value of smtp_alert_checker, else of smtp_alert, else off").runs();

    /// Host name that `HTTP_GET` and `SSL_GET` of these real servers ask for, unless one is set closer to the url.
    /// Without it many web servers answer with their default site.
    VIRTUALHOST = value("virtualhost", &[req(text(0)).label("host name")]).runs();

    /// Name of the service in SNMP; one word, quoted if it holds blanks.
    SNMP_NAME = value("snmp_name", &[req(text(0)).label("name")])
        .without_effect("kalc has no SNMP");

    /// Takes real servers for down until their first check succeeds. Without it they receive clients at once after a
    /// start, dead or not. A plain flag here, whatever follows; a `real_server` can switch it off.
    ALPHA = flag("alpha").default("off").runs();

    /// Treats the end of the daemon as the loss of all servers: the scripts `quorum_down` and `notify_down` run then.
    /// Scripts that announce the service need it together with `alpha`, or the announcement outlives the daemon.
    OMEGA = flag("omega").default("off").runs();

    /// Script that runs when enough real servers are up. Quote a command with arguments, or the second word is taken
    /// for the user. Of two, the first counts.
    QUORUM_UP = value("quorum_up", SCRIPT).first_wins().runs();

    /// Script that runs when too few real servers are left. Quote a command with arguments, or the second word is taken
    /// for the user. Of two, the first counts.
    QUORUM_DOWN = value("quorum_down", SCRIPT).first_wins().runs();

    /// Sum of the weights of live real servers that the service needs; below it the `sorry_server` steps in. It counts
    /// weights, not servers, and is lowered to the sum of all weights where it exceeds that.
    QUORUM = value("quorum", &[req(int(1, U32))]).default("1").runs();

    /// Margin around `quorum` against flapping: the quorum is gained at quorum plus hysteresis and lost below quorum
    /// minus hysteresis. It must be smaller than the quorum.
    HYSTERESIS = value("hysteresis", &[req(int(0, U32))]).default("0").runs();

    /// Weight of real servers that say none themselves.
    WEIGHT = value("weight", &[req(int(1, I32))]).default("1").runs();

    /// Server that gets the clients while the quorum is lost, often one with an error page. It is never checked, and
    /// family and port follow the rules of a real server. Of two, the last counts.
    SORRY_SERVER = value("sorry_server", ADDRESS).runs();

    /// Treats the sorry server as `inhibit_on_failure` does: weight 0 instead of removal. Write it below
    /// `sorry_server`: above, it is refused.
    SORRY_SERVER_INHIBIT = flag("sorry_server_inhibit").default("off").runs();

    /// How packets reach the sorry server, where it differs from `lb_kind`. Write it below `sorry_server`: above, it is
    /// refused.
    SORRY_SERVER_LVS_METHOD = value("sorry_server_lvs_method", FORWARDING).default("value of lb_kind").runs();
}
