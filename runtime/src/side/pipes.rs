//! Named pipes that get a line for each change (`notify_fifo`, `vrrp_notify_fifo`, `lvs_notify_fifo`), and the commands that read them.
//!
//! A pipe that is missing is made, and taken away at the end (measured with keepalived 2.2.7). Nobody waits for a reader:
//! what does not fit into a pipe is lost, counted and told of.

use crate::load::Configuration;
use crate::script::Program;
use crate::starter::{MadePipe, Run, Starter};
use kalc_core::{Notice, Subject};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;

/// How long readers may go on when the daemon ends and their pipe is at its end.
const END: Duration = Duration::from_secs(1);
/// Time between SIGTERM and SIGKILL then.
const GRACE: Duration = Duration::from_millis(500);

/// All pipes of a configuration.
#[derive(Debug)]
pub(super) struct Pipes {
    starter: Starter,
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
    reader: Option<Run>,
    lost: u64,
}

impl Pipes {
    /// None yet.
    pub fn new(starter: Starter) -> Pipes {
        Pipes { starter, pipes: Vec::new() }
    }

    /// Goes over to the pipes of a configuration; those that stay keep their readers.
    pub async fn configure(&mut self, configuration: &Configuration) {
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
            match Pipe::open(settings, audience, Path::new(path), configuration, &self.starter).await {
                Ok(pipe) => self.pipes.push(pipe),
                Err(error) => tracing::error!("notify_fifo: cannot use {path}: {error}"),
            }
        }
        for pipe in before {
            pipe.remove(&self.starter).await;
        }
    }

    /// Writes a line about virtual or real servers.
    pub fn tell_service(&mut self, line: &str) {
        self.write(&format!("{line}\n"), Audience::Servers);
    }

    fn write(&mut self, line: &str, about: Audience) {
        for pipe in self.pipes.iter_mut().filter(|pipe| pipe.audience == about || pipe.audience == Audience::All) {
            pipe.write(line, &self.starter);
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
            pipe.remove(&self.starter).await;
            let Some(mut reader) = reader else { continue };
            // Whatever it ends with.
            if timeout(END, reader.wait()).await.is_err() {
                reader.end(GRACE).await;
            }
        }
    }
}

impl Pipe {
    async fn open(
        settings: &kalc_ir::notify::Fifo,
        audience: Audience,
        path: &Path,
        configuration: &Configuration,
        starter: &Starter,
    ) -> io::Result<Pipe> {
        let made = starter.open_pipe(path).await.map_err(|error| match error.raw_os_error() {
            Some(nix::libc::EEXIST) => io::Error::other("there is something else of that name"),
            _ => error,
        })?;
        let MadePipe { file, is_new: is_ours } = made;
        let program = settings.script.as_ref().and_then(|command| configuration.programs.get(command));
        let program = program.and_then(Result::ok).cloned();
        let (settings, path) = (settings.clone(), path.to_owned());
        let mut pipe = Pipe { settings, audience, path, file, is_ours, program, reader: None, lost: 0 };
        pipe.keep_reader(starter);
        Ok(pipe)
    }

    /// Starts the reader, or another one in the place of one that has ended.
    fn keep_reader(&mut self, starter: &Starter) {
        let Some(program) = &self.program else { return };
        if let Some(reader) = &mut self.reader {
            match reader.try_wait() {
                Ok(None) => return,
                Ok(Some(status)) => tracing::warn!("{} has ended ({status}) and is started again", program.name()),
                Err(error) => tracing::error!("cannot run {}: {error}", program.name()),
            }
        }
        self.reader = Some(starter.run(program, &[self.path.display().to_string()]));
    }

    fn write(&mut self, line: &str, starter: &Starter) {
        self.keep_reader(starter);
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

    async fn remove(self, starter: &Starter) {
        if self.is_ours
            && let Err(error) = starter.remove_pipe(&self.path).await
        {
            tracing::warn!("cannot remove {}: {error}", self.path.display());
        }
    }
}
