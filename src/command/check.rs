//! `kalc check`: reads files, runs the rules, prints what they found.

use crate::cli::{CheckArgs, FailOn, Format};
use crate::disk::Disk;
use crate::error::{self, Error, Status};
use crate::inputs::{self, Found, Peers};
use crate::known::{self, Known};
use crate::{fixes, machine, output, project, report};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::project::{Overrides, Plan, Reader, Run};
use kalc_compiler::suppress::Date;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs the command.
pub fn run(args: &CheckArgs) -> Result<Status, Error> {
    let project = project::find(args.scope.config.as_deref())?;
    let overrides = Overrides {
        select: args.select.clone(),
        off: [&args.ignore[..], &args.off].concat(),
        error: args.error.clone(),
        warn: args.warn.clone(),
        defaults: Vec::new(),
    };
    if let Some(name) = overrides.unknown() {
        return Err(crate::command::explain::no_such_rule(name));
    }
    let reader = project::reader(project.as_ref(), &args.reading, args.scope.target, &args.scope.profile);
    let peers = if args.no_cluster { Peers::LeftOut } else { Peers::Added };
    let mut found = inputs::check(&args.paths, &args.stdin_filename, project.as_ref(), peers, &reader);
    let mut settings = reader.settings.clone();
    if args.host {
        // The configurations say what to ask of the machine.
        let hosts = found.units.iter().flat_map(|unit| std::iter::once(&unit.host).chain(&unit.variants));
        let facts = Arc::new(machine::facts(hosts.map(|host| &**host)));
        settings.facts = Some(Arc::clone(&facts));
        for unit in &mut found.units {
            for host in std::iter::once(&mut unit.host).chain(&mut unit.variants) {
                Arc::make_mut(host).settings.facts = Some(Arc::clone(&facts));
            }
            unit.check();
        }
    }
    let plan = Plan {
        project: project.as_ref(),
        overrides: &overrides,
        today: args.today.unwrap_or_else(today),
        compares: !args.no_cluster,
        is_folder: found.is_folder,
        settings: &settings,
    };
    let status = |diagnostics: &[Diagnostic], errors: Vec<Error>| {
        let failed = !errors.is_empty();
        for error in errors {
            error::report(error);
        }
        match (failed, diagnostics.iter().any(|d| fails(d.severity, args.fail_on))) {
            (true, _) => Status::Failed,
            (false, true) => Status::Found,
            (false, false) => Status::Clean,
        }
    };
    let known = Known::read(args)?;
    if args.fix || args.unsafe_fixes || args.diff {
        let run = Run::new(found.units.iter_mut().collect());
        let before = run.findings(&plan, &Disk);
        let before = known.as_ref().map_or_else(|| before.clone(), |known| known.split(&run, before.clone()).new);
        let reader = Reader { settings: settings.clone(), ..reader };
        let fixed = fixes::make(args, &mut found, &reader, &plan, known.as_ref())?;
        let diagnostics = if args.diff { before } else { fixed.diagnostics };
        return Ok(status(&diagnostics, found.errors));
    }
    let Found { mut units, errors, .. } = found;
    let run = Run::new(units.iter_mut().collect());
    let mut diagnostics = run.findings(&plan, &Disk);
    if let Some(path) = &args.write_baseline {
        known::write(path, &run, &diagnostics, args)?;
        return Ok(status(&[], errors));
    }
    let beside = known.as_ref().map(|known| known.take(&run, &mut diagnostics, args));
    output::write(&report::render(&diagnostics, &run, args, beside.as_ref()), args.output.as_deref())?;
    if let Some(beside) = beside.filter(|_| args.format != Format::Json && !args.quiet) {
        beside.tell();
    }
    let status = status(&diagnostics, errors);
    // The process ends here: giving the memory of a fleet back piece by piece would take a tenth of the run.
    std::mem::forget(units);
    Ok(status)
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
