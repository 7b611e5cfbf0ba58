//! Files in memory, one of them with a mark.

use kalc_compiler::diagnostic::Diagnostic;
use kalc_grammar::files::{FileSystem, MemoryFiles, ReadError};
use kalc_lsp::analysis::{Analyst, Checker, Disk, Document, Documents, Input, Scene};
use kalc_lsp::ide::View;
use kalc_lsp::ide::company::Company;
use std::sync::Arc;

/// Where the cursor is.
pub const MARK: char = '‸';

struct Memory(MemoryFiles);

impl FileSystem for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.read(path)
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        self.0.glob(pattern)
    }

    fn is_executable(&self, _: &str) -> bool {
        false
    }
}

impl Disk for Memory {
    fn find(&self, folder: &str) -> Vec<String> {
        let is_main = |path: &&String| path.starts_with(folder) && path.ends_with(".conf");
        self.0.files.keys().filter(is_main).cloned().collect()
    }
}

/// Some files as they were read, and the place of the mark.
pub struct Marked {
    scene: Arc<Scene>,
    path: String,
    /// The offset of the mark.
    pub offset: u32,
    files: MemoryFiles,
}

impl Marked {
    /// Reads files below one folder; the one with the mark is open in the editor, the others are on the disk.
    pub fn new(files: &[(&str, &str)]) -> Marked {
        let (marked, text) = files.iter().find(|(_, text)| text.contains(MARK)).expect("a mark");
        let path = format!("/etc/{marked}");
        let offset = text.find(MARK).expect("a mark") as u32;
        let text = text.replace(MARK, "");
        let others = files.iter().filter(|(name, _)| name != marked);
        let on_disk: Vec<(String, &str)> = others.map(|(name, text)| (format!("/etc/{name}"), *text)).collect();
        let mut on_disk = MemoryFiles::new(on_disk.iter().map(|(path, text)| (path.as_str(), *text)));
        on_disk.files.insert(path.clone(), Vec::new());
        let files = on_disk.clone();
        let document = Document { path: path.clone(), version: 1, text: text.into() };
        let documents = Documents::from([(path.clone(), document)]);
        let input = Input {
            documents: Arc::new(documents),
            folders: vec!["/etc".to_owned()],
            preferences: Arc::default(),
            rescan: true,
            reread: true,
        };
        let scene = Analyst::new(Arc::new(Memory(on_disk))).read(&input, &|_, _| {}).remove(0);
        Marked { scene, path, offset, files }
    }

    /// One file.
    pub fn one(text: &str) -> Marked {
        Marked::new(&[("keepalived.conf", text)])
    }

    /// All hosts.
    pub fn company(&self) -> &Company {
        &self.scene.company
    }

    /// The file with the mark in the first host that reads it.
    pub fn view(&self) -> View<'_> {
        self.scene.company.views(&self.path).next().expect("a host")
    }

    /// The files that are not open.
    pub fn files(&self) -> &MemoryFiles {
        &self.files
    }
}

/// Some files on the disk, none of which is open.
pub struct Folder {
    disk: Arc<Memory>,
}

impl Folder {
    /// Files below one folder.
    pub fn new(files: &[(&str, &str)]) -> Folder {
        let files: Vec<(String, &str)> = files.iter().map(|(name, text)| (format!("/etc/{name}"), *text)).collect();
        let files = MemoryFiles::new(files.iter().map(|(path, text)| (path.as_str(), *text)));
        Folder { disk: Arc::new(Memory(files)) }
    }

    /// What is found in them.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let documents = Arc::new(Documents::default());
        let input = Input {
            documents: Arc::clone(&documents),
            folders: vec!["/etc".to_owned()],
            preferences: Arc::default(),
            rescan: true,
            reread: true,
        };
        let scenes = Analyst::new(Arc::clone(&self.disk) as Arc<dyn Disk>).read(&input, &|_, _| {});
        let found = Checker::default().check(&scenes, &*self.disk, &documents, &|| false, &|_, _| {});
        found.expect("nobody is in a hurry").diagnostics
    }
}
