//! Folders that are watched for the sake of files in them.

use crate::sys::{self, Watched};
use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use tokio::io::unix::AsyncFd;

/// A change of some file, or of the folder itself.
const EVENTS: AddWatchFlags = AddWatchFlags::IN_CLOSE_WRITE
    .union(AddWatchFlags::IN_CREATE)
    .union(AddWatchFlags::IN_DELETE)
    .union(AddWatchFlags::IN_MOVED_FROM)
    .union(AddWatchFlags::IN_MOVED_TO)
    .union(AddWatchFlags::IN_DELETE_SELF)
    .union(AddWatchFlags::IN_MOVE_SELF)
    .union(AddWatchFlags::IN_ONLYDIR);

/// Watches some files.
pub struct Watch {
    inotify: Option<AsyncFd<Watched<Inotify>>>,
    paths: Vec<PathBuf>,
    /// Names that count, by watched folder.
    folders: Vec<(WatchDescriptor, PathBuf, BTreeSet<OsString>)>,
    /// Whether every file is in a watched folder.
    covers_all: bool,
}

impl Watch {
    /// Watches the folders of some files, as far as they are there.
    pub fn new(paths: &[PathBuf]) -> Watch {
        let opened = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC);
        let inotify = opened.map_err(std::io::Error::from).and_then(sys::watch);
        let inotify = inotify.map_err(|error| tracing::warn!("files cannot be watched, only looked at: {error}")).ok();
        let mut watch = Watch { inotify, paths: paths.to_vec(), folders: Vec::new(), covers_all: false };
        watch.try_again();
        watch
    }

    /// Whether no file needs to be looked at without a reason.
    pub fn covers_all(&self) -> bool {
        self.covers_all
    }

    /// Watches folders that are there by now.
    pub fn try_again(&mut self) {
        let mut wanted: BTreeMap<PathBuf, BTreeSet<OsString>> = BTreeMap::new();
        self.covers_all = true;
        for path in &self.paths {
            let folder = match path.parent() {
                Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
                Some(folder) => folder,
                None => Path::new("/"),
            };
            let Some(name) = path.file_name() else { continue };
            wanted.entry(folder.to_owned()).or_default().insert(name.to_owned());
            // The file behind a link changes in another folder.
            self.covers_all &= !path.is_symlink();
        }
        for (folder, names) in wanted {
            if self.folders.iter().any(|(_, known, _)| *known == folder) {
                continue;
            }
            let added = self.inotify.as_ref().map(|inotify| inotify.get_ref().0.add_watch(&folder, EVENTS));
            match added {
                Some(Ok(descriptor)) => self.folders.push((descriptor, folder, names)),
                Some(Err(_)) | None => self.covers_all = false,
            }
        }
    }

    /// Waits for a change that may concern a file.
    pub async fn changed(&mut self) {
        let Some(inotify) = &self.inotify else { return std::future::pending().await };
        loop {
            let Ok(mut guard) = inotify.readable().await else { return std::future::pending().await };
            let read = guard.try_io(|inotify| inotify.get_ref().0.read_events().map_err(std::io::Error::from));
            let events = match read {
                Ok(Ok(events)) => events,
                Ok(Err(error)) => {
                    tracing::warn!("events of tracked files cannot be read: {error}");
                    // What was missed is seen by looking.
                    self.covers_all = false;
                    return;
                }
                Err(_would_block) => continue,
            };
            let mut is_ours = false;
            for event in events {
                let gone = AddWatchFlags::IN_DELETE_SELF | AddWatchFlags::IN_MOVE_SELF | AddWatchFlags::IN_IGNORED;
                if event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) {
                    is_ours = true;
                } else if event.mask.intersects(gone) {
                    if let Some(index) = self.folders.iter().position(|(known, _, _)| *known == event.wd) {
                        let (descriptor, _, _) = self.folders.swap_remove(index);
                        // A folder that was moved away is still watched.
                        if event.mask.contains(AddWatchFlags::IN_MOVE_SELF)
                            && let Err(error) = inotify.get_ref().0.rm_watch(descriptor)
                            && error != Errno::EINVAL
                        {
                            tracing::debug!("a folder is still watched: {error}");
                        }
                        self.covers_all = false;
                        is_ours = true;
                    }
                } else {
                    let folder = self.folders.iter().find(|(known, _, _)| *known == event.wd);
                    let names = folder.map(|(_, _, names)| names);
                    is_ours |= names.is_some_and(|names| event.name.as_ref().is_some_and(|name| names.contains(name)));
                }
            }
            if is_ours {
                return;
            }
        }
    }
}
