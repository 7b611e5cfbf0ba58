//! How long a virtual router is without its master, by cause.

use super::election::{Event, Router, Scenario};
use super::timing::Bounds;
use super::tracker::healthy;

/// Why the master changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It is gone without a word: crash, power, cut link.
    Crash,
    /// It is stopped and says goodbye.
    Stop,
    /// One of its trackers fails.
    Tracker(usize),
}

/// One way to lose a master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failover {
    /// What happens to it.
    pub cause: Cause,
    /// The member that is master before.
    pub from: usize,
    /// The member that is master afterwards.
    pub to: usize,
    /// How long it takes, from the event until the other one is master; checks answer at once.
    pub time: Bounds,
    /// The same with a script that hangs until its timeout.
    pub hanging: Option<Bounds>,
}

/// What ends the rule of the member that is master while everything is fine. A cause that moves nothing is not in the
/// list.
pub fn failovers(router: &Router) -> Vec<Failover> {
    let Some(from) = master(&router.scenario(Event::Healthy)) else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(to) = master(&router.scenario(Event::Away(from))) {
        let (timers, effective) = successor(router, from, to);
        let mut add = |cause, time| all.push(Failover { cause, from, to, time, hanging: None });
        add(Cause::Crash, timers.after_crash(effective));
        add(Cause::Stop, timers.after_stop(effective));
    }
    for (index, tracker) in router.members[from].trackers.iter().enumerate() {
        let scenario = router.scenario(Event::Tracker { member: from, tracker: index });
        let Some(to) = master(&scenario).filter(|&to| to != from) else { continue };
        let (timers, effective) = successor(router, from, to);
        let time = |detection| {
            if scenario.effective[from].is_none() {
                timers.after_fault(effective, detection)
            } else {
                timers.after_weight(effective, detection)
            }
        };
        all.push(Failover {
            cause: Cause::Tracker(index),
            from,
            to,
            time: time(tracker.detection.quick),
            hanging: tracker.detection.hanging.map(time),
        });
    }
    all
}

/// The longest of them.
pub fn slowest(router: &Router) -> Option<(Failover, u64)> {
    let longest = |failover: &Failover| {
        failover.hanging.map_or(failover.time.most_us, |hanging| hanging.most_us.max(failover.time.most_us))
    };
    failovers(router).into_iter().map(|failover| (failover, longest(&failover))).max_by_key(|&(_, us)| us)
}

fn master(scenario: &Scenario) -> Option<usize> {
    scenario.outcome.as_ref()?.master()
}

/// The timers of a backup below that master, and its priority with everything fine.
fn successor(router: &Router, from: usize, to: usize) -> (super::timing::Timers, u8) {
    let (master, backup) = (&router.members[from], &router.members[to]);
    (backup.timers.below(master.timers), healthy(backup.base, &backup.trackers).priority)
}
