//! The state of a daemon as `kalc status` shows it: plain data that goes over the control socket as JSON.

pub mod keepalived;
mod servers;
mod text;

pub use servers::{KernelStatus, LastFailure, RealServerStatus, SorryStatus, VirtualServerStatus};

use crate::fingerprint::Fingerprint;
use crate::netlink::Interfaces;
use crate::wall;
use kalc_core::bfd::Sessions;
use kalc_core::node::InstanceView;
use kalc_core::{Instant, LinkId, Node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

/// Everything that a daemon tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// SHA-256 of the configuration that runs, as `kalc compile --fingerprint` prints it.
    pub config_fingerprint: String,
    /// The same, if it is not worked out yet.
    #[serde(skip)]
    pub pending: Option<Fingerprint>,
    /// Version of kalc.
    pub version: String,
    /// Process id.
    pub pid: u32,
    /// When this was asked, in UTC.
    pub time: String,
    /// When the daemon started, in UTC.
    pub started: String,
    /// Its instances, in the order of the configuration.
    pub instances: Vec<InstanceStatus>,
    /// Its sync groups, in the order of the configuration.
    pub sync_groups: Vec<GroupStatus>,
    /// What is watched.
    pub trackers: Vec<TrackerStatus>,
    /// Its virtual servers.
    pub virtual_servers: Vec<VirtualServerStatus>,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceStatus {
    /// Its name.
    pub name: String,
    /// INIT, BACKUP, MASTER or FAULT.
    pub state: String,
    /// Its interface.
    pub interface: String,
    /// Its virtual router id.
    pub vrid: u8,
    /// `priority`
    pub base_priority: u8,
    /// Priority in adverts and elections.
    pub effective_priority: u8,
    /// Its addresses with their prefixes, those that adverts do not name behind the others. They are those of the
    /// configuration, held or not.
    pub vips: Vec<String>,
    /// The same ones, each with where it belongs and whether it is there.
    #[serde(default)]
    pub addresses: Vec<AddressStatus>,
    /// Who is master, as far as it knows.
    pub master_address: Option<IpAddr>,
    /// When it came to its state, in UTC.
    pub last_transition: String,
    /// How long it has been in its state, in milliseconds.
    pub since_ms: u64,
    /// What keeps it out.
    pub faults: Vec<String>,
    /// Its sync group.
    pub sync_group: Option<String>,
    /// Counters since the daemon started.
    pub stats: Stats,
}

/// One address of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressStatus {
    /// With its prefix, as in `vips`.
    pub address: String,
    /// The interface that it belongs on.
    pub interface: String,
    /// Whether the kernel has it on that interface, whoever put it there.
    pub held: bool,
}

/// Counters of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Adverts sent, one for each destination.
    pub adverts_sent: u64,
    /// Adverts accepted.
    pub adverts_received: u64,
    /// Of these, with priority 0.
    pub priority_zero_received: u64,
    /// Of those sent, with priority 0.
    pub priority_zero_sent: u64,
    /// Times it became master.
    pub became_master: u64,
    /// Times it stopped being master.
    pub released_master: u64,
    /// Bursts of gratuitous ARP or neighbour advertisements.
    pub announcements: u64,
    /// Packets refused, by reason.
    pub refused: BTreeMap<String, u64>,
}

/// One sync group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupStatus {
    /// Its name.
    pub name: String,
    /// The last state that all members had together.
    pub state: String,
    /// Names of its instances.
    pub members: Vec<String>,
}

/// Something that is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerStatus {
    /// `script`, `process`, `file`, `bfd` or `interface`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `up`, `down`, `unknown` before the first result, or `unused`; a file's is `up`.
    pub state: String,
    /// A file's number; how many processes run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// Runs of a script that have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u64>,
    /// Of these, those that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u64>,
    /// A session of BFD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionStatus>,
}

/// A session of BFD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// Its neighbour.
    pub neighbor: Option<IpAddr>,
    /// AdminDown, Down, Init or Up.
    pub state: String,
    /// The neighbour's state.
    pub remote_state: String,
    /// Why it went down, if it did.
    pub diagnostic: String,
    /// How often it sends, in microseconds, before jitter.
    pub interval_us: u64,
    /// How long the neighbour may be silent, in microseconds; 0 before it is heard.
    pub detection_time_us: u64,
}

impl SessionStatus {
    fn of(view: &kalc_core::bfd::View<'_>) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        SessionStatus {
            neighbor: view.neighbor,
            state: view.state.word().to_owned(),
            remote_state: view.remote_state.word().to_owned(),
            diagnostic: view.diagnostic.to_string(),
            interval_us: micros(view.interval),
            detection_time_us: micros(view.detection_time),
        }
    }
}

/// What a node does not know of itself.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// Fingerprint of the configuration that runs.
    pub fingerprint: &'a Fingerprint,
    /// When the daemon started.
    pub started: SystemTime,
    /// The node's time now.
    pub now: Instant,
    /// What the kernel has on its interfaces.
    pub interfaces: &'a Interfaces,
    /// Sessions of BFD.
    pub sessions: &'a Sessions,
}

