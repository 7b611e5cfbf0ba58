//! What the editor's user prefers where the project's `kalc.toml` says nothing.

use kalc_compiler::project::{Level, Project};
use kalc_compiler::settings::{CloudProfile, Settings, Target};
use kalc_grammar::expand::Profile;

/// Preferences of an editor's user. A `kalc.toml` counts before them, so that everybody who works on a project sees what
/// `kalc check` says of it; they count where it is silent, and where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// What will read the files.
    pub target: Option<Target>,
    /// Where they are to run.
    pub profiles: Vec<CloudProfile>,
    /// Severities of rules; later ones count.
    pub rules: Vec<(String, Level)>,
    /// The configuration id under which files are read that are no members of a cluster with one; without it they are
    /// read under each id that they name.
    pub config_id: Option<String>,
}

impl Preferences {
    /// What files are checked for.
    pub(super) fn settings(&self, project: Option<&Project>) -> Settings {
        let mut settings = project.map(Project::settings).unwrap_or_default();
        settings.target = settings.target.or(self.target);
        if settings.profiles.is_empty() {
            settings.profiles.clone_from(&self.profiles);
        }
        settings
    }

    /// How files are read.
    pub(super) fn profile(&self) -> Profile {
        Profile { config_id: self.config_id.clone(), ..Profile::default() }
    }
}
