//! `kalc check`: reads files, runs the rules, prints what they found.

use crate::cli::{CheckArgs, FailOn};
use crate::error::{self, Error, Status};
use crate::hosts::{self, Checked, Run};
use crate::inputs::{self, plain};
use crate::levels::Levels;
use crate::project::Project;
use crate::{output, report};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::host::Host;
use kalc_compiler::lint::{self, Rule, Scope};
use kalc_compiler::settings::{Cloud, Settings};
use kalc_compiler::suppress::{self, Date};
use kalc_grammar::expand::Profile;
use kalc_grammar::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs the command.
pub fn run(args: &CheckArgs) -> Result<Status, Error> {
    let project = Project::find(args.config.as_deref())?;
    let mut levels = Levels::new(args, project.as_ref())?;
    let (mut inputs, mut errors) = inputs::read(&args.paths, &args.stdin_filename, project.as_ref());
    let clusters = project.as_ref().map_or(&[][..], |project| &project.clusters);
    if !args.no_cluster {
        inputs = inputs::add_peers(inputs, clusters, &mut errors);
    }
    let profile =
        Profile { config_id: args.reading.config_id.clone(), defines: args.reading.define.iter().cloned().collect() };
    let is_folder = matches!(&args.paths[..], [path] if Path::new(path).is_dir()) || args.paths.is_empty();
    let settings = settings(args, project.as_ref());
    let Run { mut checked, given } = hosts::check(inputs, &profile, &settings);

    let order = order(&checked);
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for c in &mut checked {
        match diagnostics.is_empty() {
            // Of one file, which may have very many, nothing is copied.
            true => diagnostics = std::mem::take(&mut c.diagnostics),
            false => diagnostics.append(&mut c.diagnostics),
        }
    }
    let files = checked.iter().map(|c| plain(c.host.file_name())).collect::<BTreeSet<_>>().len();
    // Hosts of one cluster stand together from here on, in the project's order: who of two deviates must not depend on
    // which one was named.
    checked.sort_by_key(|c| c.cluster.unwrap_or((usize::MAX, 0)));
    let (hosts, membership) = hosts::expand(checked);
    let compares = !args.no_cluster && hosts.len() > 1;
    if compares {
        diagnostics.extend(hosts::compare(&hosts, &membership, clusters, is_folder && files > 1));
    }
    let is_whole = compares && (is_folder || membership.iter().all(Option::is_some));
    silence(&mut diagnostics, &hosts, args.today.unwrap_or_else(today), &|rule| {
        rule.needs.are_met(&settings) && (rule.scope() == Scope::File || is_whole)
    });
    // Of a peer that nobody asked for only what it has to do with others is of interest.
    let is_fleet = |d: &Diagnostic| lint::find(d.code).is_some_and(|rule| rule.scope() == Scope::Cluster);
    diagnostics.retain(|d| is_fleet(d) || given.contains(&plain(&d.place.file)));
    levels.apply(&mut diagnostics);
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (order.get(&*d.place.file).copied(), d.place.start.offset, d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    // A file that several hosts include is checked with each of them.
    diagnostics.dedup();

    output::write(&report::render(&diagnostics, files, &hosts, args), args.output.as_deref())?;
    let failed = !errors.is_empty();
    for error in errors {
        error::report(error);
    }
    Ok(match (failed, diagnostics.iter().any(|d| fails(d.severity, args.fail_on))) {
        (true, _) => Status::Failed,
        (false, true) => Status::Found,
        (false, false) => Status::Clean,
    })
}

/// What the files are checked for: the command line counts before `kalc.toml`, which still says what is different in a
/// cloud that both name.
fn settings(args: &CheckArgs, project: Option<&Project>) -> Settings {
    let known = project.map_or(&[][..], |project| &project.profiles);
    let of = |&cloud: &Cloud| known.iter().find(|profile| profile.cloud == cloud).cloned().unwrap_or(cloud.into());
    Settings {
        target: args.target.or(project.and_then(|project| project.target)),
        profiles: if args.profile.is_empty() { known.to_vec() } else { args.profile.iter().map(of).collect() },
        addresses: Vec::new(),
    }
}

/// Files in the order in which they were given; an included one behind the first that includes it.
fn order(checked: &[Checked]) -> BTreeMap<String, usize> {
    let mut order = BTreeMap::new();
    for (_, file) in checked.iter().flat_map(|checked| checked.host.sources.iter()) {
        let next = order.len();
        order.entry(file.name().to_owned()).or_insert(next);
    }
    order
}

/// Applies the comments of all files, each once however many hosts read it.
fn silence(diagnostics: &mut Vec<Diagnostic>, hosts: &[Host], today: Date, is_active: &dyn Fn(&Rule) -> bool) {
    let mut files: BTreeMap<&str, &SourceFile> = BTreeMap::new();
    // Of a template no rule says anything that could be silenced.
    let hosts = hosts.iter().filter(|host| host.template.is_none());
    for (_, file) in hosts.flat_map(|host| host.sources.iter()) {
        files.entry(file.name()).or_insert(file);
    }
    suppress::apply(diagnostics, files.into_values(), &suppress::Options { today, is_active });
}

fn today() -> Date {
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
