//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks keepalived.conf before it meets production.
#[derive(Debug, Parser)]
#[command(name = "kalc", version, about, arg_required_else_help = true, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check files, and files of peers against each other
    Check(CheckArgs),
    /// Tell which hosts form virtual routers, who is master and how long a failover takes
    Cluster(ClusterArgs),
    /// Print what a file means, with every default filled in, as JSON
    Compile(CompileArgs),
    /// Explain a rule
    Explain(ExplainArgs),
    /// List the rules
    Rules(ListArgs),
    /// List every keyword of the language
    Schema(ListArgs),
}

/// How a file is to be understood.
#[derive(Debug, Args)]
pub struct ProfileArgs {
    /// Configuration id for `@id` lines, as keepalived's -i; without it `check` goes through every id of a file
    #[arg(short = 'i', long, value_name = "ID")]
    pub config_id: Option<String>,
    /// Value for `${_ENV NAME}`, or for `$NAME` that the file does not define
    #[arg(long, value_name = "NAME=VALUE", value_parser = define)]
    pub define: Vec<(String, String)>,
}

/// `kalc check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files, folders, or `-` for standard input [default: /etc/keepalived/keepalived.conf]
    pub paths: Vec<String>,
    /// How to print findings
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write findings to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// Only these rules (codes, names, or beginnings of codes such as KA4)
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub select: Vec<String>,
    /// All but these rules
    #[arg(long, visible_alias = "off", value_name = "CODE,…", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Make these rules errors
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub error: Vec<String>,
    /// Make these rules warnings
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub warn: Vec<String>,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// Do not compare the files with each other
    #[arg(long)]
    pub no_cluster: bool,
    /// Show hints too
    #[arg(long)]
    pub hints: bool,
    /// Count findings by rule instead of printing them
    #[arg(long)]
    pub statistics: bool,
    /// Print nothing but findings
    #[arg(short, long)]
    pub quiet: bool,
    /// Name of standard input in findings
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub stdin_filename: String,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// How the files are to be understood
    #[command(flatten)]
    pub profile: ProfileArgs,
}

/// `kalc cluster`
#[derive(Debug, Args)]
pub struct ClusterArgs {
    /// Files, folders, or `-` for standard input [default: /etc/keepalived/keepalived.conf]
    pub paths: Vec<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = ClusterFormat::Human)]
    pub format: ClusterFormat,
    /// How the files are to be understood
    #[command(flatten)]
    pub profile: ProfileArgs,
}

/// How clusters are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClusterFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}

/// `kalc compile`
#[derive(Debug, Args)]
pub struct CompileArgs {
    /// The file, or `-` for standard input
    pub file: String,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<String>,
    /// Print only the SHA-256 of the meaning
    #[arg(long)]
    pub fingerprint: bool,
    /// Leave out where values come from
    #[arg(long)]
    pub no_origin: bool,
    /// How the file is to be understood
    #[command(flatten)]
    pub profile: ProfileArgs,
}

/// `kalc explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Code or name of a rule
    pub rule: String,
}

/// Commands that list something.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// How to print the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the lines they speak of
    Human,
    /// One line each
    Short,
    /// One JSON object
    Json,
}

/// How lists are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The least severity that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// All but hints
    Info,
    /// Nothing
    Never,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn define(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write NAME=VALUE".to_owned()),
    }
}
