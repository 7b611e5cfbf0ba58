//! Scripts that are told of changes.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
