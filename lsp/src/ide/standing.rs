//! What is known of a virtual router: its members, who is master, how long a failover takes.

use kalc_compiler::cluster::election::{Event, Router};
use kalc_compiler::cluster::failover::{Cause, Failover, failovers};
use kalc_compiler::cluster::report::outcome;
use kalc_compiler::cluster::timing::range;
use kalc_compiler::fleet::Fleet;
use std::sync::Arc;

/// A virtual router as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The members: host and name of the instance there.
    pub members: Vec<(String, String)>,
    /// Who is master while everything is fine, in words.
    pub master: String,
    /// How long it takes until another one is master after a crash of that one, at most; in microseconds.
    pub failover_us: Option<u64>,
    /// Each way to lose the master, with how long it takes, in words.
    pub failovers: Vec<String>,
}

impl Standing {
    /// All of it in one line: `master: web1, failover 3.6 s`.
    pub fn line(&self) -> String {
        match self.failover_us {
            Some(us) => format!("master: {}, failover {}", self.master, short(us)),
            None => format!("master: {}", self.master),
        }
    }
}

/// What is known of each virtual router, by the faces of its members.
pub(super) fn standings(fleet: &Fleet<'_>) -> Vec<(usize, Arc<Standing>)> {
    let mut all = Vec::new();
    for faces in &fleet.routers {
        let standing = Arc::new(standing(&Router::new(fleet, faces)));
        all.extend(faces.iter().map(|&face| (face, Arc::clone(&standing))));
    }
    all
}

fn standing(router: &Router) -> Standing {
    let members = router.members.iter().map(|member| (member.host.clone(), member.instance.clone())).collect();
    let healthy = router.scenario(Event::Healthy);
    let found = failovers(router);
    let master = match healthy.outcome.as_ref().and_then(|outcome| outcome.master()) {
        Some(master) => router.members[master].host.clone(),
        None => match router.unknown.first() {
            Some(reason) => format!("not known ({reason})"),
            None => outcome(router, &healthy),
        },
    };
    let crash = found.iter().find(|failover| failover.cause == Cause::Crash);
    Standing {
        members,
        master,
        failover_us: crash.map(|failover| failover.time.most_us),
        failovers: found.iter().map(|failover| words(router, failover)).collect(),
    }
}

fn words(router: &Router, failover: &Failover) -> String {
    let master = &router.members[failover.from];
    let cause = match failover.cause {
        Cause::Crash => format!("crash of {}", master.host),
        Cause::Stop => format!("stop of {}", master.host),
        Cause::Tracker(at) => format!("{} fails on {}", master.trackers[at].describe(), master.host),
    };
    format!("{cause}: {} is master after {}", router.members[failover.to].host, range(failover.time))
}

/// A time for a line that is glanced at: tenths of seconds, or milliseconds below one second.
pub fn short(us: u64) -> String {
    if us < 999_500 {
        return format!("{} ms", us.saturating_add(500) / 1000);
    }
    let tenths = us.saturating_add(50_000) / 100_000;
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        fraction => format!("{}.{fraction} s", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn short_times() {
        let cases = [(0, "0 ms"), (31_250, "31 ms"), (999_499, "999 ms"), (999_500, "1 s"), (3_609_375, "3.6 s")];
        for (us, words) in cases {
            assert_eq!(short(us), words);
        }
    }
}
