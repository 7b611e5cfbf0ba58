//! `kalc check`: reads files, runs the rules, prints what they found.

use crate::cli::{CheckArgs, FailOn};
use crate::error::{self, Error, Status};
use crate::hosts::{self, Checked, Run};
use crate::inputs::{self, plain};
use crate::levels::Levels;
use crate::project::Project;
use crate::{output, report, variants};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::host::Host;
use kalc_compiler::lint::{self, Scope};
use kalc_compiler::suppress::{self, Date};
use kalc_grammar::expand::Profile;
use kalc_grammar::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet};
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
    let Run { mut checked, given } = hosts::check(inputs, &profile);

    let files = Files::new(&checked);
    let mut diagnostics: Vec<Diagnostic> =
        checked.iter_mut().flat_map(|c| std::mem::take(&mut c.diagnostics)).collect();
    let count = checked.iter().map(|c| plain(c.loaded.host.file_name())).collect::<BTreeSet<_>>().len();
    // Hosts of one cluster stand together from here on, in the project's order: who of two deviates must not depend on
    // which one was named.
    checked.sort_by_key(|c| c.cluster.unwrap_or((usize::MAX, 0)));
    let (listed, others): (Vec<Checked>, Vec<Checked>) = checked.into_iter().partition(|c| c.cluster.is_some());
    let mut membership: Vec<Option<usize>> = listed.iter().map(|c| c.cluster.map(|(cluster, _)| cluster)).collect();
    let mut hosts: Vec<Host> = listed.into_iter().map(|c| c.loaded.host).collect();
    let (unlisted, is_folder) = variants::to_compare(others.into_iter().map(|c| c.loaded).collect());
    let is_folder = is_folder || unlisted.is_empty();
    hosts.extend(unlisted);
    membership.resize(hosts.len(), None);
    let compares = !args.no_cluster && hosts.len() > 1;
    if compares {
        diagnostics.extend(hosts::compare(&hosts, &membership, clusters, is_folder));
    }
    suppress::apply(
        &mut diagnostics,
        files.checked(),
        &suppress::Options {
            today: args.today.unwrap_or_else(today),
            is_active: &|rule| rule.scope() == Scope::File || compares && is_folder,
        },
    );
    // Of a peer that nobody asked for only what it has to do with others is of interest.
    let is_fleet = |d: &Diagnostic| lint::find(d.code).is_some_and(|rule| rule.scope() == Scope::Cluster);
    diagnostics.retain(|d| is_fleet(d) || given.contains(&plain(&d.place.file)));
    levels.apply(&mut diagnostics);
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (files.order.get(&*d.place.file).copied(), d.place.start.offset, d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    // A file that several hosts include is checked with each of them.
    diagnostics.dedup();

    output::write(
        &report::render(&diagnostics, count, files.all.iter().map(|(file, _)| file), args),
        args.output.as_deref(),
    )?;
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

/// All files of a run, each once however many hosts read it.
struct Files {
    /// In the order in which they were given, an included one behind the first that includes it; and whether the host is
    /// a template, of which no rule says anything that could be silenced.
    all: Vec<(SourceFile, bool)>,
    order: BTreeMap<String, usize>,
}

impl Files {
    fn new(checked: &[Checked]) -> Self {
        let mut files = Files { all: Vec::new(), order: BTreeMap::new() };
        for host in checked.iter().flat_map(|c| std::iter::once(&c.loaded.host).chain(&c.loaded.variants)) {
            for (_, file) in host.sources.iter() {
                if !files.order.contains_key(file.name()) {
                    files.order.insert(file.name().to_owned(), files.all.len());
                    files.all.push((file.clone(), host.template.is_some()));
                }
            }
        }
        files
    }

    fn checked(&self) -> impl Iterator<Item = &SourceFile> {
        self.all.iter().filter(|(_, is_template)| !is_template).map(|(file, _)| file)
    }
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
