//! `MISC_CHECK`: a check by script.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// The command; it must be there. Quote it where it has arguments, or they are dropped silently. It runs without a
    /// shell, so pipes and `&&` need `sh -c`.
    MISC_PATH = value("misc_path", &[req(Arg::Script)]).runs();

    /// Seconds after which a command that still runs is ended and counts as failed.
    MISC_TIMEOUT = value("misc_timeout", &[req(int(0, 4294)).label("seconds")]).default("value of delay_loop")
        .unit(Unit::Seconds).runs();

    /// Lets the exit status set the weight: 0 keeps it, 1 fails, 2 to 255 set it to the status minus 2. It is a plain
    /// flag; a word after it is ignored.
    MISC_DYNAMIC = flag("misc_dynamic").default("off").runs();

    /// User and group that the command runs as. An unknown user removes the check, and the server then counts as up.
    USER = value("user", &[req(Arg::User), opt(Arg::Group)]).default("value of script_user").runs();
}
