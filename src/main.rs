//! `kalc`: checks keepalived.conf before it meets production.
//!
//! One file per command in `command/`; what they do is in the libraries, what they share here is how the command line
//! is read ([`cli`]), which files are meant ([`inputs`], [`project`]), how the disk is read ([`disk`]) and how kalc's own
//! failures are told ([`error`]).

mod cli;
mod command;
mod disk;
mod error;
mod fixes;
mod inputs;
mod known;
mod machine;
mod output;
mod project;
mod report;
mod rewrite;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let result = match &cli.command {
        cli::Command::Check(args) => command::check::run(args),
        cli::Command::Diff(args) => command::diff::run(args),
        cli::Command::Fmt(args) => command::fmt::run(args),
        cli::Command::Cluster(args) => command::cluster::run(args),
        cli::Command::Simulate(args) => command::simulate::run(args),
        cli::Command::Compile(args) => command::compile::run(args),
        cli::Command::Run(args) => command::run::run(args),
        cli::Command::Explain(args) => command::explain::run(args),
        cli::Command::Rules(args) => command::rules::run(args),
        cli::Command::Schema(args) => command::schema::run(args),
        cli::Command::Completions(args) => command::completions::run(args),
        cli::Command::Man(args) => command::man::run(args),
        cli::Command::Status(args) => command::status::run(args),
        cli::Command::Reload(args) => command::reload::run(args),
        cli::Command::Ctl(args) => command::ctl::run(args),
        cli::Command::Lsp(_) => command::lsp::run(),
    };
    match result {
        Ok(status) => status.into(),
        Err(error) => {
            error::report(error);
            error::Status::Failed.into()
        }
    }
}
