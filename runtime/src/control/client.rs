//! A client of the control socket. It waits, so it is not for the daemon.

use super::{ANSWER_BYTES_MAX, Answer, Request, SOCKET};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long an answer may take; a reload reads files.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a daemon.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    stream: BufReader<UnixStream>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error("no kalc runs with {}", path.display())]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The connection broke, or the daemon took too long.
    #[error("no answer from {}", path.display())]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// Something else answered, or another version of kalc.
    #[error("the answer from {} cannot be understood", path.display())]
    Garbled {
        /// The socket.
        path: PathBuf,
        /// Where it goes wrong.
        #[source]
        source: serde_json::Error,
    },
}

impl Client {
    /// Connects to the daemon that uses a folder.
    ///
    /// # Errors
    /// If none does, or it does not let us.
    pub fn connect(run_dir: &Path) -> Result<Client, ClientError> {
        let path = run_dir.join(SOCKET);
        let connected = UnixStream::connect(&path).and_then(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        });
        match connected {
            Ok(stream) => Ok(Client { path, stream: BufReader::new(stream) }),
            Err(source) => Err(ClientError::NotRunning { path, source }),
        }
    }

    /// Asks for something and waits for the answer.
    ///
    /// # Errors
    /// If there is none.
    pub fn ask(&mut self, request: &Request) -> Result<Answer, ClientError> {
        let path = self.path.clone();
        let mut line =
            serde_json::to_string(request).map_err(|source| ClientError::Garbled { path: path.clone(), source })?;
        line.push('\n');
        let mut answer = String::new();
        let read = self.stream.get_mut().write_all(line.as_bytes()).and_then(|()| {
            let read = (&mut self.stream).take(ANSWER_BYTES_MAX).read_line(&mut answer)?;
            if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
        });
        read.map_err(|source| ClientError::NoAnswer { path: path.clone(), source })?;
        serde_json::from_str(&answer).map_err(|source| ClientError::Garbled { path, source })
    }
}
