//! `real_server`, inside a virtual server.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
