//! From inputs to hosts: reads and checks each by itself, sorts out what is no host, and compares those that are.

use crate::inputs::{Input, Origin, plain};
use crate::project::Cluster;
use crate::variants::{self, Loaded};
use kalc_compiler::check::{check_given, check_host, merge_profiles};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::fleet::Given;
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// A host and what was found on it.
#[derive(Debug)]
pub struct Checked {
    /// The host.
    pub loaded: Loaded,
    /// What was found on it alone.
    pub diagnostics: Vec<Diagnostic>,
    /// Indices of its cluster of `kalc.toml` and of its place there.
    pub cluster: Option<(usize, usize)>,
    origin: Origin,
    given: bool,
}

/// The hosts of one run.
#[derive(Debug)]
pub struct Run {
    /// In the order given.
    pub checked: Vec<Checked>,
    /// Paths of the files that the user asked for, with those that they include.
    pub given: BTreeSet<String>,
}

/// Reads and checks every input, on all cores.
pub fn check(inputs: Vec<Input>, profile: &Profile) -> Run {
    let mut checked: Vec<Checked> = if inputs.len() > 1 {
        inputs.into_par_iter().map(|input| check_input(input, profile)).collect()
    } else {
        inputs.into_iter().map(|input| check_input(input, profile)).collect()
    };
    let given = files(checked.iter().filter(|c| c.given), 0);
    // A cluster counts if the user asked for a member, or for a file that a member includes.
    let listed = |c: &&Checked| c.origin == Origin::Listed;
    let touched: BTreeSet<Option<usize>> = checked
        .iter()
        .filter(listed)
        .filter(|c| c.given || !files(std::iter::once(*c), 1).is_disjoint(&given))
        .map(|c| c.cluster.map(|(cluster, _)| cluster))
        .collect();
    checked.retain(|c| c.origin != Origin::Listed || touched.contains(&c.cluster.map(|(cluster, _)| cluster)));
    // What others include is no host: not if it was only found, and not if a member includes it.
    let by_all = files(checked.iter(), 1);
    let by_members = files(checked.iter().filter(listed), 1);
    checked.retain(|c| {
        let included = match c.origin {
            Origin::Listed => return true,
            Origin::Found => &by_all,
            Origin::Named => &by_members,
        };
        included.is_empty() || !included.contains(&plain(c.loaded.host.file_name()))
    });
    Run { checked, given }
}

/// Paths of the files of some hosts, without the first ones of each.
fn files<'c>(checked: impl Iterator<Item = &'c Checked>, skip: usize) -> BTreeSet<String> {
    checked.flat_map(|c| c.loaded.host.sources.iter().skip(skip).map(|(_, file)| plain(file.name()))).collect()
}

/// Checks one file, under every configuration id that it names unless one is given.
fn check_input(input: Input, profile: &Profile) -> Checked {
    let Input { file, origin, given, cluster, member } = input;
    let mut profile = profile.clone();
    let (title, config_id) = member.map_or((None, None), |member| (Some(member.host), member.config_id));
    profile.config_id = config_id.or(profile.config_id);
    let mut loaded = variants::load(file, &profile, origin == Origin::Found);
    loaded.host.title = title;
    let diagnostics = if loaded.variants.is_empty() {
        check_host(&loaded.host)
    } else {
        let id = |host: &Host| host.profile.config_id.clone().unwrap_or_default();
        merge_profiles(loaded.variants.iter().map(|host| (id(host), check_host(host))).collect())
    };
    Checked { loaded, diagnostics, cluster, origin, given }
}

/// What hosts have to do with each other. Those of one cluster of `kalc.toml` stand together in `hosts`, and
/// `membership` says of which; hosts of different clusters are compared too, for what they have in common.
pub fn compare(hosts: &[Host], membership: &[Option<usize>], clusters: &[Cluster], is_whole: bool) -> Vec<Diagnostic> {
    let not_peers: Vec<_> = clusters.iter().flat_map(|cluster| cluster.not_peers.clone()).collect();
    let mut found = Vec::new();
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    let mut start = 0;
    while let Some(cluster) = membership.get(start).copied().flatten() {
        let end = start + membership[start..].iter().take_while(|member| **member == Some(cluster)).count();
        let members = &hosts[start..end];
        if members.len() > 1 {
            let max_failover_us = clusters.get(cluster).and_then(|cluster| cluster.max_failover_us);
            found.extend(check_given(members, Given { is_whole: true, not_peers: not_peers.clone(), max_failover_us }));
        }
        groups.push(members.iter().flat_map(|host| host.sources.iter().map(|(_, file)| file.name())).collect());
        start = end;
    }
    if groups.len() == 1 && start == hosts.len() {
        return found;
    }
    // What lies within one cluster has been said.
    let is_whole = is_whole || start == hosts.len();
    let mut across = check_given(hosts, Given { is_whole, not_peers, max_failover_us: None });
    across.retain(|d| {
        let places = || std::iter::once(&d.place).chain(d.related.iter().map(|related| &related.place));
        !groups.iter().any(|files| places().all(|place| files.contains(&*place.file)))
    });
    found.extend(across);
    found
}
