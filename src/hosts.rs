//! From inputs to hosts: reads and checks each by itself, sorts out what is no host, and compares those that are.

use crate::disk::Disk;
use crate::inputs::{Input, Origin, plain};
use crate::project::Cluster;
use kalc_compiler::check::{check_host, check_matched, merge_profiles, reconsider};
use kalc_compiler::cluster::names::folder_names;
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_compiler::settings::Settings;
use kalc_grammar::expand::Profile;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A host and what was found on it.
#[derive(Debug)]
pub struct Checked {
    /// The host.
    pub host: Host,
    /// One host for each id that its `@id` lines name, where none was given.
    variants: Vec<Host>,
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
pub fn check(inputs: Vec<Input>, profile: &Profile, settings: &Settings) -> Run {
    let mut checked: Vec<Checked> = if inputs.len() > 1 {
        inputs.into_par_iter().map(|input| check_input(input, profile, settings)).collect()
    } else {
        inputs.into_iter().map(|input| check_input(input, profile, settings)).collect()
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
        included.is_empty() || !included.contains(&plain(c.host.file_name()))
    });
    Run { checked, given }
}

/// Paths of the files of some hosts, without the first ones of each.
fn files<'c>(checked: impl Iterator<Item = &'c Checked>, skip: usize) -> BTreeSet<String> {
    checked.flat_map(|c| c.host.sources.iter().skip(skip).map(|(_, file)| plain(file.name()))).collect()
}

/// Checks one file, under every configuration id that it names unless one is given.
fn check_input(input: Input, profile: &Profile, settings: &Settings) -> Checked {
    let Input { file, origin, given, cluster, member } = input;
    let (mut profile, mut settings) = (profile.clone(), settings.clone());
    let mut title = None;
    if let Some(member) = member {
        title = Some(member.host);
        profile.config_id = member.config_id.or(profile.config_id);
        settings.addresses = member.addresses;
    }
    let mut host = Host::read(file.clone(), &Disk, &profile);
    host.title = title;
    host.settings = settings.clone();
    let ids: BTreeSet<String> = host.logical.config_ids.iter().map(|found| found.id.clone()).collect();
    let variant = |id: String| {
        let title = format!("{} (id {id})", file.name());
        let profile = Profile { config_id: Some(id), defines: profile.defines.clone() };
        let mut host = Host::read(file.clone(), &Disk, &profile);
        host.title = Some(title);
        host.settings = settings.clone();
        host
    };
    let variants: Vec<Host> =
        if profile.config_id.is_some() { Vec::new() } else { ids.into_iter().map(variant).collect() };
    let diagnostics = if variants.is_empty() {
        check_host(&host)
    } else {
        merge_profiles(variants.iter().map(|host| (id_of(host), check_host(host))).collect())
    };
    Checked { host, variants, diagnostics, cluster, origin, given }
}

fn id_of(host: &Host) -> String {
    host.profile.config_id.clone().unwrap_or_default()
}

/// The hosts to compare, each with its cluster of `kalc.toml`.
///
/// A file with `@id` lines is one host for each id. Where several files name the same id they are copies of one shared
/// file: each stands for the id that its folder is named after.
pub fn expand(checked: Vec<Checked>) -> (Vec<Host>, Vec<Option<usize>>) {
    let names = folder_names(checked.iter().map(|c| (c.origin == Origin::Found).then(|| c.host.file_name())));
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for id in checked.iter().flat_map(|c| &c.variants).map(id_of) {
        *users.entry(id).or_default() += 1;
    }
    let mut all = Vec::new();
    for (c, name) in checked.into_iter().zip(names) {
        let Checked { mut host, variants, cluster, .. } = c;
        let cluster = cluster.map(|(cluster, _)| cluster);
        if !variants.is_empty() && variants.iter().all(|host| users.get(&id_of(host)) == Some(&1)) {
            all.extend(variants.into_iter().map(|host| (host, cluster)));
            continue;
        }
        if let Some(own) = variants.into_iter().find(|host| name.as_ref() == Some(&id_of(host))) {
            host = Host { title: host.title, ..own };
        }
        host.title = host.title.or(name);
        all.push((host, cluster));
    }
    all.into_iter().unzip()
}

/// What hosts have to do with each other. Those of one cluster of `kalc.toml` stand together in `hosts`, and
/// `membership` says of which; hosts of different clusters are compared too, for what they have in common.
///
/// `alone` is what was found on each host by itself; it is corrected where peers show more.
pub fn compare(
    hosts: &[Host],
    membership: &[Option<usize>],
    clusters: &[Cluster],
    is_whole: bool,
    alone: &mut Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let not_peers: Vec<_> = clusters.iter().flat_map(|cluster| cluster.not_peers.clone()).collect();
    let mut found = Vec::new();
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    let mut start = 0;
    while let Some(cluster) = membership.get(start).copied().flatten() {
        let end = start + membership[start..].iter().take_while(|member| **member == Some(cluster)).count();
        let members = &hosts[start..end];
        if members.len() > 1 {
            let max_failover_us = clusters.get(cluster).and_then(|cluster| cluster.max_failover_us);
            let given = Given { is_whole: true, not_peers: not_peers.clone(), max_failover_us };
            let fleet = Fleet::new(members, given);
            found.extend(check_matched(&fleet));
            reconsider(&fleet, alone);
        }
        groups.push(members.iter().flat_map(|host| host.sources.iter().map(|(_, file)| file.name())).collect());
        start = end;
    }
    if groups.len() == 1 && start == hosts.len() {
        return found;
    }
    // What lies within one cluster has been said.
    let is_whole = is_whole || start == hosts.len();
    let fleet = Fleet::new(hosts, Given { is_whole, not_peers, max_failover_us: None });
    let mut across = check_matched(&fleet);
    reconsider(&fleet, alone);
    across.retain(|d| {
        let places = || std::iter::once(&d.place).chain(d.related.iter().map(|related| &related.place));
        !groups.iter().any(|files| places().all(|place| files.contains(&*place.file)))
    });
    found.extend(across);
    found
}
