//! `global_defs`: the configuration files themselves, and reloading them.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Tests the new file before each reload and keeps running on the old one when it has errors; what is found
    /// goes to the named log. Worth having everywhere, because without it a reload with a mistake drops whatever it
    /// cannot read.
    RELOAD_CHECK_CONFIG = value("reload_check_config", &[opt(Arg::Path).label("log")])
        .default("off, bare: log to /dev/null")
        .without_effect("a reload is always checked first");

    /// File whose first line is a time at which keepalived reloads by itself, so that several hosts can switch
    /// together. It is watched for changes and removed after the reload.
    RELOAD_TIME_FILE = value("reload_time_file", &[req(Arg::Path)]).runs();

    /// Keeps `reload_time_file` after the reload; a time without a date then means a reload every day.
    RELOAD_REPEAT = flag("reload_repeat").default("off").runs();

    /// File that is removed once the configuration has been read: a program that makes it and then asks for a reload
    /// sees that it is done.
    RELOAD_FILE = value("reload_file", &[opt(Arg::Path)]).default("off, bare: /run/keepalived.reload").runs();

    /// Which failures of `include` are errors: files that cannot be read (`read`), patterns without any match
    /// (`match`, `wildcard_match`, `brace_match`). The first word without a sign replaces the set and adds `read`,
    /// `+` adds and `-` removes; no word at all means every check. It acts on the includes that follow, until the
    /// file that has it ends.
    INCLUDE_CHECK = value(
        "include_check",
        &[any(choice(&[
            "read", "match", "wildcard_match", "brace_match",
            "+read", "+match", "+wildcard_match", "+brace_match",
            "-read", "-match", "-wildcard_match", "-brace_match",
        ]))
        .label("check")],
    )
    .default("none, bare: all")
    .runs();

    /// Folder into which the configuration is saved as it was read, with includes and macros resolved. It is
    /// created if missing, even when the file is only tested.
    CONFIG_SAVE_DIR = value("config_save_dir", &[req(Arg::Path)])
        .without_effect("the daemon writes no configurations; `kalc compile` prints what one means");

    /// Folder for the copy of the configuration that the processes share while reading it. The first use counts.
    TMP_CONFIG_DIRECTORY = value("tmp_config_directory", &[req(Arg::Path)]).default("a file in memory").first_wins()
        .without_effect("kalc keeps no copy of the configuration on disk");

    /// Folder with the distribution's tables of route, rule and scope names (rt_tables and others).
    IPROUTE_USR_DIR = value("iproute_usr_dir", &[req(Arg::Path)]).default("set by the build").new_in_2_4_3().runs();

    /// Folder with the host's own tables of route, rule and scope names, which win over `iproute_usr_dir`.
    IPROUTE_ETC_DIR = value("iproute_etc_dir", &[req(Arg::Path)]).default("set by the build").new_in_2_4_3().runs();
}
