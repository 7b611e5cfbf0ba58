//! The state of instances as keepalived writes it when it gets its signal for JSON, for programs that read that.
//!
//! Measured with keepalived 2.2.7. Differs: `auth_data` is left out, since it is a password, and so are `vroutes` and `vrules`;
//! what refuses a packet is counted under fewer names there, so that some of kalc's reasons are under none of them.

use super::About;
use crate::script::Programs;
use kalc_core::node::InstanceView;
use kalc_core::vrrp::StateName;
use kalc_core::wire::Refusal;
use kalc_core::{Node, vrrp::Counters};
use kalc_ir::net::Scope;
use kalc_ir::vrrp::Auth;
use kalc_ir::{Address, Command, Instance, Ir, VrrpVersion};
use serde::Serialize;
use serde_json::Number;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An instance.
#[derive(Debug, Serialize)]
struct Entry {
    data: Data,
    stats: Stats,
}

/// What it is set to, and does. Names and their order are keepalived's.
#[derive(Debug, Serialize)]
struct Data {
    iname: String,
    dont_track_primary: u8,
    skip_check_adv_addr: u8,
    strict_mode: u8,
    vmac_ifname: String,
    ifp_ifname: String,
    master_priority: u8,
    last_transition: Number,
    garp_delay: u64,
    garp_refresh: u64,
    garp_rep: u32,
    garp_refresh_rep: u32,
    garp_lower_prio_delay: u64,
    garp_lower_prio_rep: u32,
    lower_prio_no_advert: u8,
    higher_prio_send_advert: u8,
    vrid: u8,
    base_priority: u8,
    effective_priority: u8,
    vipset: bool,
    promote_secondaries: bool,
    adver_int: Number,
    master_adver_int: Number,
    accept: u8,
    nopreempt: bool,
    preempt_delay: Number,
    state: u8,
    wantstate: u8,
    version: u8,
    smtp_alert: bool,
    notify_deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_backup: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_master: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_stop: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script_master_rx_lower_pri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vips: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evips: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    track_ifp: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    track_script: Vec<String>,
    auth_type: u8,
}

/// What it has counted.
#[derive(Debug, Serialize)]
struct Stats {
    advert_rcvd: u64,
    advert_sent: u64,
    become_master: u64,
    release_master: u64,
    packet_len_err: u64,
    advert_interval_err: u64,
    ip_ttl_err: u64,
    invalid_type_rcvd: u64,
    addr_list_err: u64,
    invalid_authtype: u64,
    authtype_mismatch: u64,
    auth_failure: u64,
    pri_zero_rcvd: u64,
    pri_zero_sent: u64,
}

/// The state of all instances.
pub fn json(node: &Node, programs: &Programs, about: &About<'_>) -> String {
    let entries: Vec<Entry> = node
        .instances()
        .map(|view| Entry { data: data(&node.plan().ir, &view, programs, about), stats: stats(view.counters) })
        .collect();
    // Names, numbers and text: nothing here can fail.
    serde_json::to_string(&entries).unwrap_or_default()
}

fn data(ir: &Ir, view: &InstanceView<'_>, programs: &Programs, about: &About<'_>) -> Data {
    let instance = ir.instance(view.id);
    let since = about.now.saturating_since(view.last_transition);
    let changed = SystemTime::now().checked_sub(since).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let interval_us = instance.advert_interval_us;
    let script = |command: &Option<Box<Command>>| command.as_deref().map(|command| line(command, programs));
    let addresses = |list: &[Address]| list.iter().map(|entry| address(entry, instance, about)).collect();
    let (notify, scripts) = (&instance.notify, instance.trackers.scripts.iter());
    Data {
        iname: view.name.to_owned(),
        dont_track_primary: instance.ignores_own_interface.into(),
        skip_check_adv_addr: instance.skips_check_adv_addr.into(),
        strict_mode: instance.is_strict.into(),
        vmac_ifname: instance.vmac().unwrap_or_default().to_owned(),
        ifp_ifname: instance.home().unwrap_or_default().to_owned(),
        master_priority: view.master_priority,
        last_transition: seconds(changed.unwrap_or_default()),
        garp_delay: instance.garp_master_delay_us / 1_000_000,
        garp_refresh: instance.garp_master_refresh_us / 1_000_000,
        garp_rep: instance.garp_master_repeat,
        garp_refresh_rep: instance.garp_master_refresh_repeat,
        garp_lower_prio_delay: instance.garp_lower_prio_delay_us / 1_000_000,
        garp_lower_prio_rep: instance.garp_lower_prio_repeat,
        lower_prio_no_advert: instance.lower_prio_no_advert.into(),
        higher_prio_send_advert: instance.higher_prio_send_advert.into(),
        vrid: instance.vrid.map_or(0, |vrid| vrid.get()),
        base_priority: view.base_priority,
        effective_priority: view.effective_priority,
        vipset: view.state == StateName::Master,
        promote_secondaries: instance.promotes_secondaries,
        adver_int: seconds(Duration::from_micros(interval_us)),
        master_adver_int: seconds(view.learned_interval),
        accept: instance.accepts.into(),
        nopreempt: !instance.preempts,
        preempt_delay: seconds(Duration::from_micros(instance.preempt_delay_us)),
        state: number(view.state),
        // A change takes no time here.
        wantstate: number(view.state),
        version: match instance.version {
            VrrpVersion::V2 => 2,
            VrrpVersion::V3 => 3,
        },
        smtp_alert: instance.mails,
        notify_deleted: notify.reports_deleted,
        script_backup: script(&notify.backup),
        script_master: script(&notify.master),
        script_fault: script(&notify.fault),
        script_stop: script(&notify.stop),
        script: script(&notify.any),
        script_master_rx_lower_pri: script(&notify.master_rx_lower_pri),
        vips: addresses(&instance.virtual_addresses),
        evips: addresses(&instance.excluded_addresses),
        track_ifp: instance.trackers.interfaces.iter().map(|tracked| tracked.interface.clone()).collect(),
        track_script: scripts
            .filter_map(|tracked| ir.scripts.get(tracked.id.index())?.command.as_ref())
            .map(|command| line(command, programs))
            .collect(),
        auth_type: match instance.auth {
            Auth::Pass { .. } => 1,
            Auth::Ah { .. } => 2,
            Auth::None | Auth::Hmac(_) => 0,
        },
    }
}

