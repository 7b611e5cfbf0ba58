//! Chance that can be repeated, and faults drawn from it.

use super::fault::{Fault, ScriptWill};
use crate::time::Instant;
use std::time::Duration;

/// A generator of numbers (SplitMix64): small, fast, and the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance(u64);

impl Chance {
    /// Begins with a seed.
    pub const fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 if that is 0. The bias is below 2^-32 for the limits used here.
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// True in so many cases of a thousand.
    pub const fn permille(&mut self, permille: u16) -> bool {
        self.below(1000) < permille as u64
    }

    /// A time below `limit`.
    pub fn duration_below(&mut self, limit: Duration) -> Duration {
        Duration::from_nanos(self.below(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// What faults may be about.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Number of hosts.
    pub hosts: usize,
    /// The longest advert interval of all hosts: faults come and go in its rhythm.
    pub interval: Duration,
    /// Number of scripts of each host; those of all hosts are the same.
    pub scripts: usize,
}

/// Draws faults for a while; whoever runs them heals everything afterwards.
///
/// Faults come in bursts and in pauses: some overlap, others find a cluster that has settled.
pub fn faults(chance: &mut Chance, scope: Scope, until: Instant) -> Vec<(Instant, Fault)> {
    let mut faults = Vec::new();
    let mut now = Instant::ZERO;
    loop {
        let pause = if chance.permille(400) { scope.interval * 8 } else { scope.interval };
        now = now + chance.duration_below(pause);
        if now >= until {
            return faults;
        }
        faults.push((now, fault(chance, scope)));
    }
}

fn fault(chance: &mut Chance, scope: Scope) -> Fault {
    let hosts = scope.hosts as u64;
    let host = usize::try_from(chance.below(hosts)).unwrap_or(0);
    let other = (host + 1 + usize::try_from(chance.below(hosts.saturating_sub(1))).unwrap_or(0)) % scope.hosts.max(1);
    match chance.below(17) {
        0 => Fault::Kill(host),
        1 => Fault::Stop(host),
        2 | 3 => Fault::Start(host),
        4 => Fault::LinkDown(host),
        5 | 6 => Fault::LinkUp(host),
        7 => Fault::Pause(host),
        8 | 9 => Fault::Resume(host),
        10 => Fault::Cut { from: host, to: other },
        11 => Fault::Partition(host),
        12 | 13 => Fault::Heal,
        14 => Fault::Loss(u16::try_from(chance.below(400)).unwrap_or(0)),
        15 => Fault::Jump(host, chance.duration_below(scope.interval * 6)),
        _ if scope.scripts == 0 => Fault::Duplicate(u16::try_from(chance.below(300)).unwrap_or(0)),
        _ => {
            let script = usize::try_from(chance.below(scope.scripts as u64)).unwrap_or(0);
            let will = match chance.below(4) {
                0 => ScriptWill::Fail,
                1 => ScriptWill::Hang,
                _ => ScriptWill::Pass,
            };
            Fault::Script { host, script, will }
        }
    }
}
