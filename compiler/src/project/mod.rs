//! What a project says of its files (`kalc.toml`, see `docs/kalc-toml.md`), and the one way from files to findings that
//! the command line and the editor share.
//!
//! ```text
//! Project     kalc.toml, read
//! Input       a file to check, and how it came here; add_peers brings the rest of its cluster
//! Reader      Input ──▶ Unit: one main file, read under each configuration id that it names, and checked by itself
//! Run         Units ──▶ which of them are hosts, what they are called, what they have to do with each other
//! Levels      how bad a finding is here
//! ```
//!
//! Nothing here reads a disk: a [`FileSystem`](kalc_grammar::files::FileSystem) is handed in.

mod inputs;
mod levels;
mod read;
mod run;
mod units;

pub use inputs::{Input, Origin, add_peers, members};
pub use levels::{Level, Levels, Overrides};
pub use read::Problem;
pub use run::{Group, Plan, Run};
pub use units::{Reader, Unit, UnitFile};

use crate::settings::{CloudProfile, Limits, Network, Settings, Target};
use globset::GlobMatcher;
use std::path::{Path, PathBuf};

/// The name of the file.
pub const NAME: &str = "kalc.toml";

/// A project's settings.
#[derive(Debug, Default)]
pub struct Project {
    /// Its folder, as a prefix of names that lead there; empty if it is the working directory.
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
    /// Its file, by a name that starts with the project's folder.
    pub file: String,
    /// Its configuration id.
    pub config_id: Option<String>,
    /// Its own addresses, with the length of the network's prefix where that was said.
    pub addresses: Vec<Network>,
}

impl Project {
    /// Reads the text of a `kalc.toml`; `folder` leads to the folder that it stands in.
    pub fn read(text: &str, folder: &Path) -> Result<Project, Problem> {
        read::read(text, folder)
    }

    /// What every file is checked for.
    pub fn settings(&self) -> Settings {
        Settings {
            target: self.target,
            profiles: self.profiles.clone(),
            addresses: Vec::new(),
            facts: None,
            limits: self.limits,
        }
    }

    /// The folder by a name that is not empty.
    pub fn folder_name(&self) -> String {
        if self.folder.as_os_str().is_empty() { ".".to_owned() } else { self.folder.to_string_lossy().into_owned() }
    }
}
