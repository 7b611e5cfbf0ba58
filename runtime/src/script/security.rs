//! `enable_script_security`: what runs as root must be writable by root alone, with every folder on the way.

use super::Unrunnable;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Who but root may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Its owner is not root.
    Owner(u32),
    /// The group may.
    Group(u32),
    /// Everybody may.
    Everybody,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Owner(uid) => write!(f, "belongs to user {uid}"),
            Because::Group(gid) => write!(f, "may be written by group {gid}"),
            Because::Everybody => f.write_str("may be written by everybody"),
        }
    }
}

/// Refuses a program that somebody else could replace: as named, and behind its symbolic links.
pub(super) fn check(path: &Path) -> Result<(), Unrunnable> {
    let missing = |_| Unrunnable::Missing(path.to_owned());
    let named = std::path::absolute(path).map_err(missing)?;
    let real = fs::canonicalize(path).map_err(missing)?;
    let on_the_way: BTreeSet<PathBuf> = named.ancestors().chain(real.ancestors()).map(Path::to_path_buf).collect();
    for path in on_the_way.into_iter().rev() {
        let facts = fs::symlink_metadata(&path).map_err(|_| Unrunnable::Missing(path.clone()))?;
        if let Some(because) = writable(&facts) {
            return Err(Unrunnable::Insecure { path, because });
        }
    }
    Ok(())
}

fn writable(facts: &fs::Metadata) -> Option<Because> {
    let mode = facts.mode();
    if facts.uid() != 0 {
        return Some(Because::Owner(facts.uid()));
    }
    // The mode of a symbolic link means nothing, and in a folder such as /tmp nobody replaces what belongs to root.
    let is_sticky_folder = facts.is_dir() && mode & 0o1000 != 0;
    if facts.is_symlink() || is_sticky_folder {
        return None;
    }
    if mode & 0o002 != 0 {
        return Some(Because::Everybody);
    }
    (mode & 0o020 != 0 && facts.gid() != 0).then_some(Because::Group(facts.gid()))
}
