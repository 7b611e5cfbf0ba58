//! The daemon's end of the control socket.
//!
//! Clients may be slow, many or malicious: lines, clients and times are bounded, and whoever does not read in time is
//! cut off. The driver is only asked for a snapshot.

use super::{Answer, REQUEST_BYTES_MAX, Request};
use crate::load::Refusal;
use crate::log;
use crate::side::SideEvent;
use nix::sys::stat::{Mode, umask};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// Clients at the same time; further ones are cut off at once.
const CLIENTS_MAX: usize = 32;
/// How long a client may think about its next request.
const IDLE: Duration = Duration::from_secs(120);
/// How long an answer may take to be read.
const WRITE: Duration = Duration::from_secs(5);

/// Somebody wants a reload, and wants to know what became of it.
pub(crate) type ReloadRequest = oneshot::Sender<Result<Reloaded, Refusal>>;

/// A reload that was done.
#[derive(Clone, Debug)]
pub(crate) struct Reloaded {
    pub fingerprint: String,
    pub findings: Vec<String>,
}

/// Whom requests are handed to.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// The driver.
    pub events: mpsc::Sender<SideEvent>,
    /// Whoever reads configurations.
    pub reloads: mpsc::Sender<Option<ReloadRequest>>,
}

/// Makes the socket. One that a dead daemon left is replaced: the pid file says that no other daemon lives.
pub(crate) fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    // The mode must be right from the first moment: what can connect can stop the daemon.
    let before = umask(Mode::from_bits_truncate(0o177));
    let listener = UnixListener::bind(path);
    umask(before);
    listener
}

/// Serves clients, for ever.
pub(crate) async fn serve(listener: UnixListener, desk: Desk) {
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("cannot accept a client of the control socket: {error}");
                // Out of descriptors, most likely: let some be closed.
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!("{CLIENTS_MAX} clients use the control socket already, one more was turned away");
            continue;
        };
        let desk = desk.clone();
        tokio::spawn(async move {
            if let Err(error) = client(stream, &desk).await {
                tracing::debug!("a client of the control socket: {error}");
            }
            drop(place);
        });
    }
}

async fn client(stream: UnixStream, desk: &Desk) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::with_capacity(REQUEST_BYTES_MAX, read);
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = REQUEST_BYTES_MAX as u64;
        let length = timeout(IDLE, (&mut read).take(limit).read_until(b'\n', &mut line)).await??;
        if length == 0 {
            return Ok(());
        }
        let is_whole = line.last() == Some(&b'\n');
        let answer = match serde_json::from_slice(&line) {
            Ok(request) => desk.answer(request).await,
            Err(_) if !is_whole && length >= REQUEST_BYTES_MAX => {
                Answer::Failed { message: "the line is too long".to_owned() }
            }
            Err(error) => Answer::Failed { message: error.to_string() },
        };
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        timeout(WRITE, write.write_all(&text)).await??;
        if !is_whole {
            return Ok(());
        }
    }
}

impl Desk {
    async fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Status => match self.snapshot().await {
                Some(status) => Answer::Status { status: Box::new(status) },
                None => ending(),
            },
            Request::Dump => match self.dump().await {
                Some(()) => Answer::Done,
                None => ending(),
            },
            Request::KeepalivedJson => match self.keepalived_json().await {
                Some(json) => Answer::KeepalivedJson { json },
                None => ending(),
            },
            Request::LogLevel { level } => {
                log::set_level(level);
                Answer::Done
            }
            Request::Stop => match self.events.send(SideEvent::Terminate).await {
                Ok(()) => Answer::Done,
                Err(_) => ending(),
            },
            Request::Reload => {
                let (told, outcome) = oneshot::channel();
                if self.reloads.send(Some(told)).await.is_err() {
                    return ending();
                }
                match outcome.await {
                    Ok(Ok(Reloaded { fingerprint, findings })) => {
                        Answer::Reloaded { config_fingerprint: fingerprint, findings }
                    }
                    Ok(Err(Refusal { findings })) => Answer::Refused { findings },
                    Err(_) => ending(),
                }
            }
        }
    }

    /// The driver's state; `None` if it is at its end.
    pub async fn snapshot(&self) -> Option<crate::status::Status> {
        let (told, status) = oneshot::channel();
        self.events.send(SideEvent::Snapshot(told)).await.ok()?;
        let mut status = status.await.ok()?;
        if status.pending.is_none() {
            return Some(status);
        }
        tokio::task::spawn_blocking(move || {
            status.settle();
            status
        })
        .await
        .ok()
    }

    /// The state of instances as keepalived tells it; `None` if the driver is at its end.
    pub async fn keepalived_json(&self) -> Option<String> {
        let (told, json) = oneshot::channel();
        self.events.send(SideEvent::KeepalivedJson(told)).await.ok()?;
        json.await.ok()
    }

    /// Writes the state to the log, a line for each thing.
    pub async fn dump(&self) -> Option<()> {
        let status = self.snapshot().await?;
        for line in status.to_text().lines().filter(|line| !line.is_empty()) {
            tracing::info!("{line}");
        }
        Some(())
    }
}

fn ending() -> Answer {
    Answer::Failed { message: "the daemon is ending".to_owned() }
}
