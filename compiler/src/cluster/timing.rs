//! How long things take: skew, master down time, takeover by cause, detection by trackers. Whole microseconds.
//!
//! The formulas are those of RFC 3768 section 6.1 and RFC 9568 section 6.1 as keepalived 2.0 and later use them.

use kalc_ir::track::Script;
use kalc_ir::unit::VrrpVersion;
use kalc_ir::vrrp::Instance;

/// A shortest and a longest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The shortest.
    pub least_us: u64,
    /// The longest.
    pub most_us: u64,
}

impl Bounds {
    /// Always the same.
    pub const fn exactly(us: u64) -> Self {
        Bounds { least_us: us, most_us: us }
    }

    /// One after the other.
    pub const fn then(self, next: Bounds) -> Self {
        Bounds {
            least_us: self.least_us.saturating_add(next.least_us),
            most_us: self.most_us.saturating_add(next.most_us),
        }
    }
}

/// How long it takes until the failure of a tracker is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// When the check answers at once, not counting its own run time.
    pub quick: Bounds,
    /// When it hangs until its timeout; only scripts can.
    pub hanging: Option<Bounds>,
}

impl Detection {
    /// Something the kernel tells, after a delay.
    pub const fn event(delay_us: u64) -> Self {
        Detection { quick: Bounds::exactly(delay_us), hanging: None }
    }

    /// A script fails `fall` times in a row. While a run hangs, no other is started.
    pub fn script(script: &Script) -> Self {
        Self::of_script(script.interval_us, script.timeout_us, script.fall)
    }

    /// The same by its numbers.
    pub fn of_script(interval_us: u64, timeout_us: u64, fall: u32) -> Self {
        let fall = u64::from(fall.max(1));
        let rounds = timeout_us.div_ceil(interval_us.max(1)).max(1);
        let turn = rounds.saturating_mul(interval_us);
        let bounds = |turn: u64, run: u64| Bounds {
            least_us: (fall - 1).saturating_mul(turn).saturating_add(run),
            most_us: fall.saturating_mul(turn).saturating_add(run),
        };
        Detection { quick: bounds(interval_us, 0), hanging: Some(bounds(turn, timeout_us)) }
    }
}

/// What the timers of an instance depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// Version of the protocol.
    pub version: VrrpVersion,
    /// Its own advert interval.
    pub advert_us: u64,
    /// Adverts that may be missed.
    pub down_adverts: u8,
    /// How long it waits before it takes over from a lower master.
    pub preempt_delay_us: u64,
    /// How long after the start its timers stand still.
    pub startup_delay_us: u64,
}

impl Timers {
    /// Those of an instance.
    pub fn new(instance: &Instance, startup_delay_us: u64) -> Self {
        Timers {
            version: instance.version,
            advert_us: instance.advert_interval_us,
            down_adverts: instance.down_timer_adverts,
            preempt_delay_us: instance.preempt_delay_us,
            startup_delay_us,
        }
    }

    /// Those of a backup of that master: in version 3 the master's interval counts.
    pub fn below(self, master: Timers) -> Self {
        match self.version {
            VrrpVersion::V2 => self,
            VrrpVersion::V3 => Timers { advert_us: master.advert_us, ..self },
        }
    }

    /// How much longer a lower priority waits.
    pub fn skew(self, effective: u8) -> u64 {
        let steps = 256 - u64::from(effective);
        match self.version {
            VrrpVersion::V2 => steps * 1_000_000 / 256,
            VrrpVersion::V3 => steps * self.advert_us / 256,
        }
    }

    /// Time without adverts after which a backup takes over.
    pub fn master_down(self, effective: u8) -> u64 {
        self.adverts(self.down_adverts) + self.skew(effective)
    }

    fn adverts(self, count: u8) -> u64 {
        u64::from(count).saturating_mul(self.advert_us)
    }

    /// Until a backup of that priority is master after a crash: the last advert is up to one interval old.
    pub fn after_crash(self, effective: u8) -> Bounds {
        Bounds {
            least_us: self.adverts(self.down_adverts.saturating_sub(1)) + self.skew(effective),
            most_us: self.master_down(effective),
        }
    }

    /// After a stop with a goodbye.
    pub fn after_stop(self, effective: u8) -> Bounds {
        Bounds::exactly(self.skew(effective))
    }

    /// After a failure that is a fault of the master.
    pub fn after_fault(self, effective: u8, detection: Bounds) -> Bounds {
        detection.then(self.after_stop(effective))
    }

    /// After a failure that only lowers the master's priority: the old master goes on until this one preempts.
    pub fn after_weight(self, effective: u8, detection: Bounds) -> Bounds {
        detection.then(Bounds::exactly(self.preempt_delay_us)).then(self.after_crash(effective))
    }

    /// From its start, or its return from a fault, to master, if nobody is or if it preempts who is.
    pub fn after_start(self, effective: u8) -> u64 {
        let wait = if effective == 255 { 0 } else { self.master_down(effective) };
        self.startup_delay_us.saturating_add(wait)
    }
}

/// Microseconds as seconds with three digits.
pub fn seconds(us: u64) -> String {
    let ms = us.saturating_add(500) / 1000;
    format!("{}.{:03} s", ms / 1000, ms % 1000)
}

/// Two times as text, one if they are equal.
pub fn range(bounds: Bounds) -> String {
    let (least, most) = (seconds(bounds.least_us), seconds(bounds.most_us));
    if least == most { most } else { format!("{} to {most}", least.trim_end_matches(" s")) }
}
