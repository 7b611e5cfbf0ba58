//! `vrrp_track_process`.

use crate::schema::prelude::*;

/// A delay of at most an hour, at least a microsecond.
const HOUR: &[Param] = &[req(seconds(1, 3_600_000_000))];

rows! { SETTINGS:
    /// Name or path of the program, and optionally arguments that it must have been started with. The whole name
    /// must match, not a part of it, and a quoted first word is taken as one name. The first use counts.
    PROCESS = value("process", &[req(text(0)).label("program"), any(text(0)).label("argument")]).first_wins().runs();

    /// How arguments are compared: all of them equal, only the first ones given (`partial`), or the last one as the
    /// beginning of a longer one (`initial`). The bare keyword means equal, and without arguments it demands that
    /// the program has none.
    PARAM_MATCH = value("param_match", &[opt(choice(&["initial", "partial"]))]).default("exact").runs();

    /// What the process does to the priority of instances that track it: a positive weight is added while enough of
    /// them run, a negative one while they do not, 0 means fault. Only the first weight that is not 0 is accepted
    /// without a message.
    WEIGHT = value("weight", &[req(int(-254, 254)), opt(choice(&["reverse"]))]).default("0").runs();

    /// How many such processes must run at least. It must not exceed a `quorum_max` that stands before it.
    QUORUM = value("quorum", &[req(int(1, 65_535))]).default("1").runs();

    /// How many such processes may run at most; 0 means that none may. It must not be below a `quorum` that stands
    /// before it.
    QUORUM_MAX = value("quorum_max", &[req(int(0, 65_535))]).default("no limit").runs();

    /// Sets `terminate_delay` and `fork_delay` together.
    DELAY = value("delay", HOUR).default("0").unit(Unit::Seconds).runs();

    /// How long processes may be missing before that counts, so that a restart of the program does not move the
    /// addresses.
    TERMINATE_DELAY = value("terminate_delay", HOUR).default("0").unit(Unit::Seconds).runs();

    /// How long a new process must run before it counts, so that a short-lived fork changes nothing.
    FORK_DELAY = value("fork_delay", HOUR).default("0").unit(Unit::Seconds).runs();

    /// Compares the program's command line instead of the name that the kernel keeps, which has 15 bytes at most.
    FULL_COMMAND = flag("full_command").default("off").runs();
}
