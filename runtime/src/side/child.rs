//! Child processes with all that they have started in their process group.

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::time::Duration;
use tokio::process::Child;
use tokio::time::timeout;

/// A child that leads a process group of its own. Dropped while it runs, the group gets SIGTERM.
#[derive(Debug)]
pub(crate) struct Group {
    /// The child.
    pub child: Child,
    /// Its group, as long as it may be signalled.
    id: Option<Pid>,
}

impl Group {
    pub fn new(child: Child) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Group { child, id }
    }

    /// The child has ended; what it left in its group goes on.
    pub fn forget(&mut self) {
        self.id = None;
    }

    /// SIGTERM to all of the group, and SIGKILL if the child is still there after a while; returns when it is gone.
    pub async fn end(&mut self, grace: Duration) {
        self.signal(Signal::SIGTERM);
        if timeout(grace, self.child.wait()).await.is_err() {
            self.signal(Signal::SIGKILL);
            if let Err(error) = self.child.wait().await {
                tracing::warn!("cannot wait for a child process: {error}");
            }
        }
        self.forget();
    }

    fn signal(&self, signal: Signal) {
        let Some(id) = self.id else { return };
        match killpg(id, signal) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => tracing::warn!("cannot send {signal} to process group {id}: {error}"),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
    }
}
