//! Named pipes that get a line for each change (`notify_fifo`, `vrrp_notify_fifo`, `lvs_notify_fifo`), and the commands that read them.
//!
//! A pipe that is missing is made, and taken away at the end (measured with keepalived 2.2.7). Nobody waits for a reader:
//! what does not fit into a pipe is lost, counted and told of.

use super::child::Group;
use crate::load::Configuration;
use crate::script::Program;
use kalc_core::{Notice, Subject};
use nix::sys::stat::{Mode, SFlag};
use nix::unistd::{Gid, Group as UserGroup, Uid, User, chown, mkfifo};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// How long readers may go on when the daemon ends and their pipe is at its end.
const END: Duration = Duration::from_secs(1);
/// Time between SIGTERM and SIGKILL then.
const GRACE: Duration = Duration::from_millis(500);

/// All pipes of a configuration.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    pipes: Vec<Pipe>,
}

/// What the readers of a pipe want to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// Everything (`notify_fifo`).
    All,
    /// Instances and sync groups (`vrrp_notify_fifo`).
    Vrrp,
    /// Virtual and real servers (`lvs_notify_fifo`).
    Servers,
}

#[derive(Debug)]
struct Pipe {
    settings: kalc_ir::notify::Fifo,
    audience: Audience,
    path: PathBuf,
    file: File,
    is_ours: bool,
    /// The command that reads it.
    program: Option<Program>,
    reader: Option<Group>,
    lost: u64,
}

impl Pipes {
    /// Goes over to the pipes of a configuration; those that stay keep their readers.
    pub fn configure(&mut self, configuration: &Configuration) {
        let mut before = std::mem::take(&mut self.pipes);
        let global = &configuration.ir.global;
        for (settings, audience) in [
            (&global.notify_fifo, Audience::All),
            (&global.vrrp_notify_fifo, Audience::Vrrp),
            (&global.lvs_notify_fifo, Audience::Servers),
        ] {
            let Some(path) = &settings.path else { continue };
            let is_same = |pipe: &Pipe| pipe.settings == *settings && pipe.audience == audience;
            if let Some(known) = before.iter().position(is_same) {
                self.pipes.push(before.swap_remove(known));
                continue;
            }
            match Pipe::open(settings, audience, Path::new(path), configuration) {
                Ok(pipe) => self.pipes.push(pipe),
                Err(error) => tracing::error!("notify_fifo: cannot use {path}: {error}"),
            }
        }
        before.into_iter().for_each(|pipe| pipe.remove());
    }

    /// Writes a line about virtual or real servers.
    pub fn tell_service(&mut self, line: &str) {
        self.write(&format!("{line}\n"), Audience::Servers);
    }

    fn write(&mut self, line: &str, about: Audience) {
        for pipe in self.pipes.iter_mut().filter(|pipe| pipe.audience == about || pipe.audience == Audience::All) {
            pipe.write(line);
        }
    }

    /// Writes a line about instances and sync groups.
    pub fn tell(&mut self, notice: &Notice) {
        let kind = match notice.subject {
            Subject::Instance(_) => "INSTANCE",
            Subject::Group(_) => "GROUP",
        };
        let line = format!("{kind} \"{}\" {} {}\n", notice.name, notice.event.word(), notice.priority);
        self.write(&line, Audience::Vrrp);
    }

    /// The daemon ends: readers see the end of their pipes and get a little time for the last lines.
    pub async fn end(self) {
        for mut pipe in self.pipes {
            let reader = pipe.reader.take();
            pipe.remove();
            let Some(mut reader) = reader else { continue };
            match timeout(END, reader.child.wait()).await {
                Ok(_) => reader.forget(),
                Err(_) => reader.end(GRACE).await,
            }
        }
    }
}

impl Pipe {
    fn open(
        settings: &kalc_ir::notify::Fifo,
        audience: Audience,
        path: &Path,
        configuration: &Configuration,
    ) -> io::Result<Pipe> {
        let is_ours = match mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR) {
            Ok(()) => true,
            Err(nix::errno::Errno::EEXIST) => false,
            Err(error) => return Err(error.into()),
        };
        if !fs::symlink_metadata(path)?.file_type().is_fifo() {
            return Err(io::Error::other("there is something else of that name"));
        }
        let owner = |name: &String| Ok::<_, io::Error>(User::from_name(name)?.map(|user| (user.uid, user.gid)));
        let user = settings.user.as_ref().map(owner).transpose()?.flatten();
        let group = settings.group.as_ref().map(|name| UserGroup::from_name(name)).transpose()?.flatten();
        let uid: Option<Uid> = user.map(|(uid, _)| uid);
        let gid: Option<Gid> = group.map(|group| group.gid).or(user.map(|(_, gid)| gid));
        if is_ours && (uid.is_some() || gid.is_some()) {
            chown(path, uid, gid)?;
        }
        // Reading too: without a reader an end for writing alone could not be opened.
        let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW;
        let file = File::options().read(true).write(true).custom_flags(flags).open(path)?;
        let facts = nix::sys::stat::fstat(&file)?;
        if SFlag::from_bits_truncate(facts.st_mode) & SFlag::S_IFMT != SFlag::S_IFIFO {
            return Err(io::Error::other("there is something else of that name"));
        }
        let program = settings.script.as_ref().and_then(|command| configuration.programs.get(command));
        let program = program.and_then(Result::ok).cloned();
        let (settings, path) = (settings.clone(), path.to_owned());
        let mut pipe = Pipe { settings, audience, path, file, is_ours, program, reader: None, lost: 0 };
        pipe.keep_reader();
        Ok(pipe)
    }

    /// Starts the reader, or another one in the place of one that has ended.
    fn keep_reader(&mut self) {
        let Some(program) = &self.program else { return };
        if let Some(reader) = &mut self.reader {
            match reader.child.try_wait() {
                Ok(None) => return,
                Ok(Some(status)) => tracing::warn!("{} has ended ({status}) and is started again", program.name()),
                Err(error) => return tracing::warn!("{}: cannot wait for it: {error}", program.name()),
            }
            reader.forget();
        }
        match Command::from(program.process(&[self.path.display().to_string()])).spawn() {
            Ok(child) => self.reader = Some(Group::new(child)),
            Err(error) => tracing::error!("cannot run {}: {error}", program.name()),
        }
    }

    fn write(&mut self, line: &str) {
        self.keep_reader();
        // A line is shorter than what a pipe takes in one piece, so it is written as a whole or not at all.
        // `write_all` would not do: it tries again, behind half a line of somebody else.
        let written = self
            .file
            .write(line.as_bytes())
            .and_then(|written| if written == line.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) });
        match written {
            Ok(()) => {
                if self.lost > 0 {
                    tracing::warn!("{}: {} lines were lost, nobody read them", self.path.display(), self.lost);
                    self.lost = 0;
                }
            }
            Err(error) => {
                if self.lost == 0 {
                    tracing::warn!("{}: a line is lost: {error}", self.path.display());
                }
                self.lost += 1;
            }
        }
    }

    fn remove(self) {
        if self.is_ours
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}
