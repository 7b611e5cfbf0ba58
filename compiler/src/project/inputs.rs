//! Files to check, and the rest of a cluster of which a part was named.

use super::{Cluster, Member};
use kalc_grammar::files::FileSystem;
use std::collections::BTreeSet;

/// A file to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub path: String,
    /// How it came here.
    pub origin: Origin,
    /// Whether the user asked for it, and not only for a peer of it.
    pub given: bool,
    /// Whether it is a failure if it cannot be read.
    pub is_wanted: bool,
    /// Indices of its cluster of `kalc.toml` and of its place there.
    pub cluster: Option<(usize, usize)>,
    /// What `kalc.toml` says of its host.
    pub member: Option<Member>,
}

/// How a file came to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// By its name.
    Named,
    /// In a folder; such a file is none of its own if another one includes it.
    Found,
    /// In the list of a cluster's members.
    Listed,
}

impl Input {
    /// A file that the user asked for.
    pub fn new(path: &str, origin: Origin) -> Self {
        Input { path: path.to_owned(), origin, given: true, is_wanted: true, cluster: None, member: None }
    }

    /// A member of a cluster; `cluster` has the indices of both.
    fn of_member(path: &str, cluster: (usize, usize), member: &Member) -> Self {
        Input { cluster: Some(cluster), member: Some(member.clone()), ..Input::new(path, Origin::Listed) }
    }
}

/// All members of all clusters.
pub fn members(clusters: &[Cluster]) -> Vec<Input> {
    let of_cluster = |(index, cluster): (usize, &Cluster)| {
        let member = |(at, member): (usize, &Member)| Input::of_member(&member.file, (index, at), member);
        cluster.members.iter().enumerate().map(member).collect::<Vec<_>>()
    };
    clusters.iter().enumerate().flat_map(of_cluster).collect()
}

/// Adds the peers of files that are members of a cluster. A file that is no member may be included by one: then all
/// clusters are added, and [`Run`](super::Run) finds out which one is meant.
pub fn add_peers(inputs: Vec<Input>, clusters: &[Cluster], files: &dyn FileSystem) -> Vec<Input> {
    if clusters.is_empty() || inputs.iter().any(|input| input.member.is_some()) {
        return inputs;
    }
    let with_path = |member: Input| {
        let path = files.canonical(&member.path);
        (member, path)
    };
    let members: Vec<(Input, String)> = members(clusters).into_iter().map(with_path).collect();
    let mut all = Vec::new();
    let mut given = BTreeSet::new();
    let mut has_others = false;
    for input in inputs {
        let path = files.canonical(&input.path);
        let before = all.len();
        for (member, _) in members.iter().filter(|(_, file)| *file == path) {
            given.insert(member.cluster);
            all.push(Input { path: input.path.clone(), ..member.clone() });
        }
        if all.len() == before {
            has_others = true;
            all.push(input);
        }
    }
    let touched: BTreeSet<usize> = given.iter().flatten().map(|(cluster, _)| *cluster).collect();
    for (member, _) in members {
        let is_touched = member.cluster.is_some_and(|(cluster, _)| touched.contains(&cluster));
        if !given.contains(&member.cluster) && (is_touched || has_others) {
            all.push(Input { given: false, is_wanted: is_touched, ..member });
        }
    }
    all
}
