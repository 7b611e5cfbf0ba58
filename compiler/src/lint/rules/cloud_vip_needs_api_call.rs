//! A cloud that moves an address only when its API is told, and nothing tells it.
//!
//! AWS, Google Cloud, Azure and Hetzner Cloud know by their own tables which host has an address; a gratuitous ARP changes
//! nothing there. The new master must call the API, from `notify_master`, `notify` or a notify FIFO.
//!
//! Write such a command. Add `notify_master_rx_lower_pri` with the same one: after a short split the host that stayed master
//! has to fetch the address back from the one that took it. Silent for Tencent, Alibaba and OpenStack, where ARP or the
//! platform moves the address, and where all addresses are on an interface of an overlay network.
//!
//! ```keepalived fail
//! ## for profile=aws
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     unicast_src_ip 10.0.0.11
//!     unicast_peer {
//!         10.0.0.12
//!     }
//!     virtual_ipaddress {
//!         10.0.0.10
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for profile=aws
//! vrrp_sync_group all {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//!     notify_master "/usr/local/bin/claim-ip"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     unicast_src_ip 10.0.0.11
//!     unicast_peer {
//!         10.0.0.12
//!     }
//!     virtual_ipaddress {
//!         10.0.0.10
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     unicast_src_ip 10.0.0.11
//!     unicast_peer {
//!         10.0.0.12
//!     }
//!     virtual_ipaddress {
//!         10.99.0.10 dev wg0
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, Needs, announce};
use crate::settings::Cloud;
use kalc_grammar::config::SettingId;
use kalc_ir::{Address, Instance};

pub(super) const META: Meta =
    Meta { code: "KA752", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

const NAMES: &[Cloud] = &[Cloud::Aws, Cloud::Gcp, Cloud::Azure, Cloud::HetznerCloud];
pub(super) const CLOUDS: Needs = Needs::Cloud(NAMES);

/// How interfaces begin that the cloud does not know of.
const OVERLAYS: &[&str] = &[
    "lo", "dummy", "docker", "br-", "vxlan", "geneve", "flannel", "cali", "cilium", "cni", "weave", "wg", "tun", "tap",
    "zt", "tailscale", "gre", "ipip", "sit", "ppp",
];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let Some(cloud) = host.settings.cloud(NAMES) else { return };
    let global = &host.ir.global;
    if global.notify_fifo.path.is_some() || global.vrrp_notify_fifo.path.is_some() {
        return;
    }
    for instance in &host.ir.vrrp_instances {
        let mut addresses = announce::addresses(instance).peekable();
        if addresses.peek().is_none() || addresses.all(is_overlay) || tells(host, instance) {
            continue;
        }
        let message = format!("nothing tells {} that `{}` moves its addresses", cloud.cloud.title(), instance.name);
        out.setting(host, SettingId(instance.origin.0), message)
            .why("the platform maps addresses by its own tables; gratuitous ARP changes nothing, and traffic stays with the old host")
            .help("add `notify_master` with a command that claims the addresses by the API, and the same as `notify_master_rx_lower_pri`");
    }
}

fn is_overlay(address: &Address) -> bool {
    let name = address.interface.as_deref().unwrap_or("");
    OVERLAYS.iter().any(|start| name.starts_with(start))
}

/// Whether a command runs when the instance becomes master, its own or that of its sync group.
fn tells(host: &Host, instance: &Instance) -> bool {
    let group = instance.sync_group.map(|id| &host.ir.sync_group(id).notify);
    let unknown = instance.is_unknown("notify");
    unknown || [Some(&instance.notify), group].into_iter().flatten().any(|notify| notify.master.is_some() || notify.any.is_some())
}
