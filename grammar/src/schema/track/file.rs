//! `track_file`, and `vrrp_track_file`, its earlier name.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Path of the file. Its folder must exist when keepalived starts, on a file system that reports changes; 2.4.3
    /// also tests both. The first use counts.
    FILE = value("file", &[req(Arg::Path)]).first_wins().runs();

    /// Factor by which the number in the file changes the priority; with 0 any number but 0 means fault. A second
    /// weight draws a message, except after a first one of 1.
    WEIGHT = value("weight", &[req(int(-254, 254)), opt(choice(&["reverse"]))]).default("1").runs();

    /// Creates the file with this number at start, 0 if none is given; with `overwrite` also when it exists. A
    /// number outside the range is reported and used all the same. Testing a file writes nothing.
    INIT_FILE = value(
        "init_file",
        &[opt(int(-254, 254)).label("number"), opt(Arg::Literal("overwrite"))],
    )
    .default("off, bare: 0")
    .runs();
}
