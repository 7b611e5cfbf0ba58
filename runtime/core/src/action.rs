//! What a node wants done. Actions are carried out in their order.

use crate::input::{LinkId, RunId};
use crate::vrrp::StateName;
use crate::wire::Refusal;
use kalc_ir::{Command, InstanceId, ScriptId, SyncGroupId};
use std::net::IpAddr;
use std::sync::Arc;

/// Which addresses are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All.
    All,
    /// Those on interfaces without adverts (`garp_extra_if`).
    Elsewhere,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send an advert, at once.
    Send(Advertisement),
    /// Put the instance's addresses on their interfaces (those that are not there yet), and take off addresses that it
    /// held before and no longer names.
    Bind(InstanceId),
    /// Take the instance's addresses off, and forget its announcements that have not left yet.
    Unbind(InstanceId),
    /// Announce addresses of the instance (gratuitous ARP, unsolicited neighbour advertisements), behind the `Bind`s before
    /// it.
    Announce {
        /// Whose addresses.
        instance: InstanceId,
        /// Which of them.
        reach: Reach,
        /// How many times each.
        rounds: u32,
    },
    /// Tell of a change: commands, named pipes.
    Notify(Notice),
    /// Run a check. Its end is told by [`Input::ScriptEnded`](crate::Input::ScriptEnded), within the script's timeout.
    RunScript {
        /// Which.
        script: ScriptId,
        /// This run.
        run: RunId,
    },
    /// Something for logs, counters and timelines.
    Trace(Trace),
}

/// An advert as it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertisement {
    /// Where it leaves.
    pub link: LinkId,
    /// Its source.
    pub source: IpAddr,
    /// The group or a peer.
    pub destination: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4: the whole packet with its header. IPv6: what follows the header, with the checksum.
    pub bytes: Arc<[u8]>,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An instance.
    Instance(InstanceId),
    /// A sync group.
    Group(SyncGroupId),
}

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeEvent {
    /// It is master.
    Master,
    /// It is backup.
    Backup,
    /// It is in fault.
    Fault,
    /// The daemon ends.
    Stop,
    /// It is master and heard a lower priority.
    MasterRxLowerPri,
    /// Its priority has changed while it is master.
    MasterPriority,
    /// Its priority has changed while it is backup.
    BackupPriority,
    /// It is gone from the configuration.
    Deleted,
}

impl NoticeEvent {
    /// The word that scripts and named pipes get.
    pub const fn word(self) -> &'static str {
        match self {
            NoticeEvent::Master => "MASTER",
            NoticeEvent::Backup => "BACKUP",
            NoticeEvent::Fault => "FAULT",
            NoticeEvent::Stop => "STOP",
            NoticeEvent::MasterRxLowerPri => "MASTER_RX_LOWER_PRI",
            NoticeEvent::MasterPriority => "MASTER_PRIORITY",
            NoticeEvent::BackupPriority => "BACKUP_PRIORITY",
            NoticeEvent::Deleted => "DELETED",
        }
    }
}

/// A change that scripts and named pipes are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What changed.
    pub subject: Subject,
    /// Its name.
    pub name: Arc<str>,
    /// To what.
    pub event: NoticeEvent,
    /// Its effective priority; 0 for groups.
    pub priority: u8,
    /// What to run, in order.
    pub commands: Vec<Invocation>,
}

/// A command with what is added for this occasion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The command of the configuration.
    pub command: Command,
    /// Further arguments.
    pub arguments: Vec<String>,
}

/// Something that happened inside, typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    /// An instance changed its state.
    Transition {
        /// Which.
        instance: InstanceId,
        /// From.
        from: StateName,
        /// To.
        to: StateName,
        /// Why.
        cause: Cause,
    },
    /// The effective priority changed.
    Priority {
        /// Of which instance.
        instance: InstanceId,
        /// From.
        from: u8,
        /// To.
        to: u8,
    },
    /// A packet for a virtual router that is not configured here.
    UnknownVrid {
        /// Its number.
        vrid: u8,
        /// Who sent it.
        source: IpAddr,
    },
    /// A packet was refused.
    Refused {
        /// By which instance; `None` if it has no header that could be read.
        instance: Option<InstanceId>,
        /// Who sent it; `None` if it has no header that could be read.
        source: Option<IpAddr>,
        /// Why.
        reason: Refusal,
    },
    /// A master's advert names other addresses; told once for each master.
    AddressesDiffer {
        /// Which instance heard it.
        instance: InstanceId,
        /// From whom.
        source: IpAddr,
    },
    /// A version 3 master advertises at another interval; told once for each master.
    IntervalDiffers {
        /// Which instance heard it.
        instance: InstanceId,
        /// From whom.
        source: IpAddr,
        /// The master's interval.
        interval_us: u64,
    },
    /// A check changed its verdict.
    Script {
        /// Which.
        script: ScriptId,
        /// Whether it counts as passed.
        is_up: bool,
    },
}

/// Why an instance changed its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The daemon started, or a reload brought the instance.
    Started,
    /// No advert for the master-down interval.
    MasterDown,
    /// It owns the addresses.
    Owner,
    /// Another router has a higher rank.
    HigherPriority(IpAddr),
    /// It was kept from running for so long that another one may be master (`timer_expired_backup`).
    Late,
    /// Something that it watches failed.
    Fault,
    /// What had failed is well again.
    Recovered,
    /// Its sync group changed.
    Group,
    /// The daemon ends, or a reload took the instance away.
    Stopped,
}
