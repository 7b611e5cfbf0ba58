//! The folder of a running daemon: its pid file, which is also the lock that keeps a second daemon out.

use super::{Setup, SpawnError};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// A folder that belongs to this daemon until it is dropped.
#[derive(Debug)]
pub(super) struct RunDir {
    /// Where the control socket is to be.
    pub socket: PathBuf,
    pid_file: PathBuf,
    _lock: Flock<File>,
}

impl RunDir {
    /// Makes the folder if need be, and writes the pid file.
    pub fn claim(setup: &Setup) -> Result<RunDir, SpawnError> {
        let run_dir = &setup.run_dir;
        let made = DirBuilder::new().recursive(true).mode(0o755).create(run_dir);
        made.map_err(|source| SpawnError::RunDir { path: run_dir.clone(), source })?;
        let pid_file = setup.pid_file.clone().unwrap_or_else(|| run_dir.join("kalc.pid"));
        let failed = |source| SpawnError::PidFile { path: pid_file.clone(), source };
        // Not truncated: the pid of a daemon that holds the lock must survive.
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o644);
        let file = options.open(&pid_file).map_err(failed)?;
        let mut lock = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => lock,
            Err((file, nix::errno::Errno::EWOULDBLOCK)) => {
                let mut pid = String::new();
                (&file).take(32).read_to_string(&mut pid).map_err(failed)?;
                return Err(SpawnError::Running { path: pid_file, pid: pid.trim().to_owned() });
            }
            Err((_, error)) => return Err(failed(error.into())),
        };
        write_pid(&mut lock).map_err(failed)?;
        Ok(RunDir { socket: run_dir.join(crate::control::SOCKET), pid_file, _lock: lock })
    }
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

impl Drop for RunDir {
    fn drop(&mut self) {
        for path in [&self.socket, &self.pid_file] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!("cannot remove {}: {error}", path.display());
            }
        }
    }
}
