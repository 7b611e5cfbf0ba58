//! `virtual_server_group`: addresses that share one virtual server.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
