//! What a probe may cost, whatever the server does.

use std::time::Duration;

/// Bytes that are read at once.
pub const CHUNK: usize = 4096;

/// Longest status line with headers of a web page, in bytes. Differs: keepalived takes 4,096 and fails beyond.
pub const HEAD_MAX: usize = 32 * 1024;

/// Longest web page, in bytes. Differs: keepalived reads on without end.
pub const PAGE_MAX: u64 = 64 * 1024 * 1024;

/// Of a page that a regular expression is matched with, so much is kept, in bytes with the headers.
pub const REGEX_MAX: usize = 1024 * 1024;

/// Longest answer of a mail server to one command, in bytes.
pub const SMTP_MAX: usize = 16 * 1024;

/// Longest datagram that is looked at, in bytes.
pub const DATAGRAM_MAX: usize = 65_535;

/// Each part of an answer may take `connect_timeout`; all of them together so many times that.
///
/// Differs: keepalived has no limit for the whole, so that a server which sends a byte now and then is never found out.
pub const WHOLE: u32 = 20;

/// The longest that a probe with that `connect_timeout` may last.
pub fn whole(connect_timeout: Duration) -> Duration {
    connect_timeout.saturating_mul(WHOLE)
}
