//! The health checks of a real server.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
