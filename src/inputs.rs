//! Which files are meant: what the user named, what the project names, and the rest of a cluster of which a part was named.

use crate::disk;
use crate::error::Error;
use crate::project::{Cluster, Member, Project};
use kalc_grammar::source::SourceFile;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where keepalived looks when nothing is said.
const DEFAULT: &str = "/etc/keepalived/keepalived.conf";

/// A file to check.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file.
    pub file: SourceFile,
    /// How it came here.
    pub origin: Origin,
    /// Whether the user asked for it, and not only for a peer of it.
    pub given: bool,
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
    fn new(file: SourceFile, origin: Origin) -> Self {
        Input { file, origin, given: true, cluster: None, member: None }
    }

    fn of_member(file: SourceFile, given: bool, cluster: (usize, usize), member: &Member) -> Self {
        Input { file, origin: Origin::Listed, given, cluster: Some(cluster), member: Some(member.clone()) }
    }
}

/// Everything that the user named, or else the project. What cannot be had is told beside what can.
pub fn read(paths: &[String], stdin_name: &str, project: Option<&Project>) -> (Vec<Input>, Vec<Error>) {
    let (mut inputs, mut errors) = (Vec::new(), Vec::new());
    let paths = match (paths, project) {
        ([], Some(project)) if !project.clusters.is_empty() => {
            for (index, cluster) in project.clusters.iter().enumerate() {
                for (at, member) in cluster.members.iter().enumerate() {
                    match disk::read(&member.file) {
                        Ok(file) => inputs.push(Input::of_member(file, true, (index, at), member)),
                        Err(error) => errors.push(error),
                    }
                }
            }
            return (inputs, errors);
        }
        ([], Some(project)) => &[project.folder_name()][..],
        ([], None) => &[DEFAULT.to_owned()][..],
        (paths, _) => paths,
    };
    for path in paths {
        if path == "-" {
            match disk::read_stdin(stdin_name) {
                Ok(file) => inputs.push(Input::new(file, Origin::Named)),
                Err(error) => errors.push(error),
            }
        } else if Path::new(path).is_dir() {
            folder(path, &mut inputs, &mut errors);
        } else {
            match disk::read(path) {
                Ok(file) => inputs.push(Input::new(file, Origin::Named)),
                Err(error) => errors.push(error),
            }
        }
    }
    (inputs, errors)
}

/// Adds the peers, from the disk, of files that are members of a cluster. A file that is no member may be included by one:
/// then all clusters are added, and who reads them finds out which one is meant.
pub fn add_peers<'c>(inputs: Vec<Input>, clusters: &'c [Cluster], errors: &mut Vec<Error>) -> Vec<Input> {
    if clusters.is_empty() || inputs.iter().any(|input| input.member.is_some()) {
        return inputs;
    }
    let members: Vec<((usize, usize), &Member, String)> = clusters
        .iter()
        .enumerate()
        .flat_map(|(index, cluster)| {
            let place = move |(at, member): (usize, &'c Member)| ((index, at), member, plain(&member.file));
            cluster.members.iter().enumerate().map(place)
        })
        .collect();
    let mut all = Vec::new();
    let mut given = BTreeSet::new();
    let mut has_others = false;
    for input in inputs {
        let path = plain(input.file.name());
        let before = all.len();
        for (index, member, _) in members.iter().filter(|(_, _, file)| *file == path) {
            given.insert(*index);
            all.push(Input::of_member(input.file.clone(), true, *index, member));
        }
        if all.len() == before {
            has_others |= input.origin == Origin::Named;
            all.push(input);
        }
    }
    let touched: BTreeSet<usize> = given.iter().map(|(cluster, _)| *cluster).collect();
    for (index, member, _) in &members {
        let is_touched = touched.contains(&index.0);
        if given.contains(index) || !is_touched && !has_others {
            continue;
        }
        match disk::read(&member.file) {
            Ok(file) => all.push(Input::of_member(file, false, *index, member)),
            Err(error) if is_touched => errors.push(error),
            // Nobody asked for this cluster.
            Err(_) => {}
        }
    }
    all
}

/// One spelling for the paths of a file.
pub fn plain(path: &str) -> String {
    std::fs::canonicalize(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn folder(path: &str, inputs: &mut Vec<Input>, errors: &mut Vec<Error>) {
    let mut files = Vec::new();
    search(Path::new(path), &mut files, errors);
    files.sort();
    if files.is_empty() {
        errors.push(Error::EmptyFolder { path: path.to_owned() });
    }
    for file in files {
        match disk::read(&file.to_string_lossy()) {
            Ok(file) => inputs.push(Input::new(file, Origin::Found)),
            Err(error) => errors.push(error),
        }
    }
}

/// Folders are searched to the bottom; links to folders and hidden folders are not followed.
fn search(folder: &Path, files: &mut Vec<PathBuf>, errors: &mut Vec<Error>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(source) => {
            errors.push(Error::Read { path: folder.to_string_lossy().into_owned(), source });
            return;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            if !name.starts_with('.') {
                search(&path, files, errors);
            }
        } else if is_configuration(&path, &name) {
            files.push(path);
        }
    }
}

/// Whether a file in a folder is a configuration, by its name or by what it holds.
pub fn is_configuration(path: &Path, name: &str) -> bool {
    name == "keepalived.conf"
        || name.ends_with(".keepalived.conf")
        || name.ends_with(".conf") && path.is_file() && disk::is_keepalived(path)
}
