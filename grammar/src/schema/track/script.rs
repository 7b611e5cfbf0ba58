//! `vrrp_script`.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// The command; exit status 0 is success. Quote it when it has arguments, since further bare words are dropped
    /// without a message. A script that is missing or not executable is disabled and then protects nothing, so give
    /// its full path. `<` before a path only tests that the file can be opened.
    SCRIPT = value("script", &[req(Arg::Script)]).runs();

    /// Time between two runs. 2.4.3 reads fractions down to a millisecond, 2.2.7 whole seconds only; 0 is reported
    /// and becomes 1.
    INTERVAL = value("interval", &[req(seconds3(1_000, 4_294_000_000))]).default("1").unit(Unit::Seconds).runs();

    /// Time after which a run that has not ended counts as failed. A value above `interval` is accepted, and then
    /// makes the script run less often; 2.2.7 reads whole seconds only.
    TIMEOUT = value("timeout", &[req(seconds3(1_000, 4_294_000_000))])
        .default("value of `interval`")
        .unit(Unit::Seconds)
        .runs();

    /// What the script does to the priority of instances that track it: a positive weight is added while it
    /// succeeds, a negative one while it fails, and 0 means that failure is a fault, which gives up the addresses at
    /// once. A weight only moves them if it is larger than the difference of the hosts' priorities.
    WEIGHT = value("weight", &[req(int(-253, 253)), opt(choice(&["reverse"]))]).default("0").runs();

    /// How many runs in a row must succeed until a failed script counts as good again.
    RISE = value("rise", &[req(int(1, I32))]).default("1").runs();

    /// How many runs in a row must fail until the script counts as failed. With 1 a single slow run moves the
    /// addresses; 2 or 3 is calmer.
    FALL = value("fall", &[req(int(1, I32))]).default("1").runs();

    /// User, and optionally group, that runs the script. A user that does not exist removes the script.
    USER = value("user", &[req(Arg::User), opt(Arg::Group)]).default("value of `script_user`").runs();

    /// Counts the script as failed until its first success. Naming it in a `track_script` list appears to undo this,
    /// so do not rely on it.
    INIT_FAIL = flag("init_fail").default("off").runs();
}
