//! Faults drawn by chance that can be repeated.

use super::fault::{Fault, ScriptWill};
pub use crate::chance::Chance;
use crate::time::Instant;
use std::time::Duration;

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
