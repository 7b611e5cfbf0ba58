//! `kalc.toml`: what a project says of its files, once for everybody. See `docs/kalc-toml.md`.

mod read;

pub use read::SettingsError;

use crate::error::Error;
use globset::GlobMatcher;
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::settings::{CloudProfile, Limits, Network, Settings, Target};
use std::path::{Path, PathBuf};

/// The name of the file.
const NAME: &str = "kalc.toml";

/// A project's settings.
#[derive(Debug, Default)]
pub struct Project {
    /// Its folder, as a prefix of names that lead there from the working directory; empty if it is that one.
    pub folder: PathBuf,
    /// What the files are for.
    pub target: Option<Target>,
    /// Where they are to run.
    pub profiles: Vec<CloudProfile>,
    /// How much is too much.
    pub limits: Limits,
    /// Severities of rules; later ones count.
    pub rules: Vec<(String, Level)>,
    /// Severities for some files; later ones count.
    pub per_file: Vec<PerFile>,
    /// The clusters.
    pub clusters: Vec<Cluster>,
}

/// How bad a rule's findings are: `None` is off.
pub type Level = Option<Severity>;

/// Severities for files whose path below the project's folder matches.
#[derive(Debug)]
pub struct PerFile {
    /// Which files.
    pub files: GlobMatcher,
    /// Rules and severities.
    pub rules: Vec<(String, Level)>,
}

/// Hosts that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its hosts.
    pub members: Vec<Member>,
    /// How long a failover may take, in microseconds.
    pub max_failover_us: Option<u64>,
    /// Pairs of `host:instance` that are no peers.
    pub not_peers: Vec<(String, String)>,
}

/// A host of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name in messages.
    pub host: String,
    /// Its file, as a name that leads there from the working directory.
    pub file: String,
    /// Its configuration id.
    pub config_id: Option<String>,
    /// Its own addresses.
    pub addresses: Vec<Network>,
}

impl Project {
    /// The project that the user named, or the one at or above the working directory.
    pub fn find(named: Option<&str>) -> Result<Option<Project>, Error> {
        if let Some(path) = named {
            let folder = Path::new(path).parent().map(Path::to_owned).unwrap_or_default();
            return read::read(Path::new(path), &folder).map(Some);
        }
        // Without a working directory there is none above it either.
        let Ok(working) = std::env::current_dir() else { return Ok(None) };
        let mut folder = PathBuf::new();
        for _ in working.ancestors() {
            let path = folder.join(NAME);
            if path.is_file() {
                return read::read(&path, &folder).map(Some);
            }
            folder.push("..");
        }
        Ok(None)
    }

    /// What every file is checked for.
    pub fn settings(&self) -> Settings {
        Settings { target: self.target, profiles: self.profiles.clone(), addresses: Vec::new(), limits: self.limits }
    }

    /// The folder by a name that is not empty.
    pub fn folder_name(&self) -> String {
        if self.folder.as_os_str().is_empty() { ".".to_owned() } else { self.folder.to_string_lossy().into_owned() }
    }
}
