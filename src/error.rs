//! kalc's own failures: what it could not do, told by miette on standard error.

use crate::project::SettingsError;
use kalc_runtime::control::client::ClientError;
use miette::Diagnostic;
use std::io;
use std::process::ExitCode;
use thiserror::Error;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing to report.
    Clean,
    /// Something was found.
    Found,
    /// kalc could not do its job.
    Failed,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Clean => 0,
            Status::Found => 1,
            Status::Failed => 2,
        })
    }
}

/// Why kalc could not do its job.
#[derive(Debug, Error, Diagnostic)]
pub enum Error {
    /// No such file.
    #[error("cannot find `{path}`")]
    #[diagnostic(code(kalc::not_found), help("name a file, a folder with configurations, or `-` for standard input"))]
    NotFound {
        /// As given.
        path: String,
    },
    /// It exists and cannot be read.
    #[error("cannot read `{path}`")]
    #[diagnostic(code(kalc::cannot_read))]
    Read {
        /// As given.
        path: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A folder holds nothing to check.
    #[error("there is no keepalived configuration in `{path}`")]
    #[diagnostic(
        code(kalc::empty_folder),
        help(
            "kalc looks for `keepalived.conf`, `*.keepalived.conf`, and `*.conf` files that hold keepalived's blocks"
        )
    )]
    EmptyFolder {
        /// As given.
        path: String,
    },
    /// No text at all.
    #[error("`{path}` is no text file")]
    #[diagnostic(code(kalc::binary_file), help("name the configuration itself; kalc reads UTF-8 text"))]
    Binary {
        /// As given.
        path: String,
    },
    /// More than offsets can count.
    #[error("`{path}` is larger than kalc reads: {size} bytes, at most {most}")]
    #[diagnostic(code(kalc::too_large))]
    TooLarge {
        /// As given.
        path: String,
        /// Its size.
        size: u64,
        /// The limit.
        most: u64,
    },
    /// An event or a time of `kalc simulate` that cannot be read.
    #[error("{reason}")]
    #[diagnostic(code(kalc::bad_event))]
    Event {
        /// What is wrong with it.
        reason: String,
    },
    /// kalc's own daemon does not do all that the configuration asks for.
    #[error("`{host}` asks for what kalc does not run: {what}")]
    #[diagnostic(
        code(kalc::not_executed),
        help("`kalc schema` tells what is run; `kalc cluster` computes without running")
    )]
    NotExecuted {
        /// Which host.
        host: String,
        /// What.
        what: String,
    },
    /// The result could not be written.
    #[error("cannot write `{path}`")]
    #[diagnostic(code(kalc::cannot_write))]
    Write {
        /// Where to.
        path: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A file that is not formatted.
    #[error("{place}: not formatted: {reason}")]
    #[diagnostic(code(kalc::not_formatted), help("`kalc check` says more; mend it and format again"))]
    NotFormatted {
        /// Where it shows: the file, or a place in it.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Somebody else wrote the file between reading and writing.
    #[error("`{path}` was changed by somebody else meanwhile and was not written")]
    #[diagnostic(code(kalc::changed_meanwhile), help("run kalc again"))]
    ChangedMeanwhile {
        /// As given.
        path: String,
    },
    /// A baseline that is none.
    #[error("`{path}` is no baseline: {reason}")]
    #[diagnostic(code(kalc::baseline), help("`kalc check --write-baseline {path}` writes one"))]
    Baseline {
        /// As given.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// `kalc.toml` says something that kalc does not understand.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Settings(Box<SettingsError>),
    /// The language server did not start.
    #[error("cannot serve the editor")]
    #[diagnostic(code(kalc::cannot_serve))]
    Serve {
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A daemon cannot be asked.
    #[error(transparent)]
    #[diagnostic(
        code(kalc::no_daemon),
        help("`--run-dir` must be the one of `kalc run`, and the socket there is for the daemon's own user")
    )]
    Control(ClientError),
    /// A page that could not be had.
    #[error("{message}")]
    #[diagnostic(code(kalc::no_page))]
    Digest {
        /// What is wrong.
        message: String,
    },
    /// A daemon did not do what it was asked for.
    #[error("the daemon did not do it: {message}")]
    #[diagnostic(code(kalc::unwilling))]
    Unwilling {
        /// What it says.
        message: String,
    },
    /// The daemon did not run, or could not go on.
    #[error("kalc cannot run")]
    #[diagnostic(code(kalc::cannot_run))]
    Run {
        /// Its reason.
        #[source]
        source: kalc_runtime::Error,
    },
    /// No rule has that code or name.
    #[error("there is no rule `{name}`")]
    #[diagnostic(code(kalc::no_such_rule), help("{help}"))]
    NoSuchRule {
        /// As given.
        name: String,
        /// The nearest one.
        help: String,
    },
}

/// Tells a failure on standard error.
pub fn note(text: &str) {
    eprintln!("note: {text}");
}

/// Tells of a failure, on standard error.
pub fn report(error: Error) {
    eprintln!("{:?}", miette::Report::new(error));
}
