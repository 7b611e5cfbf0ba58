//! `SSL`: keys for checks over TLS.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
