//! Files that the kernel says are ready, read until they are not.

use std::io;
use std::os::fd::AsRawFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Says that a file has nothing more, so that the next wait for it is a real one. What comes from now on wakes again.
///
/// The driver reads its files without asking tokio whether they are ready: after a pause of the whole process what has
/// come meanwhile must be heard before the time that has passed counts, and tokio may not have looked yet.
pub fn clear<T: AsRawFd>(file: &AsyncFd<T>) {
    let nothing: io::Result<()> = file.try_io(Interest::READABLE, |_| Err(io::ErrorKind::WouldBlock.into()));
    debug_assert!(nothing.is_err());
}
