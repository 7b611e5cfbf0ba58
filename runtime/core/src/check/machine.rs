//! The machine of one check.

use super::habits::Habits;
use super::{Effect, Event, Failure, Outcome, Verdict, WeightChange};
use crate::time::Instant;
use kalc_ir::CheckerKind;
use std::time::Duration;

/// From the start of the daemon to the earliest check (measured with keepalived 2.2.7, as `warmup 0`).
pub const START_DELAY: Duration = Duration::from_secs(1);

/// The product of a tracked file and its weight that takes a server down (measured with keepalived 2.2.7: one more only
/// sets the weight to 0).
const FILE_DOWN: i64 = -2_147_483_648;

/// One check of one real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checker {
    delay_loop: Duration,
    delay_before_retry: Duration,
    first_wait: Duration,
    retry: u32,
    /// Pages of a web check, else 1.
    pages: u16,
    habits: Habits,
    fast_recovery: bool,
    logs_all: bool,
    /// Factor of a tracked file; such a check makes no probes.
    file_factor: Option<i64>,
    /// Whether it follows a BFD session; such a check makes none either.
    follows_session: bool,

    phase: Phase,
    is_up: bool,
    weight: WeightChange,
    /// What the last failed probe said; kept when the server is up again.
    last_failure: Option<Failure>,
    /// Whether it has ever come to a verdict of its own.
    has_concluded: bool,
    /// Whether the last probe failed for good: pages begin anew with the next success.
    is_broken: bool,
    /// Failed tries in a row that the verdict has not seen.
    failed_tries: u32,
    page: u16,
    run: u32,
    counts: Counts,
}

/// How often a check was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Probes that have ended.
    pub probes: u64,
    /// Of these, those that failed.
    pub failures: u64,
    /// Times it went from up to down.
    pub downs: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not started.
    Idle,
    /// The next probe begins then.
    Waiting(Instant),
    /// A probe that began then has not ended.
    Probing(Instant),
    /// `ha_suspend`; a probe would have begun then.
    Suspended(Instant),
    /// It follows a file or a session.
    Following,
}

impl Checker {
    /// A check that has not started. `first_wait` is drawn by the caller, see [`first_wait`](super::first_wait).
    pub fn new(spec: &kalc_ir::Checker, first_wait: Duration) -> Self {
        let (pages, fast_recovery, file_factor) = match &spec.kind {
            CheckerKind::Http(http) => {
                (u16::try_from(http.urls.len()).unwrap_or(u16::MAX).max(1), http.fast_recovery, None)
            }
            CheckerKind::File { weight, .. } => {
                let sign = if weight.is_reversed { -1 } else { 1 };
                (1, false, Some(sign * i64::from(weight.change)))
            }
            CheckerKind::Tcp { .. }
            | CheckerKind::Smtp { .. }
            | CheckerKind::Dns { .. }
            | CheckerKind::Ping { .. }
            | CheckerKind::Udp { .. }
            | CheckerKind::Misc { .. }
            | CheckerKind::Bfd { .. } => (1, false, None),
        };
        Checker {
            delay_loop: Duration::from_micros(spec.delay_loop_us),
            delay_before_retry: Duration::from_micros(spec.delay_before_retry_us),
            first_wait,
            retry: spec.retry,
            pages,
            habits: Habits::of(&spec.kind),
            fast_recovery,
            logs_all: spec.log_all_failures,
            file_factor,
            follows_session: matches!(spec.kind, CheckerKind::Bfd { .. }),
            phase: Phase::Idle,
            is_up: !spec.alpha,
            weight: WeightChange::None,
            last_failure: None,
            has_concluded: false,
            is_broken: false,
            failed_tries: 0,
            page: 0,
            run: 0,
            counts: Counts::default(),
        }
    }

    /// Goes on from what a check of the same kind knew before a reload: the first result need not be waited for. Call it
    /// before [`Event::Start`]. A probe of the old one is void.
    pub fn take_over(&mut self, old: &Checker) {
        (self.is_up, self.has_concluded, self.is_broken) = (old.is_up, old.has_concluded, old.is_broken);
        (self.weight, self.counts, self.run) = (old.weight, old.counts, old.run.wrapping_add(1));
        self.last_failure.clone_from(&old.last_failure);
    }

