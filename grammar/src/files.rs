//! Where files come from. The grammar itself does no I/O: it asks a [`FileSystem`].

use std::collections::BTreeMap;

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is none of that name.
    NotFound,
    /// It is a folder or something else that is no regular file.
    NotAFile,
    /// The system's words for anything else.
    Other(String),
}

/// Reads files and finds them by pattern. Paths are strings with `/`, as keepalived writes them.
pub trait FileSystem {
    /// The bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;
    /// The paths that a shell pattern with `? * [..]` (no braces) matches, sorted by byte.
    fn glob(&self, pattern: &str) -> Vec<String>;
    /// One spelling for all paths of a file, to find cycles; the path itself where that is not known.
    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
    /// Whether the file may be executed: keepalived takes no such file for an include that must be read.
    fn is_executable(&self, path: &str) -> bool;
}

/// Files in memory, for tests, editors and standard input.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    /// Contents by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl MemoryFiles {
    /// Files from pairs of path and text.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        MemoryFiles {
            files: files.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).collect(),
        }
    }
}

impl FileSystem for MemoryFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.files.get(path).cloned().ok_or(ReadError::NotFound)
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        let Ok(pattern) = glob::Pattern::new(pattern) else { return Vec::new() };
        let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
        self.files.keys().filter(|path| pattern.matches_with(path, options)).cloned().collect()
    }

    fn is_executable(&self, _: &str) -> bool {
        false
    }
}
