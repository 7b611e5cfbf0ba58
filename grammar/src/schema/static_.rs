//! Addresses, routes and rules that are there from start to stop.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
