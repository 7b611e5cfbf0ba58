//! `MISC_CHECK`: a program says how the server is.
//!
//! Status 0 is good; with `misc_dynamic`, 2 to 255 is good, too, and sets the weight to that less 2.
//!
//! A command that cannot run when the configuration is read (no such file, no such user) was told of then, and does not
//! count, as with keepalived 2.2.7: the server is what its other checks say.
//!
//! Differs: a program that was ended because it took too long has failed. keepalived takes the status that it ends with,
//! so that one which catches SIGTERM and exits with 3 counts as good with `misc_dynamic`.

use crate::script::Program;
use crate::starter::Starter;
use kalc_core::check::{Failure, LocalFault, Outcome};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::time::timeout;

/// Time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// A `MISC_CHECK`.
#[derive(Debug)]
pub(super) struct Check {
    /// `None` if it cannot run, and does not count.
    pub program: Option<Program>,
    pub starter: Starter,
    pub timeout_us: u64,
    pub is_dynamic: bool,
}

impl Check {
    pub async fn probe(&self) -> Outcome {
        let Some(program) = &self.program else { return Outcome::Passed };
        // Dropped with this future, it ends the group.
        let mut run = self.starter.run(program, &[]);
        match timeout(Duration::from_micros(self.timeout_us), run.wait()).await {
            Ok(Ok(status)) => judge(status, self.is_dynamic),
            Ok(Err(error)) => Outcome::Failed(Failure::Local(LocalFault::Script(error.raw_os_error().unwrap_or(0)))),
            Err(_) => {
                run.end(GRACE).await;
                Outcome::Failed(Failure::ScriptTimeout)
            }
        }
    }
}

fn judge(status: ExitStatus, is_dynamic: bool) -> Outcome {
    let Some(code) = status.code().and_then(|code| u8::try_from(code).ok()) else {
        return Outcome::Failed(Failure::Signal(status.signal().unwrap_or(0)));
    };
    match code {
        0 => Outcome::Passed,
        2.. if is_dynamic => Outcome::PassedWithWeight(u32::from(code) - 2),
        1.. => Outcome::Failed(Failure::Exit(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_verdict_and_perhaps_a_weight() {
        let exit = |code: i32| ExitStatus::from_raw(code << 8);
        assert_eq!(judge(exit(0), false), Outcome::Passed);
        assert_eq!(judge(exit(0), true), Outcome::Passed);
        assert_eq!(judge(exit(2), true), Outcome::PassedWithWeight(0));
        assert_eq!(judge(exit(255), true), Outcome::PassedWithWeight(253));
        assert_eq!(judge(exit(1), true), Outcome::Failed(Failure::Exit(1)));
        assert_eq!(judge(exit(2), false), Outcome::Failed(Failure::Exit(2)));
        assert_eq!(judge(ExitStatus::from_raw(9), true), Outcome::Failed(Failure::Signal(9)));
    }
}
