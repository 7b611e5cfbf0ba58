//! All hosts of one run, for the rules that compare them.

use crate::host::Host;

/// The hosts that are checked together.
#[derive(Debug)]
pub struct Fleet<'h> {
    /// In the order given.
    pub hosts: &'h [Host],
}
