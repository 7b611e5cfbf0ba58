//! Commands of the configuration as programs of this host: where they are, who runs them, whether they may run at all.
//!
//! Everything is looked up once, when a configuration is read: user databases may be slow, and a reload is the moment
//! at which somebody looks at the messages. What cannot run is left out, with a message, as keepalived does.

pub mod hook;
mod identity;
mod mask;
mod path;
mod security;

pub use identity::Identity;
pub use mask::umask;

use crate::sys;
use kalc_ir::{CheckerKind, Command, Global, Ir};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A command that can be run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Program {
    /// The file that is executed.
    pub path: PathBuf,
    /// Its name as written, and its arguments; never empty.
    pub arguments: Vec<String>,
    /// Who runs it; `None` if that is who runs the daemon.
    pub identity: Option<Identity>,
}

impl Program {
    /// The process to be: a group of its own, with nothing on its standard streams.
    ///
    /// It inherits the daemon's environment, folder and file mode mask, as with keepalived (measured with 2.2.7).
    pub fn process(&self, more: &[String]) -> std::process::Command {
        let mut process = std::process::Command::new(&self.path);
        if let Some((name, arguments)) = self.arguments.split_first() {
            process.arg0(name).args(arguments);
        }
        process.args(more).process_group(0);
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // The service manager's business with the daemon is not theirs.
        process.env_remove("NOTIFY_SOCKET").env_remove("WATCHDOG_USEC").env_remove("WATCHDOG_PID");
        match &self.identity {
            // With a user the standard library also gives up all further groups, as keepalived does.
            Some(identity) if identity.groups.is_empty() => {
                process.gid(identity.gid).uid(identity.uid);
            }
            Some(identity) => sys::become_with_groups(&mut process, identity),
            None => {}
        }
        process
    }

    /// How it is called in messages.
    pub fn name(&self) -> String {
        self.arguments.join(" ")
    }
}

/// Why a command cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unrunnable {
    /// There is no such file.
    Missing(PathBuf),
    /// It is no file, or nobody may execute it.
    NotExecutable(PathBuf),
    /// `enable_script_security`: it would run as root, and somebody else may write to it.
    Insecure {
        /// The file or the folder.
        path: PathBuf,
        /// Who may write to it.
        because: security::Because,
    },
    /// No such user.
    UnknownUser(String),
    /// No such group.
    UnknownGroup(String),
}

impl fmt::Display for Unrunnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unrunnable::Missing(path) => write!(f, "there is no file {}", path.display()),
            Unrunnable::NotExecutable(path) => write!(f, "{} is not executable", path.display()),
            Unrunnable::Insecure { path, because } => write!(
                f,
                "it would run as root, and {} {because}; enable_script_security does not permit that",
                path.display()
            ),
            Unrunnable::UnknownUser(name) => write!(f, "there is no user {name}"),
            Unrunnable::UnknownGroup(name) => write!(f, "there is no group {name}"),
        }
    }
}

/// All commands of a configuration.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    known: HashMap<Key, Result<Program, Unrunnable>>,
}

/// What makes two commands the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    arguments: Vec<String>,
    user: Option<String>,
    group: Option<String>,
}

impl Key {
    fn of(command: &Command) -> Key {
        Key { arguments: command.arguments.clone(), user: command.user.clone(), group: command.group.clone() }
    }
}

impl Programs {
    /// Looks up every command of a configuration.
    pub fn resolve(ir: &Ir) -> Programs {
        let mut programs = Programs::default();
        for command in commands(ir) {
            let key = Key::of(command);
            programs.known.entry(key).or_insert_with(|| program(command, &ir.global));
        }
        programs
    }

    /// The program of a command; `None` for a command of another configuration.
    pub fn get(&self, command: &Command) -> Option<Result<&Program, &Unrunnable>> {
        self.known.get(&Key::of(command)).map(Result::as_ref)
    }

    /// What can run.
    pub fn runnable(&self) -> impl Iterator<Item = &Program> {
        self.known.values().flatten()
    }

    /// Commands that cannot run, and why, in a fixed order.
    pub fn unrunnable(&self) -> Vec<(String, &Unrunnable)> {
        let failed =
            self.known.iter().filter_map(|(key, known)| Some((key.arguments.join(" "), known.as_ref().err()?)));
        let mut failed: Vec<_> = failed.collect();
        failed.sort_by(|a, b| a.0.cmp(&b.0));
        failed
    }

    /// Programs that were found by a search, with where they were found: other daemons may search elsewhere.
    pub fn searched(&self) -> Vec<(&str, &Path)> {
        let found = self.known.values().flatten().filter_map(|program| {
            let name = program.arguments.first()?;
            (!name.contains('/')).then_some((name.as_str(), program.path.as_path()))
        });
        let mut found: Vec<_> = found.collect();
        found.sort();
        found.dedup();
        found
    }

    /// Whether anything runs at all.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

/// Every command that the daemon may run.
fn commands(ir: &Ir) -> impl Iterator<Item = &Command> {
    let global = &ir.global;
    let fifos = [&global.notify_fifo, &global.vrrp_notify_fifo, &global.lvs_notify_fifo];
    let checks = ir.scripts.iter().filter_map(|script| script.command.as_ref());
    let instances = ir.vrrp_instances.iter().flat_map(|instance| instance.notify.commands());
    let groups = ir.sync_groups.iter().flat_map(|group| group.notify.commands());
    let servers = ir.virtual_servers.iter().flat_map(|server| {
        let reals = server.real_servers.iter().flat_map(|real| [&real.notify_up, &real.notify_down]);
        [&server.quorum_up, &server.quorum_down].into_iter().chain(reals).flatten()
    });
    let probes = ir.virtual_servers.iter().flat_map(|server| &server.real_servers).flat_map(|server| &server.checkers);
    let probes = probes.filter_map(|checker| match &checker.kind {
        CheckerKind::Misc { command, .. } => command.as_ref(),
        CheckerKind::Tcp { .. }
        | CheckerKind::Http(_)
        | CheckerKind::Smtp { .. }
        | CheckerKind::Dns { .. }
        | CheckerKind::Ping { .. }
        | CheckerKind::Udp { .. }
        | CheckerKind::File { .. }
        | CheckerKind::Bfd { .. } => None,
    });
    let ends = [&global.startup_script, &global.shutdown_script].into_iter().flatten();
    checks
        .chain(instances)
        .chain(groups)
        .chain(servers)
        .chain(probes)
        .chain(ends)
        .chain(fifos.into_iter().filter_map(|fifo| fifo.script.as_ref()))
}

fn program(command: &Command, global: &Global) -> Result<Program, Unrunnable> {
    let identity = identity::of(command, global)?;
    let name = command.arguments.first().map_or("", String::as_str);
    let path = path::find(name)?;
    let is_root = identity.as_ref().map_or_else(|| nix::unistd::geteuid().is_root(), |identity| identity.uid == 0);
    if global.enable_script_security && is_root {
        security::check(&path)?;
    }
    Ok(Program { path, arguments: command.arguments.clone(), identity })
}
