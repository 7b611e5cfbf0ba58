//! Paths (Landlock, landlock(7)): everything may be read, little be written, nothing executed.

use super::Means;
use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus,
};
use std::path::Path;

/// The newest version of which all rights are known; older kernels have fewer of them.
const VERSION: ABI = ABI::V5;

/// Settings of interfaces and of the network.
const SETTINGS: &str = "/proc/sys/net";

/// Where the daemon may write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach<'a> {
    /// Its folder, which is there.
    pub run_dir: &'a Path,
    /// The folder of a pid file that is elsewhere.
    pub pid_dir: Option<&'a Path>,
}

/// Takes everything else away from this thread and those that it starts from now on.
pub(crate) fn restrict(reach: Reach<'_>) -> Means {
    match apply(reach) {
        Ok(RulesetStatus::FullyEnforced) => Means::Whole,
        Ok(RulesetStatus::PartiallyEnforced) => Means::Less("the kernel's Landlock is older".to_owned()),
        Ok(RulesetStatus::NotEnforced) => Means::Less("the kernel has no Landlock".to_owned()),
        Err(error) => Means::Less(error.to_string()),
    }
}

fn apply(Reach { run_dir, pid_dir }: Reach<'_>) -> Result<RulesetStatus, RulesetError> {
    let change = AccessFs::from_write(VERSION);
    let write = AccessFs::WriteFile | AccessFs::Truncate;
    let pid_file = write | AccessFs::MakeReg | AccessFs::RemoveFile;
    let places: [(Option<&Path>, BitFlags<AccessFs>); 4] = [
        (Some(run_dir), change),
        (pid_dir, pid_file),
        (Some(Path::new(SETTINGS)), write),
        (Some(Path::new("/dev/null")), write),
    ];
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(change | AccessFs::Execute)?
        .create()?;
    for (path, access) in places.into_iter().filter_map(|(path, access)| Some((path?, access))) {
        // What is not there cannot be written, whoever asks.
        let Ok(place) = PathFd::new(path) else { continue };
        rules = rules.add_rule(PathBeneath::new(place, access))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}
