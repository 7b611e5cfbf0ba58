//! A cloud does not carry the multicast that this instance sends its adverts by.
//!
//! The hosts never hear each other, so each of them becomes master and holds the addresses. Tencent Cloud has multicast on
//! request, and then for the whole private network: there it is a warning. OpenStack's networks carry it, unless
//! `kalc.toml` says `[profile.openstack]` with `multicast = false`; `multicast = true` silences the rule for any cloud.
//!
//! Write `unicast_src_ip` with the own address and `unicast_peer` with those of the other hosts.
//!
//! ```keepalived fail
//! ## for profile=aws
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     notify_master "/usr/local/bin/claim-ip"
//!     virtual_ipaddress {
//!         10.0.0.10
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for profile=aws
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     notify_master "/usr/local/bin/claim-ip"
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
//! ## for profile=openstack
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         10.0.0.10
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, Needs};
use crate::settings::{Cloud, CloudProfile};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER;

pub(super) const META: Meta =
    Meta { code: "KA751", severity: Severity::Error, fix: Fixable::None, blocks_run: false };
pub(super) const CLOUDS: Needs = Needs::Cloud(&Cloud::ALL);

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let deaf = |profile: &&CloudProfile| !profile.carries_multicast;
    // The one where it is worst.
    let profiles = || host.settings.profiles.iter().filter(deaf);
    let Some(cloud) = profiles().find(|profile| profile.cloud != Cloud::Tencent).or(profiles().next()) else { return };
    let severity = match cloud.cloud {
        Cloud::Tencent => Severity::Warning,
        Cloud::Alibaba | Cloud::Aws | Cloud::Gcp | Cloud::Azure | Cloud::Openstack | Cloud::HetznerCloud => META.severity,
    };
    for instance in &host.ir.vrrp_instances {
        let id = SettingId(instance.origin.0);
        // A list of peers that nothing is left of has a finding of its own.
        let has_list = host.config.last(id, &UNICAST_PEER).is_some();
        if instance.unicast_peers().is_some() || instance.is_unknown("transport") || has_list {
            continue;
        }
        out.setting(host, id, format!("`{}` sends its adverts by multicast, which {} does not carry", instance.name, cloud.cloud.title()))
            .severity(severity)
            .why("the hosts do not hear each other, so each of them becomes master and holds the addresses")
            .help("write `unicast_src_ip` with the own address and `unicast_peer` with those of the other hosts");
    }
}
