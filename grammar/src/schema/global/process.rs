//! `global_defs`: the processes, their names, scheduling and buffers.

use crate::schema::prelude::*;

/// A CPU number; the kernel's fixed CPU sets end at 1023, the host usually much earlier.
const CPUS: &[Param] = &[many(int(0, 1023)).label("cpu")];
/// The nice value of a process.
const NICE: &[Param] = &[req(int(-20, 19)).label("nice")];
/// A realtime priority.
const REALTIME: &[Param] = &[req(int(1, 99)).label("priority")];
/// A limit of CPU time in microseconds.
const CPU_TIME: &[Param] = &[req(int(1, U32)).label("microseconds")];
/// A socket buffer in bytes.
const BUFFER: &[Param] = &[req(int(0, U32)).label("bytes")];
/// The name of a process; the kernel keeps 15 bytes.
const PROCESS: &[Param] = &[req(text(15)).label("name")];

rows! { SETTINGS:
    /// Name of this host in mails and in SNMP. It is no VRRP identity and changes nothing on the wire, so give every
    /// host its own: mails from two hosts with one name cannot be told apart. Only the first word is used.
    ROUTER_ID = value("router_id", &[req(text(0)).label("name")]).default("local host name").runs();

    /// Names the child processes after their work (keepalived_vrrp, keepalived_lvs, keepalived_bfd), so that `ps`
    /// and `top` show which is which.
    PROCESS_NAMES = flag("process_names").default("off").without_effect("kalc is one process and keeps its name");

    /// Name of the parent process in the process list. The kernel keeps 15 bytes; longer names are cut with a
    /// message.
    PROCESS_NAME = value("process_name", PROCESS).without_effect("kalc is one process and keeps its name");

    /// Name of the VRRP process in the process list, at most 15 bytes.
    VRRP_PROCESS_NAME = value("vrrp_process_name", PROCESS).without_effect("kalc is one process and keeps its name");

    /// Name of the checker process in the process list, at most 15 bytes.
    CHECKER_PROCESS_NAME = value("checker_process_name", PROCESS)
        .without_effect("kalc is one process and keeps its name");

    /// Name of the BFD process in the process list, at most 15 bytes.
    BFD_PROCESS_NAME = value("bfd_process_name", PROCESS).without_effect("kalc is one process and keeps its name");

    /// Earlier name of `checker_process_name`. Its use is noted in the log only.
    LVS_PROCESS_NAME = value("lvs_process_name", PROCESS).deprecated("checker_process_name")
        .without_effect("kalc is one process and keeps its name");

    /// Ceiling of the realtime priority that keepalived may give itself when it finds that its timers fire late.
    /// -1 and 0 forbid it, -1 also silences the warning at start; the bare keyword allows the range up to 99.
    MAX_AUTO_PRIORITY = value("max_auto_priority", &[opt(int(-1, 99)).label("priority")]).default("0 (off), bare: 99")
        .without_effect("kalc keeps its priority; the thread of VRRP has no work that could make it late");

    /// How late a timer must fire before `max_auto_priority` raises the priority.
    MIN_AUTO_PRIORITY_DELAY = value("min_auto_priority_delay", &[req(int(1, 10_000_000)).label("microseconds")])
        .default("1000000")
        .unit(Unit::Microseconds)
        .without_effect("kalc keeps its priority; the thread of VRRP has no work that could make it late");

    /// Nice value of the VRRP process; negative values give it more CPU than ordinary processes. On a busy host
    /// this keeps adverts on time.
    VRRP_PRIORITY = value("vrrp_priority", NICE).default("0").runs();

    /// Nice value of the checker process.
    CHECKER_PRIORITY = value("checker_priority", NICE).default("0").runs();

    /// Nice value of the BFD process.
    BFD_PRIORITY = value("bfd_priority", NICE).default("0")
        .without_effect("sessions are served by the thread of VRRP, whose settings count");

    /// Locks the VRRP process in memory, so that adverts never wait for a page from disk. Any word after it is
    /// ignored: `vrrp_no_swap off` locks as well.
    VRRP_NO_SWAP = flag("vrrp_no_swap").default("off").runs();

    /// Locks the checker process in memory. Any word after it is ignored: `checker_no_swap off` locks as well.
    CHECKER_NO_SWAP = flag("checker_no_swap").default("off").runs();

    /// Locks the BFD process in memory. Any word after it is ignored: `bfd_no_swap off` locks as well.
    BFD_NO_SWAP = flag("bfd_no_swap").default("off").runs();

    /// Runs the VRRP process under the kernel's realtime scheduler with this priority, so that load cannot delay
    /// its adverts. Numbers outside the range are reported and moved to its nearer end.
    VRRP_RT_PRIORITY = value("vrrp_rt_priority", REALTIME).default("off").runs();

    /// Runs the checker process under the realtime scheduler; numbers outside the range are reported and moved to
    /// its nearer end.
    CHECKER_RT_PRIORITY = value("checker_rt_priority", REALTIME).default("off").runs();

    /// Runs the BFD process under the realtime scheduler; numbers outside the range are reported and moved to its
    /// nearer end.
    BFD_RT_PRIORITY = value("bfd_rt_priority", REALTIME).default("off")
        .without_effect("sessions are served by the thread of VRRP, whose settings count");

    /// CPUs on which the VRRP process may run. A single number that this host has no CPU for discards the whole
    /// list.
    VRRP_CPU_AFFINITY = value("vrrp_cpu_affinity", CPUS).default("all CPUs").runs();

    /// CPUs on which the checker process may run. A single wrong number discards the whole list.
    CHECKER_CPU_AFFINITY = value("checker_cpu_affinity", CPUS).default("all CPUs").runs();

    /// CPUs on which the BFD process may run. A single wrong number discards the whole list.
    BFD_CPU_AFFINITY = value("bfd_cpu_affinity", CPUS).default("all CPUs")
        .without_effect("sessions are served by the thread of VRRP, whose settings count");

    /// CPU time that the VRRP process may use without a pause while it runs under the realtime scheduler; beyond it
    /// the kernel steps in, so that a runaway process cannot seize the host. 1 is taken as 2.
    VRRP_RLIMIT_RTTIME = value("vrrp_rlimit_rttime", CPU_TIME).default("10000").unit(Unit::Microseconds)
        .without_effect("a thread of kalc waits after a bounded piece of work, so that nothing has to stop it");

    /// Misspelt earlier name of `vrrp_rlimit_rttime`.
    VRRP_RLIMIT_RTIME = value("vrrp_rlimit_rtime", CPU_TIME)
        .default("10000")
        .unit(Unit::Microseconds)
        .deprecated("vrrp_rlimit_rttime")
        .without_effect("a thread of kalc waits after a bounded piece of work, so that nothing has to stop it");

    /// CPU time that the checker process may use without a pause under the realtime scheduler. 1 is taken as 2.
    CHECKER_RLIMIT_RTTIME = value("checker_rlimit_rttime", CPU_TIME).default("10000").unit(Unit::Microseconds)
        .without_effect("a thread of kalc waits after a bounded piece of work, so that nothing has to stop it");

    /// Misspelt earlier name of `checker_rlimit_rttime`.
    CHECKER_RLIMIT_RTIME = value("checker_rlimit_rtime", CPU_TIME)
        .default("10000")
        .unit(Unit::Microseconds)
        .deprecated("checker_rlimit_rttime")
        .without_effect("a thread of kalc waits after a bounded piece of work, so that nothing has to stop it");

    /// CPU time that the BFD process may use without a pause under the realtime scheduler. 1 is taken as 2.
    BFD_RLIMIT_RTTIME = value("bfd_rlimit_rttime", CPU_TIME).default("10000").unit(Unit::Microseconds)
        .without_effect("a thread of kalc waits after a bounded piece of work, so that nothing has to stop it");

    /// Misspelt earlier name of `bfd_rlimit_rttime`.
    BFD_RLIMIT_RTIME = value("bfd_rlimit_rtime", CPU_TIME)
        .default("10000")
        .unit(Unit::Microseconds)
        .deprecated("bfd_rlimit_rttime")
        .without_effect("a thread of kalc waits after a bounded piece of work, so that nothing has to stop it");

    /// Receive buffer of the socket over which the VRRP process sets addresses, routes and rules. Hosts with very
    /// many of them may need more than the kernel gives.
    VRRP_NETLINK_CMD_RCV_BUFS = value("vrrp_netlink_cmd_rcv_bufs", BUFFER).default("kernel value").unit(Unit::Bytes)
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Lets `vrrp_netlink_cmd_rcv_bufs` exceed the limit that the kernel sets for sockets.
    VRRP_NETLINK_CMD_RCV_BUFS_FORCE = switch("vrrp_netlink_cmd_rcv_bufs_force").default("off")
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Receive buffer of the socket on which the VRRP process hears of changes to interfaces, addresses and routes.
    /// When it overruns, changes are missed until the next full read.
    VRRP_NETLINK_MONITOR_RCV_BUFS = value("vrrp_netlink_monitor_rcv_bufs", BUFFER)
        .default("kernel value")
        .unit(Unit::Bytes)
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Lets `vrrp_netlink_monitor_rcv_bufs` exceed the limit that the kernel sets for sockets.
    VRRP_NETLINK_MONITOR_RCV_BUFS_FORCE = switch("vrrp_netlink_monitor_rcv_bufs_force").default("off")
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Receive buffer of the checker process's netlink socket for commands.
    LVS_NETLINK_CMD_RCV_BUFS = value("lvs_netlink_cmd_rcv_bufs", BUFFER).default("kernel value").unit(Unit::Bytes)
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Lets `lvs_netlink_cmd_rcv_bufs` exceed the limit that the kernel sets for sockets.
    LVS_NETLINK_CMD_RCV_BUFS_FORCE = switch("lvs_netlink_cmd_rcv_bufs_force").default("off")
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Receive buffer of the socket on which the checker process hears of changes to addresses.
    LVS_NETLINK_MONITOR_RCV_BUFS = value("lvs_netlink_monitor_rcv_bufs", BUFFER)
        .default("kernel value")
        .unit(Unit::Bytes)
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Lets `lvs_netlink_monitor_rcv_bufs` exceed the limit that the kernel sets for sockets.
    LVS_NETLINK_MONITOR_RCV_BUFS_FORCE = switch("lvs_netlink_monitor_rcv_bufs_force").default("off")
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Receive buffer of the socket on which `track_process` hears of processes that start and end. Hosts that fork
    /// very often overrun the ordinary one.
    PROCESS_MONITOR_RCV_BUFS = value("process_monitor_rcv_bufs", BUFFER).default("kernel value").unit(Unit::Bytes)
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// Lets `process_monitor_rcv_bufs` exceed the limit that the kernel sets for sockets.
    PROCESS_MONITOR_RCV_BUFS_FORCE = switch("process_monitor_rcv_bufs_force").default("off")
        .without_effect("kalc chooses its buffers, and reads all anew when events were lost");

    /// File mode mask of everything that keepalived creates: a number in C notation, or names such as `IRWXG`
    /// joined by `|`. A mask given on the command line wins.
    UMASK = value("umask", &[many(Arg::Umask)]).default("0177").runs();

    /// Seed of the `_RANDOM` macro, for runs that can be repeated. Definitions that were expanded before this line
    /// keep the numbers they drew.
    RANDOM_SEED = value("random_seed", &[req(int(0, U32)).label("seed")]).default("time of day")
        .without_effect("nothing in the daemon is random");
}
