//! `kalc compile`: what a file means.

use crate::cli::CompileArgs;
use crate::error::{Error, Status};

/// Runs the command.
pub fn run(_: &CompileArgs) -> Result<Status, Error> {
    Ok(Status::Clean)
}
