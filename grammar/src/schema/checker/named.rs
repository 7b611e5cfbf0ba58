//! `FILE_CHECK` and `BFD_CHECK`: checks that name something declared elsewhere.

use super::timing;
use crate::schema::prelude::*;

rows! { FILE:
    /// Name of the `track_file` to follow; it must be there and be defined above.
    TRACK_FILE = value("track_file", &[req(Arg::Use(Symbol::File))]).runs();

    /// Factor for the number in the file; the product is added to the weight of the server. `reverse` turns the sign
    /// around.
    WEIGHT = value("weight", &[req(int(-I32, I32)), opt(choice(&["reverse", "noreverse"]))])
        .default("weight of the track_file").runs();
}

rows! { BFD:
    /// Name of the `bfd_instance` to follow; it must be there and be defined above.
    NAME = value("name", &[req(Arg::Use(Symbol::Bfd))]).runs();
}

/// What this check shares with the others.
pub static BFD_TIMING: &[&Keyword] = &[&timing::ALPHA];
