//! What trackers do to an instance: effective priority and faults.

use crate::vrrp::state::Faults;
use kalc_ir::Weight;

/// The sum of what trackers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Added to the base priority.
    pub change: i32,
    /// What keeps the instance out.
    pub faults: Faults,
    /// Whether something has no result yet without which the instance cannot begin. One that runs goes on meanwhile.
    pub is_pending: bool,
}

/// Lowest product of a file's number and its weight that only changes the priority; that or less is a fault.
const FILE_FAULT: i64 = -254;

impl Verdict {
    /// Something that is up, down, or not known yet.
    ///
    /// With weight 0 only what is up is no fault. A positive weight counts while it is up, a negative one while it is
    /// down; `reverse` turns the sign of the change, not the moment.
    pub fn observe(&mut self, weight: Weight, is_up: Option<bool>, fault: Faults) {
        if weight.is_fault() {
            match is_up {
                None => self.is_pending = true,
                Some(is_up) if is_up == weight.is_reversed => self.faults.add(fault),
                Some(_) => {}
            }
            return;
        }
        let counts = is_up == Some(weight.change > 0);
        if counts {
            let change = if weight.is_reversed { weight.change.saturating_neg() } else { weight.change };
            self.change = self.change.saturating_add(change);
        }
    }

    /// A file that holds a number: the weight is its factor, and with weight 0 any number but 0 is a fault.
    pub fn observe_number(&mut self, weight: Weight, value: i64) {
        if weight.is_fault() {
            if (value != 0) != weight.is_reversed {
                self.faults.add(Faults::FILE);
            }
            return;
        }
        let factor = i64::from(if weight.is_reversed { weight.change.saturating_neg() } else { weight.change });
        let product = value.saturating_mul(factor);
        if product <= FILE_FAULT {
            self.faults.add(Faults::FILE);
        } else {
            let bounded = i32::try_from(product.min(253)).unwrap_or(253);
            self.change = self.change.saturating_add(bounded);
        }
    }
}

/// The priority in adverts and elections: an owner's is never changed, others stay within 1 and 254.
pub(crate) fn effective(base: u8, change: i32) -> u8 {
    if base == 255 {
        return 255;
    }
    let sum = i32::from(base).saturating_add(change).clamp(1, 254);
    u8::try_from(sum).unwrap_or(254)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(change: i32) -> Weight {
        Weight { change, is_reversed: false }
    }

    fn after(weight: Weight, is_up: Option<bool>) -> (u8, bool) {
        let mut verdict = Verdict::default();
        verdict.observe(weight, is_up, Faults::SCRIPT);
        (effective(100, verdict.change), !verdict.faults.is_empty())
    }

    #[test]
    fn a_positive_weight_counts_while_it_is_up() {
        assert_eq!(after(weight(4), Some(true)), (104, false));
        assert_eq!(after(weight(4), Some(false)), (100, false));
        assert_eq!(after(weight(4), None), (100, false));
    }

    #[test]
    fn a_negative_weight_counts_while_it_is_down() {
        assert_eq!(after(weight(-20), Some(true)), (100, false));
        assert_eq!(after(weight(-20), Some(false)), (80, false));
    }

    #[test]
    fn reverse_turns_the_sign_and_not_the_moment() {
        let reversed = |change| Weight { change, is_reversed: true };
        assert_eq!(after(reversed(4), Some(true)), (96, false));
        assert_eq!(after(reversed(-20), Some(false)), (120, false));
        assert_eq!(after(reversed(0), Some(true)), (100, true));
        assert_eq!(after(reversed(0), Some(false)), (100, false));
    }

    #[test]
    fn without_weight_what_is_down_is_a_fault() {
        assert_eq!(after(weight(0), Some(false)), (100, true));
        assert_eq!(after(weight(0), Some(true)), (100, false));
    }

    #[test]
    fn without_weight_what_is_not_known_is_waited_for() {
        let mut verdict = Verdict::default();
        verdict.observe(weight(0), None, Faults::SCRIPT);
        assert_eq!((verdict.faults.is_empty(), verdict.is_pending), (true, true));
    }

    #[test]
    fn priorities_stay_in_range() {
        assert_eq!(effective(250, 10), 254);
        assert_eq!(effective(10, -50), 1);
        assert_eq!(effective(255, -100), 255);
    }

    #[test]
    fn a_file_multiplies_its_number() {
        let number = |change, value| {
            let mut verdict = Verdict::default();
            verdict.observe_number(weight(change), value);
            (verdict.change, !verdict.faults.is_empty())
        };
        assert_eq!(number(2, 10), (20, false));
        assert_eq!(number(-1, 20), (-20, false));
        assert_eq!(number(1, -254), (0, true));
        assert_eq!(number(0, 0), (0, false));
        assert_eq!(number(0, 1), (0, true));
        assert_eq!(number(1, i64::MAX), (253, false));
    }
}
