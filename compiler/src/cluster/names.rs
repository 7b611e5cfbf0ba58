//! What messages call hosts whose files were found in a folder.

use std::collections::BTreeMap;
use std::path::Path;

/// `web1` for `…/web1/keepalived.conf` and `…/web1/etc/keepalived/keepalived.conf`, where a folder holds a folder for
/// each host; else the name of the file in the folder. No name where it would be that of two, and none for `None`: a file
/// that was not found but named.
pub fn folder_names<'p>(paths: impl IntoIterator<Item = Option<&'p str>>) -> Vec<Option<String>> {
    let mut names: Vec<Option<String>> = paths.into_iter().map(|path| name(Path::new(path?))).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.iter().flatten() {
        *counts.entry(name.clone()).or_default() += 1;
    }
    for name in &mut names {
        if name.as_ref().is_some_and(|name| counts[name] > 1) {
            *name = None;
        }
    }
    names
}

fn name(path: &Path) -> Option<String> {
    let file = path.file_name()?.to_string_lossy();
    if file != "keepalived.conf" {
        return Some(file.into_owned());
    }
    let mut folder = path.parent()?;
    if folder.ends_with("etc/keepalived") {
        folder = folder.parent()?.parent()?;
    }
    Some(folder.file_name()?.to_string_lossy().into_owned())
}