fn number(state: StateName) -> u8 {
    match state {
        StateName::Init => 0,
        StateName::Backup => 1,
        StateName::Master => 2,
        StateName::Fault => 3,
    }
}

/// Whole ones as such.
fn seconds(time: Duration) -> Number {
    match time.subsec_micros() {
        0 => time.as_secs().into(),
        _ => Number::from_f64(time.as_micros() as f64 / 1e6).unwrap_or_else(|| time.as_secs().into()),
    }
}

/// The file that is executed and its arguments, each in quotes.
fn line(command: &Command, programs: &Programs) -> String {
    let known = programs.get(command).and_then(Result::ok).map(|program| {
        // keepalived names the file that links lead to.
        let path = program.path.canonicalize().unwrap_or_else(|_| program.path.clone());
        path.display().to_string()
    });
    let name = known.or_else(|| command.arguments.first().cloned()).unwrap_or_default();
    let words = std::iter::once(name).chain(command.arguments.iter().skip(1).cloned());
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

fn address(entry: &Address, instance: &Instance, about: &About<'_>) -> String {
    let mut text = entry.address.to_string();
    if entry.prefix != kalc_ir::Family::of(entry.address).bits() {
        text.push_str(&format!("/{}", entry.prefix));
    }
    if let Some(peer) = entry.peer {
        text.push_str(&format!(" peer {peer}"));
    }
    if let Some(broadcast) = entry.broadcast {
        text.push_str(&format!(" brd {broadcast}"));
    }
    let interface = entry.interface.as_deref().or(instance.home()).unwrap_or_default();
    let below = instance.interface.as_deref().filter(|_| instance.vmac() == Some(interface));
    text.push_str(&match below {
        Some(below) => format!(" dev {interface}@{below}"),
        None => format!(" dev {interface}"),
    });
    text.push_str(&match &entry.scope {
        Scope::Number(0) => " scope global".to_owned(),
        Scope::Number(200) => " scope site".to_owned(),
        Scope::Number(253) => " scope link".to_owned(),
        Scope::Number(254) => " scope host".to_owned(),
        Scope::Number(number) => format!(" scope {number}"),
        Scope::Named(name) => format!(" scope {name}"),
    });
    if let Some(label) = &entry.label {
        text.push_str(&format!(" label {label}"));
    }
    if entry.address.is_ipv6() {
        text.push_str(&match entry.preferred_lifetime_us {
            None => " preferred_lft forever".to_owned(),
            Some(0) => " deprecated".to_owned(),
            Some(micros) => format!(" preferred_lft {}", micros / 1_000_000),
        });
    }
    let known = about.interfaces.named(interface);
    if known.is_some_and(|known| known.has_exactly(entry.address, entry.prefix)) {
        text.push_str(if instance.accepts { " set" } else { " set nftable_set" });
    }
    text
}

fn stats(counters: &Counters) -> Stats {
    let refused = |reasons: &[Refusal]| reasons.iter().filter_map(|reason| counters.refused.get(reason)).sum();
    Stats {
        advert_rcvd: counters.adverts_received,
        advert_sent: counters.adverts_sent,
        become_master: counters.became_master,
        release_master: counters.released_master,
        packet_len_err: refused(&[Refusal::Truncated, Refusal::Length]),
        advert_interval_err: refused(&[Refusal::Interval]),
        ip_ttl_err: refused(&[Refusal::Ttl]),
        invalid_type_rcvd: refused(&[Refusal::Type]),
        // Other addresses than here are told of and no reason to refuse.
        addr_list_err: 0,
        invalid_authtype: refused(&[Refusal::AhMissing, Refusal::AhUnexpected]),
        authtype_mismatch: refused(&[Refusal::AuthType]),
        auth_failure: refused(&[Refusal::Password, Refusal::Icv]),
        pri_zero_rcvd: counters.priority_zero_received,
        pri_zero_sent: counters.priority_zero_sent,
    }
}
