//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use kalc_compiler::settings::{Cloud, Target};
use kalc_compiler::suppress::Date;

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
#[allow(clippy::large_enum_variant, reason = "one of them exists, once")]
pub enum Command {
    /// Check files, and files of peers against each other
    Check(CheckArgs),
    /// Give files the canonical layout
    Fmt(FmtArgs),
    /// Tell what a reload would change
    Diff(DiffArgs),
    /// Tell which hosts form virtual routers, who is master and how long a failover takes
    Cluster(ClusterArgs),
    /// Run the hosts' daemons against each other in virtual time
    Simulate(SimulateArgs),
    /// Print what a file means, with every default filled in, as JSON
    Compile(CompileArgs),
    /// Run a file: hold its virtual addresses and share them with its peers
    Run(RunArgs),
    /// Explain a rule
    Explain(ExplainArgs),
    /// List the rules
    Rules(ListArgs),
    /// List every keyword of the language
    Schema(SchemaArgs),
    /// Print a script that completes commands in a shell
    Completions(CompletionArgs),
    /// Print the manual page, or write those of all commands into a folder
    Man(ManArgs),
    /// Tell what a running daemon is doing
    Status(StatusArgs),
    /// Have a running daemon read its configuration again
    Reload(RunningArgs),
    /// Have a running daemon do something else
    Ctl(CtlArgs),
    /// Serve an editor (language server on standard input and output)
    Lsp(LspArgs),
}

/// How a file is to be understood.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// Configuration id for `@id` lines, as keepalived's -i; without it `check` goes through every id of a file
    #[arg(short = 'i', long, value_name = "ID")]
    pub config_id: Option<String>,
    /// Value for `${_ENV NAME}`, or for `$NAME` that the file does not define
    #[arg(long, value_name = "NAME=VALUE", value_parser = define)]
    pub define: Vec<(String, String)>,
}

/// What files are for, unless the project says it
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// The clouds that the files are for; rules about one are silent without
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = str::parse::<Cloud>)]
    pub profile: Vec<Cloud>,
    /// What will read the files: `kalc`, or a version as in `keepalived-2.2.7`
    #[arg(long, value_name = "TARGET", value_parser = str::parse::<Target>)]
    pub target: Option<Target>,
    /// Settings of the project [default: the kalc.toml at or above the working directory]
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
}

/// `kalc check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files, folders, or `-` for standard input [default: what the kalc.toml at or above the working directory names,
    /// else /etc/keepalived/keepalived.conf]
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
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Make these rules errors
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub error: Vec<String>,
    /// Make these rules warnings
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub warn: Vec<String>,
    /// Turn these rules off
    #[arg(long, value_name = "CODE,…", value_delimiter = ',')]
    pub off: Vec<String>,
    /// What the files are for
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Make the changes that findings offer and after which the daemon behaves the same
    #[arg(long)]
    pub fix: bool,
    /// Make suggested changes too, which change what the daemon does
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Print the changes instead of making them, and nothing else
    #[arg(long)]
    pub diff: bool,
    /// Leave out findings that this file holds
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<String>,
    /// Write all findings to a file, for --baseline, instead of printing them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fix", "unsafe_fixes", "diff"])]
    pub write_baseline: Option<String>,
    /// The day that `until=` in comments is compared with
    #[arg(long, value_name = "DATE", value_parser = date, hide = true)]
    pub today: Option<Date>,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub fail_on: FailOn,
    /// Do not compare the files with each other
    #[arg(long)]
    pub no_cluster: bool,
    /// Look at this machine too: its interfaces, addresses, users, scripts, kernel settings and firewall
    #[arg(long)]
    pub host: bool,
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
    pub reading: ReadingArgs,
}

/// `kalc fmt`
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Files, folders, or `-` for standard input, which is printed [default: what the kalc.toml at or above the working
    /// directory names, else /etc/keepalived/keepalived.conf]
    pub paths: Vec<String>,
    /// Change nothing; the exit status is 1 if something would change
    #[arg(long)]
    pub check: bool,
    /// Change nothing, and print what would change
    #[arg(long)]
    pub diff: bool,
    /// Name of standard input in messages, from which its relative includes are looked up
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub stdin_filename: String,
    /// Print nothing but differences
    #[arg(short, long)]
    pub quiet: bool,
}

