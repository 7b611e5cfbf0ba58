//! Intervals that follow from a priority.

use kalc_ir::VrrpVersion;
use std::time::Duration;

/// What a backup waits beyond the missed adverts, so that the highest priority takes over first.
///
/// Version 2: (256 - priority) / 256 s (RFC 3768 section 6.1). Version 3: (256 - priority) * interval / 256 (RFC 9568
/// section 6.1), where `interval` is the master's.
pub fn skew(version: VrrpVersion, priority: u8, interval: Duration) -> Duration {
    let unit = match version {
        VrrpVersion::V2 => Duration::from_secs(1),
        VrrpVersion::V3 => interval,
    };
    unit * (256 - u32::from(priority)) / 256
}

/// How long a backup waits for an advert (RFC 9568 section 6.1, Active_Down_Interval; `down_timer_adverts` is 3 there).
pub fn master_down(version: VrrpVersion, priority: u8, interval: Duration, down_timer_adverts: u8) -> Duration {
    interval * u32::from(down_timer_adverts) + skew(version, priority, interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(duration: Duration) -> u128 {
        (duration.as_micros() + 500) / 1000
    }

    #[test]
    fn version_2_counts_the_skew_in_seconds() {
        let second = Duration::from_secs(1);
        for (priority, expected) in [(254, 3008), (150, 3414), (100, 3609), (1, 3996)] {
            assert_eq!(millis(master_down(VrrpVersion::V2, priority, second, 3)), expected, "priority {priority}");
        }
        assert_eq!(millis(master_down(VrrpVersion::V2, 100, 5 * second, 3)), 15_609);
    }

    #[test]
    fn version_3_counts_the_skew_in_intervals() {
        let tenth = Duration::from_millis(100);
        for (priority, expected) in [(254, 301), (150, 341), (100, 361), (1, 400)] {
            assert_eq!(millis(master_down(VrrpVersion::V3, priority, tenth, 3)), expected, "priority {priority}");
        }
        assert_eq!(millis(master_down(VrrpVersion::V3, 200, tenth, 2)), 222);
    }
}
