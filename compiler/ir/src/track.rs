//! What instances and sync groups watch.

use crate::id::{BfdId, InstanceId, OriginId, Origins, ProcessId, ScriptId, TrackFileId};
use crate::notify::Command;
use crate::raw::{Dropped, Raw, Unknown};
use serde::Serialize;

/// What a tracker does: with 0 its failure is a fault, otherwise it changes the priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Weight {
    /// Added to the priority on success if positive, on failure if negative; 0 means fault on failure. For files it
    /// is the factor of the number in the file. -254 to 254, except in a `vrrp_script` that is out of range, where
    /// keepalived keeps the number.
    pub change: i32,
    /// Turns success and failure round (`reverse`).
    pub is_reversed: bool,
}

impl Weight {
    /// Failure is a fault.
    pub const FAULT: Weight = Weight { change: 0, is_reversed: false };

    /// Whether failure is a fault rather than a change of priority.
    pub const fn is_fault(self) -> bool {
        self.change == 0
    }
}

/// `vrrp_script`: a command that is run again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// `script`; `None` if only the running daemon knows it.
    pub command: Option<Command>,
    /// Time between two runs (`interval`, 1 s).
    pub interval_us: u64,
    /// Time after which a run counts as failed (`timeout`, as `interval`).
    pub timeout_us: u64,
    /// `weight` (0), where the user gives none.
    pub weight: Weight,
    /// Successes in a row until it counts as good (`rise`, 1).
    pub rise: u32,
    /// Failures in a row until it counts as failed (`fall`, 1).
    pub fall: u32,
    /// Counts as failed until its first success (`init_fail`).
    pub init_fail: bool,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// `vrrp_track_process`: a program that must run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Process {
    /// Its name in the file.
    pub name: String,
    /// Name or path of the program.
    pub program: String,
    /// Arguments it must have been started with.
    pub arguments: Vec<String>,
    /// How arguments are compared (`param_match`).
    pub matching: ArgumentMatch,
    /// `weight` (0), where the user gives none.
    pub weight: Weight,
    /// How many must run at least (`quorum`, 1).
    pub quorum: u16,
    /// How many may run at most (`quorum_max`, no limit).
    pub quorum_max: Option<u16>,
    /// How long they may be missing (`terminate_delay`, 0).
    pub terminate_delay_us: u64,
    /// How long a new one must run (`fork_delay`, 0).
    pub fork_delay_us: u64,
    /// Compares the whole command line (`full_command`).
    pub full_command: bool,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// How the arguments of a process are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentMatch {
    /// They do not count.
    Any,
    /// All of them are equal.
    Exact,
    /// The first ones are equal.
    Partial,
    /// As partial, and the last one may be the beginning of a longer one.
    Initial,
}

/// `track_file`: a file that holds a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackFile {
    /// Its name in the file.
    pub name: String,
    /// Path of the file.
    pub path: String,
    /// `weight` (1), where the user gives none.
    pub weight: Weight,
    /// What is written to the file at start (`init_file`); `None` leaves it alone.
    pub init: Option<FileInit>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// How a tracked file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct FileInit {
    /// The number that is written.
    pub value: i64,
    /// Whether a file that is there already is overwritten.
    pub overwrites: bool,
}

/// `track_group`: instances that suffer when a static entry is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackGroup {
    /// Its name.
    pub name: String,
    /// Its instances.
    pub members: Vec<InstanceId>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// The block.
    pub origin: OriginId,
}

/// How long a change of an interface must last to count (`interface_up_down_delays`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InterfaceDelays {
    /// The interface.
    pub interface: String,
    /// Until it counts as down.
    pub down_us: u64,
    /// Until it counts as up again (0).
    pub up_us: u64,
    /// The entry.
    pub origin: OriginId,
}

/// Everything an instance or a sync group watches, with the weights that hold there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trackers {
    /// `track_interface`, without the own interface.
    pub interfaces: Vec<TrackedInterface>,
    /// `track_script`
    pub scripts: Vec<Tracked<ScriptId>>,
    /// `track_file`
    pub files: Vec<Tracked<TrackFileId>>,
    /// `track_process`
    pub processes: Vec<Tracked<ProcessId>>,
    /// `track_bfd`
    pub bfds: Vec<Tracked<BfdId>>,
}

/// An interface that must be up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrackedInterface {
    /// Its name.
    pub interface: String,
    /// What it does while it is down.
    pub weight: Weight,
    /// The entry.
    pub origin: OriginId,
}

/// Something that is watched, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tracked<Id> {
    /// What is watched.
    pub id: Id,
    /// What it does here.
    pub weight: Weight,
    /// The entry.
    pub origin: OriginId,
}
