//! The side thread: one loop that hands commands to whoever does the work.

use super::checks::Checks;
use super::mail::Mails;
use super::notices::Notices;
use super::pipes::Pipes;
use super::rest::Rest;
use super::run_dir::RunDir;
use super::signals::{Asked, Signals};
use super::{Epoch, Setup, SideCommand, SideEvent, SpawnError, appointment, file, process, reload, systemd};
use crate::control::server::{self, Desk, ReloadRequest};
use crate::load::Configuration;
use crate::starter::Starter;
use crate::trim;
use crate::web;
use kalc_core::RunId;
use kalc_ir::{Ir, ScriptId};
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Reloads that may wait: they are all answered by one.
const RELOADS_MAX: usize = 64;

pub(super) fn start(
    setup: Setup,
    commands: mpsc::Receiver<SideCommand>,
    events: mpsc::Sender<SideEvent>,
) -> Result<JoinHandle<()>, SpawnError> {
    let run_dir = RunDir::claim(&setup)?;
    let (told, started) = sync_channel(1);
    let work = move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(told.send(Err(SpawnError::Thread(error)))),
        };
        runtime.block_on(async {
            match prepare(&run_dir, setup.metrics).await {
                Ok((signals, listener, metrics)) => {
                    drop(told.send(Ok(())));
                    run(setup, commands, events, signals, (listener, metrics)).await;
                }
                Err(error) => drop(told.send(Err(error))),
            }
        });
        // A reading that hangs must not keep the daemon from ending.
        runtime.shutdown_background();
        drop(run_dir);
    };
    let thread = Builder::new().name("kalc-side".to_owned()).spawn(work).map_err(SpawnError::Thread)?;
    match started.recv() {
        Ok(outcome) => outcome.map(|()| thread),
        Err(_) => Err(SpawnError::Thread(std::io::Error::other("it ended at once"))),
    }
}

async fn prepare(
    run_dir: &RunDir,
    metrics: Option<SocketAddr>,
) -> Result<(Signals, UnixListener, Option<TcpListener>), SpawnError> {
    crate::sys::forget_ignored_signals().map_err(SpawnError::Thread)?;
    let signals = Signals::new().map_err(SpawnError::Thread)?;
    let listener = server::listen(&run_dir.socket);
    let listener = listener.map_err(|source| SpawnError::Socket { path: run_dir.socket.clone(), source })?;
    let metrics = match metrics {
        Some(address) => {
            let listener = TcpListener::bind(address).await;
            Some(listener.map_err(|source| SpawnError::Metrics { address, source })?)
        }
        None => None,
    };
    Ok((signals, listener, metrics))
}

async fn run(
    setup: Setup,
    mut commands: mpsc::Receiver<SideCommand>,
    events: mpsc::Sender<SideEvent>,
    mut signals: Signals,
    (listener, metrics): (UnixListener, Option<TcpListener>),
) {
    let (reloads, requests) = mpsc::channel(RELOADS_MAX);
    let desk = Desk { events: events.clone(), reloads };
    tokio::spawn(reload::run(setup.load, setup.starter.clone(), requests, events.clone()));
    tokio::spawn(server::serve(listener, desk.clone()));
    if let Some(listener) = metrics {
        tokio::spawn(web::serve(listener, desk.clone()));
    }
    tokio::spawn(systemd::watchdog(events.clone()));
    let json_file = setup.run_dir.join("keepalived.json");
    let mut hands = Hands::new(events, setup.starter, desk.reloads.clone());
    let mut rest = Rest::default();
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(SideCommand::Finish) | None => break,
                Some(command) => {
                    rest.disturb(&command);
                    hands.carry_out(command).await;
                }
            },
            () = rest.come() => hands.rest(),
            asked = signals.next() => answer(asked, &desk, &json_file),
            () = hands.notices.ended() => {}
            () = hands.mails.ended() => {}
        }
    }
    systemd::stopping();
    tokio::join!(hands.checks.end(), hands.notices.end(), hands.mails.end(), hands.pipes.end());
}

/// Never waits: the loop must go on taking commands.
fn answer(asked: Asked, desk: &Desk, json_file: &Path) {
    let (desk, file) = (desk.clone(), json_file.to_owned());
    tokio::spawn(async move {
        match asked {
            Asked::Terminate => drop(desk.events.send(SideEvent::Terminate).await),
            Asked::Reload => drop(desk.reloads.send(None).await),
            Asked::Dump => drop(desk.dump().await),
            Asked::Json => write_json(&desk, &file).await,
        }
    });
}

/// Writes the state of instances as keepalived tells it. Whoever reads it sees the old one or the new one.
async fn write_json(desk: &Desk, file: &Path) {
    let Some(json) = desk.keepalived_json().await else { return };
    let fresh = file.with_extension("json.new");
    let write = || {
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&fresh)?.write_all(json.as_bytes())?;
        std::fs::rename(&fresh, file)
    };
    if let Err(error) = write() {
        tracing::error!("cannot write {}: {error}", file.display());
    }
}

