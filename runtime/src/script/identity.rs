//! Who runs a command: its own user and group, else `script_user`, else the user `keepalived_script`, else root.

use super::Unrunnable;
use kalc_ir::{Command, Global};
use nix::unistd::{Group, User, geteuid, getgrouplist};
use serde::{Deserialize, Serialize};
use std::ffi::CString;

/// The user whom keepalived's scripts belong to where the configuration names none.
const DEFAULT_USER: &str = "keepalived_script";

/// A user and groups, by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Further groups: none (measured with keepalived 2.2.7), or those of the user (`set_supplementary_groups`).
    pub groups: Vec<u32>,
}

/// Who runs a command; `None` if that is who runs the daemon anyway.
pub(super) fn of(command: &Command, global: &Global) -> Result<Option<Identity>, Unrunnable> {
    let (user, group) = match (&command.user, &global.script_user) {
        (Some(user), _) => (Some(user), command.group.as_ref()),
        (None, Some(user)) => (Some(user), global.script_group.as_ref()),
        (None, None) => (None, None),
    };
    // Only root may become somebody else: a daemon of a test or a container runs everything as itself.
    if !geteuid().is_root() {
        return Ok(None);
    }
    let known = match user {
        Some(name) => Some(find(name).ok_or_else(|| Unrunnable::UnknownUser(name.clone()))?),
        None => find(DEFAULT_USER),
    };
    let Some(known) = known else { return Ok(None) };
    let gid = match group {
        Some(name) => find_group(name).ok_or_else(|| Unrunnable::UnknownGroup(name.clone()))?,
        None => known.gid.as_raw(),
    };
    let groups = if global.set_supplementary_groups { further_groups(&known, gid) } else { Vec::new() };
    Ok(Some(Identity { uid: known.uid.as_raw(), gid, groups }))
}

/// A user by name or number.
fn find(name: &str) -> Option<User> {
    match User::from_name(name) {
        Ok(Some(user)) => Some(user),
        Ok(None) | Err(_) => name.parse().ok().and_then(|uid| User::from_uid(nix::unistd::Uid::from_raw(uid)).ok()?),
    }
}

/// All groups of a user, that one first.
fn further_groups(user: &User, gid: u32) -> Vec<u32> {
    let name = CString::new(user.name.as_bytes()).map_err(|_| nix::errno::Errno::EINVAL);
    match name.and_then(|name| getgrouplist(&name, nix::unistd::Gid::from_raw(gid))) {
        Ok(groups) => groups.into_iter().map(nix::unistd::Gid::as_raw).collect(),
        Err(error) => {
            tracing::error!("set_supplementary_groups: the groups of {} cannot be found: {error}", user.name);
            Vec::new()
        }
    }
}

fn find_group(name: &str) -> Option<u32> {
    let group = match Group::from_name(name) {
        Ok(Some(group)) => Some(group),
        Ok(None) | Err(_) => name.parse().ok().and_then(|gid| Group::from_gid(nix::unistd::Gid::from_raw(gid)).ok()?),
    };
    group.map(|group| group.gid.as_raw())
}
