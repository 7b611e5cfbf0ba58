//! `kalc completions`: a script for a shell.

use crate::cli::{Cli, CompletionArgs};
use crate::error::{Error, Status};
use crate::output;
use clap::CommandFactory;

/// Runs the command.
pub fn run(args: &CompletionArgs) -> Result<Status, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kalc", &mut script);
    output::write(&String::from_utf8_lossy(&script), None)?;
    Ok(Status::Clean)
}
