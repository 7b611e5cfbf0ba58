//! The lists by which instances and sync groups name what they watch.
//!
//! A list takes one name per line. A name that stands twice in it is reported and ignored the second time, and an
//! entry whose second word is not `weight` is dropped altogether.

use crate::schema::prelude::*;

rows! { ROWS:
    /// Further interfaces that must be up: while one of them is down, this is in the fault state, or its priority
    /// changes when the entry has a weight. The own interface is watched anyway, and naming it is reported.
    TRACK_INTERFACE = list("track_interface", &INTERFACE_ENTRY).runs();

    /// The scripts that decide over this, by the names of their `vrrp_script` blocks. Those blocks must stand before
    /// it in the file: an unknown name is dropped, and then nothing is checked.
    TRACK_SCRIPT = list("track_script", &SCRIPT_ENTRY).runs();

    /// The files whose number changes the priority, by the names of their `track_file` blocks, which must stand
    /// before this.
    TRACK_FILE = list("track_file", &FILE_ENTRY).runs();

    /// The programs that must run, by the names of their `vrrp_track_process` blocks, which must stand before this.
    TRACK_PROCESS = list("track_process", &PROCESS_ENTRY).runs();

    /// The BFD sessions that must be up, by the names of their `bfd_instance` blocks, which must stand before this.
    TRACK_BFD = list("track_bfd", &BFD_ENTRY).runs();
}

words! {
    /// One interface.
    INTERFACE_ENTRY = entry(&[req(Arg::Interface)])
        .options(&[&[&INTERFACE_WEIGHT]])
        .default("weight 0 (fault when down)")
        .runs();

    /// One script.
    SCRIPT_ENTRY = entry(&[req(Arg::Use(Symbol::Script))])
        .options(&[&[&WEIGHT]])
        .default("weight of the `vrrp_script`")
        .runs();

    /// One file.
    FILE_ENTRY = entry(&[req(Arg::Use(Symbol::File))])
        .options(&[&[&WEIGHT]])
        .default("weight of the `track_file`")
        .runs();

    /// One process. The kernel needs process events.
    PROCESS_ENTRY = entry(&[req(Arg::Use(Symbol::Process))])
        .options(&[&[&WEIGHT]])
        .default("weight of the `vrrp_track_process`")
        .runs();

    /// One BFD session.
    BFD_ENTRY = entry(&[req(Arg::Use(Symbol::Bfd))])
        .options(&[&[&BFD_WEIGHT]])
        .default("weight of the `bfd_instance`")
        .runs();

    /// Change of priority instead of fault: a positive weight is added while the interface is up, a negative one
    /// while it is down, and `reverse` turns that round. -254 and 254 are reported and become -253 and 253; a number
    /// beyond that is reported and leaves the default.
    INTERFACE_WEIGHT = value("weight", &[req(int(-254, 254)), opt(choice(&["reverse"]))]).runs();

    /// Weight in this place, instead of the one in the definition: positive is added on success, negative on
    /// failure, 0 means fault. `reverse` turns that round, `noreverse` undoes the definition's. A number out of
    /// range is reported and leaves the default; for scripts -254 and 254 become -253 and 253.
    WEIGHT = value("weight", &[req(int(-254, 254)), opt(choice(&["reverse", "noreverse"]))]).runs();

    /// Weight in this place, instead of the one of the session: positive is added while it is up, negative while it
    /// is down, 0 means fault. `reverse` turns that round, `noreverse` undoes the session's. A number out of range
    /// is reported and leaves the default.
    BFD_WEIGHT = value("weight", &[req(int(-253, 253)), opt(choice(&["reverse", "noreverse"]))]).runs();
}
