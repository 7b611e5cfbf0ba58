//! `vrrp_instance`: one virtual router.
//!
//! The settings are split by theme into the submodules; to the language they are one block.

pub mod authentication;
pub mod garp;
pub mod interface;
pub mod unicast;

use super::prelude::*;
use super::{line, notify, track};

rows! { ROWS:
    /// One virtual router: a set of addresses that exactly one of several hosts should hold. It takes exactly one
    /// name, which stays on this host; the network knows it by `virtual_router_id`. A second block of the same name
    /// is skipped.
    VRRP_INSTANCE = named_block(
        "vrrp_instance",
        &[req(Arg::Define(Symbol::VrrpInstance))],
        &[
            SETTINGS,
            interface::SETTINGS,
            unicast::SETTINGS,
            track::lists::ROWS,
            garp::SETTINGS,
            authentication::ROWS,
            notify::ROWS,
            NOTIFY_ROWS,
        ],
    )
        .runs();
}

rows! { SETTINGS:
    /// State to begin with. It does not decide who is master: the priorities do, and a router that starts as MASTER
    /// listens first, unless its priority is 255. Only these two words are known, in capitals; anything else is
    /// reported and means BACKUP. Give it to one host, or BACKUP to all with `nopreempt`.
    STATE = value("state", &[req(choice(&["MASTER", "BACKUP"]))]).default("MASTER with priority 255, else BACKUP")
        .runs();

    /// Number by which the routers of one virtual router find each other; required, decimal, and the same on all of
    /// them. No other virtual router on the network segment may have it, so do not keep the 51 of the samples
    /// without a look around.
    VIRTUAL_ROUTER_ID = value("virtual_router_id", &[req(int(1, 255))]).runs();

    /// Base priority of this host for the virtual router. The highest live host becomes master; 255 says that the
    /// addresses are this host's own. Give every host another number, with gaps smaller than the weights of its
    /// scripts; a number out of range is reported and becomes 100.
    PRIORITY = value("priority", &[req(int(1, 255))]).default("100, or 255 with `state MASTER`").runs();

    /// Time between two adverts of the master; it also sets how soon a backup takes over. All hosts of a virtual
    /// router need the same value, as version 2 ignores adverts with another one and both become master. Version 2
    /// rounds to whole seconds, version 3 to steps of 10 ms up to 40.95 s.
    ADVERT_INT = value("advert_int", &[req(seconds(10_000, 255_000_000))]).default("1").unit(Unit::Seconds).runs();

    /// VRRP version of this virtual router; all its routers must speak the same. Version 3 has intervals below a
    /// second and IPv6, but no authentication. A second use with another number is reported and ignored.
    VERSION = value("version", &[req(int(2, 3))]).default("value of `vrrp_version`, for IPv6 3").first_wins().runs();

    /// The addresses that move with the master; they are named in its adverts and must be the same on all hosts. The
    /// first one decides whether this is an IPv4 or an IPv6 router, and several blocks add up. Addresses beyond what
    /// an advert can carry are treated as excluded.
    VIRTUAL_IPADDRESS = list("virtual_ipaddress", &line::address::VIRTUAL_ENTRY).runs();

    /// Further addresses that move with the master without being named in its adverts; here both families may be
    /// mixed. It is the place for long lists, and for IPv6 addresses beside an IPv4 router.
    VIRTUAL_IPADDRESS_EXCLUDED = list("virtual_ipaddress_excluded", &line::address::VIRTUAL_ENTRY).runs();

    /// Routes that exist on the master only; several blocks add up.
    VIRTUAL_ROUTES = list("virtual_routes", &line::route::VIRTUAL_ENTRY).runs();

    /// Routing rules that exist on the master only; several blocks add up.
    VIRTUAL_RULES = list("virtual_rules", &line::rule::VIRTUAL_ENTRY).runs();

    /// Permits an instance without any address, which then only elects a master and runs its scripts. Strict mode
    /// does not allow it.
    NO_VIRTUAL_IPADDRESS = flag("no_virtual_ipaddress").default("off").new_in_2_4_3().runs();

    /// Leaves a master of lower priority in place, so that the addresses do not move back when a better host
    /// returns. Set it on all hosts, with `state BACKUP`: with `state MASTER` or priority 255 it is dropped with a
    /// message. Words after it are ignored, so `nopreempt off` still means no preemption. A weight on a script then
    /// moves nothing; use weight 0.
    NOPREEMPT = flag("nopreempt").default("off").runs();

    /// Takes over from a master of lower priority. This is the rule anyway; it only undoes a `nopreempt` that stands
    /// before it, and words after it are ignored.
    PREEMPT = flag("preempt").default("on").runs();

    /// How long to watch a master of lower priority before taking over from it, so that a host which has just
    /// started can finish. The takeover needs one master down time more. It is dropped with a message for `state
    /// MASTER`, `nopreempt` and strict mode.
    PREEMPT_DELAY = value("preempt_delay", &[req(seconds(0, 1_000_000_000))]).default("0").unit(Unit::Seconds).runs();

    /// How many adverts in a row a backup must miss before it takes over; the same on all hosts. Strict mode insists
    /// on 3.
    DOWN_TIMER_ADVERTS = value("down_timer_adverts", &[req(int(1, 100))]).default("value of `vrrp_down_timer_adverts`")
        .runs();

    /// Steps back to backup when this master was kept from running for so long that another one may have taken over;
    /// it needs `nopreempt`. The number is the highest priority that the other routers can reach, weights included;
    /// the bare keyword assumes 254.
    TIMER_EXPIRED_BACKUP = value("timer_expired_backup", &[opt(int(1, 254)).label("priority")])
        .default("off, bare: 254")
        .new_in_2_4_3()
        .runs();

    /// Earlier name of `timer_expired_backup`.
    THREAD_TIMER_EXPIRED = value("thread_timer_expired", &[opt(int(1, 254)).label("priority")])
        .default("off")
        .new_in_2_4_3()
        .deprecated("timer_expired_backup")
        .runs();

    /// Does not answer a router of lower priority with an advert.
    LOWER_PRIO_NO_ADVERT = switch("lower_prio_no_advert")
        .default("value of `vrrp_lower_prio_no_advert`, in strict mode on")
        .runs();

    /// Sends one last advert to a master of higher priority before stepping back, so that it announces the addresses
    /// again.
    HIGHER_PRIO_SEND_ADVERT = switch("higher_prio_send_advert")
        .default("value of `vrrp_higher_prio_send_advert`, in strict mode off")
        .runs();

    /// An address owner ignores the adverts of others. It is for priority 255 only; an explicit `off` there is
    /// reported and turned on, in strict mode or not.
    OWNER_IGNORE_ADVERTS = switch("owner_ignore_adverts")
        .default("value of `vrrp_owner_ignore_adverts`")
        .new_in_2_4_3()
        .runs();

    /// Lets the host answer on the virtual addresses although it does not own them. Words after it are ignored:
    /// `accept off` accepts. Only strict mode makes it necessary.
    ACCEPT = flag("accept").default("on, off with `strict_mode`").runs();

    /// Drops packets to the virtual addresses unless the host owns them, so that they serve for routing only; a
    /// service on them cannot be reached, nor do they answer pings. It needs a build with a firewall and turns
    /// nftables on.
    NO_ACCEPT = flag("no_accept").default("off").runs();

    /// Skips comparing the addresses in an advert when the one before came from the same master. Beware: 2.2.7 and
    /// 2.4.3 turn it on whatever follows, even `off`; to have it off, leave the line out.
    SKIP_CHECK_ADV_ADDR = flag("skip_check_adv_addr").default("value of `vrrp_skip_check_adv_addr`")
        .without_effect("addresses that differ are accepted and told once for each master, whatever this says");

    /// Holds this instance to the letter of the VRRP standard: it excludes authentication, unicast, `preempt_delay`,
    /// another `down_timer_adverts`, and MASTER without priority 255, and it filters traffic to the addresses.
    STRICT_MODE = switch("strict_mode").default("value of `vrrp_strict`").runs();

    /// Leaves the pseudo header out of the checksum of VRRP version 3 over IPv4, as some other makers' routers
    /// expect. All routers must agree, else each ignores the other.
    V3_CHECKSUM_AS_V2 = switch("v3_checksum_as_v2")
        .default("value of `v3_checksum_as_v2` in `global_defs`")
        .new_in_2_4_3()
        .runs();

    /// Makes this an IPv6 router with VRRP version 3, before any address says so. The addresses decide that by
    /// themselves; after an IPv4 address it is reported.
    NATIVE_IPV6 = flag("native_ipv6").default("off").runs();

    /// Receive buffer of the instance's socket.
    KERNEL_RX_BUF_SIZE = value("kernel_rx_buf_size", &[req(int(0, U32)).label("bytes")])
        .default("by `vrrp_rx_bufs_policy`")
        .unit(Unit::Bytes)
        .runs();

    /// Interface over which connections are synchronised while this instance is master. It belongs into
    /// `global_defs`, where it names the instance and counts before this one; of several instances the first counts.
    LVS_SYNC_DAEMON_INTERFACE = value("lvs_sync_daemon_interface", &[req(Arg::Interface)])
        .deprecated("global_defs.lvs_sync_daemon")
        .runs();

    /// Without effect in current releases; delete it.
    DEBUG = value("debug", &[req(int(0, 4))]).default("0").without_effect("it has none in keepalived, either");
}

rows! { NOTIFY_ROWS:
    /// Command that runs when this master hears an advert of lower priority, that is when another host thought
    /// itself master. Use it to fetch back what that host's `notify_master` took, such as a cloud address. Quote it
    /// when it has arguments; the first use counts.
    NOTIFY_MASTER_RX_LOWER_PRI = value("notify_master_rx_lower_pri", SCRIPT).first_wins().runs();

    /// Reports the removal of the instance by a reload to `notify` and the pipes as DELETED instead of FAULT; a
    /// command given here runs as well. Quote it when it has arguments; the first use counts.
    NOTIFY_DELETED = value("notify_deleted", &[opt(Arg::Script), opt(Arg::User), opt(Arg::Group)]).first_wins().runs();

    /// Reports changes of the effective priority to the named pipes even when the state stays the same; no script is
    /// run for them.
    NOTIFY_PRIORITY_CHANGES = switch("notify_priority_changes")
        .default("that of the sync group, else value of `vrrp_notify_priority_changes`")
        .runs();
}
