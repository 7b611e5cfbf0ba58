//! What keepalived's kinds of checks do differently, measured with 2.2.7.

use kalc_ir::CheckerKind;

/// How checks of a kind go about their tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Habits {
    /// A failure before the first success takes the server down without further tries.
    pub first_counts_alone: bool,
    /// A server that is down is tried again as one that is up, `delay_before_retry` apart, and not only every
    /// `delay_loop`.
    pub retries_while_down: bool,
    /// Waits count from the beginning of a probe and not from its end.
    pub counts_from_begin: bool,
    /// A success after a failure that took the server down only starts the round of pages anew.
    pub proves_recovery: bool,
}

const COMMON: Habits =
    Habits { first_counts_alone: true, retries_while_down: false, counts_from_begin: false, proves_recovery: false };

impl Habits {
    pub const fn of(kind: &CheckerKind) -> Habits {
        match kind {
            CheckerKind::Tcp { .. } => Habits { retries_while_down: true, ..COMMON },
            CheckerKind::Smtp { .. } => Habits { first_counts_alone: false, retries_while_down: true, ..COMMON },
            CheckerKind::Http(_) => Habits { proves_recovery: true, ..COMMON },
            CheckerKind::Misc { .. } => Habits { counts_from_begin: true, ..COMMON },
            CheckerKind::Dns { .. }
            | CheckerKind::Ping { .. }
            | CheckerKind::Udp { .. }
            | CheckerKind::File { .. }
            | CheckerKind::Bfd { .. } => COMMON,
        }
    }
}
