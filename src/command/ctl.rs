//! `kalc ctl`: smaller wishes to a daemon.

use super::digest;
use crate::cli::{CtlAction, CtlArgs, LogLevel};
use crate::error::{Error, Status};
use crate::output;
use kalc_runtime::control::client::Client;
use kalc_runtime::control::{Answer, Request};
use kalc_runtime::log::Level;

/// Runs the command.
pub fn run(args: &CtlArgs) -> Result<Status, Error> {
    let request = match &args.action {
        CtlAction::Dump => Request::Dump,
        CtlAction::Json => Request::KeepalivedJson,
        CtlAction::Stop => Request::Stop,
        CtlAction::LogLevel { level } => Request::LogLevel {
            level: match level {
                LogLevel::Error => Level::Error,
                LogLevel::Warn => Level::Warn,
                LogLevel::Info => Level::Info,
                LogLevel::Debug => Level::Debug,
            },
        },
        CtlAction::Digest(args) => return digest::run(args),
    };
    let mut client = Client::connect(&args.run.run_dir).map_err(Error::Control)?;
    match client.ask(&request).map_err(Error::Control)? {
        Answer::Done => Ok(Status::Clean),
        Answer::KeepalivedJson { json } => {
            output::write(&format!("{json}\n"), None)?;
            Ok(Status::Clean)
        }
        Answer::Failed { message } => failed(&message),
        Answer::Status { .. } | Answer::Reloaded { .. } | Answer::Refused { .. } => unexpected(),
    }
}

/// The daemon says that it did not do it.
pub fn failed(message: &str) -> Result<Status, Error> {
    Err(Error::Unwilling { message: message.to_owned() })
}

/// The daemon answers another question.
pub fn unexpected() -> Result<Status, Error> {
    failed("its answer belongs to another question; is it of another version?")
}
