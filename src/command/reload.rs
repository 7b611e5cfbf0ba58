//! `kalc reload`: tells a daemon to read its configuration again, and what became of it.

use crate::cli::RunningArgs;
use crate::error::{Error, Status};
use crate::output;
use kalc_runtime::control::client::Client;
use kalc_runtime::control::{Answer, Request};

/// Runs the command.
pub fn run(args: &RunningArgs) -> Result<Status, Error> {
    let mut client = Client::connect(&args.run_dir).map_err(Error::Control)?;
    let lines = |findings: &[String]| findings.iter().map(|finding| format!("{finding}\n")).collect::<String>();
    match client.ask(&Request::Reload).map_err(Error::Control)? {
        Answer::Reloaded { config_fingerprint, findings } => {
            output::write(&format!("{}reloaded, fingerprint {config_fingerprint}\n", lines(&findings)), None)?;
            Ok(Status::Clean)
        }
        Answer::Refused { findings } => {
            output::write(&format!("{}refused, the old configuration goes on\n", lines(&findings)), None)?;
            Ok(Status::Found)
        }
        Answer::Failed { message } => super::ctl::failed(&message),
        Answer::Status { .. } | Answer::KeepalivedJson { .. } | Answer::Done => super::ctl::unexpected(),
    }
}
