//! `bfd_instance`: sessions that VRRP and checkers can follow.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
