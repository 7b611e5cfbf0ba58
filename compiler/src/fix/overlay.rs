//! Texts that are not written yet, over the files they are to replace.

use kalc_grammar::files::{FileSystem, ReadError};
use std::collections::BTreeMap;

pub(super) struct Overlay<'f> {
    files: &'f (dyn FileSystem + Sync),
    /// Texts by the one spelling of their paths.
    texts: BTreeMap<String, Vec<u8>>,
}

impl<'f> Overlay<'f> {
    pub(super) fn new(files: &'f (dyn FileSystem + Sync)) -> Self {
        Overlay { files, texts: BTreeMap::new() }
    }

    pub(super) fn set(&mut self, path: &str, text: Vec<u8>) {
        self.texts.insert(path.to_owned(), text);
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.texts.remove(path);
    }

    pub(super) fn text(&self, path: &str) -> Option<&[u8]> {
        self.texts.get(path).map(Vec::as_slice)
    }
}

impl FileSystem for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.texts.get(&self.files.canonical(path)) {
            Some(text) => Ok(text.clone()),
            None => self.files.read(path),
        }
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        self.files.glob(pattern)
    }

    fn canonical(&self, path: &str) -> String {
        self.files.canonical(path)
    }

    fn is_executable(&self, path: &str) -> bool {
        self.files.is_executable(path)
    }
}
