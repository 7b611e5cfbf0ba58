//! Tracked processes: how many run of each is told when it changes.
//!
//! The kernel tells of every process that begins, ends or takes another name ([`events`]), where that is permitted; it is
//! not in a network namespace of one's own. Elsewhere `/proc` is looked through every second.

mod events;
mod table;

use super::{Epoch, SideEvent};
use events::{Change, Events};
use kalc_ir::{Ir, ProcessId};
use std::sync::Arc;
use std::time::Duration;
use table::Table;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// Time between two looks at all processes, where the kernel does not tell.
const POLL: Duration = Duration::from_secs(1);

/// Follows the processes of a configuration until the task is aborted; says when each has been told once.
pub(super) async fn follow(epoch: Epoch, ir: Arc<Ir>, out: mpsc::Sender<SideEvent>, surveyed: oneshot::Sender<()>) {
    let mut surveyed = Some(surveyed);
    let mut table = Table::new(&ir.processes);
    let mut tell = || surveyed.take().is_none_or(|surveyed| surveyed.send(()).is_ok());
    if ir.processes.is_empty() {
        tell();
        return;
    }
    // Listened to before the first look: nothing that happens in between is missed.
    let mut events = Events::open().await;
    table.look_at_all();
    let mut known: Vec<Option<u32>> = vec![None; ir.processes.len()];
    loop {
        for (index, (known, running)) in (0u32..).zip(known.iter_mut().zip(table.running())) {
            if known.replace(running) == Some(running) {
                continue;
            }
            if out.send(SideEvent::Processes { epoch, process: ProcessId(index), running }).await.is_err() {
                return;
            }
        }
        if !tell() {
            // Another configuration has come.
            return;
        }
        match &mut events {
            Some(listening) => match listening.next().await {
                Ok(changes) => changes.into_iter().for_each(|change| apply(&mut table, change)),
                Err(error) => {
                    tracing::warn!("the kernel no longer tells of processes: {error}; looking every second");
                    events = None;
                    table.look_at_all();
                }
            },
            None => {
                sleep(POLL).await;
                table.look_at_all();
            }
        }
    }
}

fn apply(table: &mut Table, change: Change) {
    match change {
        Change::Forked { parent, child } => table.forked(parent, child),
        Change::Renamed { pid } => table.look_at(pid),
        Change::Ended { pid } => table.ended(pid),
        Change::Missed => table.look_at_all(),
    }
}
