//! From what is watched to priorities, faults and the beginning of instances.

use super::{Node, Phase, cx};
use crate::action::{Action, Cause};
use crate::input::LinkId;
use crate::time::Instant;
use crate::vrrp::priority::{Verdict, effective};
use crate::vrrp::{Faults, StateName};
use kalc_ir::track::{Tracked, Trackers};
use kalc_ir::{BfdId, InstanceId, Ir, ProcessId, ScriptId, TrackFileId, Weight};

/// What one instance watches, its sync group's trackers included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Watches {
    interfaces: Vec<(LinkId, Weight)>,
    /// Interfaces of virtual addresses and routes, other than the own one.
    address_links: Vec<LinkId>,
    pub scripts: Vec<(ScriptId, Weight)>,
    files: Vec<(TrackFileId, Weight)>,
    processes: Vec<(ProcessId, Weight)>,
    bfds: Vec<(BfdId, Weight)>,
    /// Its time to begin has come, and it has not begun.
    pub is_waiting: bool,
}

/// Interfaces of static addresses, routes and rules that the instance takes part in by a `track_group`. If one goes down the
/// entry is lost; it is restored when the interface is back, as it is when somebody removes it.
fn in_groups(ir: &Ir, instance: InstanceId) -> impl Iterator<Item = &str> {
    let groups: Vec<&str> = ir
        .track_groups
        .iter()
        .filter(|group| group.members.contains(&instance))
        .map(|group| group.name.as_str())
        .collect();
    let addresses = ir.static_addresses.iter().map(|address| (&address.track_group, &address.interface));
    let routes = ir.static_routes.iter().map(|route| (&route.track_group, &route.interface));
    let rules = ir.static_rules.iter().map(|rule| (&rule.track_group, &rule.input));
    addresses.chain(routes).chain(rules).filter_map(move |(group, interface)| {
        let is_in = group.as_deref().is_some_and(|group| groups.contains(&group));
        interface.as_deref().filter(|_| is_in)
    })
}

impl Node {
    pub(super) fn watches_of(&mut self, index: usize) -> Watches {
        let plan = self.instances[index].plan.clone();
        let instance = plan.ir();
        let mut watches = Watches::default();
        for address in instance.virtual_addresses.iter().chain(&instance.excluded_addresses) {
            let Some(interface) = &address.interface else { continue };
            let link = self.link(interface);
            if address.is_tracked && link != self.instances[index].link && !watches.address_links.contains(&link) {
                watches.address_links.push(link);
            }
        }
        for route in instance.virtual_routes.iter().filter(|route| route.is_tracked) {
            let Some(interface) = &route.interface else { continue };
            let link = self.link(interface);
            if link != self.instances[index].link && !watches.address_links.contains(&link) {
                watches.address_links.push(link);
            }
        }
        for interface in in_groups(plan.configuration(), plan.id) {
            let link = self.link(interface);
            if link != self.instances[index].link && !watches.address_links.contains(&link) {
                watches.address_links.push(link);
            }
        }
        if let Some(name) = instance.own_interface() {
            watches.address_links.push(self.link(name));
        }
        self.watch(&mut watches, &instance.trackers, |weight| weight);
        if let Some(group) = plan.group() {
            // The priority of an owner never changes; what would change it is a fault.
            let is_owner = instance.priority.is_owner();
            self.watch(&mut watches, &group.trackers, |weight| if is_owner { Weight::FAULT } else { weight });
        }
        watches
    }

    fn watch(&mut self, watches: &mut Watches, trackers: &Trackers, weigh: impl Fn(Weight) -> Weight) {
        for tracked in &trackers.interfaces {
            watches.interfaces.push((self.link(&tracked.interface), weigh(tracked.weight)));
        }
        fn add<Id: Copy>(to: &mut Vec<(Id, Weight)>, from: &[Tracked<Id>], weigh: impl Fn(Weight) -> Weight) {
            to.extend(from.iter().map(|tracked| (tracked.id, weigh(tracked.weight))));
        }
        add(&mut watches.scripts, &trackers.scripts, &weigh);
        add(&mut watches.files, &trackers.files, &weigh);
        add(&mut watches.processes, &trackers.processes, &weigh);
        add(&mut watches.bfds, &trackers.bfds, &weigh);
    }

