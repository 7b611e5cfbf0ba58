//! Keywords at the root of the file and in `global_defs`.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
