//! Settings that strict mode does not allow.
//!
//! The standard knows neither unicast peers nor `preempt_delay`, no second answer to a lower advert, no MAC address of one's
//! own choice, and no other number of missed adverts than three. With `vrrp_strict` keepalived reports each of them and
//! resets it; unicast peers pass the test of version 2.2.7, and 2.4.3 refuses to start with them. `state` has to say what
//! the priority says: MASTER with 255 and BACKUP otherwise.
//!
//! Strict mode is for tests of the standard: remove `vrrp_strict`, or these settings. A secret in strict mode is KA402's.
//!
//! ```keepalived fail
//! global_defs {
//!     vrrp_strict
//! }
//! vrrp_instance VI_1 {
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     preempt_delay 5
//!     no_accept
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! global_defs {
//! }
//! vrrp_instance VI_1 {
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     preempt_delay 5
//!     no_accept
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_strict
//! }
//! vrrp_instance VI_1 {
//!     strict_mode off
//!     state MASTER
//!     interface eth0
//!     virtual_router_id 51
//!     priority 150
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 52
//!     down_timer_adverts 3
//!     no_accept
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!     }
//! }
//! ```

use super::strict_blocks_vip_traffic::statement;
use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::vrrp_instance::garp::{GARP_LOWER_PRIO_DELAY, GARP_LOWER_PRIO_REPEAT};
use kalc_grammar::schema::vrrp_instance::interface::{USE_VMAC, VMAC_XMIT_BASE};
use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER;
use kalc_grammar::schema::vrrp_instance::{
    DOWN_TIMER_ADVERTS, HIGHER_PRIO_SEND_ADVERT, LOWER_PRIO_NO_ADVERT, PREEMPT_DELAY, STATE,
};
use kalc_grammar::value::Data;
use kalc_ir::vrrp::{Instance, Transport};

pub(super) const META: Meta =
    Meta { code: "KA310", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        if !instance.is_strict || instance.is_unknown("is_strict") {
            continue;
        }
        let conflicts = conflicts(host, instance);
        let Some(&(first, name)) = conflicts.first() else { continue };
        let message = match conflicts.len() {
            1 => format!("`{}` is strict, and {name} does not go with that", instance.name),
            number => format!("`{}` is strict, and {number} of its settings do not go with that", instance.name),
        };
        let unicast = matches!(instance.transport, Transport::Unicast { .. });
        let why = if unicast {
            "keepalived 2.4.3 refuses to start with unicast peers in strict mode; other settings are reported and reset"
        } else {
            "keepalived reports and resets what the standard does not know"
        };
        let mut finding = out.setting(host, first, message).why(why).help("remove `vrrp_strict`, or these settings");
        for &(id, name) in &conflicts[1..] {
            finding = finding.label(host.config.setting(id).span, format!("{name} is not allowed either"));
        }
        if let Some(strict) = statement(host, instance).map(place::statement) {
            finding
                .label(host.config.setting(strict).span, "strict mode comes from here")
                .suggested_fix(&[place::without(host, strict)]);
        }
    }
}

/// What an instance has that strict mode forbids, in the order of the text.
fn conflicts(host: &Host, instance: &Instance) -> Vec<(SettingId, &'static str)> {
    let config = &host.config;
    let block = block(instance);
    let mut found: Vec<(SettingId, &'static str)> = Vec::new();
    let mut add = |keyword: &'static Keyword, name, is_wrong: fn(&Data) -> bool| {
        if let Some(id) = config.last(block, keyword)
            && config.values(id).first().is_none_or(|value| is_wrong(&value.data))
        {
            found.push((id, name));
        }
    };
    add(&PREEMPT_DELAY, "`preempt_delay`", |data| matches!(data, Data::Micros(1..)));
    add(&GARP_LOWER_PRIO_DELAY, "`garp_lower_prio_delay`", |data| matches!(data, Data::Int(1..)));
    add(&GARP_LOWER_PRIO_REPEAT, "`garp_lower_prio_repeat`", |data| matches!(data, Data::Int(1..)));
    add(&HIGHER_PRIO_SEND_ADVERT, "`higher_prio_send_advert`", |data| *data == Data::Bool(true));
    add(&VMAC_XMIT_BASE, "`vmac_xmit_base`", |_| false);
    add(&DOWN_TIMER_ADVERTS, "`down_timer_adverts`", |data| matches!(data, Data::Int(number) if *number != 3));
    if let Some(id) = config.last(block, &LOWER_PRIO_NO_ADVERT)
        && matches!(config.values(id).first().map(|value| value.data), Some(Data::Bool(false)))
    {
        found.push((id, "`lower_prio_no_advert` off"));
    }
    // The number of the globals counts where the instance has none.
    if config.last(block, &DOWN_TIMER_ADVERTS).is_none()
        && host.ir.global.vrrp_down_timer_adverts != 3
        && let Some(origin) = host.ir.global.origins.get("vrrp_down_timer_adverts")
    {
        found.push((place::statement(origin), "`vrrp_down_timer_adverts`"));
    }
    if let Some(vmac) = config.last(block, &USE_VMAC)
        && config.positional(vmac).iter().any(|value| config.slice(value.span).contains(':'))
    {
        found.push((vmac, "a MAC address of one's own choice"));
    }
    if config.last(block, &USE_VMAC).is_none() {
        // `vmac_xmit_base` without a VMAC is KA123's.
        found.retain(|&(id, _)| config.setting(id).keyword != &VMAC_XMIT_BASE);
    }
    if matches!(instance.transport, Transport::Unicast { .. })
        && let Some(peers) = config.last(block, &UNICAST_PEER)
    {
        found.push((peers, "`unicast_peer`"));
    }
    if !instance.is_unknown("state")
        && !instance.is_unknown("priority")
        && let Some(state) = config.last(block, &STATE)
        && let Some(Data::Choice(word)) = config.values(state).first().map(|value| value.data)
        && (word == "MASTER") != instance.priority.is_owner()
    {
        found.push((state, if word == "MASTER" { "`state MASTER` below 255" } else { "`state BACKUP` with 255" }));
    }
    found.sort_by_key(|(id, _)| *id);
    found
}
