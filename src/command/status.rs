//! `kalc status`: what a daemon is doing.

use crate::cli::{ListFormat, StatusArgs};
use crate::error::{Error, Status};
use crate::output;
use kalc_runtime::control::client::Client;
use kalc_runtime::control::{Answer, Request};
use std::io::{self, IsTerminal};
use std::thread::sleep;
use std::time::Duration;

/// Time between two looks.
const WATCH: Duration = Duration::from_secs(1);
/// Moves to the upper left corner, and clears from there.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// Runs the command.
pub fn run(args: &StatusArgs) -> Result<Status, Error> {
    let mut client = Client::connect(&args.run.run_dir).map_err(Error::Control)?;
    let clears = args.watch && args.format == ListFormat::Text && io::stdout().is_terminal();
    loop {
        let status = match client.ask(&Request::Status).map_err(Error::Control)? {
            Answer::Status { status } => status,
            Answer::Failed { message } => return super::ctl::failed(&message),
            Answer::Reloaded { .. } | Answer::Refused { .. } | Answer::KeepalivedJson { .. } | Answer::Done => {
                return super::ctl::unexpected();
            }
        };
        let text = match (args.format, args.watch) {
            (ListFormat::Text, _) => status.to_text(),
            // Strings and numbers only: this cannot fail.
            (ListFormat::Json, false) => format!("{:#}\n", serde_json::to_value(&status).unwrap_or_default()),
            (ListFormat::Json, true) => format!("{}\n", serde_json::to_value(&status).unwrap_or_default()),
        };
        let text = if clears { format!("{CLEAR}{text}") } else { text };
        output::write(&text, None)?;
        if !args.watch {
            return Ok(Status::Clean);
        }
        sleep(WATCH);
    }
}
