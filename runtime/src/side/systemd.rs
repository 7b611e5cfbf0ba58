//! What the service manager is told, if there is one (`NOTIFY_SOCKET`).

use super::SideEvent;
use sd_notify::NotifyState;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, timeout};

/// The daemon runs, or runs again after a reload.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// A configuration is being read.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => {
            tracing::debug!("no monotonic clock: {error}");
            tell(&[NotifyState::Reloading]);
        }
    }
}

/// The daemon ends.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Tells a watchdog that the daemon lives, as long as the driver answers.
pub(super) async fn watchdog(events: mpsc::Sender<SideEvent>) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let pause = (limit / 2).max(Duration::from_millis(10));
    let mut turns = interval(pause);
    loop {
        turns.tick().await;
        let (answer, answered) = oneshot::channel();
        if events.send(SideEvent::Ping(answer)).await.is_err() {
            return;
        }
        match timeout(pause, answered).await {
            Ok(Ok(())) => tell(&[NotifyState::Watchdog]),
            Ok(Err(_)) => return,
            Err(_) => tracing::error!("the driver has not answered for {pause:?}"),
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("cannot tell the service manager: {error}");
    }
}
