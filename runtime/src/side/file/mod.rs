//! Tracked files: the number in each is told when it changes.
//!
//! Folders are watched rather than files: a file may be missing, or be replaced by renaming another one over it. It is
//! read when a writer closes it, so that nobody sees it half written. Where a folder cannot be watched, or where a
//! symbolic link leads out of it, the file is looked at every second.

mod number;
mod watch;

use super::{Epoch, SideEvent};
use crate::starter::Starter;
use kalc_ir::track::FileInit;
use kalc_ir::{Ir, TrackFileId};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
pub(super) use watch::Watch;

/// Time between two looks at what cannot be watched.
const POLL: Duration = Duration::from_secs(1);
/// As much of a file is read.
const BYTES_MAX: u64 = 4096;

/// Follows the files of a configuration until the task is aborted; says when each has been told once.
pub(super) async fn follow(
    epoch: Epoch,
    ir: std::sync::Arc<Ir>,
    starter: Starter,
    events: mpsc::Sender<SideEvent>,
    surveyed: oneshot::Sender<()>,
) {
    let paths: Vec<PathBuf> = ir.files.iter().map(|file| PathBuf::from(&file.path)).collect();
    let inits: Vec<_> = ir.files.iter().map(|file| file.init).collect();
    for (path, init) in paths.iter().zip(inits) {
        if let Some(init) = init {
            // A reload overwrites nothing, as under keepalived.
            let init = FileInit { overwrites: init.overwrites && epoch == Epoch::FIRST, ..init };
            match starter.initialize(path, init).await {
                Ok(()) => {}
                Err(error) if error.raw_os_error() == Some(nix::libc::EEXIST) => {
                    tracing::error!("init_file: {} is no regular file and is left alone", path.display());
                }
                Err(error) => tracing::error!("init_file: cannot write {}: {error}", path.display()),
            }
        }
    }
    // Watched before they are read: nothing that happens in between is missed.
    let mut watch = Watch::new(&paths);
    let mut known: Vec<Option<i64>> = vec![None; paths.len()];
    let mut surveyed = Some(surveyed);
    loop {
        let values = read_all(&paths).await;
        for (index, (known, value)) in (0u32..).zip(known.iter_mut().zip(values)) {
            if known.replace(value) == Some(value) {
                continue;
            }
            if events.send(SideEvent::File { epoch, file: TrackFileId(index), value }).await.is_err() {
                return;
            }
        }
        if surveyed.take().is_some_and(|surveyed| surveyed.send(()).is_err()) {
            // Another configuration has come.
            return;
        }
        if watch.covers_all() {
            watch.changed().await;
        } else {
            tokio::select! {
                () = watch.changed() => {}
                () = sleep(POLL) => watch.try_again(),
            }
        }
    }
}

/// Reads all files in a thread that may block. A file on a dead network drive holds up the others, and nothing else.
async fn read_all(paths: &[PathBuf]) -> Vec<i64> {
    let paths = paths.to_vec();
    let count = paths.len();
    let read = tokio::task::spawn_blocking(move || paths.iter().map(|path| read(path)).collect());
    read.await.unwrap_or_else(|error| {
        tracing::error!("reading the tracked files failed: {error}");
        vec![0; count]
    })
}

/// The number in a file; 0 if there is no such file or no number in it.
fn read(path: &Path) -> i64 {
    match content(path) {
        Ok(text) => number::parse(&text),
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::debug!("cannot read {}: {error}", path.display());
            }
            0
        }
    }
}

pub(super) fn content(path: &Path) -> io::Result<Vec<u8>> {
    // A named pipe must not make us wait for its writer.
    let file = File::options().read(true).custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = Vec::new();
    file.take(BYTES_MAX).read_to_end(&mut text)?;
    Ok(text)
}
