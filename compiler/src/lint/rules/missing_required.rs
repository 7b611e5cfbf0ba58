//! An instance lacks what it cannot run without.
//!
//! Every instance needs a `virtual_router_id`, and a network to speak on: an `interface`, or unicast with a source address.
//! keepalived refuses to start without them, but its test mode calls some of these cases harmless. `lo` is no network that
//! others hear. Unicast without an interface also leaves the virtual addresses without a place to be put, unless they
//! name a `dev` of their own or `default_interface` is set; keepalived 2.2.7 refuses it altogether.
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
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{Config, SettingId};
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::vrrp::DEFAULT_INTERFACE;
use kalc_grammar::schema::line::address::VIRTUAL_DEV;
use kalc_grammar::schema::vrrp_instance::interface::{INTERFACE, USE_IPVLAN, VRF};
use kalc_grammar::schema::vrrp_instance::unicast::{UNICAST_PEER, UNICAST_SRC_IP};
use kalc_grammar::schema::vrrp_instance::{VIRTUAL_IPADDRESS, VIRTUAL_ROUTER_ID, VRRP_INSTANCE};
use kalc_grammar::value::Data;
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