    /// When [`Event::Tick`] must come, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Waiting(at) => Some(at),
            Phase::Idle | Phase::Probing(_) | Phase::Suspended(_) | Phase::Following => None,
        }
    }

    /// Whether it is content with its server.
    pub fn is_up(&self) -> bool {
        self.is_up
    }

    /// What it does to the weight.
    pub fn weight(&self) -> WeightChange {
        self.weight
    }

    /// What the last failed probe said, even if the server is up again.
    pub fn last_failure(&self) -> Option<&Failure> {
        self.last_failure.as_ref()
    }

    /// Whether it has ever come to a verdict: before that, `is_up` is what `alpha` says.
    pub fn has_concluded(&self) -> bool {
        self.has_concluded
    }

    /// Whether `ha_suspend` keeps it from looking.
    pub fn is_suspended(&self) -> bool {
        matches!(self.phase, Phase::Suspended(_))
    }

    /// How often it was made.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes one event and appends what follows from it, in order. Results of other runs than the present one, and
    /// ticks before their time, are ignored.
    pub fn step(&mut self, now: Instant, event: Event, out: &mut Vec<Effect>) {
        match event {
            Event::Start => {
                if self.phase == Phase::Idle {
                    self.phase = if self.file_factor.is_some() || self.follows_session {
                        Phase::Following
                    } else {
                        Phase::Waiting(now + START_DELAY + self.first_wait)
                    };
                }
            }
            Event::Tick => {
                if self.deadline().is_some_and(|at| at <= now) {
                    self.probe(now, out);
                }
            }
            Event::Ended { run, outcome } => {
                if let Phase::Probing(begun) = self.phase
                    && run == self.run
                {
                    self.ended(begun, now, outcome, out);
                }
            }
            Event::File(value) => self.file(value, out),
            Event::Bfd(is_up) => self.bfd(is_up, out),
            Event::Suspend => self.suspend(now),
            Event::Resume => self.resume(now),
        }
    }

    fn suspend(&mut self, now: Instant) {
        let next = match self.phase {
            Phase::Waiting(at) => at,
            Phase::Probing(_) => now + self.delay_loop,
            Phase::Idle => now + START_DELAY + self.first_wait,
            Phase::Suspended(_) | Phase::Following => return,
        };
        self.phase = Phase::Suspended(next);
    }

    /// keepalived's timers run on while checks are suspended: the next check comes at its old pace, within `delay_loop`.
    fn resume(&mut self, now: Instant) {
        let Phase::Suspended(next) = self.phase else { return };
        let late = now.saturating_since(next).as_nanos();
        let pace = self.delay_loop.as_nanos().max(1);
        let turns = late.div_ceil(pace);
        let wait = Duration::from_nanos(u64::try_from(turns.saturating_mul(pace)).unwrap_or(u64::MAX));
        self.phase = Phase::Waiting(next + wait);
    }

    fn probe(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.run = self.run.wrapping_add(1);
        self.phase = Phase::Probing(now);
        out.push(Effect::Probe { run: self.run, page: self.page });
    }

    fn ended(&mut self, begun: Instant, now: Instant, outcome: Outcome, out: &mut Vec<Effect>) {
        self.counts.probes = self.counts.probes.saturating_add(1);
        let wait = match outcome {
            Outcome::Passed => self.passed(WeightChange::None, out),
            Outcome::PassedWithWeight(weight) => self.passed(WeightChange::To(weight), out),
            Outcome::Failed(failure) => self.failed(failure, out),
        };
        let from = if self.habits.counts_from_begin { begun } else { now };
        let at = match wait {
            Wait::None => now,
            Wait::Retry => from + self.delay_before_retry,
            Wait::Loop => from + self.delay_loop,
        };
        self.phase = Phase::Waiting(at.max(now));
        if wait == Wait::None {
            self.probe(now, out);
        }
    }

    fn passed(&mut self, weight: WeightChange, out: &mut Vec<Effect>) -> Wait {
        self.failed_tries = 0;
        // A single success of one page proves nothing yet: all pages are asked for, from the first one on.
        if self.is_broken && self.habits.proves_recovery {
            (self.is_broken, self.page) = (false, 0);
            return if self.fast_recovery { Wait::None } else { Wait::Loop };
        }
        self.is_broken = false;
        self.page = if self.page + 1 < self.pages { self.page + 1 } else { 0 };
        if self.page != 0 && !(self.is_up && self.has_concluded) {
            return if self.fast_recovery { Wait::None } else { Wait::Loop };
        }
        self.conclude(true, weight, None, out);
        Wait::Loop
    }

    fn failed(&mut self, failure: Failure, out: &mut Vec<Effect>) -> Wait {
        self.counts.failures = self.counts.failures.saturating_add(1);
        self.last_failure = Some(failure.clone());
        let tries_again = match (self.has_concluded, self.is_up) {
            (false, _) => !self.habits.first_counts_alone,
            (true, true) => true,
            (true, false) => self.habits.retries_while_down,
        };
        if tries_again && self.failed_tries < self.retry {
            if self.logs_all && self.is_up {
                out.push(Effect::Failing { failure, tries_left: self.retry - self.failed_tries });
            }
            self.failed_tries += 1;
            return Wait::Retry;
        }
        self.failed_tries = 0;
        self.is_broken = true;
        self.conclude(false, WeightChange::None, Some(failure), out);
        Wait::Loop
    }

    fn file(&mut self, value: i64, out: &mut Vec<Effect>) {
        let Some(factor) = self.file_factor else { return };
        let product = value.saturating_mul(factor);
        if product <= FILE_DOWN {
            self.last_failure = Some(Failure::File(product));
            self.conclude(false, WeightChange::None, Some(Failure::File(product)), out);
        } else {
            let weight = if product == 0 { WeightChange::None } else { WeightChange::By(product) };
            self.conclude(true, weight, None, out);
        }
    }

    fn bfd(&mut self, is_up: bool, out: &mut Vec<Effect>) {
        if !self.follows_session {
            return;
        }
        if !is_up {
            self.last_failure = Some(Failure::Bfd);
        }
        self.conclude(is_up, WeightChange::None, (!is_up).then_some(Failure::Bfd), out);
    }

    fn conclude(&mut self, is_up: bool, weight: WeightChange, reason: Option<Failure>, out: &mut Vec<Effect>) {
        let changes = is_up != self.is_up || weight != self.weight || !self.has_concluded;
        self.counts.downs = self.counts.downs.saturating_add(u64::from(self.is_up && !is_up));
        (self.is_up, self.weight, self.has_concluded) = (is_up, weight, true);
        if changes {
            out.push(Effect::Verdict(Verdict { is_up, weight, reason }));
        }
    }
}

/// What is waited for after a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// Nothing.
    None,
    /// `delay_before_retry`
    Retry,
    /// `delay_loop`
    Loop,
}
