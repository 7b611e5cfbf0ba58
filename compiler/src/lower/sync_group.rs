//! `vrrp_sync_group` and `track_group`: instances by name.

use super::block::{self, Block, dropped};
use super::{Lowerer, notify, track};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::sync_group as row;
use kalc_grammar::schema::track as track_row;
use kalc_grammar::value::Data;
use kalc_ir::track::TrackGroup;
use kalc_ir::vrrp::{InitialState, Instance};
use kalc_ir::{Dropped, InstanceId, OriginId, Reason, SyncGroup, SyncGroupId};
use rustc_hash::FxHashSet;

/// A sync group whose members have no ids yet, because instances may stand behind it.
pub(super) struct Pending {
    group: SyncGroup,
    list: Option<SettingId>,
    notifies_priority_changes: Option<bool>,
}

impl Lowerer<'_> {
    /// One sync group, without its members.
    pub(super) fn sync_group(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        if block::has_trailing_words(self.config, id) {
            return self.drop(id, Reason::BadName);
        }
        if !self.sync_groups.add(name.clone(), self.pending_groups.len()) {
            return self.drop(id, Reason::Duplicate);
        }
        let mut b = Block::new(self.config, id);
        let lists = b.all(&row::GROUP);
        for &list in lists.iter().skip(1) {
            b.drop(list, Reason::Duplicate);
        }
        if let Some(&list) = lists.first() {
            b.wrote("members", list);
        }
        let global = &self.ir.global;
        let old = b.flag(&row::GLOBAL_TRACKING, "tracking_weight");
        let written = b.switch(&row::NOTIFY_PRIORITY_CHANGES, "notifies_priority_changes");
        let group = SyncGroup {
            name: name.into_owned(),
            members: Vec::new(),
            trackers: self.trackers(&mut b),
            tracking_weight: b.flag(&row::SYNC_GROUP_TRACKING_WEIGHT, "tracking_weight") || old,
            notify: notify::common(&mut b, global),
            notifies_priority_changes: written.unwrap_or(global.vrrp_notify_priority_changes),
            mails: notify::mails(&mut b, global),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        let group = super::with_notes!(group, notes);
        self.pending_groups.push(Pending { group, list: lists.first().copied(), notifies_priority_changes: written });
    }

    /// Gives all sync groups their members, and members what follows from it. Groups without members go.
    pub(super) fn join(&mut self) {
        for Pending { mut group, list, notifies_priority_changes } in std::mem::take(&mut self.pending_groups) {
            let id = SyncGroupId(self.ir.sync_groups.len() as u32);
            let mut seen = FxHashSet::default();
            let entries = list.into_iter().flat_map(|list| self.config.children(list));
            for entry in entries {
                let is_guess = block::is_guess(self.config, entry);
                for value in self.config.values(entry) {
                    if value.data == Data::Unknown || is_guess {
                        let text = self.config.slice(value.span).to_owned();
                        group.unknown.push(kalc_ir::Unknown { field: "members", text, origin: OriginId(entry.0) });
                        continue;
                    }
                    let name = self.config.text_of(value);
                    let reason = match self.instance_names.get(&name) {
                        None => Reason::NotDefined,
                        Some(member) if !seen.insert(member) => Reason::Duplicate,
                        Some(member) if self.ir.vrrp_instances[member as usize].sync_group.is_some() => {
                            Reason::InOtherGroup
                        }
                        Some(member) => {
                            group.members.push(InstanceId(member));
                            continue;
                        }
                    };
                    let text = name.into_owned();
                    group.dropped.push(Dropped { keyword: "group", text, reason, origin: OriginId(entry.0) });
                }
            }
            if group.members.is_empty() && group.unknown.is_empty() {
                self.drop(SettingId(group.origin.0), Reason::Incomplete);
                continue;
            }
            // A group begins as master only if all of its members own their addresses (measured with 2.2.7).
            let owns = |instance: &Instance| instance.state == InitialState::Master && instance.priority.is_owner();
            let owns = group.members.iter().all(|&member| owns(self.ir.instance(member)));
            for &member in &group.members {
                let instance = &mut self.ir.vrrp_instances[member.index()];
                instance.sync_group = Some(id);
                if !owns {
                    instance.state = InitialState::Backup;
                }
                if let Some(reports) = notifies_priority_changes
                    && !instance.origins.contains("notifies_priority_changes")
                {
                    instance.notifies_priority_changes = reports;
                }
                if !group.tracking_weight {
                    let out = &mut instance.dropped;
                    track::restrict(self.config, &mut instance.trackers, Reason::WeightInSyncGroup, out);
                }
            }
            self.ir.sync_groups.push(group);
        }
    }

    /// One `track_group`; its members get their ids at the end.
    pub(super) fn track_group(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        if self.track_groups.iter().any(|(group, _)| group.name == name) {
            return self.drop(id, Reason::Duplicate);
        }
        let mut b = Block::new(self.config, id);
        let Some(&list) = b.all(&track_row::GROUP).last() else { return self.drop(id, Reason::Incomplete) };
        let dropped = b.finish().dropped;
        let group = TrackGroup { name: name.into_owned(), members: Vec::new(), dropped, origin: OriginId(id.0) };
        self.track_groups.push((group, list));
    }

    /// Gives all track groups their members.
    pub(super) fn join_track_groups(&mut self) {
        for (mut group, list) in std::mem::take(&mut self.track_groups) {
            for entry in block::children(self.config, list) {
                for value in self.config.values(entry) {
                    match self.instance_names.get(&self.config.text_of(value)) {
                        Some(member) => group.members.push(InstanceId(member)),
                        None => group.dropped.push(dropped(self.config, entry, Reason::NotDefined)),
                    }
                }
            }
            self.ir.track_groups.push(group);
        }
    }
}
