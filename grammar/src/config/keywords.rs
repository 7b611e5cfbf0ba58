//! Which keywords a block has, in one word.

use crate::schema::Keyword;

/// A set of keywords that may say "perhaps" of one it has not, and never "no" of one it has.
///
/// Most questions to a block are for what it does not have; this answers them without a look at its statements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keywords(u64);

impl Keywords {
    /// The set of one. Rows have addresses of their own, and many more than 64: some share a bit.
    #[inline]
    fn of(keyword: &'static Keyword) -> u64 {
        let address = std::ptr::from_ref(keyword) as usize as u64;
        1 << (address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
    }

    /// Adds a keyword.
    #[inline]
    pub fn add(&mut self, keyword: &'static Keyword) {
        self.0 |= Keywords::of(keyword);
    }

    /// Whether a keyword may be in it; if not, it is not.
    #[inline]
    pub fn may_have(self, keyword: &'static Keyword) -> bool {
        self.0 & Keywords::of(keyword) != 0
    }
}
