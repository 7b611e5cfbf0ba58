//! A block lacks what it cannot do without.
//!
//! Every instance needs a `virtual_router_id`, and a network to speak on: an `interface`, or unicast with a source address.
//! keepalived refuses to start without them, but its test mode calls some of these cases harmless. `lo` is no network that
//! others hear. Unicast without an interface also leaves the virtual addresses without a place to be put, unless they
//! name a `dev` of their own or `default_interface` is set; keepalived 2.2.7 refuses it altogether. An ipvlan for IPv4
//! needs a source address, or its instance stays in the fault state.
//!
//! Other blocks are removed if what they are about is missing: a `vrrp_script` without `script`, a `track_file` without
//! `file`, a `vrrp_track_process` without `process`, a `bfd_instance` without `neighbor_ip`, a `garp_group` without any
//! interval, a `track_group` without `group`. Whoever tracks them then tracks nothing.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface lo
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script check_web {
//!     interval 2
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_script {
//!         check_web
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24 dev eth0
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names};
use kalc_grammar::config::{Config, SettingId};
use kalc_grammar::schema::bfd::BFD_INSTANCE;
use kalc_grammar::schema::garp_group::GARP_GROUP;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::vrrp::DEFAULT_INTERFACE;
use kalc_grammar::schema::line::address::VIRTUAL_DEV;
use kalc_grammar::schema::track::{
    GROUP, TRACK_FILE, TRACK_GROUP, VRRP_SCRIPT, VRRP_TRACK_FILE, VRRP_TRACK_PROCESS, file, process, script,
};
use kalc_grammar::schema::vrrp_instance::interface::{INTERFACE, USE_IPVLAN, VRF};
use kalc_grammar::schema::vrrp_instance::unicast::{UNICAST_PEER, UNICAST_SRC_IP};
use kalc_grammar::schema::vrrp_instance::{VIRTUAL_IPADDRESS, VIRTUAL_ROUTER_ID, VRRP_INSTANCE};
use kalc_grammar::schema::{Keyword, bfd, garp_group};
use kalc_grammar::syntax::NONE;
use kalc_grammar::value::Data;
use kalc_ir::Family;
use kalc_ir::vrrp::VirtualInterface;
use std::net::IpAddr;

pub(super) const META: Meta = Meta { code: "KA302", severity: Severity::Error, fix: Fixable::None, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in host.config.blocks(&VRRP_INSTANCE) {
        // A value that is there but wrong is another rule's.
        if host.config.last(instance, &VIRTUAL_ROUTER_ID).is_none() {
            out.setting(host, instance, format!("`{}` has no virtual_router_id", host.config.name(instance)))
                .why("keepalived does not start without it")
                .help("add `virtual_router_id` with a number from 1 to 255 that no other virtual router on this network has");
        }
        network(host, out, instance);
    }
    blocks(host, out);
    ipvlans(host, out);
}

/// Blocks that are removed without one of some settings: the settings, what the block lacks, and what to add.
const NEEDS: [(&Keyword, &[&Keyword], &str, &str); 7] = [
    (&VRRP_SCRIPT, &[&script::SCRIPT], "no command", "add `script` with the command"),
    (&TRACK_FILE, &[&file::FILE], "no file", "add `file` with the path of the file to follow"),
    (&VRRP_TRACK_FILE, &[&file::FILE], "no file", "add `file` with the path of the file to follow"),
    (&VRRP_TRACK_PROCESS, &[&process::PROCESS], "no program", "add `process` with the name of the program"),
    (&TRACK_GROUP, &[&GROUP], "no instances", "add `group` with the names of the instances"),
    (
        &BFD_INSTANCE,
        &[&bfd::NEIGHBOR_IP, &bfd::NEIGHBOUR_IP],
        "no neighbor",
        "add `neighbor_ip` with the address of the other end",
    ),
    (
        &GARP_GROUP,
        &[&garp_group::GARP_INTERVAL, &garp_group::GNA_INTERVAL],
        "no interval",
        "add `garp_interval` or `gna_interval`",
    ),
];

fn blocks(host: &Host, out: &mut Findings<'_>) {
    for id in host.config.roots() {
        let setting = host.config.setting(id);
        let Some((_, settings, lacks, help)) = NEEDS.iter().find(|(block, ..)| *block == setting.keyword) else { continue };
        let block = &host.tree.node(setting.node);
        // What stands there and is not understood may be meant for it, and an include or a condition may bring it.
        let is_read = host.config.children(id).count() == host.tree.children(setting.node).count();
        let is_there = host.config.children(id).any(|child| settings.contains(&host.config.setting(child).keyword));
        if is_there || !is_read || block.open == NONE || names::is_incomplete(host) || !host.logical.config_ids.is_empty() {
            continue;
        }
        let name = host.config.name(id);
        let subject = if name.is_empty() { setting.keyword.name } else { &*name };
        out.at(host, host.whole(id), format!("`{subject}` has {lacks}"))
            .blocks_run(false)
            .why("keepalived reports the block and removes it")
            .help(*help);
    }
}

/// An ipvlan has no address of its own to send from.
fn ipvlans(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let id = SettingId(instance.origin.0);
        let is_v4 = instance.family.is_none_or(|family| family == Family::Ipv4);
        let is_known = !instance.is_unknown("source") && !instance.is_unknown("virtual_interface");
        if let (VirtualInterface::Ipvlan { address: None, .. }, None, true, true) =
            (&instance.virtual_interface, instance.source, is_v4, is_known)
            && let Some(statement) = host.config.last(id, &USE_IPVLAN)
        {
            out.setting(host, statement, format!("the ipvlan of `{}` has no source address", instance.name))
                .blocks_run(false)
                .why("IPv4 needs one: keepalived reports it and leaves the instance in the fault state")
                .help("give `use_ipvlan` an address, or add `mcast_src_ip` or `unicast_src_ip`");
        }
    }
}

