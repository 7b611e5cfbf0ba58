//! A virtual address that is in none of the networks of its cloud.
//!
//! Clouds bind such an address to a subnet: an address from elsewhere is never delivered. The networks are those that
//! `kalc.toml` names (`subnets` of the profile), else those of the host's own `addresses` there. Nothing is said of an
//! address on another interface than that of its instance unless `subnets` are given, of public addresses where only
//! private networks are known, and on AWS, where overlay addresses outside of all ranges are in use on purpose.
//!
//! ```keepalived fail
//! ## for profile=tencent addresses=172.16.16.5/24
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     unicast_src_ip 172.16.16.5
//!     unicast_peer {
//!         172.16.16.6
//!     }
//!     virtual_ipaddress {
//!         172.16.17.12
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for profile=tencent addresses=172.16.16.5/24
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     unicast_src_ip 172.16.16.5
//!     unicast_peer {
//!         172.16.16.6
//!     }
//!     virtual_ipaddress {
//!         172.16.16.12
//!         172.16.18.12 dev eth1
//!         203.0.113.12
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, Needs, announce};
use crate::settings::{Cloud, Network};
use kalc_grammar::config::SettingId;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA758", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

const NAMES: &[Cloud] =
    &[Cloud::Tencent, Cloud::Alibaba, Cloud::Gcp, Cloud::Azure, Cloud::Openstack, Cloud::HetznerCloud];
pub(super) const CLOUDS: Needs = Needs::Cloud(NAMES);

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let Some(cloud) = host.settings.cloud(NAMES) else { return };
    let is_given = !cloud.subnets.is_empty();
    let own = || host.settings.addresses.iter().copied().filter(Network::is_wide).collect::<Vec<_>>();
    let networks = if is_given { cloud.subnets.clone() } else { own() };
    for instance in &host.ir.vrrp_instances {
        for address in announce::addresses(instance) {
            if !is_given && address.interface != instance.interface {
                continue;
            }
            let ip = address.address;
            // What tells something about an address of that kind.
            let like: Vec<&Network> = networks.iter().filter(|network| kind(network.address) == kind(ip)).collect();
            if like.is_empty() || like.iter().any(|network| network.contains(ip)) {
                continue;
            }
            let names: Vec<String> = like.iter().map(|network| network.range()).collect();
            let id = SettingId(address.origin.0);
            out.setting(host, id, format!("{ip} is not in {}", names.join(" or ")))
                .why(format!("{} binds a virtual address to a subnet and does not deliver one from elsewhere", cloud.cloud.title()))
                .help("take an address of the subnet, or name its network in kalc.toml");
        }
    }
}

/// Family, and whether it is private.
fn kind(address: IpAddr) -> (bool, bool) {
    match address {
        IpAddr::V4(address) => (true, address.is_private()),
        IpAddr::V6(address) => (false, address.is_unique_local()),
    }
}
