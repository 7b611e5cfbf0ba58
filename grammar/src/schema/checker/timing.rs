//! How often a check is done, and when it counts as failed. Most of it can also be said for a real server or a
//! virtual server; what is said here goes first.

use crate::schema::prelude::*;
use crate::schema::virtual_server::{DELAY, WAIT};

rows! { ROWS:
    /// How often a failed check is tried again before the server counts as down; 0 believes the first failure.
    RETRY = value("retry", &[req(int(0, U32))]).default("value of the real server, else 1 (DNS 3, MISC 0)").runs();

    /// Seconds before a failed check is tried again. A dead server is found after about `delay_loop`, plus for each try
    /// `connect_timeout` and this.
    DELAY_BEFORE_RETRY = value("delay_before_retry", WAIT)
        .default("value of the real server, else 1 (HTTP and SSL 3, DNS delay_loop)").unit(Unit::Seconds).runs();

    /// Longest random wait before the first check.
    WARMUP = value("warmup", WAIT).default("value of the real server, else of delay_loop").unit(Unit::Seconds).runs();

    /// Seconds between two checks, where it is not the real server's value.
    DELAY_LOOP = value("delay_loop", DELAY).default("value of the real server").unit(Unit::Seconds).runs();

    /// Takes this check for failed until it first succeeds.
    ALPHA = switch("alpha").default("value of the real server").runs();

    /// Logs every failure and not only the one that takes the server down.
    LOG_ALL_FAILURES = switch("log_all_failures").default("value of checker_log_all_failures").runs();
}
