//! `kalc explain`: the page of a rule.

use crate::cli::ExplainArgs;
use crate::error::{Error, Status};
use crate::output;
use kalc_compiler::lint;

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<Status, Error> {
    let rule = lint::find(&args.rule).ok_or_else(|| no_such_rule(&args.rule))?;
    output::write(&rule.explanation(), None)?;
    Ok(Status::Clean)
}

/// The failure, with the nearest rule.
pub fn no_such_rule(name: &str) -> Error {
    let help = match lint::nearest(name) {
        Some(near) => format!("did you mean `{near}`? `kalc rules` lists all"),
        None => "`kalc rules` lists all".to_owned(),
    };
    Error::NoSuchRule { name: name.to_owned(), help }
}
