//! What instances can watch: scripts, processes and files at the root of the file.
//!
//! The lists by which an instance or a sync group names them are in [`lists`].

pub mod file;
pub mod lists;
pub mod process;
pub mod script;

use super::prelude::*;

rows! { ROWS:
    /// A command that is run again and again; its exit status decides over the instances that track it. Define it
    /// before them. A second block of the same name is accepted silently and never used, and without a name
    /// keepalived stops reading the file.
    VRRP_SCRIPT = named_block("vrrp_script", &[req(Arg::Define(Symbol::Script))], &[script::SETTINGS]).runs();

    /// A running program to watch, without starting a command for each look: the kernel reports processes that start
    /// and end. It is the better choice than a script with `pidof`, `pgrep` or `killall -0`. The kernel needs
    /// process events, and names are not checked for duplicates.
    VRRP_TRACK_PROCESS = named_block(
        "vrrp_track_process",
        &[req(Arg::Define(Symbol::Process))],
        &[process::SETTINGS],
    )
        .runs();

    /// A file that holds a number; whenever it is written, the number times the weight is added to the priority of
    /// the instances that track it, or decides over their fault state when the weight is 0. Names are not checked
    /// for duplicates.
    TRACK_FILE = named_block("track_file", &[req(Arg::Define(Symbol::File))], &[file::SETTINGS]).runs();

    /// Earlier name of `track_file`.
    VRRP_TRACK_FILE = named_block("vrrp_track_file", &[req(Arg::Define(Symbol::File))], &[file::SETTINGS])
        .deprecated("track_file")
        .runs();
}

rows! { GROUP_ROWS:
    /// Instances that enter the fault state while the interface of a static address, route or rule that names this group
    /// is down, or when the entry is deleted and cannot be restored. It must stand before those entries; a block without `group` is dropped, which 2.2.7
    /// does silently, and a second one of the same name is skipped.
    TRACK_GROUP = named_block("track_group", &[req(Arg::Define(Symbol::TrackGroup))], &[GROUP_SETTINGS]).runs();
}

rows! { GROUP_SETTINGS:
    /// The instances of the group. A name that no instance has is only logged.
    GROUP = list("group", &GROUP_ENTRY).once().runs();
}

words! {
    /// One or more names of instances.
    GROUP_ENTRY = entry(&[many(Arg::Use(Symbol::VrrpInstance))]).runs();
}
