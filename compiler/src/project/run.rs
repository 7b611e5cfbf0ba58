//! Units together: which are hosts, what they are called, what they have to do with each other, and of all that what is
//! to be shown.

use super::inputs::Origin;
use super::units::{Compared, Unit, UnitFile, id_of};
use super::{Cluster, Levels, Overrides, Project};
use crate::check::{check_matched, reconsider};
use crate::cluster::names::folder_names;
use crate::diagnostic::{Diagnostic, Place};
use crate::fleet::{Fleet, Given};
use crate::host::Host;
use crate::lint::{self, Scope};
use crate::settings::Settings;
use crate::suppress::{self, Date};
use kalc_grammar::files::FileSystem;
use kalc_grammar::source::SourceFile;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What decides what is shown.
pub struct Plan<'p> {
    /// What `kalc.toml` says.
    pub project: Option<&'p Project>,
    /// What was said for this run only.
    pub overrides: &'p Overrides,
    /// The day that `until=` in comments is compared with.
    pub today: Date,
    /// Whether hosts are compared with each other.
    pub compares: bool,
    /// Whether these are all files there are: those of a folder or of the project.
    pub is_folder: bool,
    /// What the files are checked for, to know which rules could have spoken.
    pub settings: &'p Settings,
}

/// The units of one run.
pub struct Run<'u> {
    /// Those that are hosts, in the order given.
    pub units: Vec<&'u Unit>,
    /// Paths of the files that the user asked for, with those that they include.
    given: FxHashSet<&'u str>,
}

/// Hosts that are compared with each other.
pub struct Group<'u> {
    /// The name of their cluster of `kalc.toml`.
    pub name: Option<&'u str>,
    /// The hosts.
    pub hosts: Vec<&'u Host>,
    /// What else is known of them.
    pub given: Given,
}

impl<'u> Run<'u> {
    /// Sorts out what is no host of its own, and names the rest.
    pub fn new(mut units: Vec<&'u mut Unit>) -> Self {
        let is_host = hosts(&units.iter().map(|unit| &**unit).collect::<Vec<_>>());
        for (unit, is_host) in units.iter_mut().zip(is_host) {
            unit.is_host = is_host;
        }
        name(units.iter_mut().map(|unit| &mut **unit).filter(|unit| unit.is_host).collect());
        let units: Vec<&'u Unit> = units.into_iter().map(|unit| &*unit).collect();
        let given = units.iter().filter(|unit| unit.given).flat_map(|unit| unit.paths()).collect();
        Run { units: units.into_iter().filter(|unit| unit.is_host).collect(), given }
    }

    /// How many files there are that are hosts.
    pub fn files(&self) -> usize {
        self.units.iter().map(|unit| unit.path()).collect::<BTreeSet<_>>().len()
    }

