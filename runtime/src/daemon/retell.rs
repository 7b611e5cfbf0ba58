//! States that are told again though they have not changed.

use super::Daemon;
use crate::side::SideCommand;
use kalc_core::vrrp::StateName;
use kalc_core::{Instant, Notice, NoticeEvent, Subject};
use kalc_ir::SyncGroupId;
use std::sync::Arc;

impl Daemon {
    /// `fifo_write_vrrp_states_on_reload`: groups, then instances that are in none.
    ///
    /// Differs: keepalived 2.2.7 tells of instances only if they are in fault (measured).
    pub(super) fn tell_pipes(&mut self, reloaded: Instant) {
        let ir = &self.configuration.ir;
        if !ir.global.fifo_states_on_reload {
            return;
        }
        let event = |state: StateName| match state {
            StateName::Init => None,
            StateName::Backup => Some(NoticeEvent::Backup),
            StateName::Master => Some(NoticeEvent::Master),
            StateName::Fault => Some(NoticeEvent::Fault),
        };
        let groups = (0..).zip(self.node.groups()).map(|(index, group)| {
            (Subject::Group(SyncGroupId(index)), Arc::<str>::from(group.name), event(group.state), 0)
        });
        let alone = self.node.instances().filter(|view| ir.instance(view.id).sync_group.is_none());
        // What the reload itself has changed is told already.
        let alone = alone.filter(|view| view.last_transition < reloaded);
        let instances = alone.map(|view| {
            (Subject::Instance(view.id), Arc::<str>::from(view.name), event(view.state), view.effective_priority)
        });
        for (subject, name, event, priority) in groups.chain(instances) {
            if let Some(event) = event {
                let notice = Notice { subject, name, event, priority, commands: Vec::new() };
                self.hands.side.push(SideCommand::TellPipes(notice));
            }
        }
    }
}
