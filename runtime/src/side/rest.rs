//! When the daemon has come to rest: some time after it was configured, or changed a state. What only that needed can be
//! given back then.

use super::SideCommand;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long nothing must happen.
const QUIET: Duration = Duration::from_secs(1);

/// Waits for it, once after each disturbance.
#[derive(Debug, Default)]
pub struct Rest {
    at: Option<Instant>,
}

impl Rest {
    /// Takes note of what happens. Checks run all the time and are part of the rest.
    pub fn disturb(&mut self, command: &SideCommand) {
        match command {
            SideCommand::Configure { .. }
            | SideCommand::Notify(_)
            | SideCommand::TellPipes(_)
            | SideCommand::NotifyService { .. }
            | SideCommand::Started => {
                self.at = Some(Instant::now() + QUIET);
            }
            SideCommand::RunScript { .. } | SideCommand::Finish => {}
        }
    }

    /// Waits; for good if nothing has happened.
    pub async fn come(&mut self) {
        match self.at {
            Some(at) => {
                sleep_until(at).await;
                self.at = None;
            }
            None => std::future::pending().await,
        }
    }
}
