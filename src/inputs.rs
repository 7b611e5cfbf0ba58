//! Which files are meant: what the user named, what the project names, and the rest of a cluster of which a part was named.

use crate::disk::{self, Disk};
use crate::error::Error;
use kalc_compiler::project::{Input, Origin, Project, Reader, Unit, add_peers, members};
use kalc_grammar::files::FileSystem;
use kalc_grammar::source::SourceFile;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where keepalived looks when nothing is said.
const DEFAULT: &str = "/etc/keepalived/keepalived.conf";

/// What was found of the files.
#[derive(Debug)]
pub struct Found {
    /// The files, checked one by one, in the order given.
    pub units: Vec<Unit>,
    /// What each of them was read from.
    pub inputs: Vec<Input>,
    /// What could not be read.
    pub errors: Vec<Error>,
    /// Whether these are all files there are: those of one folder, or of the project.
    pub is_folder: bool,
}

/// Whether the other members of a cluster are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// Those of `kalc.toml`.
    Added,
    /// Only what was named.
    LeftOut,
}

/// Reads and checks what is meant, on all cores. What cannot be had is told beside what can.
pub fn check(
    paths: &[String],
    stdin_name: &str,
    project: Option<&Project>,
    peers: Peers,
    reader: &Reader<'_>,
) -> Found {
    let mut errors = Vec::new();
    let (mut inputs, stdin) = named(paths, stdin_name, project, &mut errors);
    if let (Peers::Added, Some(project)) = (peers, project) {
        inputs = add_peers(inputs, &project.clusters, &Disk);
    }
    let check = |input: &Input| -> Result<Unit, Error> {
        let file = match &stdin {
            Some(file) if file.name() == input.path => file.clone(),
            Some(_) | None => disk::read(&input.path)?,
        };
        let mut unit = reader.read(input, file);
        unit.check();
        Ok(unit)
    };
    let checked: Vec<Result<Unit, Error>> =
        if inputs.len() > 1 { inputs.par_iter().map(check).collect() } else { inputs.iter().map(check).collect() };
    let mut units = Vec::with_capacity(checked.len());
    let mut read = Vec::with_capacity(checked.len());
    for (input, checked) in inputs.into_iter().zip(checked) {
        match checked {
            Ok(unit) => {
                units.push(unit);
                read.push(input);
            }
            Err(error) if input.is_wanted => errors.push(error),
            Err(_) => {}
        }
    }
    let is_folder = matches!(paths, [path] if Path::new(path).is_dir()) || paths.is_empty();
    Found { units, inputs: read, errors, is_folder }
}

/// Reads what is meant, each file once however many hosts of `kalc.toml` share it.
pub fn read(paths: &[String], stdin_name: &str, project: Option<&Project>) -> (Vec<SourceFile>, Vec<Error>) {
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    let (inputs, stdin) = named(paths, stdin_name, project, &mut errors);
    let mut seen = BTreeSet::new();
    for input in inputs.iter().filter(|input| seen.insert(Disk.canonical(&input.path))) {
        match stdin
            .as_ref()
            .filter(|file| file.name() == input.path)
            .cloned()
            .map_or_else(|| disk::read(&input.path), Ok)
        {
            Ok(file) => files.push(file),
            Err(error) => errors.push(error),
        }
    }
    (files, errors)
}

/// Everything that the user named, or else the project; and standard input, if it was named.
fn named(
    paths: &[String],
    stdin_name: &str,
    project: Option<&Project>,
    errors: &mut Vec<Error>,
) -> (Vec<Input>, Option<SourceFile>) {
    let (mut inputs, mut stdin) = (Vec::new(), None);
    let paths = match (paths, project) {
        ([], Some(project)) if !project.clusters.is_empty() => return (members(&project.clusters), None),
        ([], Some(project)) => &[project.folder_name()][..],
        ([], None) => &[DEFAULT.to_owned()][..],
        (paths, _) => paths,
    };
    for path in paths {
        if path == "-" {
            match disk::read_stdin(stdin_name) {
                Ok(file) => {
                    inputs.push(Input::new(stdin_name, Origin::Named));
                    stdin = Some(file);
                }
                Err(error) => errors.push(error),
            }
        } else if Path::new(path).is_dir() {
            folder(path, &mut inputs, errors);
        } else {
            inputs.push(Input::new(path, Origin::Named));
        }
    }
    (inputs, stdin)
}

fn folder(path: &str, inputs: &mut Vec<Input>, errors: &mut Vec<Error>) {
    let mut files = Vec::new();
    search(Path::new(path), &mut files, errors);
    files.sort();
    if files.is_empty() {
        errors.push(Error::EmptyFolder { path: path.to_owned() });
    }
    inputs.extend(files.iter().map(|file| Input::new(&file.to_string_lossy(), Origin::Found)));
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