    /// Paths of the files that the user asked for, with those that they include.
    pub fn asked_for(&self) -> impl Iterator<Item = &'u str> {
        self.given.iter().copied()
    }

    /// All files, some more than once.
    pub fn sources(&self) -> impl Iterator<Item = &'u SourceFile> {
        let hosts = self.units.iter().flat_map(|unit| std::iter::once(&unit.host).chain(&unit.variants));
        hosts.flat_map(|host| host.sources.iter()).map(|(_, file)| file)
    }

    /// The hosts that are compared, by cluster of `kalc.toml` in its order; those of none come last, in the order given.
    pub fn groups(&self, plan: &Plan<'u>) -> Vec<Group<'u>> {
        let clusters = plan.project.map_or(&[][..], |project| &project.clusters);
        let not_peers = not_peers(clusters);
        let mut groups: Vec<Group<'u>> = Vec::new();
        let mut last = None;
        let placed = self.placed();
        let count = placed.iter().map(|unit| unit.compared().len()).sum::<usize>();
        let all_listed = placed.iter().all(|unit| unit.cluster.is_some());
        for unit in placed {
            let cluster = unit.cluster.map(|(cluster, _)| cluster);
            if groups.is_empty() || cluster != last {
                let known = cluster.and_then(|cluster| clusters.get(cluster));
                let whole = cluster.is_some() || self.is_whole(plan, count, all_listed);
                let max_failover_us = known.and_then(|cluster| cluster.max_failover_us);
                let given = Given { is_whole: whole, not_peers: not_peers.clone(), max_failover_us };
                groups.push(Group { name: known.map(|cluster| &*cluster.name), hosts: Vec::new(), given });
                last = cluster;
            }
            if let Some(group) = groups.last_mut() {
                group.hosts.extend(unit.compared().iter().map(|host| &**host));
            }
        }
        groups
    }

    /// Everything that is to be shown, in the order of files, places and codes.
    pub fn findings(&self, plan: &Plan<'u>, files: &dyn FileSystem) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = self.units.iter().flat_map(|unit| unit.diagnostics.iter().cloned()).collect();
        let groups = self.groups(plan);
        let hosts: Vec<&Host> = groups.iter().flat_map(|group| group.hosts.iter().copied()).collect();
        let compares = plan.compares && hosts.len() > 1;
        let all_listed = groups.iter().all(|group| group.name.is_some());
        if compares {
            let compared = compare(&groups, &hosts, self.is_whole(plan, hosts.len(), all_listed), &mut found);
            // What a rule has to say of one file is told once, with the other file beside it.
            let known: FxHashSet<(&str, &Place)> = compared.iter().flat_map(places).collect();
            found.retain(|d| !known.contains(&(d.code, &d.place)));
            found.extend(compared);
        }
        let is_whole = compares && (plan.is_folder || all_listed);
        silence(&mut found, &hosts, plan, is_whole);
        // Of a peer that nobody asked for only what it has to do with others is of interest.
        let paths = self.paths();
        let is_fleet = |d: &Diagnostic| lint::find(d.code).is_some_and(|rule| rule.scope() == Scope::Cluster);
        let is_given = |d: &Diagnostic| paths.get(&*d.place.file).is_some_and(|path| self.given.contains(path));
        found.retain(|d| is_fleet(d) || is_given(d));
        Levels::new(plan.overrides, plan.project, files).apply(&mut found);
        let order = self.order();
        found.sort_by(|a, b| {
            let key = |d: &Diagnostic| (order.get(&*d.place.file).copied(), d.place.start.offset, d.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        // A file that several hosts include is checked with each of them.
        found.dedup();
        found
    }

    /// Units of one cluster stand together, in the project's order: who of two deviates must not depend on which one was
    /// named.
    fn placed(&self) -> Vec<&'u Unit> {
        let mut units = self.units.clone();
        units.sort_by_key(|unit| unit.cluster.unwrap_or((usize::MAX, 0)));
        units
    }

    /// Whether hosts of no cluster are all that there are.
    fn is_whole(&self, plan: &Plan<'_>, hosts: usize, all_listed: bool) -> bool {
        hosts > 1 && (plan.is_folder && self.files() > 1 || all_listed)
    }

    /// The one spelling of the paths of all files, by their names.
    fn paths(&self) -> FxHashMap<&'u str, &'u str> {
        self.files_of_all().map(|file| (file.name.as_str(), file.path.as_str())).collect()
    }

    /// Files in the order in which they were given; an included one behind the first that includes it.
    fn order(&self) -> FxHashMap<&'u str, usize> {
        let mut order = FxHashMap::default();
        for file in self.files_of_all() {
            let next = order.len();
            order.entry(file.name.as_str()).or_insert(next);
        }
        order
    }

    fn files_of_all(&self) -> impl Iterator<Item = &'u UnitFile> {
        self.units.iter().flat_map(|unit| &unit.files)
    }
}

/// Every place that a finding is about, with the rule.
fn places(d: &Diagnostic) -> impl Iterator<Item = (&str, &Place)> {
    std::iter::once(&d.place).chain(d.related.iter().map(|related| &related.place)).map(|place| (d.code, place))
}

/// Which units are hosts.
fn hosts(units: &[&Unit]) -> Vec<bool> {
    let given: FxHashSet<&str> = units.iter().filter(|unit| unit.given).flat_map(|unit| unit.paths()).collect();
    // A cluster counts if the user asked for a member, or for a file that a member includes.
    let touched: FxHashSet<usize> = units
        .iter()
        .filter(|unit| unit.given || unit.included().any(|path| given.contains(path)))
        .filter_map(|unit| unit.cluster.map(|(cluster, _)| cluster))
        .collect();
    let counts = |unit: &Unit| unit.cluster.is_none_or(|(cluster, _)| touched.contains(&cluster));
    // What others include is no host: not if it was only found, and not if a member includes it.
    let counting = || units.iter().copied().filter(|unit| counts(unit));
    let included: FxHashSet<&str> = counting().flat_map(Unit::included).collect();
    let members = counting().filter(|unit| unit.origin == Origin::Listed);
    let by_members: FxHashSet<&str> = members.flat_map(Unit::included).collect();
    let is_root = |unit: &Unit| match unit.origin {
        Origin::Listed => true,
        Origin::Found => !included.contains(unit.path()),
        Origin::Named => !by_members.contains(unit.path()),
    };
    // Of files that include each other the first one is a host.
    let mut covered: FxHashSet<&str> = counting().filter(|unit| is_root(unit)).flat_map(Unit::paths).collect();
    let mut keep = Vec::with_capacity(units.len());
    for &unit in units {
        let is_host = counts(unit) && (is_root(unit) || !covered.contains(unit.path()));
        if is_host {
            covered.extend(unit.paths());
        }
        keep.push(is_host);
    }
    keep
}

