//! Which hosts files stand for where nothing but the files says: one for each `@id`, named after their folders.

use crate::disk::Disk;
use crate::inputs::plain;
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One file, read.
#[derive(Debug)]
pub struct Loaded {
    /// As it is without a configuration id, or with the one that was given.
    pub host: Host,
    /// One host for each id that its `@id` lines name, where none was given.
    pub variants: Vec<Host>,
    /// Whether it was found in a folder rather than named.
    pub found: bool,
}

/// Reads a file, under every configuration id that it names unless one is given.
pub fn load(file: SourceFile, profile: &Profile, found: bool) -> Loaded {
    let host = Host::read(file.clone(), &Disk, profile);
    let ids: BTreeSet<String> = host.logical.config_ids.iter().map(|found| found.id.clone()).collect();
    let variant = |id: String| {
        let title = format!("{} (id {id})", file.name());
        let profile = Profile { config_id: Some(id), defines: profile.defines.clone() };
        let mut host = Host::read(file.clone(), &Disk, &profile);
        host.title = Some(title);
        host
    };
    let variants = if profile.config_id.is_some() { Vec::new() } else { ids.into_iter().map(variant).collect() };
    Loaded { host, variants, found }
}

/// A file that was only found in a folder, and that another one includes, is no host.
pub fn drop_included<T>(all: &mut Vec<T>, loaded: impl Fn(&T) -> &Loaded) {
    let included: BTreeSet<String> = all
        .iter()
        .flat_map(|one| loaded(one).host.sources.iter().skip(1).map(|(_, file)| plain(file.name())))
        .collect();
    all.retain(|one| {
        let one = loaded(one);
        !(one.found && included.contains(&plain(one.host.file_name())))
    });
}

/// The hosts to compare, and whether they are all there are.
///
/// A file with `@id` lines is one host for each id. Where several files name the same id they are copies of one shared file:
/// each stands for the id that its folder is named after, or is left out.
pub fn to_compare(files: Vec<Loaded>) -> (Vec<Host>, bool) {
    let is_whole = files.len() > 1 && files.iter().all(|file| file.found);
    let names = folder_names(&files);
    let mut users: BTreeMap<String, usize> = BTreeMap::new();
    for id in files.iter().flat_map(|file| &file.variants).filter_map(|host| host.profile.config_id.clone()) {
        *users.entry(id).or_default() += 1;
    }
    let mut hosts = Vec::new();
    for (file, name) in files.into_iter().zip(names) {
        let Loaded { mut host, variants, .. } = file;
        let id = |host: &Host| host.profile.config_id.clone().unwrap_or_default();
        if variants.is_empty() {
            host.title = name;
            hosts.push(host);
        } else if variants.iter().all(|host| users.get(&id(host)) == Some(&1)) {
            hosts.extend(variants);
        } else if let Some(mut host) = variants.into_iter().find(|host| name.as_ref() == Some(&id(host))) {
            host.title = name;
            hosts.push(host);
        }
    }
    (hosts, is_whole)
}

/// `web1` for `…/web1/keepalived.conf` and `…/web1/etc/keepalived/keepalived.conf`, where a folder holds a folder for
/// each host; else the name of the file in the folder. No name where it would be that of two.
fn folder_names(files: &[Loaded]) -> Vec<Option<String>> {
    let name = |file: &Loaded| {
        let path = Path::new(file.host.file_name());
        if !file.found {
            return None;
        }
        if path.file_name()? != "keepalived.conf" {
            return Some(path.file_name()?.to_string_lossy().into_owned());
        }
        let mut folder = path.parent()?;
        if folder.ends_with("etc/keepalived") {
            folder = folder.parent()?.parent()?;
        }
        Some(folder.file_name()?.to_string_lossy().into_owned())
    };
    let mut names: Vec<Option<String>> = files.iter().map(name).collect();
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
