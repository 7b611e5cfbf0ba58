//! Commands, and who is told of changes.

use crate::id::OriginId;
use serde::Serialize;

/// A command that keepalived runs, without a shell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The program and its arguments; never empty. What keepalived adds (state, priority) is not among them.
    pub arguments: Vec<String>,
    /// User that runs it; `None` means `script_user`, else `keepalived_script` if the host has it, else root.
    pub user: Option<String>,
    /// Group that runs it; `None` means that of the user.
    pub group: Option<String>,
    /// The statement.
    pub origin: OriginId,
}

/// Commands that run when an instance or a sync group changes its state (`notify_master` and the like).
///
/// Boxed because most instances have few of them or none, and a file may have thousands of instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Notify {
    /// `notify_master`
    pub master: Option<Box<Command>>,
    /// `notify_backup`
    pub backup: Option<Box<Command>>,
    /// `notify_fault`
    pub fault: Option<Box<Command>>,
    /// `notify_stop`
    pub stop: Option<Box<Command>>,
    /// `notify`: on every change; type, name, state and priority are added.
    pub any: Option<Box<Command>>,
    /// `notify_master_rx_lower_pri`, instances only.
    pub master_rx_lower_pri: Option<Box<Command>>,
    /// `notify_deleted`, instances only.
    pub deleted: Option<Box<Command>>,
    /// Whether a removal by a reload is reported as DELETED instead of FAULT (`notify_deleted`).
    pub reports_deleted: bool,
}

impl Notify {
    /// All commands.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        let Notify { master, backup, fault, stop, any, master_rx_lower_pri, deleted, reports_deleted: _ } = self;
        [master, backup, fault, stop, any, master_rx_lower_pri, deleted].into_iter().flatten().map(AsRef::as_ref)
    }
}

/// A named pipe that gets a line for each change, and the command that reads it (`notify_fifo`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fifo {
    /// Path of the pipe.
    pub path: Option<String>,
    /// Owner of the pipe.
    pub user: Option<String>,
    /// Group of the pipe.
    pub group: Option<String>,
    /// Command that reads it.
    pub script: Option<Command>,
}
