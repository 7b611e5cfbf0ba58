//! Rights that the daemon gives up at its start: most of them before it reads its configuration, and what that does not need
//! once it is read. The crate `caps` does the system calls.
//!
//! What it may do as root is cut down to what its work takes (capabilities(7)); a bug in it cannot load modules, mount file
//! systems, trace processes, set the clock, or become another user. The process that starts scripts has other rights than
//! the one that speaks with the network. A script that runs as root gets all of root's rights when it is executed, as
//! under keepalived, unless whoever started the daemon bounds them: the unit in `systemd/` does.

use caps::errors::CapsError;
use caps::{CapSet, Capability, CapsHashSet};

/// What the daemon keeps, as far as it has it, with what that is for.
const NETWORK: [Capability; 3] = [
    // Addresses, routes, rules, IPVS, settings of interfaces, events of processes.
    Capability::CAP_NET_ADMIN,
    // VRRP, gratuitous ARP, ICMP.
    Capability::CAP_NET_RAW,
    // Checks that come from a port of their own, `--metrics` on a low one.
    Capability::CAP_NET_BIND_SERVICE,
];

/// What the process that starts scripts keeps beside that, which scripts of root take: under `no_new_privs` they get no
/// more than it has.
const SCRIPTS: [Capability; 5] = [
    // Scripts of other users, and the end of those that take too long.
    Capability::CAP_SETUID,
    Capability::CAP_SETGID,
    Capability::CAP_KILL,
    // Named pipes of other users.
    Capability::CAP_CHOWN,
    Capability::CAP_FOWNER,
];

/// What both keep: files that others own, as configurations, tracked files and named pipes.
const FILES: [Capability; 2] = [Capability::CAP_DAC_OVERRIDE, Capability::CAP_DAC_READ_SEARCH];

/// What some configurations need: real-time priorities, memory that stays, and for a moment the way into a namespace.
const PERHAPS: [Capability; 3] = [Capability::CAP_SYS_NICE, Capability::CAP_IPC_LOCK, Capability::CAP_SYS_ADMIN];

/// Gives up everything that neither the daemon nor the process that starts scripts ever needs, in this thread and in those
/// that it starts from now on.
///
/// # Errors
/// If the kernel refuses, which it has no reason to: only rights that are there are given up.
pub fn drop_most() -> Result<(), CapsError> {
    keep(NETWORK.into_iter().chain(SCRIPTS).chain(FILES).chain(PERHAPS))
}

/// Gives up everything but what every daemon needs and what is named.
///
/// # Errors
/// As [`drop_most`].
pub fn keep_only(more: &[Capability]) -> Result<(), CapsError> {
    keep(NETWORK.into_iter().chain(FILES).chain(more.iter().copied()))
}

/// Gives up everything but what scripts and starting them take.
///
/// # Errors
/// As [`drop_most`].
pub fn keep_for_scripts() -> Result<(), CapsError> {
    keep(NETWORK.into_iter().chain(SCRIPTS).chain(FILES))
}

/// Gives up everything.
///
/// # Errors
/// As [`drop_most`].
pub fn keep_nothing() -> Result<(), CapsError> {
    keep(std::iter::empty())
}

fn keep(rights: impl Iterator<Item = Capability>) -> Result<(), CapsError> {
    let have = caps::read(None, CapSet::Permitted)?;
    let keep: CapsHashSet = rights.filter(|right| have.contains(right)).collect();
    // Effective first: it cannot hold what is not permitted.
    caps::set(None, CapSet::Effective, &keep)?;
    caps::set(None, CapSet::Permitted, &keep)
}
