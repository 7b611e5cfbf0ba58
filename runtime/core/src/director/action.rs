//! What may happen to a director, and what it wants done.

use crate::action::Invocation;
use crate::check::{Failure, Outcome};
use crate::kernel::{Edit, ServiceKey, Table};
use crate::vrrp::StateName;
use kalc_ir::global::{LvsTimeouts, SyncDaemon};
use kalc_ir::{BfdId, TrackFileId};
use std::net::IpAddr;
use std::sync::Arc;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Everything may begin.
    Start {
        /// What the kernel holds.
        actual: &'a Table,
        /// Services that a killed daemon had put there.
        left: &'a [ServiceKey],
    },
    /// A probe has ended.
    Probed {
        /// Which.
        probe: ProbeId,
        /// How.
        outcome: Outcome,
    },
    /// A tracked file holds another number; 0 if it is missing or holds none.
    File {
        /// Which.
        file: TrackFileId,
        /// The number.
        value: i64,
    },
    /// A BFD session is up, or is no more.
    Bfd {
        /// Which.
        bfd: BfdId,
        /// Whether it is up.
        is_up: bool,
    },
    /// The host holds an address, or does no longer.
    Address {
        /// Which.
        address: IpAddr,
        /// Whether it is there.
        is_here: bool,
    },
    /// An instance of VRRP has come to a state.
    Role {
        /// Its name.
        instance: &'a str,
        /// The state.
        state: StateName,
    },
    /// What the kernel holds was looked up: what differs from what was asked for is put right.
    Audit(&'a Table),
    /// The time of [`Director::deadline`](super::Director::deadline) has come.
    Tick,
    /// The daemon is to end.
    Stop,
}

/// Something to do. Actions are carried out in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Empty the kernel's table, whoever filled it.
    Flush,
    /// Change the kernel's table.
    Edit(Edit),
    /// Tell the kernel how long it remembers connections.
    SetTimeouts(LvsTimeouts),
    /// Start copying connections.
    StartSync(SyncRole, Box<SyncSettings>),
    /// Stop copying connections.
    StopSync(SyncRole),
    /// Make a probe. Its end is told by [`Input::Probed`], within a bounded time.
    Probe {
        /// This probe.
        probe: ProbeId,
        /// Of which check.
        check: CheckId,
        /// Which page of a web check; 0 for other checks.
        page: u16,
    },
    /// Nobody waits for this probe any more.
    Cancel(ProbeId),
    /// Tell commands and named pipes.
    Notify(ServiceNotice),
    /// Something for logs.
    Trace(Trace),
}

/// One probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(pub u64);

/// A check, by its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId {
    /// Index into `virtual_servers`.
    pub service: u32,
    /// Index into its `real_servers`.
    pub server: u32,
    /// Index into its `checkers`.
    pub check: u32,
}

/// Which way connections are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncRole {
    /// This host sends its connections.
    Master,
    /// This host takes in those of others.
    Backup,
}

/// How connections are copied: `lvs_sync_daemon` with its group's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncSettings {
    /// What the configuration says.
    pub daemon: SyncDaemon,
    /// `id`, or what stands for it.
    pub id: u8,
}

/// Whether enough real servers are up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quorum {
    /// Not yet.
    NeverHeld,
    /// Yes.
    Held,
    /// No longer, or not yet although a sorry server stands in.
    Lost,
}

/// A change that commands and named pipes are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceNotice {
    /// The line for the pipes, without its end.
    pub line: String,
    /// What to run.
    pub commands: Vec<Invocation>,
    /// What to mail (`smtp_alert`).
    pub mail: Option<ServiceMail>,
}

/// A mail about a change of a virtual or real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceMail {
    /// Its subject, without the name of the router.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Something that happened inside, typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// A real server came up or went down.
    Server {
        /// Name of its virtual server.
        service: Arc<str>,
        /// Its name.
        server: String,
        /// What it is now.
        is_up: bool,
        /// Why it is down; `None` before its first check with `alpha`, and when the configuration took it away.
        reason: Option<Failure>,
    },
    /// A check failed and will be tried again.
    Failing {
        /// Name of the virtual server.
        service: Arc<str>,
        /// Name of the real server.
        server: String,
        /// What it found.
        failure: Failure,
        /// How many tries are left.
        tries_left: u32,
    },
    /// The weight of a real server changed by what its checks say.
    Weight {
        /// Name of the virtual server.
        service: Arc<str>,
        /// Name of the real server.
        server: String,
        /// From.
        from: u32,
        /// To.
        to: u32,
    },
    /// The quorum was gained or lost.
    Quorum {
        /// Name of the virtual server.
        service: Arc<str>,
        /// What it is now.
        quorum: Quorum,
        /// Weight of the servers that are up.
        weight: u64,
        /// `quorum`
        needed: u32,
        /// `hysteresis`
        hysteresis: u32,
    },
    /// `ha_suspend`: checks stop or go on.
    Suspended {
        /// Name of the virtual server.
        service: Arc<str>,
        /// Whether they stop.
        is_suspended: bool,
    },
    /// Somebody else changed what is ours; this edit puts it right.
    Drift(Edit),
}
