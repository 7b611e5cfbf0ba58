//! `kalc run`: reads a file as `kalc check` does, and runs what it means.

use crate::cli::{LogFormat, RunArgs};
use crate::command::compile::host_name;
use crate::disk::{self, Disk};
use crate::error::{Error, Status};
use kalc_compiler::check::check_host;
use kalc_compiler::diagnostic::{Diagnostic, Place, Severity};
use kalc_compiler::host::Host;
use kalc_compiler::ir_json::fingerprint;
use kalc_compiler::render::short;
use kalc_compiler::settings::Target;
use kalc_core::Refused;
use kalc_grammar::config::SettingId;
use kalc_grammar::expand::Profile;
use kalc_grammar::fault::At;
use kalc_runtime::Options;
use kalc_runtime::fingerprint::Fingerprint;
use kalc_runtime::load::{Configuration, Finding, Loaded, Loader, Namer, Refusal};
use kalc_runtime::log::{self, Format, Level};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Runs the command.
pub fn run(args: &RunArgs) -> Result<Status, Error> {
    // Before any thread starts: each has rights of its own.
    kalc_runtime::privileges::drop_most()
        .map_err(|error| Error::Run { source: kalc_runtime::Error::System(std::io::Error::other(error)) })?;
    // A file that is not there is no fault of its text.
    disk::read(&args.file)?;
    let source = Source {
        file: args.file.clone(),
        profile: Profile {
            config_id: args.reading.config_id.clone().or_else(host_name),
            defines: args.reading.define.iter().cloned().collect(),
        },
        is_strict: args.strict,
    };
    let source = Arc::new(source);
    let names = Arc::clone(&source);
    let names: Namer = Arc::new(move || names.names());
    let load: Loader = Arc::new(move || source.load());
    let format = match args.log_format {
        Some(LogFormat::Text) => Format::Text,
        Some(LogFormat::Json) => Format::Json,
        None => Format::guess(),
    };
    let run = |source| Error::Run { source };
    let options = Options { run_dir: args.run_dir.clone(), pid_file: args.pid_file.clone(), metrics: args.metrics };
    // Before any thread starts, and the one of the log is the first.
    let prepared = kalc_runtime::prepare(options, load, names, format).map_err(run)?;
    log::start(format, Level::Info).map_err(|source| run(kalc_runtime::Error::System(source)))?;
    let result = kalc_runtime::run(prepared);
    log::flush();
    match result {
        Ok(()) => Ok(Status::Clean),
        Err(kalc_runtime::Error::Refused(refusal)) => {
            for finding in &refusal.findings {
                eprintln!("{finding}");
            }
            Ok(Status::Found)
        }
        Err(source) => Err(Error::Run { source }),
    }
}

/// A file and how it is to be understood, every time that it is read.
struct Source {
    file: String,
    profile: Profile,
    is_strict: bool,
}

impl Source {
    fn names(&self) -> Option<Configuration> {
        let host = Host::read(disk::read(&self.file).ok()?, &Disk, &self.profile);
        let reading = reading(&host);
        Some(Configuration::of_names(host.ir, reading))
    }

    fn load(&self) -> Result<Loaded, Refusal> {
        let file = disk::read(&self.file).map_err(|error| Refusal { findings: vec![error.to_string()] })?;
        let mut host = Host::read(file, &Disk, &self.profile);
        host.settings.target = Some(Target::Kalc);
        let mut found = check_host(&host);
        found.retain(|finding| finding.severity > Severity::Hint);
        found.sort_by_key(|finding| finding.place.start);
        let blocks = |finding: &Diagnostic| finding.blocks_run || self.is_strict && finding.severity == Severity::Error;
        let (blocking, rest): (Vec<Diagnostic>, Vec<Diagnostic>) = found.into_iter().partition(blocks);
        if !blocking.is_empty() {
            return Err(Refusal { findings: lines(&blocking) });
        }
        let (ir, reading) = (host.ir.clone(), reading(&host));
        let fingerprint = Fingerprint::later(move || fingerprint(&ir));
        Loaded::new(host.ir.clone(), fingerprint, reading, rest.iter().flat_map(found_line).collect())
            .map_err(|refused| Refusal { findings: refused.iter().map(|refused| refuse(&host, refused)).collect() })
    }
}

/// Equal for two readings of the same text.
fn reading(host: &Host) -> u64 {
    // Without keys: another process comes to the same.
    let mut hasher = DefaultHasher::new();
    host.logical.text.hash(&mut hasher);
    hasher.finish()
}

fn found_line(found: &Diagnostic) -> Vec<Finding> {
    let level = match found.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warn,
        Severity::Info => Level::Info,
        Severity::Hint => Level::Debug,
    };
    lines(std::slice::from_ref(found)).into_iter().map(|text| Finding { level, text }).collect()
}

fn lines(found: &[Diagnostic]) -> Vec<String> {
    short::render(found).lines().map(str::to_owned).collect()
}

/// What the core cannot execute although no rule says so; a rule should have.
fn refuse(host: &Host, refused: &Refused) -> String {
    let setting = host.config.setting(SettingId(refused.origin.0));
    let (Place { file, start, .. }, _) = host.place(At::Logical(setting.span));
    format!(
        "{file}:{}:{}: error: `{}` is not executed by kalc ({})",
        start.line, start.column, refused.what, refused.name
    )
}
