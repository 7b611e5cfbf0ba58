//! A real server: up while all its checks are, with the weight that they leave it.

use crate::check::{Checker, Failure};
use crate::time::Instant;
use kalc_ir::RealServer;

/// The state of a real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// Its checks, in the order of the configuration.
    pub checks: Vec<Checker>,
    /// Whether all of them are content.
    pub is_up: bool,
    /// What scripts and pipes believe; `None` while nothing has been said of it. A server that starts as up is believed
    /// to be so without a word (measured with keepalived 2.2.7).
    pub told: Option<bool>,
    /// When it became what it is.
    pub since: Instant,
    /// The weight that was told last.
    pub told_weight: u32,
}

impl Server {
    /// One with these checks, as they are.
    pub fn new(real: &RealServer, checks: Vec<Checker>, now: Instant) -> Server {
        let is_up = checks.iter().all(Checker::is_up);
        Server { checks, is_up, told: is_up.then_some(true), since: now, told_weight: real.weight }
    }

    /// Its weight while it is up: the configured one and what its checks make of it.
    pub fn weight(&self, real: &RealServer) -> u32 {
        let change: i64 = self.checks.iter().map(|check| check.weight().of(real.weight)).fold(0, i64::saturating_add);
        let weight = i64::from(real.weight).saturating_add(change);
        // The kernel's weight is a signed number of 32 bits.
        u32::try_from(weight.clamp(0, i32::MAX.into())).unwrap_or(0)
    }

    /// The first check that is not content, and what it found.
    pub fn complaint(&self) -> Option<(usize, Option<&Failure>)> {
        let index = self.checks.iter().position(|check| !check.is_up())?;
        Some((index, self.checks[index].last_failure()))
    }
}
