//! Which timer fires next: one deadline for each key.

use crate::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// Deadlines in order. Setting and finding the next one cost O(log n).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule<K> {
    /// Invariant: holds (at, key) exactly if `armed` holds key with at.
    queue: BTreeSet<(Instant, K)>,
    armed: BTreeMap<K, Instant>,
}

impl<K: Copy + Ord> Schedule<K> {
    pub fn new() -> Self {
        Schedule { queue: BTreeSet::new(), armed: BTreeMap::new() }
    }

    /// Sets, moves or (`None`) takes away the deadline of a key.
    pub fn arm(&mut self, key: K, at: Option<Instant>) {
        let old = match at {
            Some(at) => self.armed.insert(key, at),
            None => self.armed.remove(&key),
        };
        if old == at {
            return;
        }
        if let Some(old) = old {
            self.queue.remove(&(old, key));
        }
        if let Some(at) = at {
            self.queue.insert((at, key));
        }
    }

    /// The first deadline.
    pub fn next(&self) -> Option<Instant> {
        self.first().map(|(at, _)| at)
    }

    /// The first deadline and whose it is.
    pub fn first(&self) -> Option<(Instant, K)> {
        self.queue.first().copied()
    }

    /// Takes out a key whose deadline has come.
    pub fn pop_due(&mut self, now: Instant) -> Option<K> {
        let &(at, key) = self.queue.first().filter(|(at, _)| *at <= now)?;
        self.queue.remove(&(at, key));
        self.armed.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_key_counts() {
        let at = Instant::from_micros;
        let mut schedule = Schedule::new();
        schedule.arm('a', Some(at(5)));
        schedule.arm('b', Some(at(3)));
        schedule.arm('a', Some(at(1)));
        assert_eq!(schedule.next(), Some(at(1)));
        schedule.arm('b', None);
        assert_eq!(schedule.pop_due(at(0)), None);
        assert_eq!(schedule.pop_due(at(9)), Some('a'));
        assert_eq!((schedule.pop_due(at(9)), schedule.next()), (None, None));
    }
}
