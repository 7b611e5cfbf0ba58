//! `kalc check`: reads files, runs the rules, prints what they found.

use crate::cli::{CheckArgs, FailOn};
use crate::disk::Disk;
use crate::error::{self, Error, Status};
use crate::inputs::{self, Found, Peers};
use crate::{machine, output, project, report};
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::project::{Overrides, Plan, Run};
use kalc_compiler::suppress::Date;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs the command.
pub fn run(args: &CheckArgs) -> Result<Status, Error> {
    let project = project::find(args.config.as_deref())?;
    let overrides = Overrides {
        select: args.select.clone(),
        off: [&args.ignore[..], &args.off].concat(),
        error: args.error.clone(),
        warn: args.warn.clone(),
    };
    if let Some(name) = overrides.unknown() {
        return Err(crate::command::explain::no_such_rule(name));
    }
    let reader = project::reader(project.as_ref(), &args.reading, args.target, &args.profile);
    let peers = if args.no_cluster { Peers::LeftOut } else { Peers::Added };
    let Found { mut units, errors, is_folder } =
        inputs::check(&args.paths, &args.stdin_filename, project.as_ref(), peers, &reader);
    let mut settings = reader.settings.clone();
    if args.host {
        // The configurations say what to ask of the machine.
        let facts =
            Arc::new(machine::facts(units.iter().flat_map(|unit| std::iter::once(&unit.host).chain(&unit.variants))));
        settings.facts = Some(Arc::clone(&facts));
        for unit in &mut units {
            for host in std::iter::once(&mut unit.host).chain(&mut unit.variants) {
                host.settings.facts = Some(Arc::clone(&facts));
            }
            unit.check();
        }
    }
    let run = Run::new(units.iter_mut().collect());
    let plan = Plan {
        project: project.as_ref(),
        overrides: &overrides,
        today: args.today.unwrap_or_else(today),
        compares: !args.no_cluster,
        is_folder,
        settings: &settings,
    };
    let diagnostics = run.findings(&plan, &Disk);

    output::write(&report::render(&diagnostics, &run, args), args.output.as_deref())?;
    let failed = !errors.is_empty();
    for error in errors {
        error::report(error);
    }
    let found = diagnostics.iter().any(|d| fails(d.severity, args.fail_on));
    // The process ends here: giving the memory of a fleet back piece by piece would take a tenth of the run.
    std::mem::forget(units);
    Ok(match (failed, found) {
        (true, _) => Status::Failed,
        (false, true) => Status::Found,
        (false, false) => Status::Clean,
    })
}

/// The day on which kalc runs.
pub fn today() -> Date {
    Date::from_unix(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

fn fails(severity: Severity, fail_on: FailOn) -> bool {
    match fail_on {
        FailOn::Error => severity >= Severity::Error,
        FailOn::Warning => severity >= Severity::Warning,
        FailOn::Info => severity >= Severity::Info,
        FailOn::Never => false,
    }
}
