//! What the daemon cannot do any more once it speaks with the network, whoever tells it to: write outside of its folder,
//! execute anything, and use system calls that are no business of a daemon.
//!
//! The rights of root that it keeps ([`privileges`](crate::privileges)) are bounded by this, too. Kernels that lack one of
//! the two means go without, and the log says so. What is confined here cannot be loosened again, and is inherited; scripts
//! are started by a process that was there before ([`starter`](crate::starter)).

mod calls;
mod paths;

pub(crate) use calls::forbid;
pub(crate) use paths::{Reach, restrict};

/// How far the kernel goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// All that was asked for.
    Whole,
    /// Less than that; why.
    Less(String),
}

impl Means {
    /// Tells of what is missing.
    pub fn tell(&self, what: &str) {
        match self {
            Means::Whole => tracing::debug!("{what} is in force"),
            Means::Less(why) => tracing::info!("{what} is not in force, or only in part: {why}"),
        }
    }
}
