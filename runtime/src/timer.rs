//! The clock that the node runs by, and the one timer that wakes it.
//!
//! tokio's own timers round up to a millisecond and more; a timerfd with an absolute time is some ten microseconds late.

use crate::sys::{Watched, watch};
use kalc_core::Instant;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::time::clock_gettime;
use std::io;
use std::time::Duration;
use tokio::io::unix::AsyncFd;

/// The time since the machine was started, which no setting of its clock moves.
pub fn now() -> Instant {
    // The call can only fail for a clock that the kernel does not have.
    clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC)
        .map_or(Instant::ZERO, |time| Instant::ZERO + Duration::from(time))
}

/// A timer that is armed at an absolute time.
pub struct Timer {
    fd: AsyncFd<Watched<TimerFd>>,
    armed: Option<Instant>,
}

impl Timer {
    /// A timer that is not armed; needs a tokio runtime.
    pub fn new() -> io::Result<Timer> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let fd = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        Ok(Timer { fd: watch(fd)?, armed: None })
    }

    /// Arms it at that time, or disarms it.
    pub fn arm(&mut self, at: Option<Instant>) -> io::Result<()> {
        if self.armed == at {
            return Ok(());
        }
        let fd = &self.fd.get_ref().0;
        match at {
            // Zero would disarm it; what is long past fires at once as well one nanosecond later.
            Some(at) => {
                let at = TimeSpec::from(Duration::from_nanos(at.as_nanos().max(1)));
                fd.set(Expiration::OneShot(at), TimerSetTimeFlags::TFD_TIMER_ABSTIME)?;
            }
            None => fd.unset()?,
        }
        self.armed = at;
        Ok(())
    }

    /// Waits until the time has come, and disarms.
    pub async fn fired(&mut self) -> io::Result<()> {
        loop {
            let mut guard = self.fd.readable().await?;
            match guard.try_io(|fd| fd.get_ref().0.wait().map_err(io::Error::from)) {
                Ok(result) => {
                    self.armed = None;
                    return result;
                }
                Err(_would_block) => {}
            }
        }
    }
}
