//! A sync group that holds nothing together.
//!
//! A group of one has no effect. An instance is in one group only: keepalived reports the second one and leaves the instance
//! out of it. Members begin together: only if all of them are MASTER with priority 255 the group begins as master, else as
//! backup, whatever `state` is written. Owners of their addresses and others cannot change state together.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state MASTER
//!     priority 150
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     state BACKUP
//!     priority 150
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     notify_master /etc/keepalived/master.sh
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     state MASTER
//!     priority 150
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     state MASTER
//!     priority 150
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names, phrase, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::sync_group::{GROUP, VRRP_SYNC_GROUP};
use kalc_grammar::schema::vrrp_instance::STATE;
use kalc_grammar::value::Data;
use kalc_ir::{Instance, Reason, SyncGroup};

pub(super) const META: Meta =
    Meta { code: "KA561", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for group in &host.ir.sync_groups {
        if !group.unknown.iter().any(|unknown| unknown.is_in("members")) {
            alone(host, group, out);
            starts(host, group, out);
        }
    }
    in_two(host, out);
    without_members(host, out);
}

/// No `group` in the block at all. An empty one is KA123's.
fn without_members(host: &Host, out: &mut Findings<'_>) {
    if names::is_incomplete(host) || !host.logical.config_ids.is_empty() {
        return;
    }
    for id in host.config.blocks(&VRRP_SYNC_GROUP) {
        if host.config.first(id, &GROUP).is_none() && !is_second_of_its_name(host, id) {
            out.setting(host, id, format!("the sync group `{}` has no members", host.config.name(id)))
                .why("keepalived reports it and removes the group with all it says")
                .help("add `group` with the names of its instances, or delete the block")
                .label(phrase::last_brace(host, id), phrase::AT_THE_END);
        }
    }
}

/// Only one member. A name that nothing has is KA109's.
fn alone(host: &Host, group: &SyncGroup, out: &mut Findings<'_>) {
    if group.members.len() != 1 || !group.dropped.is_empty() || names::is_incomplete(host) {
        return;
    }
    let scripts = group.notify.commands().next().is_some() || group.mails;
    let member = &host.ir.instance(group.members[0]).name;
    out.at(host, place::span(host, group.origin), format!("the sync group `{}` has only one member, `{member}`", group.name))
        .severity(if scripts { Severity::Hint } else { Severity::Warning })
        .why("there is nothing to hold together; keepalived reports it")
        .help("name the other instances, one a line, or delete the group");
}

/// What the members begin as.
fn starts(host: &Host, group: &SyncGroup, out: &mut Findings<'_>) {
    let members: Vec<&Instance> = group.members.iter().map(|&member| host.ir.instance(member)).collect();
    if members.iter().any(|member| member.is_unknown("state") || member.is_unknown("priority")) {
        return;
    }
    let at = |member: &Instance| host.config.setting(block(member)).span;
    let owner = members.iter().find(|member| member.priority.is_owner());
    let other = members.iter().find(|member| !member.priority.is_owner());
    if let (Some(owner), Some(other)) = (owner, other) {
        out.at(host, place::span(host, group.origin), format!("`{}` mixes owners of their addresses with others", group.name))
            .why("an owner has priority 255 and never gives way, so the members cannot change state together")
            .help("give all members a priority below 255")
            .label(at(owner), "this one has 255")
            .label(at(other), "this one has not");
        return;
    }
    let written = |member: &Instance| {
        let state = host.config.last(block(member), &STATE)?;
        match host.config.values(state).first()?.data {
            Data::Choice(word) => Some((state, word)),
            _ => None,
        }
    };
    let states: Vec<(SettingId, &str)> = members.iter().filter_map(|member| written(member)).collect();
    let find = |word: &str| states.iter().find(|(_, state)| *state == word).map(|(id, _)| host.config.setting(*id).span);
    if let (Some(master), Some(backup)) = (find("MASTER"), find("BACKUP")) {
        out.at(host, place::span(host, group.origin), format!("members of `{}` begin as MASTER and as BACKUP", group.name))
            .why("the members of a group are in one state: all of them begin as backup")
            .help("write the same `state` for all members")
            .label(master, "MASTER here")
            .label(backup, "BACKUP here");
    }
}

/// Members that another group has already.
fn in_two(host: &Host, out: &mut Findings<'_>) {
    let ir = &host.ir;
    for id in host.config.blocks(&VRRP_SYNC_GROUP) {
        // A group of which no member is left is not in the IR any more.
        let Some(list) = host.config.first(id, &GROUP) else { continue };
        for entry in host.config.children(list) {
            for value in host.config.values(entry) {
                let name = host.config.text_of(value);
                let Some(instance) = ir.vrrp_instances.iter().find(|instance| instance.name == name) else { continue };
                let Some(owner) = instance.sync_group.map(|group| ir.sync_group(group)) else { continue };
                if place::statement(owner.origin) == id || is_second_of_its_name(host, id) {
                    continue;
                }
                out.at(host, value.span, format!("`{name}` is in the sync group `{}` already", owner.name))
                    .severity(Severity::Error)
                    .why("keepalived reports it and leaves the instance out of this group")
                    .help("an instance has one group: name all that belong together in it")
                    .label(place::span(host, owner.origin), "this group counts");
            }
        }
    }
}

/// Whether a block is skipped because its name is taken; KA107 says so.
fn is_second_of_its_name(host: &Host, id: SettingId) -> bool {
    host.ir.dropped.iter().any(|dropped| place::statement(dropped.origin) == id && dropped.reason != Reason::Incomplete)
}
