//! `kalc cluster`: which hosts form virtual routers, who is master, how long a failover takes.

use super::check::today;
use crate::cli::{ClusterArgs, ClusterFormat};
use crate::disk::Disk;
use crate::error::{self, Error, Status};
use crate::inputs::{self, Found, Peers};
use crate::{output, project};
use kalc_compiler::cluster::{report, report_json};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::fleet::Fleet;
use kalc_compiler::lint::{self, Scope};
use kalc_compiler::project::{Overrides, Plan, Run};

/// Runs the command.
pub fn run(args: &ClusterArgs) -> Result<Status, Error> {
    let project = project::find(args.scope.config.as_deref())?;
    let reader = project::reader(project.as_ref(), &args.reading, args.scope.target, &args.scope.profile);
    let Found { mut units, errors, is_folder, .. } =
        inputs::check(&args.paths, "<stdin>", project.as_ref(), Peers::Added, &reader);
    let run = Run::new(units.iter_mut().collect());
    let overrides = Overrides::default();
    let plan = Plan {
        project: project.as_ref(),
        overrides: &overrides,
        today: today(),
        compares: true,
        is_folder,
        settings: &reader.settings,
    };
    let mut found = run.findings(&plan, &Disk);
    found.retain(is_contradiction);
    let groups: Vec<report::Group<'_>> = run
        .groups(&plan)
        .into_iter()
        .map(|group| report::Group { name: group.name, fleet: Fleet::new(group.hosts, group.given) })
        .collect();

    let text = match args.format {
        ClusterFormat::Human => report::render(&groups, &found),
        ClusterFormat::Json => format!("{:#}\n", report_json::render(&groups, &found)),
    };
    output::write(&text, None)?;
    let failed = !errors.is_empty();
    for error in errors {
        error::report(error);
    }
    Ok(match (failed, found.is_empty()) {
        (true, _) => Status::Failed,
        (false, false) => Status::Found,
        (false, true) => Status::Clean,
    })
}

/// What hosts contradict each other in; advice is for `kalc check`.
fn is_contradiction(d: &Diagnostic) -> bool {
    let is_fleet = lint::find(d.code).is_some_and(|rule| rule.scope() == Scope::Cluster);
    is_fleet && d.severity >= Severity::Warning
}
