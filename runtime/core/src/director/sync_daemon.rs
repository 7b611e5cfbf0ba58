//! `lvs_sync_daemon`: which way connections are copied, by the state of an instance.

use super::Director;
use super::action::{Action, SyncRole, SyncSettings};
use crate::vrrp::StateName;
use kalc_ir::Ir;
use kalc_ir::global::SyncDaemon;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of roles, and what runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SyncState {
    /// States of instances, by name.
    roles: BTreeMap<Arc<str>, StateName>,
    /// What runs.
    running: BTreeMap<SyncRole, SyncSettings>,
}

impl SyncState {
    /// An instance has come to a state.
    pub fn role(&mut self, instance: &str, state: StateName) {
        self.roles.insert(instance.into(), state);
    }

    /// Nothing is copied any more.
    pub fn stop(&mut self, out: &mut Vec<Action>) {
        out.extend(std::mem::take(&mut self.running).into_keys().map(Action::StopSync));
    }

    /// What should run. Without an instance this host both sends and takes in (measured with keepalived 2.2.7).
    fn wanted(&self, ir: &Ir) -> BTreeMap<SyncRole, SyncSettings> {
        let Some(daemon) = &ir.global.lvs_sync_daemon else { return BTreeMap::new() };
        let settings = SyncSettings { daemon: daemon.clone(), id: id(daemon, ir) };
        let roles = match &daemon.instance {
            None => vec![SyncRole::Master, SyncRole::Backup],
            Some(name) => match self.roles.get(name.as_str()) {
                Some(StateName::Master) => vec![SyncRole::Master],
                Some(StateName::Backup | StateName::Fault) => vec![SyncRole::Backup],
                Some(StateName::Init) | None => Vec::new(),
            },
        };
        roles.into_iter().map(|role| (role, settings.clone())).collect()
    }
}

fn id(daemon: &SyncDaemon, ir: &Ir) -> u8 {
    let instance = daemon.instance.as_ref().and_then(|name| ir.vrrp_instances.iter().find(|own| own.name == *name));
    daemon.id.or_else(|| Some(instance?.vrid?.get())).unwrap_or(0)
}

impl Director {
    /// Starts and stops copying as it should be.
    pub(super) fn settle_sync(&mut self, out: &mut Vec<Action>) {
        if self.phase != super::Phase::Running {
            return;
        }
        let wanted = self.sync.wanted(&self.ir);
        let stops = self.sync.running.iter().filter(|(role, settings)| wanted.get(role) != Some(settings));
        out.extend(stops.map(|(role, _)| Action::StopSync(*role)));
        let starts = wanted.iter().filter(|(role, settings)| self.sync.running.get(role) != Some(settings));
        out.extend(starts.map(|(role, settings)| Action::StartSync(*role, Box::new(settings.clone()))));
        self.sync.running = wanted;
    }
}
