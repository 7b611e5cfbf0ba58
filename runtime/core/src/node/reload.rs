//! A reload: what did not change goes on.

use super::{Node, Phase, cx};
use crate::action::{Action, NoticeEvent, Reach};
use crate::plan::Plan;
use crate::time::Instant;
use crate::vrrp::{Instance, State};
use std::time::Duration;

impl Node {
    /// Goes over to another configuration.
    ///
    /// An instance of the same name, VRID, family, version and interface goes on in its state, with its timers. What is
    /// gone says goodbye: those actions are in `farewell` and speak of the old configuration; those in `out` speak of
    /// the new one. Checks of the same name and command keep their results.
    ///
    /// Nothing in `farewell` and `out` takes an address off that the new configuration still wants on the same instance.
    pub fn reload(&mut self, now: Instant, plan: Plan, farewell: &mut Vec<Action>, out: &mut Vec<Action>) {
        if self.phase == Phase::Stopped {
            return;
        }
        let old_ir = std::sync::Arc::clone(&self.plan.ir);
        let mut old: Vec<Option<Instance>> = std::mem::take(&mut self.instances).into_iter().map(Some).collect();
        let old_groups = std::mem::take(&mut self.groups);
        let old_scripts = std::mem::take(&mut self.scripts);
        let old_processes = std::mem::take(&mut self.processes);
        let old_files = std::mem::take(&mut self.files);
        let old_bfds = std::mem::take(&mut self.bfds);
        self.plan = plan;
        self.build(now);
        if self.phase == Phase::Waiting {
            return;
        }

        let ir = std::sync::Arc::clone(&self.plan.ir);
        for (script, tracker) in ir.scripts.iter().zip(&mut self.scripts) {
            let same = |known: &kalc_ir::Script| {
                let arguments =
                    |script: &kalc_ir::Script| script.command.as_ref().map(|command| command.arguments.clone());
                known.name == script.name && arguments(known) == arguments(script)
            };
            match old_ir.scripts.iter().position(same) {
                Some(index) => tracker.take_over(&old_scripts[index]),
                // Differs: keepalived too runs a new check before it counts; here a master that gets one stays master
                // until the check has failed.
                None => tracker.next_at = now,
            }
        }
        for (process, tracker) in ir.processes.iter().zip(&mut self.processes) {
            let same = |known: &kalc_ir::Process| {
                known.name == process.name && known.program == process.program && known.arguments == process.arguments
            };
            if let Some(index) = old_ir.processes.iter().position(same) {
                tracker.take_over(&old_processes[index]);
            }
        }
        for (file, value) in ir.files.iter().zip(&mut self.files) {
            if let Some(index) = old_ir.files.iter().position(|known| known.path == file.path) {
                *value = old_files[index];
            }
        }
        for (bfd, is_up) in ir.bfd_instances.iter().zip(&mut self.bfds) {
            let same = |known: &kalc_ir::Bfd| {
                (known.neighbor, known.source) == (bfd.neighbor, bfd.source) && known.serves_vrrp
            };
            if let Some(index) = old_ir.bfd_instances.iter().position(same) {
                *is_up = old_bfds[index] && bfd.serves_vrrp;
            }
        }
        for group in &mut self.groups {
            if let Some(known) = old_groups.iter().find(|known| known.name == group.name) {
                group.state = known.state;
            }
        }

        for index in 0..self.instances.len() {
            let plan = &self.instances[index].plan;
            let known = old.iter_mut().find(|slot| slot.as_ref().is_some_and(|known| known.plan.is_same_router(plan)));
            match known.and_then(Option::take) {
                Some(known) => self.take_over(now, index, known, out),
                None => self.instances[index].state = State::Init { begin_at: Some(now) },
            }
        }
        for gone in old.iter_mut().flatten() {
            let event = if gone.plan.ir().notify.reports_deleted { NoticeEvent::Deleted } else { NoticeEvent::Fault };
            gone.stop(&mut cx(now, self.utc_ahead, &self.links, farewell), event);
        }
        for index in 0..self.instances.len() {
            self.arm(index);
        }
        self.start_scripts(now);
        self.tick(now, out);
        self.settle(now, out);
    }

    fn take_over(&mut self, now: Instant, index: usize, known: Instance, out: &mut Vec<Action>) {
        let old_plan = known.plan.clone();
        let instance = &mut self.instances[index];
        instance.take_over(known);
        self.watches[index].is_waiting = matches!(instance.state, State::Init { begin_at: None });
        let interval = instance.plan.interval();
        let State::Master { advert_at, elsewhere_at, .. } = &mut instance.state else { return };
        *advert_at = (*advert_at).min(now + interval);
        let (old, new) = (old_plan.ir(), instance.plan.ir());
        if old.garp_extra_if_us != new.garp_extra_if_us {
            let elsewhere = Duration::from_micros(new.garp_extra_if_us);
            *elsewhere_at = (!elsewhere.is_zero()).then(|| now + elsewhere);
        }
        let is_changed =
            (&old.virtual_addresses, &old.excluded_addresses) != (&new.virtual_addresses, &new.excluded_addresses);
        out.push(Action::Bind(instance.plan.id));
        if is_changed && new.garp_master_repeat > 0 {
            let delay = Duration::from_micros(new.garp_master_delay_us);
            let rounds = new.garp_master_repeat;
            out.push(Action::Announce { instance: instance.plan.id, reach: Reach::All, rounds });
            if let State::Master { second_burst_at, .. } = &mut instance.state
                && !delay.is_zero()
            {
                *second_burst_at = Some(now + delay);
            }
        }
    }
}
