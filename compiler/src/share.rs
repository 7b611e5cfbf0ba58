//! Work that several threads share.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// More threads hardly make any file's check faster.
const THREADS_MAX: usize = 4;

/// How many threads may share work here.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX)
}

/// Statements from which on a thread more costs less than it saves.
pub const FROM_STATEMENTS: usize = 5_000;

/// What `work` makes of each item, in their order, whichever thread did it. Where there is not `much` to do one makes all.
pub fn map<'i, T: Sync, R: Send>(items: &'i [T], much: bool, work: impl Fn(&'i T) -> R + Sync) -> Vec<R> {
    let threads = if much { threads().min(items.len()) } else { 1 };
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    // Few enough at a time that all end together, and many enough that they seldom ask for more.
    let portion = (items.len() / (threads * 8)).clamp(1, 64);
    let next = AtomicUsize::new(0);
    // What one thread made, portion by portion.
    let take = || {
        let mut made = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let start = number.saturating_mul(portion);
            let Some(rest) = items.get(start..).filter(|rest| !rest.is_empty()) else { return made };
            let mine = &rest[..rest.len().min(portion)];
            made.push((number, mine.iter().map(&work).collect::<Vec<R>>()));
        }
    };
    let mut portions = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut portions = take();
        for other in others {
            match other.join() {
                Ok(made) => portions.extend(made),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        portions
    });
    portions.sort_unstable_by_key(|(number, _)| *number);
    let mut all = Vec::with_capacity(items.len());
    all.extend(portions.into_iter().flat_map(|(_, made)| made));
    all
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..1001).collect();
        let doubled: Vec<u32> = items.iter().map(|item| item * 2).collect();
        assert_eq!(map(&items, true, |item| item * 2), doubled);
        assert_eq!(map(&items, false, |item| item * 2), doubled);
        assert_eq!(map(&items[..3], true, |item| item * 2), doubled[..3]);
        assert!(map(&Vec::<u32>::new(), true, |item| *item).is_empty());
    }
}
