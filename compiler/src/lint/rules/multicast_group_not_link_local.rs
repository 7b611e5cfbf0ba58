//! A multicast group that switches may not flood.
//!
//! Groups in 224.0.0.0/24 and ff02::/16 reach every host of the link. Others are delivered by switches with IGMP or MLD
//! snooping only to hosts that have joined and were heard of: adverts get lost, and both hosts become master. For IPv6
//! keepalived reports the group and leaves it out.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     mcast_dst_ip 239.1.1.18
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_mcast_group4 224.0.0.118
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_mcast_group4 239.1.1.18
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::unicast::MCAST_DST_IP;
use kalc_grammar::value::Data;
use kalc_ir::vrrp::{Instance, Transport};
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA320", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let multicast = |instance: &&Instance| matches!(instance.transport, Transport::Multicast { .. });
    for instance in host.ir.vrrp_instances.iter().filter(multicast) {
        if let Some(id) = host.config.last(block(instance), &MCAST_DST_IP)
            && let Some(Data::Ip(group)) = host.config.values(id).first().map(|value| value.data)
        {
            report(host, id, group, out);
        }
    }
    let global = &host.ir.global;
    let inherits = |instance: &Instance, group: IpAddr| {
        !instance.origins.contains("transport.group")
            && matches!(instance.transport, Transport::Multicast { group: Some(used) } if used == group)
    };
    let used = |group: IpAddr| host.ir.vrrp_instances.iter().any(|instance| inherits(instance, group));
    let group4 = IpAddr::V4(global.vrrp_mcast_group4);
    if let Some(origin) = global.origins.get("vrrp_mcast_group4").filter(|_| used(group4)) {
        report(host, place::statement(origin), group4, out);
    }
    // keepalived reports this one whoever uses it.
    let group6 = IpAddr::V6(global.vrrp_mcast_group6);
    if let Some(origin) = global.origins.get("vrrp_mcast_group6") {
        report(host, place::statement(origin), group6, out);
    }
}

fn report(host: &Host, id: SettingId, group: IpAddr, out: &mut Findings<'_>) {
    let (is_local, local) = match group {
        IpAddr::V4(group) => (group.octets()[..3] == [224, 0, 0], "224.0.0.0/24"),
        IpAddr::V6(group) => (group.segments()[0] == 0xff02, "ff02::/16"),
    };
    if is_local || !group.is_multicast() {
        return;
    }
    out.setting(host, id, format!("the group {group} is not link-local"))
        .why("switches with snooping do not flood it: where adverts get lost both hosts become master")
        .help(format!("take a group in {local}, the same on all hosts"));
}
