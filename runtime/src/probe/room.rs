//! Room for many probes at the same time: each has a socket, and a process is often allowed 1,024 files only.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files that the daemon has open besides.
const OTHERS: u64 = 256;

/// Sees to it that so many probes can run at once, if the system allows it.
///
/// Scripts inherit the limit, so it is left alone where it is enough: old programs that use select(2) break with a
/// higher one.
pub(super) fn make(probes: usize) {
    let wanted = (probes as u64).saturating_add(OTHERS);
    let (soft, hard) = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok(limits) => limits,
        Err(error) => return tracing::warn!("cannot tell how many files may be open: {error}"),
    };
    if soft >= wanted {
        return;
    }
    let next = wanted.min(hard);
    if next > soft
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, next, hard)
    {
        return tracing::warn!("cannot raise the number of open files to {next}: {error}");
    }
    if next < wanted {
        tracing::warn!(
            "{probes} checks may want {wanted} open files, and {hard} are allowed: some may fail (LimitNOFILE=)"
        );
    }
}
