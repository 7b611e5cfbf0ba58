//! Files that kalc changes: all at once, or not at all; and how a change is shown.

use crate::error::Error;
use similar::TextDiff;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

/// Writes a file whose content was `before`, unless somebody else changed it since.
///
/// The new content is written beside it and takes its name, so that a reader sees the old file or the new one. Mode and
/// owner stay; a link stays one, and the file that it leads to is written.
pub fn write(path: &str, before: &[u8], after: &[u8]) -> Result<(), Error> {
    let failed = |source: io::Error| Error::Write { path: path.to_owned(), source };
    let file = fs::canonicalize(path).map_err(failed)?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let meta = fs::metadata(&file).map_err(failed)?;
    // The name must match no pattern of an include.
    let mut new = tempfile::Builder::new().prefix(".kalc-").suffix(".new").tempfile_in(folder).map_err(failed)?;
    new.write_all(after).map_err(failed)?;
    let made = new.as_file().metadata().map_err(failed)?;
    if (made.uid(), made.gid()) != (meta.uid(), meta.gid()) {
        chown(new.path(), Some(meta.uid()), Some(meta.gid())).map_err(failed)?;
    }
    new.as_file().set_permissions(meta.permissions()).map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    if fs::read(&file).map_err(failed)? != before {
        return Err(Error::ChangedMeanwhile { path: path.to_owned() });
    }
    new.persist(&file).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The difference between two versions of a file, as `diff -u` and `patch` write and read it.
pub fn diff(path: &str, before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let diff = TextDiff::from_lines(&*before, &*after);
    diff.unified_diff().header(path, path).to_string()
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::error::Error;

    #[test]
    fn a_file_that_somebody_else_changed_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.conf");
        std::fs::write(&path, "theirs").expect("a file");
        let done = write(&path.to_string_lossy(), b"mine", b"new");
        assert!(matches!(done, Err(Error::ChangedMeanwhile { .. })), "{done:?}");
        assert_eq!(std::fs::read(&path).expect("the file"), b"theirs");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing is left behind");
        write(&path.to_string_lossy(), b"theirs", b"new").expect("it is unchanged");
        assert_eq!(std::fs::read(&path).expect("the file"), b"new");
    }
}
