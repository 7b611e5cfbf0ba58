//! `kalc cluster`: which hosts form virtual routers, who is master, how long a failover takes.

use crate::cli::{ClusterArgs, ClusterFormat};
use crate::error::{self, Error, Status};
use crate::project::Project;
use crate::{hosts, inputs, output};
use kalc_compiler::check::check_matched;
use kalc_compiler::cluster::{report, report_json};
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::fleet::{Fleet, Given};
use kalc_grammar::expand::Profile;
use std::path::Path;

/// Runs the command.
pub fn run(args: &ClusterArgs) -> Result<Status, Error> {
    let project = Project::find(None)?;
    let (inputs, mut errors) = inputs::read(&args.paths, "<stdin>", project.as_ref());
    let clusters = project.as_ref().map_or(&[][..], |project| &project.clusters);
    let inputs = inputs::add_peers(inputs, clusters, &mut errors);
    let profile =
        Profile { config_id: args.reading.config_id.clone(), defines: args.reading.define.iter().cloned().collect() };
    let is_folder = matches!(&args.paths[..], [path] if Path::new(path).is_dir()) || args.paths.is_empty();
    let settings = project.as_ref().map(Project::settings).unwrap_or_default();
    let mut checked = hosts::check(inputs, &profile, &settings).checked;
    let several = checked.len() > 1;
    checked.sort_by_key(|c| c.cluster.unwrap_or((usize::MAX, 0)));
    let (hosts, membership) = hosts::expand(checked);
    let given = Given {
        is_whole: several && (is_folder || membership.iter().all(Option::is_some)),
        not_peers: clusters.iter().flat_map(|cluster| cluster.not_peers.clone()).collect(),
        max_failover_us: clusters.iter().filter_map(|cluster| cluster.max_failover_us).min(),
    };
    let fleet = Fleet::new(&hosts, given);
    let mut found = check_matched(&fleet);
    found.retain(|diagnostic| diagnostic.severity >= Severity::Warning);
    found.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));

    let text = match args.format {
        ClusterFormat::Human => report::render(&fleet, &found),
        ClusterFormat::Json => format!("{:#}\n", report_json::render(&fleet, &found)),
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
