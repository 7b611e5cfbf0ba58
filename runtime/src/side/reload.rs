//! Reloads: the configuration is read in a thread that may block; the driver only hears of one that is fit to run.

use super::{SideEvent, systemd};
use crate::control::server::{ReloadRequest, Reloaded};
use crate::load::{Loaded, Loader, Refusal};
use crate::starter::Starter;
use kalc_ir::{Ir, diff};
use tokio::sync::{mpsc, oneshot};

/// How often a configuration that changes meanwhile is read.
const READINGS_MAX: u32 = 3;

/// Reads configurations as long as somebody may ask for it. Requests that come while one is read are answered by one
/// more reading.
pub(super) async fn run(
    load: Loader,
    starter: Starter,
    mut requests: mpsc::Receiver<Option<ReloadRequest>>,
    events: mpsc::Sender<SideEvent>,
) {
    while let Some(first) = requests.recv().await {
        let mut askers: Vec<ReloadRequest> = first.into_iter().collect();
        while let Ok(further) = requests.try_recv() {
            askers.extend(further);
        }
        systemd::reloading();
        let outcome = once(&load, &starter, &events).await;
        systemd::ready();
        match &outcome {
            Ok(_) => {}
            Err(Refusal { findings }) => {
                tracing::error!("the configuration is not reloaded, the old one goes on");
                findings.iter().for_each(|finding| tracing::error!("{finding}"));
            }
        }
        for asker in askers {
            // Whoever asked may be gone by now.
            drop(asker.send(outcome.clone()));
        }
    }
}

fn refused(finding: &str) -> Refusal {
    Refusal { findings: vec![finding.to_owned()] }
}

/// Reads the configuration, here and where scripts are started, until both have read the same.
async fn read(load: &Loader, starter: &Starter) -> Result<Loaded, Refusal> {
    for _ in 0..READINGS_MAX {
        let load = load.clone();
        let (read, named) = tokio::join!(tokio::task::spawn_blocking(move || load()), starter.read());
        let loaded = read.map_err(|error| refused(&format!("reading the configuration failed: {error}")))??;
        match named {
            Ok(reading) if reading == loaded.configuration.reading => {
                let ready = starter.go_over().await;
                ready.map_err(|error| refused(&format!("nobody can start its scripts: {error}")))?;
                return Ok(loaded);
            }
            Ok(_) => tracing::info!("the configuration changes while it is read; reading it again"),
            Err(error) => tracing::warn!("the process that starts scripts cannot read the configuration: {error}"),
        }
    }
    Err(refused("the configuration changes while it is read"))
}

async fn once(load: &Loader, starter: &Starter, events: &mpsc::Sender<SideEvent>) -> Result<Reloaded, Refusal> {
    let loaded = read(load, starter).await?;
    loaded.tell();
    let fingerprint = loaded.configuration.fingerprint.clone();
    let findings = loaded.findings.iter().map(|finding| finding.text.clone()).collect();
    let (done, is_done) = oneshot::channel();
    let sent = events.send(SideEvent::Reload { loaded, done }).await;
    sent.map_err(|_| refused("the daemon is ending"))?;
    is_done.await.map_err(|_| refused("the daemon is ending"))?;
    let work = tokio::task::spawn_blocking(move || fingerprint.get().to_owned());
    let fingerprint = work.await.map_err(|error| refused(&format!("it runs, and has no fingerprint: {error}")))?;
    crate::trim::try_trim();
    tracing::info!("the configuration is reloaded, fingerprint {fingerprint}");
    Ok(Reloaded { fingerprint, findings })
}

/// Changes that are told one by one; more than these nobody reads.
const CHANGES_MAX: usize = 50;

/// Logs what a reload changes, in the words of `kalc diff`.
pub(super) fn tell_changes(old: &Ir, new: &Ir) {
    let changes = diff::changes(old, new);
    for change in changes.iter().take(CHANGES_MAX) {
        tracing::info!("reload: {}: {change}", change.object);
    }
    match changes.len() {
        0 => tracing::info!("reload: the configuration means what it meant before"),
        more if more > CHANGES_MAX => tracing::info!("reload: and {} more changes", more - CHANGES_MAX),
        _ => {}
    }
}
