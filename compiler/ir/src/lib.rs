//! What a keepalived.conf means: plain data, every default filled in, every name resolved.
//!
//! `kalc-compiler` makes an [`Ir`] from a configuration; the daemon, the simulator and the rules that compare hosts
//! read it. It holds no text positions except opaque [`OriginId`]s, which never take part in comparisons: two
//! configurations that mean the same are equal however they are written.
//!
//! Times are whole microseconds and their fields end in `_us`. An object has
//! * `origin`, the statement it comes from, and `origins`, the statements of the fields that were written,
//! * `unknown`, the fields whose value only the running daemon knows; they hold the default here,
//! * `dropped`, what keepalived leaves out of it, with the reason,
//! * `settings`, every other statement of its block, as typed but undigested data.
//!
//! serde is the only dependency.

pub mod bfd;
pub mod checker;
pub mod diff;
pub mod global;
pub mod id;
pub mod ipvs;
pub mod net;
pub mod notify;
pub mod raw;
pub mod route;
pub mod track;
pub mod unit;
pub mod vrrp;

pub use bfd::Bfd;
pub use checker::{Checker, CheckerKind, TlsClient};
pub use global::Global;
pub use id::{
    BfdId, InstanceId, OriginId, Origins, ProcessId, ScriptId, SyncGroupId, TrackFileId, VirtualServerGroupId,
};
pub use ipvs::{RealServer, VirtualServer, VirtualServerGroup};
pub use net::{Address, Family};
pub use notify::Command;
pub use raw::{Dropped, Raw, RawValue, Reason, Unknown};
pub use route::{Route, Rule};
pub use track::{Process, Script, TrackFile, Trackers, Weight};
pub use unit::{Priority, Vrid, VrrpVersion};
pub use vrrp::{Instance, SyncGroup};

use serde::Serialize;

/// Version of the shape of [`Ir`] as JSON. It grows when a field changes its name or meaning or goes away.
pub const IR_VERSION: u32 = 1;

/// Everything one configuration means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ir {
    /// [`IR_VERSION`] of the kalc that made it.
    pub ir_version: u32,
    /// The configuration id (option `-i`), if the file depends on it.
    pub config_id: Option<String>,
    /// Settings of the whole daemon.
    pub global: Global,
    /// `vrrp_instance` blocks that keepalived uses, in the order of the text; [`InstanceId`] is the index.
    pub vrrp_instances: Vec<Instance>,
    /// `vrrp_sync_group` blocks with at least one member; [`SyncGroupId`] is the index.
    pub sync_groups: Vec<SyncGroup>,
    /// `vrrp_script` blocks; [`ScriptId`] is the index.
    pub scripts: Vec<Script>,
    /// `vrrp_track_process` blocks; [`ProcessId`] is the index.
    pub processes: Vec<Process>,
    /// `track_file` blocks; [`TrackFileId`] is the index.
    pub files: Vec<TrackFile>,
    /// `bfd_instance` blocks; [`BfdId`] is the index.
    pub bfd_instances: Vec<Bfd>,
    /// `track_group` blocks.
    pub track_groups: Vec<track::TrackGroup>,
    /// Entries of `interface_up_down_delays`.
    pub interface_delays: Vec<track::InterfaceDelays>,
    /// `virtual_server` blocks with at least one real server.
    pub virtual_servers: Vec<VirtualServer>,
    /// `virtual_server_group` blocks with at least one entry; [`VirtualServerGroupId`] is the index.
    pub virtual_server_groups: Vec<VirtualServerGroup>,
    /// `SSL`: the last such block.
    pub tls_client: Option<TlsClient>,
    /// `garp_group` blocks.
    pub garp_groups: Vec<vrrp::GarpGroup>,
    /// Entries of `static_ipaddress`.
    pub static_addresses: Vec<Address>,
    /// Entries of `static_routes`.
    pub static_routes: Vec<Route>,
    /// Entries of `static_rules`.
    pub static_rules: Vec<Rule>,
    /// Other statements at the root of the file.
    pub settings: Vec<Raw>,
    /// Blocks that keepalived skips or removes.
    pub dropped: Vec<Dropped>,
    /// Expressions that only the running daemon can evaluate, as typed (`${_RANDOM 1 9}`, an unset `${_ENV X}`).
    pub symbolic: Vec<String>,
}

impl Ir {
    /// The instance with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn instance(&self, id: InstanceId) -> &Instance {
        &self.vrrp_instances[id.index()]
    }

    /// The sync group with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn sync_group(&self, id: SyncGroupId) -> &SyncGroup {
        &self.sync_groups[id.index()]
    }

    /// The script with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn script(&self, id: ScriptId) -> &Script {
        &self.scripts[id.index()]
    }

    /// The process with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn process(&self, id: ProcessId) -> &Process {
        &self.processes[id.index()]
    }

    /// The file with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn file(&self, id: TrackFileId) -> &TrackFile {
        &self.files[id.index()]
    }

    /// The BFD session with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn bfd(&self, id: BfdId) -> &Bfd {
        &self.bfd_instances[id.index()]
    }

    /// The virtual server group with that id.
    ///
    /// # Panics
    /// With an id of another `Ir`.
    pub fn virtual_server_group(&self, id: VirtualServerGroupId) -> &VirtualServerGroup {
        &self.virtual_server_groups[id.index()]
    }
}
