//! `vrrp_sync_group`: instances that change state together.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
