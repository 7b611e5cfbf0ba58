//! Which files are meant.

use crate::disk;
use crate::error::Error;
use kalc_grammar::source::SourceFile;
use std::path::{Path, PathBuf};

/// Where keepalived looks when nothing is said.
const DEFAULT: &str = "/etc/keepalived/keepalived.conf";

/// A file to check.
#[derive(Debug)]
pub struct Input {
    /// The file.
    pub file: SourceFile,
    /// Whether it was found in a folder rather than named; such a file is none of its own if another one includes it.
    pub found: bool,
}

/// Reads everything that the user named. What cannot be had is told beside what can.
pub fn read(paths: &[String], stdin_name: &str) -> (Vec<Input>, Vec<Error>) {
    let default = [DEFAULT.to_owned()];
    let paths = if paths.is_empty() { &default[..] } else { paths };
    let (mut inputs, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        if path == "-" {
            match disk::read_stdin(stdin_name) {
                Ok(file) => inputs.push(Input { file, found: false }),
                Err(error) => errors.push(error),
            }
        } else if Path::new(path).is_dir() {
            folder(path, &mut inputs, &mut errors);
        } else {
            match disk::read(path) {
                Ok(file) => inputs.push(Input { file, found: false }),
                Err(error) => errors.push(error),
            }
        }
    }
    (inputs, errors)
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
            Ok(file) => inputs.push(Input { file, found: true }),
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
