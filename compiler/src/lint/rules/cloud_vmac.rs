//! A cloud drops frames from a MAC address that it did not give out, and `use_vmac` sends from one.
//!
//! The virtual router answers on its own MAC, so nobody reaches the address, and the adverts may be lost as well. In
//! OpenStack the MAC can be permitted together with the address (an allowed address pair), or port security switched off.
//!
//! Do without `use_vmac`. Where the network was told to let other MACs pass, say `mac-spoofing = true` for the profile in
//! `kalc.toml`. Tencent Cloud takes it, so the rule is silent there.
//!
//! ```keepalived fail
//! ## for profile=aws
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
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
//! ## for profile=tencent
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     unicast_src_ip 10.0.0.11
//!     unicast_peer {
//!         10.0.0.12
//!     }
//!     virtual_ipaddress {
//!         10.0.0.10
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta, Needs};
use crate::settings::Cloud;
use kalc_grammar::config::SettingId;
use kalc_ir::vrrp::VirtualInterface;

pub(super) const META: Meta =
    Meta { code: "KA756", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

const NAMES: &[Cloud] =
    &[Cloud::Aws, Cloud::Azure, Cloud::Gcp, Cloud::Alibaba, Cloud::Openstack, Cloud::HetznerCloud];
pub(super) const CLOUDS: Needs = Needs::Cloud(NAMES);

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let profiles = &host.settings.profiles;
    let strict = profiles.iter().find(|profile| NAMES.contains(&profile.cloud) && !profile.permits_spoofing);
    let Some(cloud) = strict else { return };
    for instance in &host.ir.vrrp_instances {
        if let VirtualInterface::Vmac { .. } = instance.virtual_interface {
            let id = written(&instance.origins, "virtual_interface").unwrap_or(SettingId(instance.origin.0));
            let help = match cloud.cloud {
                Cloud::Openstack => "remove `use_vmac`, or permit the MAC in the port's allowed address pairs and say `mac-spoofing = true` in kalc.toml",
                Cloud::Tencent | Cloud::Alibaba | Cloud::Aws | Cloud::Gcp | Cloud::Azure | Cloud::HetznerCloud => "remove `use_vmac`",
            };
            out.setting(host, id, format!("{} drops frames from the MAC of a virtual router", cloud.cloud.title()))
                .why("the address answers on a MAC that the platform does not know, so nobody reaches it")
                .help(help);
        }
    }
}
