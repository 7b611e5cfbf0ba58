//! Health checks of real servers: when to look, how often to try again, what to believe.
//!
//! A [`Checker`] is one check of one real server. It says when a probe is to be made and takes how it ended; what a probe
//! does is the business of whoever makes it. What the verdicts of a server's checks mean for its service (weight,
//! quorum) is not known here.
//!
//! ```text
//!              Event + now                          Effect
//!   driver ───────────────────▶ Checker ──────────────────────────▶ driver
//!           Start, Tick, Ended,           Probe (make one),
//!           File, Suspend, Resume         Verdict (up, down, weight), Failing (for the log)
//! ```
//!
//! Timing is keepalived 2.2.7's, measured; where it differs between kinds of checks, [`Habits`](habits) says how.

mod habits;
mod machine;
mod outcome;
#[cfg(test)]
mod tests;

pub use machine::{Checker, Counts, START_DELAY};
pub use outcome::{Failure, LocalFault, Outcome};

use std::time::Duration;

/// Something that happened to a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its real server is in place; checks may begin.
    Start,
    /// The time of [`Checker::deadline`] has come.
    Tick,
    /// A probe has ended, as each does.
    Ended {
        /// Which.
        run: u32,
        /// How.
        outcome: Outcome,
    },
    /// The file of a `FILE_CHECK` holds this number; 0 if it is missing or holds none. It counts while checks are suspended,
    /// too: nobody is asked for it.
    File(i64),
    /// The session of a `BFD_CHECK` is up, or is no more. It counts while checks are suspended, too.
    Bfd(bool),
    /// `ha_suspend`: the virtual address is not here. A probe that runs is void.
    Suspend,
    /// The virtual address is here again.
    Resume,
}

/// What a check wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make a probe, now. [`Event::Ended`] follows within a bounded time.
    Probe {
        /// Its number.
        run: u32,
        /// Which page of a web check, by its place in `urls`; 0 for other checks.
        page: u16,
    },
    /// What is believed of the server. Told when it changes, and for the first result of all.
    Verdict(Verdict),
    /// A probe failed and the verdict stands; told if `log_all_failures` is on and the check is up.
    Failing {
        /// Why.
        failure: Failure,
        /// How many tries are left before the server counts as down.
        tries_left: u32,
    },
}

/// What a check believes of its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the check is content.
    pub is_up: bool,
    /// What it does to the weight.
    pub weight: WeightChange,
    /// Why it is down; `None` while it is up, and before its first result with `alpha`.
    pub reason: Option<Failure>,
}

/// What a check does to the weight of its server.
///
/// Of several checks of a server the changes add up, below 0 is 0 (measured with keepalived 2.2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightChange {
    /// Nothing.
    #[default]
    None,
    /// `misc_dynamic`: this weight instead of the configured one, that is a change by the difference.
    To(u32),
    /// `FILE_CHECK`: the configured weight and this.
    By(i64),
}

impl WeightChange {
    /// The change of a server with that configured weight.
    pub fn of(self, configured: u32) -> i64 {
        match self {
            WeightChange::None => 0,
            WeightChange::To(weight) => i64::from(weight) - i64::from(configured),
            WeightChange::By(change) => change,
        }
    }
}

/// The wait before a first check that a random number stands for: up to `warmup`, evenly.
pub fn first_wait(checker: &kalc_ir::Checker, random: u64) -> Duration {
    // The range is far below 2^64, so the rest favours nobody that a clock would show.
    Duration::from_micros(random % checker.warmup_us.saturating_add(1).max(1))
}
