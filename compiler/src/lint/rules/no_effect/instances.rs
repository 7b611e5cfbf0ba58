//! Settings of instances that exclude or miss each other.

use super::useless;
use crate::host::Host;
use crate::lint::values::line_of;
use crate::lint::{Findings, phrase};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::interface::{PROMOTE_SECONDARIES, USE_IPVLAN, USE_VMAC, VMAC_XMIT_BASE};
use kalc_grammar::schema::vrrp_instance::unicast::{MCAST_DST_IP, MCAST_SRC_IP, UNICAST_SRC_IP, UNICAST_TTL};
use kalc_grammar::schema::vrrp_instance::{OWNER_IGNORE_ADVERTS, TIMER_EXPIRED_BACKUP};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::track::Tracked;
use kalc_ir::{Instance, OriginId, SyncGroup};

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let id = SettingId(instance.origin.0);
        sources(host, id, out);
        virtual_interface(host, instance, id, out);
        election(host, instance, id, out);
        if !instance.is_unknown("transport") {
            transport(host, instance, id, out);
        }
    }
    for group in &host.ir.sync_groups {
        for member in &group.members {
            trackers(host, group, host.ir.instance(*member), out);
        }
    }
}

/// Settings of the election that need another one.
fn election(host: &Host, instance: &Instance, id: SettingId, out: &mut Findings<'_>) {
    let is_owner = instance.priority.is_owner() || instance.is_unknown("priority");
    let ignores = host.config.last(id, &OWNER_IGNORE_ADVERTS);
    let is_on = |&id: &SettingId| host.config.values(id).first().is_none_or(|value| value.data == Data::Bool(true));
    if let (false, Some(statement)) = (is_owner, ignores.filter(is_on)) {
        let why = "keepalived reports it and ignores it: only priority 255 owns the addresses";
        useless(host, statement, "`owner_ignore_adverts` has no effect below priority 255".to_owned(), why, out);
    }
    if let (true, false, Some(statement)) =
        (instance.preempts, instance.is_unknown("preempts"), host.config.last(id, &TIMER_EXPIRED_BACKUP))
    {
        let why = "keepalived reports it and resets it";
        useless(host, statement, "`timer_expired_backup` has no effect without `nopreempt`".to_owned(), why, out);
    }
}

fn transport(host: &Host, instance: &Instance, id: SettingId, out: &mut Findings<'_>) {
    match instance.unicast_peers() {
        Some(_) => {
            if let Some(group) = host.config.last(id, &MCAST_DST_IP) {
                let why = "the instance has unicast peers; keepalived reports the group and drops it";
                useless(host, group, "`mcast_dst_ip` has no effect with `unicast_peer`".to_owned(), why, out);
            }
        }
        None => {
            if let Some(ttl) = host.config.last(id, &UNICAST_TTL) {
                let why = "keepalived reports it and resets it: adverts by multicast have a TTL of 255";
                out.setting(host, ttl, "`unicast_ttl` has no effect without `unicast_peer`")
                    .why(why)
                    .help("delete the line")
                    .label(phrase::last_brace(host, id), phrase::AT_THE_END)
                    .safe_fix(&[(line_of(host, ttl), String::new())]);
            }
        }
    }
}

/// The two keywords for the source address set the same field.
fn sources(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let (Some(unicast), Some(multicast)) =
        (host.config.last(id, &UNICAST_SRC_IP), host.config.last(id, &MCAST_SRC_IP))
    else {
        return;
    };
    let (lost, wins) = if unicast < multicast { (unicast, multicast) } else { (multicast, unicast) };
    let (Some(first), Some(second)) = (host.config.values(lost).first(), host.config.values(wins).first()) else { return };
    if host.text(first) != host.text(second) {
        let name = |id| host.config.setting(id).keyword.name;
        out.setting(host, lost, format!("`{} {}` has no effect", name(lost), host.text(first)))
            .label(host.config.setting(wins).span, format!("`{}` sets the same and comes later", name(wins)))
            .why("there is one source address for all adverts, and the last line counts; keepalived reports nothing")
            .help("keep the line that is right")
            .suggested_fix(&[(line_of(host, lost), String::new())]);
    }
}

fn virtual_interface(host: &Host, instance: &Instance, id: SettingId, out: &mut Findings<'_>) {
    let vmac = host.config.last(id, &USE_VMAC);
    let ipvlan = host.config.last(id, &USE_IPVLAN);
    let base = host.config.last(id, &VMAC_XMIT_BASE);
    if let (None, None, Some(base)) = (vmac, ipvlan, base) {
        let why = "there is no VMAC; keepalived reports it and clears it";
        useless(host, base, "`vmac_xmit_base` has no effect without `use_vmac`".to_owned(), why, out);
    }
    if let (Some(vmac), None, Some(_)) = (vmac, base, instance.unicast_peers()) {
        let at = host.config.setting(vmac).span;
        let indent = phrase::indentation(host, at.start);
        out.setting(host, vmac, "a VMAC with unicast needs `vmac_xmit_base`")
            .why("keepalived reports it and sets it: adverts leave with the MAC address of the interface")
            .help("add `vmac_xmit_base`")
            .label(phrase::last_brace(host, id), phrase::AT_THE_END)
            .safe_fix(&[(Span::new(at.end, at.end), format!("\n{indent}vmac_xmit_base"))]);
    }
    if let (Some(_), Some(promote)) = (vmac.or(ipvlan), host.config.last(id, &PROMOTE_SECONDARIES)) {
        let why = "the virtual interface always does that; keepalived reports the line and ignores it";
        useless(host, promote, "`promote_secondaries` has no effect with a virtual interface".to_owned(), why, out);
    }
}

/// What a sync group tracks, its members track through it.
fn trackers(host: &Host, group: &SyncGroup, member: &Instance, out: &mut Findings<'_>) {
    let (of_group, own) = (&group.trackers, &member.trackers);
    let mut pairs: Vec<(OriginId, OriginId)> = Vec::new();
    for entry in &own.interfaces {
        let same = of_group.interfaces.iter().find(|other| other.interface == entry.interface);
        pairs.extend(same.map(|other| (entry.origin, other.origin)));
    }
    shared(&own.scripts, &of_group.scripts, &mut pairs);
    shared(&own.files, &of_group.files, &mut pairs);
    shared(&own.processes, &of_group.processes, &mut pairs);
    shared(&own.bfds, &of_group.bfds, &mut pairs);
    for (entry, other) in pairs {
        let id = SettingId(entry.0);
        let name = host.slice(host.config.setting(id).name);
        out.setting(host, id, format!("`{name}` is tracked by the sync group `{}` too", group.name))
            .label(host.config.setting(SettingId(other.0)).span, "this one counts, with its weight")
            .why("the entry of the group takes the place of the member's")
            .help("delete it here")
            .safe_fix(&[(line_of(host, id), String::new())]);
    }
}

fn shared<Id: PartialEq>(own: &[Tracked<Id>], of_group: &[Tracked<Id>], pairs: &mut Vec<(OriginId, OriginId)>) {
    for entry in own {
        let same = of_group.iter().find(|other| other.id == entry.id);
        pairs.extend(same.map(|other| (entry.origin, other.origin)));
    }
}
