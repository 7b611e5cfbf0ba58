//! `kalc compile`: what a file means.

use crate::cli::CompileArgs;
use crate::disk::{self, Disk};
use crate::error::{Error, Status};
use crate::output;
use kalc_compiler::check::check_host;
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::host::Host;
use kalc_compiler::ir_json::{Origins, fingerprint, places, to_json};
use kalc_grammar::expand::Profile;

/// Runs the command.
pub fn run(args: &CompileArgs) -> Result<Status, Error> {
    let file = if args.file == "-" { disk::read_stdin("<stdin>")? } else { disk::read(&args.file)? };
    let profile = Profile {
        config_id: args.reading.config_id.clone().or_else(host_name),
        defines: args.reading.define.iter().cloned().collect(),
    };
    let host = Host::read(file, &Disk, &profile);
    let text = if args.fingerprint {
        format!("{}\n", fingerprint(&host.ir))
    } else if args.no_origin {
        format!("{:#}\n", to_json(&host.ir, Origins::Stripped))
    } else {
        let resolve = places(&host.config, &host.logical, &host.sources);
        format!("{:#}\n", to_json(&host.ir, Origins::Kept { resolve: &resolve }))
    };
    output::write(&text, args.output.as_deref())?;
    let errors = check_host(&host).iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors == 0 {
        return Ok(Status::Clean);
    }
    eprintln!("{}: {errors} error{}, see `kalc check`", host.name(), if errors == 1 { "" } else { "s" });
    Ok(Status::Found)
}

/// The configuration id that keepalived takes when none is given: the host name up to its first dot.
pub fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    name.trim().split('.').next().filter(|name| !name.is_empty()).map(str::to_owned)
}
