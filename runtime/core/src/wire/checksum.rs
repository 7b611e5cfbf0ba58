//! The Internet checksum (RFC 1071), and the pseudo-headers that go into it.
//!
//! A [`Checksum`] is a value: what is the same for every packet (a pseudo-header) is summed once and carried on.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A ones' complement sum in progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checksum(u64);

impl Checksum {
    /// The sum of nothing.
    pub const fn new() -> Self {
        Checksum(0)
    }

    /// The sum with `bytes` in it. An odd last byte counts as if a zero followed, so only the last piece may be odd.
    #[must_use]
    pub fn with(self, bytes: &[u8]) -> Self {
        let words = bytes.chunks(2).map(|word| match *word {
            [high, low] => u64::from(u16::from_be_bytes([high, low])),
            [high] => u64::from(high) << 8,
            _ => 0,
        });
        Checksum(self.0.saturating_add(words.sum()))
    }

    /// The checksum: what a sender writes, or 0 where a receiver has summed the checksum along with the rest and it is
    /// right.
    pub const fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum >> 16 != 0 {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }

    /// The pseudo-header of version 3 over IPv4 (RFC 9568 section 5.2.8): addresses, zero, protocol, length.
    pub fn pseudo_v4(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, length: u16) -> Self {
        Checksum::new()
            .with(&source.octets())
            .with(&destination.octets())
            .with(&[0, protocol])
            .with(&length.to_be_bytes())
    }

    /// The pseudo-header of IPv6 (RFC 8200 section 8.1).
    pub fn pseudo_v6(source: Ipv6Addr, destination: Ipv6Addr, protocol: u8, length: u32) -> Self {
        Checksum::new()
            .with(&source.octets())
            .with(&destination.octets())
            .with(&length.to_be_bytes())
            .with(&[0, 0, 0, protocol])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        // RFC 1071 section 3: these bytes sum to ddf2.
        let sum = Checksum::new().with(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.finish(), !0xddf2);
    }

    #[test]
    fn an_odd_last_byte_counts_as_the_high_half() {
        assert_eq!(Checksum::new().with(&[1, 2, 3]).finish(), Checksum::new().with(&[1, 2, 3, 0]).finish());
    }

    #[test]
    fn a_sum_that_holds_its_checksum_is_zero() {
        let bytes = [0x45, 0xc0, 0xff, 0xff, 0x12, 0x34];
        let checksum = Checksum::new().with(&bytes).finish();
        assert_eq!(Checksum::new().with(&bytes).with(&checksum.to_be_bytes()).finish(), 0);
    }
}
