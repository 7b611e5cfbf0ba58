//! A virtual server: its real servers together, the quorum, and who is told of it.

use super::action::Quorum;
use super::desired::Front;
use super::server::Server;
use crate::kernel::protocol_word;
use crate::time::Instant;
use kalc_ir::ipvs::{self, RealServer, VirtualServer};
use std::sync::Arc;

/// The state of a virtual server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// Its name in logs and pipes.
    pub name: Arc<str>,
    /// What it stands for.
    pub fronts: Vec<Front>,
    /// Its real servers, in the order of the configuration.
    pub servers: Vec<Server>,
    /// Whether enough of them are up.
    pub quorum: Quorum,
    /// When that changed.
    pub since: Instant,
    /// `ha_suspend`, and this host does not hold the address.
    pub is_suspended: bool,
}

impl Service {
    /// Weight of the servers that are up.
    pub fn weight(&self, server: &VirtualServer) -> u64 {
        let up = server.real_servers.iter().zip(&self.servers).filter(|(_, known)| known.is_up);
        up.map(|(real, known)| u64::from(known.weight(real))).fold(0, u64::saturating_add)
    }

    /// Whether the sorry server stands in for the others.
    pub fn is_sorry(&self, server: &VirtualServer) -> bool {
        server.sorry_server.is_some() && self.quorum != Quorum::Held
    }

    /// Weighs the servers anew. Says whether something is to be told.
    ///
    /// The quorum is gained with `quorum` and `hysteresis` together, and lost below `quorum` without `hysteresis`. With a
    /// sorry server, a quorum that was never gained is told as lost; without one nothing is told of it (both measured
    /// with keepalived 2.2.7).
    pub fn settle(&mut self, server: &VirtualServer, now: Instant) -> bool {
        let (quorum, hysteresis) = (u64::from(server.quorum), u64::from(server.hysteresis));
        let weight = self.weight(server);
        let next = match self.quorum {
            Quorum::Held if weight.saturating_add(hysteresis) < quorum => Quorum::Lost,
            Quorum::Held => Quorum::Held,
            Quorum::Lost | Quorum::NeverHeld if weight >= quorum.saturating_add(hysteresis) => Quorum::Held,
            Quorum::NeverHeld if server.sorry_server.is_some() => Quorum::Lost,
            Quorum::Lost | Quorum::NeverHeld => self.quorum,
        };
        if next == self.quorum {
            return false;
        }
        (self.quorum, self.since) = (next, now);
        true
    }
}

/// A virtual server as keepalived calls it in its log and its pipes (measured with 2.2.7).
pub(crate) fn name(server: &VirtualServer) -> String {
    match &server.service {
        ipvs::Service::Address { address, port } => format!("[{address}]:{}:{port}", protocol_word(server.protocol)),
        ipvs::Service::Fwmark(mark) => format!("FWM {mark}"),
        ipvs::Service::Group { name, .. } => format!("[{name}]:0"),
        ipvs::Service::Unknown { text } => text.clone(),
    }
}

/// A real server as keepalived calls it there.
pub(super) fn server_name(server: &VirtualServer, real: &RealServer) -> String {
    format!("[{}]:{}:{}", real.address, protocol_word(server.protocol), real.port)
}
