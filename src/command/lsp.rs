//! `kalc lsp`: the language server on standard input and output.

use crate::disk::Disk;
use crate::error::{Error, Status};
use crate::inputs;
use kalc_grammar::files::{FileSystem, ReadError};
use kalc_lsp::{analysis, server};
use std::path::PathBuf;
use std::sync::Arc;

/// Entries of folders that are looked at: an editor may be opened on a home folder.
const MOST_ENTRIES: usize = 100_000;

/// Stack of the threads that work out answers: texts are read there too.
const STACK: usize = 16 << 20;

/// Threads that work out answers; two more hold the standard input and output.
const THREADS: usize = 8 + 2;

/// Runs the command.
pub fn run() -> Result<Status, Error> {
    let failed = |source| Error::Serve { source };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime =
        runtime.enable_time().thread_stack_size(STACK).max_blocking_threads(THREADS).build().map_err(failed)?;
    let served = runtime.block_on(server::serve(Arc::new(Workspace), env!("CARGO_PKG_VERSION")));
    // Reading standard input cannot be taken back; the client is gone.
    runtime.shutdown_background();
    served.map_err(failed)?;
    Ok(Status::Clean)
}

/// The disk as the server sees it.
struct Workspace;

impl FileSystem for Workspace {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        Disk.read(path)
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        Disk.glob(pattern)
    }

    fn canonical(&self, path: &str) -> String {
        Disk.canonical(path)
    }

    fn is_executable(&self, path: &str) -> bool {
        Disk.is_executable(path)
    }
}

impl analysis::Disk for Workspace {
    fn find(&self, folder: &str) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::from(folder)];
        let mut left = MOST_ENTRIES;
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten().take(left) {
                left -= 1;
                let Ok(kind) = entry.file_type() else { continue };
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if kind.is_dir() {
                    if !name.starts_with('.') {
                        folders.push(entry.path());
                    }
                } else if inputs::is_configuration(&entry.path(), &name) {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files.into_iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }
}