/// Everything that carries out commands.
struct Hands {
    configuration: Option<Arc<Configuration>>,
    checks: Checks,
    notices: Notices,
    mails: Mails,
    pipes: Pipes,
    /// Whoever follows files and processes.
    followers: JoinSet<()>,
    events: mpsc::Sender<SideEvent>,
    starter: Starter,
    reloads: mpsc::Sender<Option<ReloadRequest>>,
}

impl Hands {
    fn new(events: mpsc::Sender<SideEvent>, starter: Starter, reloads: mpsc::Sender<Option<ReloadRequest>>) -> Hands {
        Hands {
            configuration: None,
            checks: Checks::new(events.clone(), starter.clone()),
            notices: Notices::new(starter.clone()),
            mails: Mails::default(),
            pipes: Pipes::new(starter.clone()),
            followers: JoinSet::new(),
            events,
            starter,
            reloads,
        }
    }

    async fn carry_out(&mut self, command: SideCommand) {
        match command {
            SideCommand::Configure { epoch, configuration } => self.configure(epoch, configuration).await,
            SideCommand::RunScript { run, script } => self.run_script(run, script),
            SideCommand::Notify(notice) => match &self.configuration {
                Some(configuration) => {
                    self.pipes.tell(&notice);
                    self.notices.tell(&notice, configuration);
                    self.mails.tell(&notice, configuration);
                }
                None => tracing::error!("a notice of {} before there was a configuration", notice.name),
            },
            SideCommand::TellPipes(notice) => self.pipes.tell(&notice),
            SideCommand::NotifyService { line, programs, mail } => {
                self.pipes.tell_service(&line);
                self.notices.run(&programs);
                if let (Some(mail), Some(configuration)) = (mail, &self.configuration) {
                    self.mails.tell_service(mail, configuration);
                }
            }
            SideCommand::Started => systemd::ready(),
            SideCommand::Finish => {}
        }
    }

    async fn configure(&mut self, epoch: Epoch, configuration: Arc<Configuration>) {
        let names: Vec<&str> = configuration.ir.scripts.iter().map(|script| script.name.as_str()).collect();
        self.checks.keep(&names);
        let ir = Arc::clone(&configuration.ir);
        // That of scripts the starter sets; this is for the state that is written.
        nix::sys::stat::umask(crate::script::umask(&ir));
        self.pipes.configure(&configuration).await;
        if let Some(old) = self.configuration.replace(configuration) {
            reload::tell_changes(&old.ir, &ir);
        }
        self.follow(epoch, &ir);
    }

    /// Nothing else is to be done: what is wanted later is worked out, and memory is given back.
    fn rest(&self) {
        let pending = self.configuration.as_ref().map(|configuration| configuration.fingerprint.clone());
        tokio::task::spawn_blocking(move || {
            if let Some(fingerprint) = pending.filter(|pending| pending.peek().is_none()) {
                fingerprint.get();
            }
            trim::try_trim();
        });
    }

    /// Follows files and processes of a configuration instead of those of the one before.
    fn follow(&mut self, epoch: Epoch, ir: &Arc<Ir>) {
        // Those of before end when their set is dropped.
        self.followers = JoinSet::new();
        let (files_told, files) = oneshot::channel();
        let (processes_told, processes) = oneshot::channel();
        self.followers.spawn(file::follow(
            epoch,
            Arc::clone(ir),
            self.starter.clone(),
            self.events.clone(),
            files_told,
        ));
        self.followers.spawn(process::follow(epoch, Arc::clone(ir), self.events.clone(), processes_told));
        if let Some(path) = &ir.global.reload_time_file {
            let (starter, reloads) = (self.starter.clone(), self.reloads.clone());
            self.followers.spawn(appointment::keep(path.into(), ir.global.reload_repeat, starter, reloads));
        }
        let events = self.events.clone();
        self.followers.spawn(async move {
            // An error means that another configuration has come: nobody waits for this one.
            if files.await.is_ok() && processes.await.is_ok() {
                drop(events.send(SideEvent::Surveyed { epoch }).await);
            }
        });
    }

    fn run_script(&mut self, run: RunId, script: ScriptId) {
        let script = self.configuration.as_ref().and_then(|configuration| {
            let script = configuration.ir.scripts.get(script.index())?;
            let program = configuration.programs.get(script.command.as_ref()?)?.ok()?;
            Some((script, program.clone()))
        });
        match script {
            Some((script, program)) => {
                let limit = Duration::from_micros(script.timeout_us);
                self.checks.run(run, &script.name, program, limit);
            }
            None => self.checks.fail(run),
        }
    }
}