impl Status {
    /// What a node is doing now.
    pub fn of(node: &Node, about: &About<'_>) -> Status {
        let wall = SystemTime::now();
        let ir = &node.plan().ir;
        let instance_name = |id: kalc_ir::InstanceId| ir.instance(id).name.clone();
        let mut trackers: Vec<TrackerStatus> = Vec::new();
        for script in node.scripts() {
            let state = if script.is_used { up_or_down(script.is_up) } else { "unused" };
            let tracker = TrackerStatus::new("script", script.name, state);
            trackers.push(TrackerStatus { runs: Some(script.runs), failures: Some(script.failures), ..tracker });
        }
        for process in node.processes() {
            let tracker = TrackerStatus::new("process", process.name, up_or_down(process.is_up));
            trackers.push(TrackerStatus { value: Some(process.running.into()), ..tracker });
        }
        for (name, value) in node.files() {
            trackers.push(TrackerStatus { value: Some(value), ..TrackerStatus::new("file", name, "up") });
        }
        for session in about.sessions.views() {
            let state = up_or_down(Some(session.state == kalc_core::bfd::State::Up));
            let tracker = TrackerStatus::new("bfd", session.name, state);
            trackers.push(TrackerStatus { session: Some(SessionStatus::of(&session)), ..tracker });
        }
        for (index, name) in (0u32..).zip(node.links()) {
            let is_up = node.link_facts(LinkId(index)).is_some_and(|facts| facts.is_up);
            trackers.push(TrackerStatus::new("interface", name, up_or_down(Some(is_up))));
        }
        Status {
            config_fingerprint: about.fingerprint.peek().unwrap_or_default().to_owned(),
            pending: about.fingerprint.peek().is_none().then(|| about.fingerprint.clone()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            time: wall::rfc3339(wall),
            started: wall::rfc3339(about.started),
            instances: node.instances().map(|view| instance(node, &view, about, wall)).collect(),
            sync_groups: node
                .groups()
                .map(|group| GroupStatus {
                    name: group.name.to_owned(),
                    state: group.state.word().to_owned(),
                    members: group.members.iter().map(|id| instance_name(*id)).collect(),
                })
                .collect(),
            trackers,
            virtual_servers: Vec::new(),
        }
    }
}

impl Status {
    /// Works the fingerprint out, if that has not been done; takes its time then.
    pub fn settle(&mut self) {
        if let Some(fingerprint) = self.pending.take() {
            self.config_fingerprint = fingerprint.get().to_owned();
        }
    }

    /// For people.
    pub fn to_text(&self) -> String {
        text::of(self)
    }
}

impl TrackerStatus {
    fn new(kind: &str, name: &str, state: &str) -> Self {
        let (kind, name, state) = (kind.to_owned(), name.to_owned(), state.to_owned());
        TrackerStatus { kind, name, state, value: None, runs: None, failures: None, session: None }
    }
}

fn up_or_down(is_up: Option<bool>) -> &'static str {
    match is_up {
        Some(true) => "up",
        Some(false) => "down",
        None => "unknown",
    }
}

fn instance(node: &Node, view: &InstanceView<'_>, about: &About<'_>, wall: SystemTime) -> InstanceStatus {
    let ir = &node.plan().ir;
    let instance = ir.instance(view.id);
    let since: Duration = about.now.saturating_since(view.last_transition);
    let own = instance.home().unwrap_or_default();
    let addresses: Vec<AddressStatus> = instance
        .virtual_addresses
        .iter()
        .chain(&instance.excluded_addresses)
        .map(|address| {
            let interface = address.interface.as_deref().unwrap_or(own);
            let known = about.interfaces.named(interface);
            AddressStatus {
                address: format!("{}/{}", address.address, address.prefix),
                interface: interface.to_owned(),
                held: known.is_some_and(|known| known.has_exactly(address.address, address.prefix)),
            }
        })
        .collect();
    let counters = view.counters;
    InstanceStatus {
        name: view.name.to_owned(),
        state: view.state.word().to_owned(),
        interface: instance.interface.clone().unwrap_or_default(),
        vrid: instance.vrid.map_or(0, |vrid| vrid.get()),
        base_priority: view.base_priority,
        effective_priority: view.effective_priority,
        vips: addresses.iter().map(|address| address.address.clone()).collect(),
        addresses,
        master_address: view.master,
        last_transition: wall::rfc3339(wall.checked_sub(since).unwrap_or(wall)),
        since_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        faults: view.faults.names().map(str::to_owned).collect(),
        sync_group: instance.sync_group.map(|id| ir.sync_group(id).name.clone()),
        stats: Stats {
            adverts_sent: counters.adverts_sent,
            adverts_received: counters.adverts_received,
            priority_zero_received: counters.priority_zero_received,
            priority_zero_sent: counters.priority_zero_sent,
            became_master: counters.became_master,
            released_master: counters.released_master,
            announcements: counters.bursts,
            refused: counters.refused.iter().map(|(reason, count)| (reason.name().to_owned(), *count)).collect(),
        },
    }
}