/// What the instance speaks on.
fn network(host: &Host, out: &mut Findings<'_>, instance: SettingId) {
    let config = &host.config;
    let name = config.name(instance);
    if let Some(interface) = config.last(instance, &INTERFACE) {
        if config.values(interface).first().is_some_and(|value| config.text_of(value) == "lo") {
            out.setting(host, interface, format!("`{name}` speaks on the loopback interface"))
                .why("no other host hears it, and keepalived refuses to start")
                .help("name the interface that the peers are reached through");
        }
        return;
    }
    let has_peers = config.all(instance, &UNICAST_PEER).any(|list| config.children(list).next().is_some());
    let source = config.last(instance, &UNICAST_SRC_IP);
    if !has_peers && source.is_none() {
        out.setting(host, instance, format!("`{name}` has no interface"))
            .why("keepalived does not start without it")
            .help("add `interface` with the interface that the peers are reached through");
        return;
    }
    if let Some(source) = source {
        let link_local = |value: &kalc_grammar::config::Value| matches!(value.data, Data::Ip(IpAddr::V6(ip)) if ip.is_unicast_link_local());
        if config.values(source).first().is_some_and(link_local) {
            out.setting(host, source, format!("`{name}` has a link-local source address and no interface"))
                .why("a link-local address says nothing about the link that it is on")
                .help("add `interface`");
        }
    } else if config.last(instance, &USE_IPVLAN).is_none() {
        out.setting(host, instance, format!("`{name}` has neither an interface nor a source address"))
            .why("unicast without an interface needs `unicast_src_ip`; keepalived does not start")
            .help("add `interface`, or `unicast_src_ip` with this host's own address");
        return;
    }
    let default = config.blocks(&GLOBAL_DEFS).any(|block| config.last(block, &DEFAULT_INTERFACE).is_some());
    if default || config.last(instance, &VRF).is_some() {
        return;
    }
    for entry in config.all(instance, &VIRTUAL_IPADDRESS).flat_map(|list| config.children(list)) {
        if is_address(config, entry) && config.option(entry, &VIRTUAL_DEV).is_none() {
            out.setting(host, entry, format!("this address of `{name}` has no interface to be put on"))
                .why("the instance names none, and neither does `default_interface`: keepalived drops the address")
                .help("add `dev` with an interface to the address, or `interface` to the instance");
            return;
        }
    }
}

fn is_address(config: &Config, entry: SettingId) -> bool {
    config.values(entry).first().is_some_and(|value| matches!(value.data, Data::Net { .. } | Data::Ip(_)))
}
