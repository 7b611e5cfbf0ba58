//! One main file, read and checked by itself.

use super::inputs::{Input, Origin};
use crate::check::{check_host_while, merge_profiles};
use crate::diagnostic::Diagnostic;
use crate::host::Host;
use crate::settings::Settings;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::FileSystem;
use kalc_grammar::source::SourceFile;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A main file, and what was found on it. Hosts are shared, so that a copy for somebody who looks at it later costs little.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The host: under the configuration id that was given, or under none.
    pub host: Arc<Host>,
    /// One host for each id that its `@id` lines name, where none was given.
    pub variants: Vec<Arc<Host>>,
    /// Its files, under every configuration id; the main one first.
    pub files: Vec<UnitFile>,
    /// What was found on it alone, once [`Unit::check`] was called.
    pub diagnostics: Vec<Diagnostic>,
    /// Indices of its cluster of `kalc.toml` and of its place there.
    pub cluster: Option<(usize, usize)>,
    /// How it came here.
    pub origin: Origin,
    /// Whether the user asked for it.
    pub given: bool,
    /// Whether it is a host of its own, and no part of another one, as the last [`Run`](super::Run) saw it.
    pub is_host: bool,
    /// Which of its hosts are compared with others.
    pub(super) compared: Compared,
}

/// A file of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFile {
    /// Its name in findings.
    pub name: String,
    /// The one spelling of its path.
    pub path: String,
}

/// Which hosts of a unit are compared with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// The one without a configuration id, or with the one that was given.
    Main,
    /// One of those under an id of the file.
    Variant(usize),
    /// All of those.
    Variants,
}

/// How files are read.
#[derive(Clone)]
pub struct Reader<'f> {
    /// Where they, and what they include, come from.
    pub files: &'f (dyn FileSystem + Sync),
    /// The configuration id and the definitions that were given.
    pub profile: Profile,
    /// What they are for.
    pub settings: Settings,
}

impl Reader<'_> {
    /// Reads the file of an input, under every configuration id that it names unless one is given.
    pub fn read(&self, input: &Input, file: SourceFile) -> Unit {
        let Input { origin, given, cluster, ref member, .. } = *input;
        let (mut profile, mut settings) = (self.profile.clone(), self.settings.clone());
        let mut title = None;
        if let Some(member) = member {
            title = Some(member.host.clone());
            profile.config_id = member.config_id.clone().or(profile.config_id);
            settings.addresses.clone_from(&member.addresses);
        }
        let read = |title: Option<String>, profile: &Profile| {
            let host = Host::read(file.clone(), self.files, profile);
            Arc::new(Host { title, settings: settings.clone(), ..host })
        };
        let host = read(title, &profile);
        let ids: BTreeSet<&str> = host.logical.config_ids.iter().map(|found| found.id.as_str()).collect();
        let variant = |id: &str| {
            let profile = Profile { config_id: Some(id.to_owned()), defines: profile.defines.clone() };
            read(Some(format!("{} (id {id})", file.name())), &profile)
        };
        let variants: Vec<Arc<Host>> = match profile.config_id {
            Some(_) => Vec::new(),
            None => ids.into_iter().map(variant).collect(),
        };
        let files = self.files_of(&host, &variants);
        let (diagnostics, is_host, compared) = (Vec::new(), true, Compared::Main);
        Unit { host, variants, files, diagnostics, cluster, origin, given, is_host, compared }
    }

    fn files_of(&self, host: &Arc<Host>, variants: &[Arc<Host>]) -> Vec<UnitFile> {
        let mut files: Vec<UnitFile> = Vec::new();
        for (_, file) in std::iter::once(host).chain(variants).flat_map(|host| host.sources.iter()) {
            let name = file.name();
            if !files.iter().any(|known| known.name == name) {
                files.push(UnitFile { name: name.to_owned(), path: self.files.canonical(name) });
            }
        }
        files
    }
}

impl Unit {
    /// Runs the rules for one host.
    pub fn check(&mut self) {
        self.check_while(&|| true);
    }

    /// The same; `false`, and nothing found, if `goes_on` says in between that nobody wants the answer any more.
    pub fn check_while(&mut self, goes_on: &(dyn Fn() -> bool + Sync)) -> bool {
        let found = if self.variants.is_empty() {
            check_host_while(&self.host, goes_on)
        } else {
            let check = |host: &Arc<Host>| Some((id_of(host), check_host_while(host, goes_on)?));
            self.variants.iter().map(check).collect::<Option<Vec<_>>>().map(merge_profiles)
        };
        let is_done = found.is_some();
        self.diagnostics = found.unwrap_or_default();
        is_done
    }

    /// The one spelling of the path of the main file.
    pub fn path(&self) -> &str {
        self.paths().next().unwrap_or("")
    }

    /// The paths of all its files; the main one first.
    pub fn paths(&self) -> impl Iterator<Item = &str> + Clone {
        self.files.iter().map(|file| file.path.as_str())
    }

    /// The paths of the files that it includes.
    pub(super) fn included(&self) -> impl Iterator<Item = &str> {
        self.paths().skip(1)
    }

    /// The hosts that are compared with others.
    pub(super) fn compared(&self) -> &[Arc<Host>] {
        match self.compared {
            Compared::Main => std::slice::from_ref(&self.host),
            Compared::Variant(at) => &self.variants[at..=at],
            Compared::Variants => &self.variants,
        }
    }
}

/// The configuration id of a variant.
pub(super) fn id_of(host: &Host) -> String {
    host.profile.config_id.clone().unwrap_or_default()
}
