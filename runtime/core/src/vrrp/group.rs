//! Sync groups: instances that change their state together.
//!
//! A group becomes master when every member wants to; one member that hears a higher priority, or is in fault, takes the
//! others along.

use crate::action::{Action, Invocation, Notice, NoticeEvent, Subject};
use crate::vrrp::state::StateName;
use kalc_ir::{InstanceId, SyncGroup, SyncGroupId};
use std::sync::Arc;

/// A sync group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub id: SyncGroupId,
    pub name: Arc<str>,
    pub members: Vec<InstanceId>,
    /// The state that was told last: that of all members.
    pub state: StateName,
}

impl Group {
    pub fn new(id: SyncGroupId, group: &SyncGroup) -> Self {
        Group { id, name: group.name.as_str().into(), members: group.members.clone(), state: StateName::Init }
    }

    /// Tells the group's state if all members have come to one that was not told yet.
    pub fn settle(&mut self, of: &SyncGroup, mut states: impl Iterator<Item = StateName>, out: &mut Vec<Action>) {
        let Some(state) = states.next().filter(|first| states.all(|state| state == *first)) else { return };
        if std::mem::replace(&mut self.state, state) == state {
            return;
        }
        let event = match state {
            StateName::Init => return,
            StateName::Backup => NoticeEvent::Backup,
            StateName::Master => NoticeEvent::Master,
            StateName::Fault => NoticeEvent::Fault,
        };
        self.notify(of, event, out);
    }

    /// Tells commands and named pipes of a change.
    pub fn notify(&self, of: &SyncGroup, event: NoticeEvent, out: &mut Vec<Action>) {
        let notify = &of.notify;
        let own = match event {
            NoticeEvent::Master => &notify.master,
            NoticeEvent::Backup => &notify.backup,
            NoticeEvent::Fault => &notify.fault,
            NoticeEvent::Stop => &notify.stop,
            NoticeEvent::Deleted
            | NoticeEvent::MasterRxLowerPri
            | NoticeEvent::MasterPriority
            | NoticeEvent::BackupPriority => &None,
        };
        let mut commands = Vec::new();
        if let Some(command) = own {
            commands.push(Invocation { command: (**command).clone(), arguments: Vec::new() });
        }
        if let Some(command) = &notify.any {
            let arguments = ["GROUP", &self.name, event.word(), "0"].map(str::to_owned).to_vec();
            commands.push(Invocation { command: (**command).clone(), arguments });
        }
        let (subject, name) = (Subject::Group(self.id), Arc::clone(&self.name));
        out.push(Action::Notify(Notice { subject, name, event, priority: 0, commands }));
    }
}
