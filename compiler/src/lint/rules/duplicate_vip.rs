//! One virtual address stands twice on one host.
//!
//! Within an instance keepalived drops the second one (version 2.3.3 and later report it, older ones keep both silently),
//! whatever prefix length it has. In two instances on one interface two elections own one address: as soon as one is lost,
//! the address goes, although the other instance is still master. Nobody reports that.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.10/32
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
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
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.11/24
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! A link-local address may be the same on every link:
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         fe80::10/64
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, place};
use kalc_ir::{Address, Instance};
use rustc_hash::FxHashMap;
use std::net::IpAddr;

pub(super) const META: Meta = Meta { code: "KA315", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

/// Where an address is set.
type Place<'h> = (IpAddr, Option<&'h str>);

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut known: FxHashMap<Place<'_>, (usize, &Address)> = FxHashMap::default();
    for (index, instance) in host.ir.vrrp_instances.iter().enumerate() {
        for address in instance.virtual_addresses.iter().chain(&instance.excluded_addresses) {
            if address.unknown.iter().any(|unknown| unknown.is_in("interface")) || instance.is_unknown("interface") {
                continue;
            }
            let key = (address.address, address.interface.as_deref());
            match known.get(&key) {
                Some(&(owner, first)) if owner == index => twice(host, instance, first, address, out),
                Some(&(owner, first)) => shared(host, (&host.ir.vrrp_instances[owner], first), (instance, address), out),
                None => {
                    known.insert(key, (index, address));
                }
            }
        }
    }
}

fn twice(host: &Host, instance: &Instance, first: &Address, second: &Address, out: &mut Findings<'_>) {
    let id = place::statement(second.origin);
    let other = if first.prefix == second.prefix { "" } else { ", with another prefix length" };
    out.setting(host, id, format!("{} stands twice in `{}`{other}", second.address, instance.name))
        .why("keepalived 2.3.3 and later report and drop the second one")
        .help("delete it")
        .label(place::span(host, first.origin), "it stands here already")
        .suggested_fix(&[place::without(host, id)]);
}

fn shared(host: &Host, first: (&Instance, &Address), second: (&Instance, &Address), out: &mut Findings<'_>) {
    let (address, on) = (second.1.address, second.1.interface.as_deref());
    let on = on.map(|name| format!(" on `{name}`")).unwrap_or_default();
    out.at(
        host,
        place::span(host, second.1.origin),
        format!("`{}` and `{}` both have {address}{on}", first.0.name, second.0.name),
    )
    .why("two elections decide about one address: when one of them is lost it is removed, and the other does not notice")
    .help("leave it in one of them")
    .label(place::span(host, first.1.origin), format!("`{}` has it here", first.0.name));
}