/// Says which hosts of each unit are compared, and what they are called.
///
/// A file with `@id` lines is one host for each id. Where several files name the same id they are copies of one shared
/// file: each stands for the id that its folder is named after.
fn name(units: Vec<&mut Unit>) {
    let names = folder_names(units.iter().map(|unit| (unit.origin == Origin::Found).then(|| unit.host.file_name())));
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for id in units.iter().flat_map(|unit| &unit.variants).map(|host| id_of(host)) {
        *users.entry(id).or_default() += 1;
    }
    for (unit, name) in units.into_iter().zip(names) {
        if !unit.variants.is_empty() && unit.variants.iter().all(|host| users.get(&id_of(host)) == Some(&1)) {
            unit.compared = Compared::Variants;
            for host in &mut unit.variants {
                let title = format!("{} (id {})", host.file_name(), id_of(host));
                rename(host, Some(title));
            }
            continue;
        }
        let own = unit.variants.iter().position(|host| name.as_ref() == Some(&id_of(host)));
        unit.compared = own.map_or(Compared::Main, Compared::Variant);
        let host = own.map_or(&mut unit.host, |own| &mut unit.variants[own]);
        if unit.origin != Origin::Listed {
            rename(host, name);
        }
    }
}

/// Gives a host another title. One that is shared, and has it already, stays shared.
fn rename(host: &mut Arc<Host>, title: Option<String>) {
    if host.title != title {
        Arc::make_mut(host).title = title;
    }
}

/// What hosts have to do with each other; hosts of different clusters are compared too, for what they have in common.
///
/// `alone` is what was found on each host by itself; it is corrected where peers show more.
fn compare(groups: &[Group<'_>], hosts: &[&Host], is_whole: bool, alone: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut within: Vec<BTreeSet<&str>> = Vec::new();
    for group in groups.iter().filter(|group| group.name.is_some()) {
        if group.hosts.len() > 1 {
            let fleet = Fleet::new(group.hosts.iter().copied(), group.given.clone());
            found.extend(check_matched(&fleet));
            reconsider(&fleet, alone);
        }
        within.push(group.hosts.iter().flat_map(|host| host.sources.iter().map(|(_, file)| file.name())).collect());
    }
    if within.len() == 1 && groups.len() == 1 {
        return found;
    }
    let not_peers = groups.first().map(|group| group.given.not_peers.clone()).unwrap_or_default();
    let fleet = Fleet::new(hosts.iter().copied(), Given { is_whole, not_peers, max_failover_us: None });
    let mut across = check_matched(&fleet);
    reconsider(&fleet, alone);
    // What lies within one cluster has been said.
    across.retain(|d| {
        let places = || std::iter::once(&d.place).chain(d.related.iter().map(|related| &related.place));
        !within.iter().any(|files| places().all(|place| files.contains(&*place.file)))
    });
    found.extend(across);
    found
}

/// Pairs of all clusters.
fn not_peers(clusters: &[Cluster]) -> Vec<(String, String)> {
    clusters.iter().flat_map(|cluster| cluster.not_peers.clone()).collect()
}

/// Applies the comments of all files, each once however many hosts read it.
fn silence(found: &mut Vec<Diagnostic>, hosts: &[&Host], plan: &Plan<'_>, is_whole: bool) {
    let mut files: BTreeMap<&str, &SourceFile> = BTreeMap::new();
    // Of a template no rule says anything that could be silenced.
    let hosts = hosts.iter().filter(|host| host.template.is_none());
    for (_, file) in hosts.flat_map(|host| host.sources.iter()) {
        files.entry(file.name()).or_insert(file);
    }
    let is_active = |rule: &lint::Rule| rule.needs.are_met(plan.settings) && (rule.scope() == Scope::File || is_whole);
    suppress::apply(found, files.into_values(), &suppress::Options { today: plan.today, is_active: &is_active });
}
