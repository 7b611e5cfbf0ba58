//! `garp_group`: how fast gratuitous ARP may leave an interface.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
