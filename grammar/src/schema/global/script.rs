//! `global_defs`: which scripts run, and as whom.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// User, and optionally group, that runs every script which names no user of its own. It must stand before
    /// those scripts. A user that does not exist disables all of them, so create the account first or write `root`.
    SCRIPT_USER = value("script_user", &[req(Arg::User), opt(Arg::Group)])
        .default("`keepalived_script` if that user exists, else root")
        .runs();

    /// Refuses to run a script as root when somebody else could write to the file or to a folder on its path.
    /// Without it every script run as root is reported as a security violation. Words after it are ignored.
    ENABLE_SCRIPT_SECURITY = flag("enable_script_security").default("off").runs();

    /// Runs scripts by the path as written instead of the path with its symbolic links resolved. In 2.4.3 this does
    /// not help the security check: a path through a linked folder, such as /bin on current distributions, is
    /// disabled either way; write the real path.
    USE_SYMLINK_PATHS = switch("use_symlink_paths")
        .default("off")
        .new_in_2_4_3()
        .without_effect("kalc runs scripts by the path as written in any case");

    /// Gives scripts the further groups of their user, not just its main group.
    SET_SUPPLEMENTARY_GROUPS = switch("set_supplementary_groups").default("off").new_in_2_4_3().runs();

    /// Command that the parent process runs once at start, before anything else begins. Quote it when it has
    /// arguments, as a second and third word are the user and group. The first use counts.
    STARTUP_SCRIPT = value("startup_script", SCRIPT).first_wins().runs();

    /// How long `startup_script` may run before it is ended.
    STARTUP_SCRIPT_TIMEOUT = value("startup_script_timeout", &[req(int(1, 1000))]).default("10").unit(Unit::Seconds).runs();

    /// Command that the parent process runs once at the end, after its children are gone. Quote it when it has
    /// arguments; the first use counts.
    SHUTDOWN_SCRIPT = value("shutdown_script", SCRIPT).first_wins().runs();

    /// How long `shutdown_script` may run before it is ended.
    SHUTDOWN_SCRIPT_TIMEOUT = value("shutdown_script_timeout", &[req(int(1, 1000))]).default("10").unit(Unit::Seconds).runs();
}