    fn verdict(&self, index: usize) -> Verdict {
        let (instance, watches) = (&self.instances[index], &self.watches[index]);
        let ir = instance.plan.ir();
        let is_up = |link: LinkId| self.links[link.index()].is_some_and(|facts| facts.is_up);
        let mut verdict = Verdict::default();
        if !is_up(instance.link) && !ir.ignores_own_interface {
            verdict.faults.add(Faults::LINK);
        }
        // Differs: keepalived 2.2.7 does nothing about `track_src_ip` when the address goes or comes (measured).
        let is_missing = ir.tracks_source && ir.source.is_some_and(|source| self.missing.contains(&source));
        if instance.source(&self.links).is_none() || is_missing {
            verdict.faults.add(Faults::SOURCE);
        }
        if ir.faults_without_peer && ir.unicast_peers().is_some_and(<[_]>::is_empty) {
            verdict.faults.add(Faults::NO_PEER);
        }
        if watches.address_links.iter().any(|&link| !is_up(link)) {
            verdict.faults.add(Faults::ADDRESS_LINK);
        }
        for &(link, weight) in &watches.interfaces {
            verdict.observe(weight, Some(is_up(link)), Faults::TRACKED_INTERFACE);
        }
        for &(script, weight) in &watches.scripts {
            let tracker = &self.scripts[script.index()];
            // `init_fail` too is no fault before the first result: keepalived tells of none until then (measured).
            let is_known = tracker.runs > 0 || !weight.is_fault();
            verdict.observe(weight, tracker.is_up.filter(|_| is_known), Faults::SCRIPT);
        }
        for &(file, weight) in &watches.files {
            verdict.observe_number(weight, self.files[file.index()]);
        }
        for &(process, weight) in &watches.processes {
            verdict.observe(weight, self.processes[process.index()].is_up, Faults::PROCESS);
        }
        for &(bfd, weight) in &watches.bfds {
            verdict.observe(weight, Some(self.bfds[bfd.index()]), Faults::BFD);
        }
        verdict
    }

    /// Brings every instance to where what is watched puts it, and tells what the groups have come to.
    pub(super) fn settle(&mut self, now: Instant, out: &mut Vec<Action>) {
        if self.phase != Phase::Running {
            return;
        }
        if std::mem::take(&mut self.is_dirty) {
            self.judge(now, out);
        }
        for group in &mut self.groups {
            let states = group.members.iter().map(|member| self.instances[member.index()].state_name());
            let states: Vec<StateName> = states.collect();
            group.settle(self.plan.ir.sync_group(group.id), states.into_iter(), out);
        }
    }

    fn judge(&mut self, now: Instant, out: &mut Vec<Action>) {
        let mut verdicts: Vec<Verdict> = (0..self.instances.len()).map(|index| self.verdict(index)).collect();
        for group in &self.groups {
            let of = |member: &kalc_ir::InstanceId| verdicts[member.index()];
            let is_pending = group.members.iter().any(|member| of(member).is_pending);
            let faulty: Vec<_> = group.members.iter().filter(|member| !of(member).faults.is_empty()).copied().collect();
            for member in &group.members {
                let verdict = &mut verdicts[member.index()];
                verdict.is_pending |= is_pending;
                if faulty.iter().any(|other| other != member) {
                    verdict.faults.add(Faults::GROUP);
                }
            }
        }
        // Members that fail by themselves go first, then those that they take along.
        let by_group = |verdict: &Verdict| verdict.faults.without(Faults::GROUP).is_empty();
        let mut order: Vec<usize> = (0..verdicts.len()).collect();
        order.sort_by_key(|&index| by_group(&verdicts[index]));
        for index in order {
            self.apply(now, index, verdicts[index], out);
            self.arm(index);
        }
    }

    fn apply(&mut self, now: Instant, index: usize, verdict: Verdict, out: &mut Vec<Action>) {
        let instance = &mut self.instances[index];
        let mut cx = cx(now, self.utc_ahead, &self.links, out);
        instance.set_effective(&mut cx, effective(instance.plan.ir().priority.get(), verdict.change));
        instance.faults = verdict.faults;
        let (well, cause) =
            (verdict.faults.is_empty(), if verdict.faults == Faults::GROUP { Cause::Group } else { Cause::Fault });
        match instance.state_name() {
            StateName::Init => {
                if verdict.is_pending || !std::mem::take(&mut self.watches[index].is_waiting) {
                    return;
                }
                if !well {
                    instance.become_fault(&mut cx, Cause::Started);
                } else if instance.plan.starts_as_master() {
                    instance.become_master(&mut cx, Cause::Owner);
                } else {
                    instance.become_backup(&mut cx, Cause::Started);
                }
            }
            StateName::Backup | StateName::Master if !well => instance.become_fault(&mut cx, cause),
            StateName::Backup | StateName::Master => {}
            StateName::Fault if well => instance.become_backup(&mut cx, Cause::Recovered),
            StateName::Fault => {}
        }
    }
}
