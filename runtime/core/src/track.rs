//! What is watched: scripts and processes, from single results to up and down.

use crate::input::RunId;
use crate::time::Instant;
use kalc_ir::{Process, Script};
use std::time::Duration;

/// A script that is run again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptTracker {
    interval: Duration,
    rise: u32,
    fall: u32,
    /// Whether it counts as passed; `None` until its first run has ended.
    pub is_up: Option<bool>,
    /// Results in a row that speak against `is_up`.
    against: u32,
    /// Whether the next result counts alone.
    first: bool,
    /// The run that has not ended yet.
    pub running: Option<RunId>,
    /// When the next run begins.
    pub next_at: Instant,
    /// How many runs have ended, and how many of them badly.
    pub runs: u64,
    pub failures: u64,
}

impl ScriptTracker {
    pub fn new(script: &Script, now: Instant) -> Self {
        ScriptTracker {
            interval: Duration::from_micros(script.interval_us.max(1)),
            rise: script.rise.max(1),
            fall: script.fall.max(1),
            is_up: script.init_fail.then_some(false),
            against: 0,
            first: true,
            running: None,
            next_at: now,
            runs: 0,
            failures: 0,
        }
    }

    /// A script of the same command after a reload.
    pub fn take_over(&mut self, old: &ScriptTracker) {
        (self.is_up, self.against, self.first) = (old.is_up, old.against, old.first);
        (self.running, self.runs, self.failures) = (old.running, old.runs, old.failures);
        self.next_at = if old.interval == self.interval { old.next_at } else { self.next_at };
    }

    /// Whether a run is to begin. While one is running, its turns are left out.
    pub fn tick(&mut self, now: Instant) -> bool {
        if now < self.next_at {
            return false;
        }
        let next = self.next_at + self.interval;
        self.next_at = if next > now { next } else { now + self.interval };
        self.running.is_none()
    }

    /// A run has ended; says whether the verdict changed.
    pub fn ended(&mut self, passed: bool) -> bool {
        self.running = None;
        self.runs += 1;
        self.failures += u64::from(!passed);
        // The first result counts alone, whatever `rise` and `fall` say.
        let needed = if self.first {
            1
        } else if passed {
            self.rise
        } else {
            self.fall
        };
        // After `init_fail` that is the first success.
        if passed || self.is_up.is_none() {
            self.first = false;
        }
        if self.is_up == Some(passed) {
            self.against = 0;
            return false;
        }
        self.against += 1;
        if self.against < needed {
            return false;
        }
        self.against = 0;
        self.is_up = Some(passed);
        true
    }
}

/// A program that must run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessTracker {
    quorum: u32,
    quorum_max: u32,
    terminate_delay: Duration,
    fork_delay: Duration,
    /// How many run.
    pub running: u32,
    /// Whether it counts as running; `None` before the first count.
    pub is_up: Option<bool>,
    /// When it will count as what it is by then.
    pub change_at: Option<Instant>,
}

impl ProcessTracker {
    pub fn new(process: &Process) -> Self {
        ProcessTracker {
            quorum: process.quorum.into(),
            quorum_max: process.quorum_max.map_or(u32::MAX, u32::from),
            terminate_delay: Duration::from_micros(process.terminate_delay_us),
            fork_delay: Duration::from_micros(process.fork_delay_us),
            running: 0,
            is_up: None,
            change_at: None,
        }
    }

    pub fn take_over(&mut self, old: &ProcessTracker) {
        (self.running, self.is_up, self.change_at) = (old.running, old.is_up, old.change_at);
    }

    fn is_enough(&self) -> bool {
        (self.quorum..=self.quorum_max).contains(&self.running)
    }

    /// Another number of them runs; says whether the verdict changed.
    pub fn count(&mut self, now: Instant, running: u32) -> bool {
        self.running = running;
        let is_enough = self.is_enough();
        match self.is_up {
            None => {
                self.is_up = Some(is_enough);
                true
            }
            Some(is_up) if is_up == is_enough => {
                self.change_at = None;
                false
            }
            Some(_) => {
                let delay = if is_enough { self.fork_delay } else { self.terminate_delay };
                self.change_at.get_or_insert(now + delay);
                self.tick(now)
            }
        }
    }

    /// Time passes; says whether the verdict changed.
    pub fn tick(&mut self, now: Instant) -> bool {
        if self.change_at.is_none_or(|at| at > now) {
            return false;
        }
        self.change_at = None;
        let before = self.is_up.replace(self.is_enough());
        before != self.is_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kalc_ir::{OriginId, Origins, Weight};

    fn script(rise: u32, fall: u32, init_fail: bool) -> ScriptTracker {
        let script = Script {
            name: "check".to_owned(),
            command: None,
            interval_us: 2_000_000,
            timeout_us: 2_000_000,
            weight: Weight::FAULT,
            rise,
            fall,
            init_fail,
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId::default(),
            origins: Origins::new(),
        };
        ScriptTracker::new(&script, Instant::ZERO)
    }

    #[test]
    fn the_first_result_counts_alone() {
        for passed in [true, false] {
            let mut script = script(3, 3, false);
            assert!(script.ended(passed));
            assert_eq!(script.is_up, Some(passed));
        }
    }

    #[test]
    fn rise_and_fall_count_results_in_a_row() {
        let mut script = script(2, 3, false);
        script.ended(true);
        let changes: Vec<_> = [false, false, true, false, false, false, true, false, true, true]
            .into_iter()
            .map(|passed| script.ended(passed))
            .collect();
        assert_eq!(changes, [false, false, false, false, false, true, false, false, false, true]);
    }

    #[test]
    fn init_fail_counts_as_failed_until_the_first_success() {
        let mut script = script(5, 1, true);
        assert_eq!(script.is_up, Some(false));
        assert!(!script.ended(false));
        assert!(script.ended(true));
    }

    #[test]
    fn turns_are_left_out_while_a_run_lasts() {
        let mut script = script(1, 1, false);
        let second = |s: u64| Instant::from_micros(s * 1_000_000);
        assert!(script.tick(second(0)));
        script.running = Some(RunId(1));
        assert!(!script.tick(second(2)));
        assert!(!script.tick(second(3)));
        script.ended(true);
        assert!(script.tick(second(4)));
        assert_eq!(script.next_at, second(6));
    }

    #[test]
    fn a_process_that_comes_back_in_time_was_never_away() {
        let mut process = ProcessTracker {
            quorum: 1,
            quorum_max: u32::MAX,
            terminate_delay: Duration::from_secs(2),
            fork_delay: Duration::ZERO,
            running: 0,
            is_up: None,
            change_at: None,
        };
        let second = |s: u64| Instant::from_micros(s * 1_000_000);
        assert!(process.count(second(0), 1));
        assert!(!process.count(second(1), 0));
        assert!(!process.count(second(2), 1));
        assert!(!process.tick(second(3)));
        assert!(!process.count(second(4), 0));
        assert!(process.tick(second(6)));
        assert_eq!(process.is_up, Some(false));
        assert!(process.count(second(7), 1));
    }
}
