//! Files of the configuration that are outside of the daemon's folder: named pipes, tracked files with a first number, and those
//! about reloads.

use kalc_ir::notify::Fifo;
use kalc_ir::track::FileInit;
use nix::sys::stat::{Mode, SFlag};
use nix::unistd::{Gid, Group, Uid, User, chown, mkfifo};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// A named pipe, open for writing.
#[derive(Debug)]
pub(crate) struct MadePipe {
    /// Its end.
    pub file: File,
    /// Whether it was made, and is to be taken away at the end.
    pub is_new: bool,
}

/// Opens a named pipe, and makes it if it is missing (measured with keepalived 2.2.7).
pub(super) fn open(path: &Path, settings: &Fifo) -> io::Result<MadePipe> {
    let is_new = match mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR) {
        Ok(()) => true,
        Err(nix::errno::Errno::EEXIST) => false,
        Err(error) => return Err(error.into()),
    };
    let something_else = || io::Error::from_raw_os_error(nix::libc::EEXIST);
    if !fs::symlink_metadata(path)?.file_type().is_fifo() {
        return Err(something_else());
    }
    let owner = |name: &String| Ok::<_, io::Error>(User::from_name(name)?.map(|user| (user.uid, user.gid)));
    let user = settings.user.as_ref().map(owner).transpose()?.flatten();
    let group = settings.group.as_ref().map(|name| Group::from_name(name)).transpose()?.flatten();
    let uid: Option<Uid> = user.map(|(uid, _)| uid);
    let gid: Option<Gid> = group.map(|group| group.gid).or(user.map(|(_, gid)| gid));
    if is_new && (uid.is_some() || gid.is_some()) {
        chown(path, uid, gid)?;
    }
    // Reading too: without a reader an end for writing alone could not be opened.
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW;
    let file = File::options().read(true).write(true).custom_flags(flags).open(path)?;
    let facts = nix::sys::stat::fstat(&file)?;
    if SFlag::from_bits_truncate(facts.st_mode) & SFlag::S_IFMT != SFlag::S_IFIFO {
        return Err(something_else());
    }
    Ok(MadePipe { file, is_new })
}

/// Takes a named pipe away; nothing else of that name.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(facts) if facts.file_type().is_fifo() => fs::remove_file(path),
        Ok(_) => Err(io::Error::from_raw_os_error(nix::libc::EEXIST)),
        Err(error) => Err(error),
    }
}

/// Takes a file away that may be there.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `init_file`: writes the first number, over what is there only if that is asked for.
pub(super) fn initialize(path: &Path, init: FileInit) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    if init.overwrites {
        // Nothing but a regular file, so that a link in a folder of others leads nowhere.
        if fs::symlink_metadata(path).is_ok_and(|facts| !facts.is_file()) {
            return Err(io::Error::from_raw_os_error(nix::libc::EEXIST));
        }
        options.create(true).truncate(true).custom_flags(nix::libc::O_NOFOLLOW);
    } else {
        options.create_new(true);
    }
    match options.open(path).and_then(|mut file| writeln!(file, "{}", init.value)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !init.overwrites => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_first_number_and_keeps_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("value");
        let first = |value, overwrites| initialize(&path, FileInit { value, overwrites });
        let read = || fs::read_to_string(&path).expect("a file");
        first(5, false).expect("it is new");
        assert_eq!(read(), "5\n");
        first(6, false).expect("nothing to do");
        assert_eq!(read(), "5\n");
        first(6, true).expect("it is asked for");
        assert_eq!(read(), "6\n");
        fs::remove_file(&path).expect("it was there");
        fs::create_dir(&path).expect("a folder");
        first(6, true).expect_err("it is no file");
    }
}
