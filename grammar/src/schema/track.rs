//! What instances can watch: scripts, processes, files, and the lists that name them.

#[allow(unused_imports)]
use super::prelude::*;

rows! { ROWS:
}

rows! { GROUP_ROWS:
}
