//! Where a program is.

use super::Unrunnable;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The file of a program: as named, or, without a slash in its name, the first one in `PATH`.
pub(super) fn find(name: &str) -> Result<PathBuf, Unrunnable> {
    if name.contains('/') {
        let path = PathBuf::from(name);
        return check(&path).map(|()| path);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| check(path).is_ok());
    found.ok_or_else(|| Unrunnable::Missing(PathBuf::from(name)))
}

fn check(path: &Path) -> Result<(), Unrunnable> {
    let facts = fs::metadata(path).map_err(|_| Unrunnable::Missing(path.to_owned()))?;
    if facts.is_file() && facts.permissions().mode() & 0o111 != 0 {
        Ok(())
    } else {
        Err(Unrunnable::NotExecutable(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_path_and_by_search() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("check");
        fs::write(&script, "#!/bin/sh\n").expect("a file");
        let name = script.to_str().expect("plain");
        assert_eq!(find(name), Err(Unrunnable::NotExecutable(script.clone())));
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
        assert_eq!(find(name), Ok(script.clone()));
        let folder = folder.path().to_str().expect("plain");
        assert_eq!(find(folder), Err(Unrunnable::NotExecutable(PathBuf::from(folder))));
        assert!(find("sh").is_ok_and(|path| path.is_absolute()));
        assert_eq!(find("no-such-program-0"), Err(Unrunnable::Missing(PathBuf::from("no-such-program-0"))));
    }
}
