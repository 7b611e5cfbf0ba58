//! Keywords at the root of the file, and `global_defs`.
//!
//! The settings of `global_defs` are split by theme into the submodules; to the language they are one block.

pub mod fifo;
pub mod files;
pub mod firewall;
pub mod garp;
pub mod lvs;
pub mod mail;
pub mod monitoring;
pub mod process;
pub mod script;
pub mod vrrp;

use super::prelude::*;

rows! { ROWS:
    /// Settings of the whole daemon, and defaults for what instances and virtual servers leave open. The block may
    /// stand several times, and the pieces are merged. Put it first in the file, because some of its settings only
    /// act on what follows them.
    GLOBAL_DEFS = block(
        "global_defs",
        &[
            process::SETTINGS,
            script::SETTINGS,
            mail::SETTINGS,
            vrrp::SETTINGS,
            garp::SETTINGS,
            firewall::SETTINGS,
            lvs::SETTINGS,
            fifo::SETTINGS,
            monitoring::SETTINGS,
            files::SETTINGS,
        ],
    )
        .runs();

    /// Runs everything inside the named network namespace, so that several keepalived can live on one host. A second
    /// use is reported and ignored. The namespace must exist; a PID folder of its own is used automatically.
    NET_NAMESPACE = value("net_namespace", &[req(text(0)).label("namespace")]).first_wins().runs();

    /// Network namespace in which the virtual servers are set up, when it is another one than that of VRRP. Without
    /// a name it is the namespace that keepalived was started in. The first use counts.
    NET_NAMESPACE_IPVS = value("net_namespace_ipvs", &[opt(text(0)).label("namespace")])
        .default("value of `net_namespace`")
        .first_wins()
        .refused("kalc works in one namespace; virtual servers in another one take a second kalc there, with a run folder of its own");

    /// Permits ipsets although `net_namespace` is set. Only old kernels, whose ipsets know no namespaces, need to
    /// be told that this is wanted.
    NAMESPACE_WITH_IPSETS = flag("namespace_with_ipsets").default("off").without_effect("kalc uses no ipsets");

    /// Keeps the PID files in a folder of their own below the run directory instead of directly in it.
    USE_PID_DIR = flag("use_pid_dir").default("off").without_effect("all that kalc writes is in its run folder");

    /// Name of this keepalived among several on one host; it becomes part of the names of its PID files. The first
    /// use counts, a reload cannot change it, and `use_pid_dir` comes with it.
    INSTANCE = value("instance", &[req(text(0)).label("name")]).first_wins()
        .without_effect("daemons of one host are kept apart by `--run-dir`");

    /// How long the parent process waits for its children to end before it kills them. A number that cannot be read
    /// leaves the default in place.
    CHILD_WAIT_TIME = value("child_wait_time", &[req(int(0, U32))]).default("5").unit(Unit::Seconds)
        .without_effect("kalc is one process");

    /// Asks the hardware for the link state of every interface of an instance instead of listening to the kernel.
    /// Words after it are ignored. Only drivers that report no link changes need it; prefer `linkbeat_interfaces`,
    /// which names them.
    LINKBEAT_USE_POLLING = flag("linkbeat_use_polling").default("off")
        .without_effect("kalc listens to the kernel, which hears of the carrier from every driver of today");

    /// Interfaces whose link state is polled because their driver tells the kernel nothing.
    LINKBEAT_INTERFACES = list("linkbeat_interfaces", &LINKBEAT_INTERFACE)
        .without_effect("kalc listens to the kernel, which hears of the carrier from every driver of today");

    /// Interfaces whose changes count only after they have lasted for a while, so that a link that flaps does not
    /// move the addresses each time.
    INTERFACE_UP_DOWN_DELAYS = list("interface_up_down_delays", &INTERFACE_UP_DOWN_DELAY).runs();
}

words! {
    /// One interface to poll and, optionally, the method: the MII registers, ETHTOOL, or the older IOCTL. An
    /// interface that does not exist stops keepalived.
    LINKBEAT_INTERFACE = entry(&[
        req(Arg::Interface),
        opt(choice(&["MII", "ETHTOOL", "IOCTL"])).label("method"),
    ])
    .default("the first method that works")
    .without_effect("kalc listens to the kernel, which hears of the carrier from every driver of today");

    /// An interface, the delay until it counts as down, and the delay until it counts as up again. The delays must
    /// be shorter than the time in which a backup misses the master, else they are dropped. An interface that does
    /// not exist stops keepalived unless `dynamic_interfaces` is set.
    INTERFACE_UP_DOWN_DELAY = entry(&[
        req(Arg::Interface),
        req(seconds(0, 255_000_000)).label("down"),
        opt(seconds(0, 255_000_000)).label("up"),
    ])
    .default("0 for up")
    .unit(Unit::Seconds)
    .runs();
}
