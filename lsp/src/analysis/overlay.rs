//! The disk, with what is open in the editor over it.

use super::{Document, Documents, MOST_BYTES};
use kalc_grammar::files::{FileSystem, MemoryFiles, ReadError};

/// The files of a machine.
pub trait Disk: FileSystem + Send + Sync {
    /// The configurations below a folder, in the order in which `kalc check` takes them.
    fn find(&self, folder: &str) -> Vec<String>;
}

/// The disk, with open documents over it.
pub struct Overlay<'a> {
    /// The disk.
    pub disk: &'a dyn Disk,
    /// What is open.
    pub open: &'a Documents,
}

impl Overlay<'_> {
    fn document(&self, path: &str) -> Option<&Document> {
        self.open.get(path).or_else(|| self.open.get(&self.disk.canonical(path)))
    }
}

impl FileSystem for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let bytes = match self.document(path) {
            Some(document) => document.text.as_bytes().to_vec(),
            None => self.disk.read(path)?,
        };
        match bytes.len() > MOST_BYTES {
            true => Err(ReadError::Other("it is too large for the editor".to_owned())),
            false => Ok(bytes),
        }
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        let open = MemoryFiles { files: self.open.values().map(|d| (d.path.clone(), Vec::new())).collect() };
        let hidden = |path: &String| path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
        let mut paths = self.disk.glob(pattern);
        paths.extend(open.glob(pattern).into_iter().filter(|path| !hidden(path)));
        paths.sort();
        paths.dedup();
        paths
    }

    fn canonical(&self, path: &str) -> String {
        if self.open.contains_key(path) { path.to_owned() } else { self.disk.canonical(path) }
    }

    fn is_executable(&self, path: &str) -> bool {
        self.disk.is_executable(path)
    }
}
