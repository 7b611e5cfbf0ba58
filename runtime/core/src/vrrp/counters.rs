//! What an instance has seen, for `kalc status` and metrics.

use crate::wire::Refusal;
use std::collections::BTreeMap;

/// Counts since the daemon started; a reload keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Adverts sent, one for each destination.
    pub adverts_sent: u64,
    /// Adverts accepted.
    pub adverts_received: u64,
    /// Of these, with priority 0.
    pub priority_zero_received: u64,
    /// Priority 0 sent.
    pub priority_zero_sent: u64,
    /// Times it became master.
    pub became_master: u64,
    /// Times it stopped being master.
    pub released_master: u64,
    /// Bursts of announcements.
    pub bursts: u64,
    /// Packets refused, by reason.
    pub refused: BTreeMap<Refusal, u64>,
}

impl Counters {
    /// Counts a refused packet.
    pub fn refuse(&mut self, reason: Refusal) {
        let count = self.refused.entry(reason).or_default();
        *count = count.saturating_add(1);
    }
}
