//! `global_defs`: named pipes that report every change, as an alternative to notify scripts.

use crate::schema::prelude::*;

/// The pipe, and the user and group that own it.
const FIFO: &[Param] = &[req(Arg::Path), opt(Arg::User), opt(Arg::Group)];

rows! { SETTINGS:
    /// Named pipe to which a line is written for each change of state of instances, groups, virtual and real
    /// servers, always in the order in which they happen. It is created if missing. The first use counts; an unknown
    /// user is only logged.
    NOTIFY_FIFO = value("notify_fifo", FIFO).first_wins().runs();

    /// Command that reads `notify_fifo`; keepalived starts it, keeps it running and gives it the pipe's path as the
    /// last argument. Quote it when it has arguments of its own; the first use counts.
    NOTIFY_FIFO_SCRIPT = value("notify_fifo_script", SCRIPT).first_wins().runs();

    /// As `notify_fifo`, for instances and sync groups only.
    VRRP_NOTIFY_FIFO = value("vrrp_notify_fifo", FIFO).first_wins().runs();

    /// Command that reads `vrrp_notify_fifo`; the pipe's path is its last argument. The first use counts.
    VRRP_NOTIFY_FIFO_SCRIPT = value("vrrp_notify_fifo_script", SCRIPT).first_wins().runs();

    /// As `notify_fifo`, for virtual and real servers only.
    LVS_NOTIFY_FIFO = value("lvs_notify_fifo", FIFO).first_wins().runs();

    /// Command that reads `lvs_notify_fifo`; the pipe's path is its last argument. The first use counts.
    LVS_NOTIFY_FIFO_SCRIPT = value("lvs_notify_fifo_script", SCRIPT).first_wins().runs();

    /// Reports a change of an instance's effective priority to the pipes even when the state stays the same; scripts
    /// are not run for it. The default of `notify_priority_changes`.
    VRRP_NOTIFY_PRIORITY_CHANGES = switch("vrrp_notify_priority_changes").default("off").runs();

    /// Writes the state of every group, and of every instance that is in none, to the pipes again after a reload, also
    /// where it stayed the same.
    FIFO_WRITE_VRRP_STATES_ON_RELOAD = flag("fifo_write_vrrp_states_on_reload").default("off").runs();
}