/// `kalc diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The configuration that runs, or `-` for standard input
    pub old: String,
    /// The one that is to run, or `-` for standard input
    pub new: String,
    /// How to print the changes
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// How the files are to be understood
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `kalc cluster`
#[derive(Debug, Args)]
pub struct ClusterArgs {
    /// Files, folders, or `-` for standard input [default: what the kalc.toml at or above the working directory names,
    /// else /etc/keepalived/keepalived.conf]
    pub paths: Vec<String>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = ClusterFormat::Human)]
    pub format: ClusterFormat,
    /// What the files are for
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How the files are to be understood
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `kalc simulate`
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Files or folders, one host each [default: the clusters of kalc.toml]
    pub paths: Vec<String>,
    /// Something that happens: kill, stop, start, pause, resume, partition, link-down, link-up HOST, cut FROM TO, heal,
    /// loss PERCENT, delay TIME, jump HOST TIME, fail, hang, pass HOST SCRIPT; each `at TIME`, such as `kill web1 at 5s`
    #[arg(long, value_name = "EVENT")]
    pub event: Vec<String>,
    /// How long it runs in virtual time
    #[arg(long = "for", value_name = "TIME", default_value = "30s")]
    pub length: String,
    /// What decides about chance
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Draw the events instead, for that many worlds, from `--seed` on
    #[arg(long, value_name = "COUNT", conflicts_with = "event")]
    pub seeds: Option<u64>,
    /// How to print what happened
    #[arg(long, value_enum, default_value_t = SimulateFormat::Human)]
    pub format: SimulateFormat,
    /// How the files are to be understood
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How a simulation is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SimulateFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
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
    pub reading: ReadingArgs,
}

/// `kalc run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The file
    #[arg(short, long, value_name = "FILE", default_value = "/etc/keepalived/keepalived.conf")]
    pub file: String,
    /// Folder for the control socket, the pid file and what must outlive a crash
    #[arg(long, value_name = "DIR", default_value = "/run/kalc")]
    pub run_dir: std::path::PathBuf,
    /// Write the process id here [default: kalc.pid in the run folder]
    #[arg(long, value_name = "FILE")]
    pub pid_file: Option<std::path::PathBuf>,
    /// Serve metrics for Prometheus (/metrics), /healthz, /status and a page (/) here; whoever reaches it may read
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics: Option<std::net::SocketAddr>,
    /// How to log [default: text on a terminal, else as journald and syslog want it]
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
    /// Refuse a file with any error, not only with what cannot be run as written
    #[arg(long)]
    pub strict: bool,
    /// How the file is to be understood
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How a daemon logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
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

/// `kalc schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// How to print the keywords
    #[arg(long, value_enum, default_value_t = SchemaFormat::Text)]
    pub format: SchemaFormat,
}

/// `kalc completions`
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `kalc man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<String>,
}

/// Which daemon is meant.
#[derive(Debug, Args)]
pub struct RunningArgs {
    /// Its folder, as given to `kalc run`
    #[arg(long, global = true, value_name = "DIR", default_value = kalc_runtime::control::RUN_DIR)]
    pub run_dir: std::path::PathBuf,
}

/// `kalc status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// How to print the state
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Print it again every second
    #[arg(long)]
    pub watch: bool,
    /// Which daemon is meant
    #[command(flatten)]
    pub run: RunningArgs,
}

/// `kalc ctl`
#[derive(Debug, Args)]
pub struct CtlArgs {
    /// Which daemon is meant
    #[command(flatten)]
    pub run: RunningArgs,
    /// What it is to do
    #[command(subcommand)]
    pub action: CtlAction,
}

/// What a daemon may be told to do.
#[derive(Debug, Subcommand)]
pub enum CtlAction {
    /// Write its state to the log, as SIGUSR1 does
    Dump,
    /// Print the state of instances as keepalived writes it for its signal JSON (that signal writes it to
    /// keepalived.json in the run folder)
    Json,
    /// Log more or less from now on
    LogLevel {
        /// The least important messages that are logged
        level: LogLevel,
    },
    /// End, as SIGTERM does
    Stop,
    /// Print the MD5 digest of a page that `digest` in a `url` compares, as genhash does; needs no daemon
    Digest(DigestArgs),
}

/// `kalc ctl digest`
#[derive(Debug, Args)]
pub struct DigestArgs {
    /// The page, as http://HOST[:PORT]/PATH or https://…
    pub url: String,
    /// Address of the real server, where it is not the host's; with :PORT, its port as well
    #[arg(long, value_name = "ADDRESS")]
    pub connect: Option<String>,
    /// Host name to ask for, as `virtualhost` [default: the host of the URL, if it is a name]
    #[arg(long, value_name = "NAME")]
    pub virtualhost: Option<String>,
    /// Version of HTTP, as `http_protocol`
    #[arg(long, value_name = "VERSION", default_value = "1.0", value_parser = ["1.0", "1.0C", "1.0c", "1.1"])]
    pub http_protocol: String,
    /// Name the host when TLS begins, as `enable_sni`
    #[arg(long)]
    pub sni: bool,
    /// Seconds for a connection and for each part of the answer, as `connect_timeout`
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
    /// Firewall mark of the packets, as `fwmark`
    #[arg(long, value_name = "MARK", default_value_t = 0)]
    pub fwmark: u32,
}

/// How important messages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What does not work
    Error,
    /// What may not work
    Warn,
    /// Changes of state and the like
    Info,
    /// Every step
    Debug,
}

/// `kalc lsp`
#[derive(Debug, Args)]
pub struct LspArgs {
    /// Standard input and output; this is what happens anyway, and some editors insist on saying it
    #[arg(long)]
    pub stdio: bool,
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
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations for GitHub Actions
    Github,
    /// A code quality report for GitLab
    Gitlab,
}

/// How keywords are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// What the daemon does with each keyword, as a page
    Markdown,
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

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write YYYY-MM-DD".to_owned())
}
