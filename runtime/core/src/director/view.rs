//! What can be seen of a director from outside.

use super::{Director, Quorum, service};
use crate::check::{Counts, Failure};
use crate::kernel::{DestinationKey, ServiceKey};
use crate::time::Instant;
use kalc_ir::ipvs::{RealServer, VirtualServer};
use kalc_ir::{Checker, Ir};

/// A virtual server as it is now.
#[derive(Clone, Copy, Debug)]
pub struct ServiceView<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the configuration says of it.
    pub server: &'a VirtualServer,
    /// Whether enough servers are up.
    pub quorum: Quorum,
    /// When that changed.
    pub since: Instant,
    /// Weight of the servers that are up.
    pub weight: u64,
    /// Whether the sorry server stands in.
    pub is_sorry: bool,
    /// `ha_suspend`, and the address is not here.
    pub is_suspended: bool,
    state: &'a service::Service,
}

/// A real server as it is now.
#[derive(Clone, Debug)]
pub struct ServerView<'a> {
    /// Its name.
    pub name: String,
    /// What the configuration says of it.
    pub server: &'a RealServer,
    /// Whether all its checks are content.
    pub is_up: bool,
    /// When that changed.
    pub since: Instant,
    /// Its weight while it is up.
    pub weight: u32,
    /// What its checks found last, even if it is up again: the check, and what is wrong.
    pub last_failure: Option<(&'a Checker, &'a Failure)>,
    /// How often it was checked.
    pub counts: Counts,
}

impl Director {
    /// All virtual servers, in the order of the configuration.
    pub fn services(&self) -> impl Iterator<Item = ServiceView<'_>> {
        let ir: &Ir = &self.ir;
        ir.virtual_servers.iter().zip(&self.services).map(|(server, state)| ServiceView {
            name: &state.name,
            server,
            quorum: state.quorum,
            since: state.since,
            weight: state.weight(server),
            is_sorry: state.is_sorry(server),
            is_suspended: state.is_suspended,
            state,
        })
    }
}

impl<'a> ServiceView<'a> {
    /// Its real servers, in the order of the configuration.
    pub fn servers(&self) -> impl Iterator<Item = ServerView<'a>> + use<'a> {
        let server = self.server;
        server.real_servers.iter().zip(&self.state.servers).map(move |(real, state)| {
            let complaint = state.complaint().and_then(|(index, failure)| Some((&real.checkers[index], failure?)));
            let mut last = real.checkers.iter().zip(&state.checks);
            let mut counts = Counts::default();
            for check in &state.checks {
                let own = check.counts();
                counts.probes += own.probes;
                counts.failures += own.failures;
                counts.downs += own.downs;
            }
            ServerView {
                name: service::server_name(server, real),
                server: real,
                is_up: state.is_up,
                since: state.since,
                weight: state.weight(real),
                last_failure: complaint.or_else(|| last.find_map(|(spec, check)| Some((spec, check.last_failure()?)))),
                counts,
            }
        })
    }

    /// Where a real server of it may be in the kernel's table.
    pub fn destinations_of(&self, server: &ServerView<'_>) -> impl Iterator<Item = (ServiceKey, DestinationKey)> {
        let real = server.server;
        self.state.fronts.iter().map(|front| (front.key, front.destination(real.address, real.port, real.forwarding)))
    }

    /// The services of the kernel that it stands for.
    pub fn keys(&self) -> impl Iterator<Item = ServiceKey> + use<'a> {
        self.state.fronts.iter().map(|front| front.key)
    }
}
