//! What can be seen of a node from outside.

use super::Node;
use crate::input::{LinkFacts, LinkId};
use crate::plan::Plan;
use crate::time::Instant;
use crate::vrrp::{Counters, Faults, StateName};
use kalc_ir::InstanceId;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// An instance as it is now.
#[derive(Clone, Copy, Debug)]
pub struct InstanceView<'a> {
    /// Which.
    pub id: InstanceId,
    /// Its name.
    pub name: &'a str,
    /// Where it is.
    pub state: StateName,
    /// `priority`
    pub base_priority: u8,
    /// Priority in adverts and elections.
    pub effective_priority: u8,
    /// What keeps it out.
    pub faults: Faults,
    /// Who is master, as far as it knows; itself if it is.
    pub master: Option<IpAddr>,
    /// The priority in the last advert of another master that it followed; 0 before there was one.
    pub master_priority: u8,
    /// The interval of adverts that it goes by.
    pub learned_interval: Duration,
    /// When it came to its state.
    pub last_transition: Instant,
    /// What it has seen.
    pub counters: &'a Counters,
    /// When it will do something by itself.
    pub deadline: Option<Instant>,
}

/// A sync group as it is now.
#[derive(Clone, Copy, Debug)]
pub struct GroupView<'a> {
    /// Its name.
    pub name: &'a str,
    /// The last state that all members had together.
    pub state: StateName,
    /// Its members.
    pub members: &'a [InstanceId],
}

/// A script as it is now.
#[derive(Clone, Copy, Debug)]
pub struct ScriptView<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it counts as passed; `None` before the first result.
    pub is_up: Option<bool>,
    /// Whether a run lasts.
    pub is_running: bool,
    /// Whether an instance uses it; others are not run.
    pub is_used: bool,
    /// Runs that have ended.
    pub runs: u64,
    /// Of these, those that failed.
    pub failures: u64,
}

/// A tracked process as it is now.
#[derive(Clone, Copy, Debug)]
pub struct ProcessView<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it counts as running; `None` before the first count.
    pub is_up: Option<bool>,
    /// How many run.
    pub running: u32,
}

impl Node {
    /// What it was made from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Names of the interfaces that it wants to know of; [`LinkId`] is the index. A reload may add some at the end.
    pub fn links(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Whether an interface has changed and that does not count yet (`interface_up_down_delays`).
    pub fn is_unsettled(&self, link: LinkId) -> bool {
        self.pending.contains_key(&link)
    }

    /// What it knows of an interface.
    pub fn link_facts(&self, link: LinkId) -> Option<LinkFacts> {
        self.links.get(link.index()).copied().flatten()
    }

    /// The interface that an instance speaks on.
    ///
    /// # Panics
    /// With an id of another configuration.
    pub fn link_of(&self, instance: InstanceId) -> LinkId {
        self.instances[instance.index()].link
    }

    /// All instances, by [`InstanceId`].
    pub fn instances(&self) -> impl ExactSizeIterator<Item = InstanceView<'_>> {
        self.instances.iter().map(|instance| InstanceView {
            id: instance.plan.id,
            name: &instance.plan.name,
            state: instance.state_name(),
            base_priority: instance.plan.ir().priority.get(),
            effective_priority: instance.effective,
            faults: instance.faults,
            master: instance.master,
            master_priority: instance.master_priority,
            learned_interval: instance.learned,
            last_transition: instance.last_transition,
            counters: &instance.counters,
            deadline: instance.state.deadline(),
        })
    }

    /// All sync groups, by [`SyncGroupId`](kalc_ir::SyncGroupId).
    pub fn groups(&self) -> impl ExactSizeIterator<Item = GroupView<'_>> {
        self.groups.iter().map(|group| GroupView { name: &group.name, state: group.state, members: &group.members })
    }

    /// All scripts, by [`ScriptId`](kalc_ir::ScriptId).
    pub fn scripts(&self) -> impl Iterator<Item = ScriptView<'_>> {
        self.plan.ir.scripts.iter().zip(&self.scripts).zip(&self.is_used).map(|((script, tracker), is_used)| {
            ScriptView {
                name: &script.name,
                is_up: tracker.is_up,
                is_running: tracker.running.is_some(),
                is_used: *is_used,
                runs: tracker.runs,
                failures: tracker.failures,
            }
        })
    }

    /// All tracked processes, by [`ProcessId`](kalc_ir::ProcessId).
    pub fn processes(&self) -> impl Iterator<Item = ProcessView<'_>> {
        self.plan.ir.processes.iter().zip(&self.processes).map(|(process, tracker)| ProcessView {
            name: &process.name,
            is_up: tracker.is_up,
            running: tracker.running,
        })
    }

    /// Numbers in the tracked files, by [`TrackFileId`](kalc_ir::TrackFileId).
    pub fn files(&self) -> impl Iterator<Item = (&str, i64)> {
        self.plan.ir.files.iter().zip(&self.files).map(|(file, value)| (file.name.as_str(), *value))
    }
}
