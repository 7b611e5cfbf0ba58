//! Where the `kalc.toml` of a run is. What it says, and what follows from that, is in `kalc_compiler::project`, which the
//! editor shares.

use crate::cli::ReadingArgs;
use crate::disk::{self, Disk};
use crate::error::Error;
use kalc_compiler::project::{NAME, Problem, Project, Reader};
use kalc_compiler::settings::{Cloud, Target};
use kalc_grammar::expand::Profile;
use miette::{Diagnostic, NamedSource, SourceSpan};
use std::path::{Path, PathBuf};
use thiserror::Error as ThisError;

/// What is wrong with a `kalc.toml`.
#[derive(Debug, ThisError, Diagnostic)]
#[error("{message}")]
#[diagnostic(code(kalc::settings))]
pub struct SettingsError {
    message: String,
    #[help]
    help: Option<String>,
    #[source_code]
    text: NamedSource<String>,
    #[label("here")]
    at: Option<SourceSpan>,
}

/// The project that the user named, or the one at or above the working directory.
pub fn find(named: Option<&str>) -> Result<Option<Project>, Error> {
    if let Some(path) = named {
        let folder = Path::new(path).parent().map(Path::to_owned).unwrap_or_default();
        return read(Path::new(path), &folder).map(Some);
    }
    // Without a working directory there is none above it either.
    let Ok(working) = std::env::current_dir() else { return Ok(None) };
    let mut folder = PathBuf::new();
    for _ in working.ancestors() {
        let path = folder.join(NAME);
        if path.is_file() {
            return read(&path, &folder).map(Some);
        }
        folder.push("..");
    }
    Ok(None)
}

fn read(path: &Path, folder: &Path) -> Result<Project, Error> {
    let name = path.to_string_lossy();
    let source = disk::read(&name)?;
    let wrong = |Problem { message, help, at }: Problem| {
        Error::Settings(Box::new(SettingsError {
            message: format!("`{name}`: {message}"),
            help,
            text: NamedSource::new(name.as_ref(), source.text().to_string()),
            at: at.map(SourceSpan::from),
        }))
    };
    Project::read(source.text(), folder).map_err(wrong)
}

/// How files are read, and what they are checked for: the command line counts before `kalc.toml`, which still says what is
/// different in a cloud that both name.
pub fn reader(
    project: Option<&Project>,
    args: &ReadingArgs,
    target: Option<Target>,
    clouds: &[Cloud],
) -> Reader<'static> {
    let mut settings = project.map(Project::settings).unwrap_or_default();
    settings.target = target.or(settings.target);
    if !clouds.is_empty() {
        let known = std::mem::take(&mut settings.profiles);
        let of = |&cloud: &Cloud| known.iter().find(|profile| profile.cloud == cloud).cloned().unwrap_or(cloud.into());
        settings.profiles = clouds.iter().map(of).collect();
    }
    let profile = Profile { config_id: args.config_id.clone(), defines: args.define.iter().cloned().collect() };
    Reader { files: &Disk, profile, settings }
}
