//! `kalc cluster`: which hosts form virtual routers, who is master, how long a failover takes.

use crate::cli::{ClusterArgs, ClusterFormat};
use crate::error::{self, Error, Status};
use crate::inputs::{self, Origin};
use crate::{output, variants};
use kalc_compiler::check::check_matched;
use kalc_compiler::cluster::{report, report_json};
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::fleet::{Fleet, Given};
use kalc_grammar::expand::Profile;
use rayon::prelude::*;

/// Runs the command.
pub fn run(args: &ClusterArgs) -> Result<Status, Error> {
    let (inputs, errors) = inputs::read(&args.paths, "<stdin>", None);
    let profile =
        Profile { config_id: args.reading.config_id.clone(), defines: args.reading.define.iter().cloned().collect() };
    let mut loaded: Vec<_> = inputs
        .into_par_iter()
        .map(|input| variants::load(input.file, &profile, input.origin == Origin::Found))
        .collect();
    variants::drop_included(&mut loaded, |loaded| loaded);
    let (hosts, is_whole) = variants::to_compare(loaded);
    let fleet = Fleet::new(&hosts, Given { is_whole, ..Given::default() });
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
