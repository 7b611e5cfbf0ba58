//! `virtual_server`: an IPVS service.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}
