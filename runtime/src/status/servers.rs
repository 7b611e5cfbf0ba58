//! Virtual servers and their real servers, as `kalc status` shows them.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One virtual server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualServerStatus {
    /// Its name, as in the log: `[192.0.2.10]:tcp:80`, `FWM 5`, `[group]:0`.
    pub name: String,
    /// `up` with the quorum, `sorry` without it while the sorry server stands in, else `down`.
    pub state: String,
    /// When it came to its state, in UTC.
    pub since: String,
    /// How long it has been in its state, in milliseconds.
    pub since_ms: u64,
    /// Services of the kernel that it stands for.
    pub services: Vec<String>,
    /// `lb_algo`
    pub scheduler: String,
    /// Weight of the real servers that are up.
    pub weight: u64,
    /// `quorum`
    pub quorum: u32,
    /// `hysteresis`
    pub hysteresis: u32,
    /// `ha_suspend`: checks wait for the address.
    pub is_suspended: bool,
    /// `sorry_server`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorry_server: Option<SorryStatus>,
    /// Its real servers, in the order of the configuration.
    pub real_servers: Vec<RealServerStatus>,
    /// What the kernel counted, over all its services.
    pub stats: KernelStatus,
}

/// A sorry server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SorryStatus {
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// Whether it gets the clients.
    pub is_active: bool,
}

/// One real server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealServerStatus {
    /// Its name, as in the log.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// `up` or `down`.
    pub state: String,
    /// When it came to its state, in UTC.
    pub since: String,
    /// How long it has been in its state, in milliseconds.
    pub since_ms: u64,
    /// `weight`, and what checks make of it.
    pub weight: u32,
    /// Its weight in the kernel's table; `None` if it is not there.
    pub weight_in_kernel: Option<u32>,
    /// NAT, DR or TUN.
    pub forwarding: String,
    /// What its checks found last, even if it is up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<LastFailure>,
    /// Probes that have ended.
    pub probes: u64,
    /// Of these, those that failed.
    pub failures: u64,
    /// What the kernel counted, over all services.
    pub stats: KernelStatus,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastFailure {
    /// The check, as its keyword.
    pub check: String,
    /// What is wrong.
    pub reason: String,
}

/// What the kernel counted since a service or a destination was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelStatus {
    /// Connections.
    pub connections: u64,
    /// Packets from clients.
    pub packets_in: u64,
    /// Packets to clients; with DR and TUN they go another way.
    pub packets_out: u64,
    /// Bytes from clients.
    pub bytes_in: u64,
    /// Bytes to clients.
    pub bytes_out: u64,
    /// Connections that are open.
    pub active_connections: u64,
    /// Connections that are remembered.
    pub inactive_connections: u64,
}
