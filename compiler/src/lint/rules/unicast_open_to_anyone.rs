//! Unicast adverts are taken from anyone.
//!
//! By multicast an advert must come from the same link: its TTL is 255. With unicast peers that is not checked, so any host
//! whose packets arrive can send an advert with priority 255 and take the addresses away.
//!
//! `check_unicast_src` takes adverts from the peers only (keepalived 2.1.0 and later; `vrrp_check_unicast_src` for all
//! instances), a `min_ttl` behind a peer from as near as you say, and `auth_hmac` from those with the key.
//!
//! ```keepalived fail
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
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     check_unicast_src
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     check_unicast_src
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
use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER;
use kalc_ir::vrrp::{Auth, Transport};

pub(super) const META: Meta =
    Meta { code: "KA414", severity: Severity::Hint, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let is_open = matches!(instance.transport, Transport::Unicast { .. })
            && instance.auth == Auth::None
            && !instance.checks_unicast_source
            && !instance.is_unknown("auth");
        let Some(peers) = host.config.last(block(instance), &UNICAST_PEER).filter(|_| is_open) else { continue };
        out.setting(host, peers, format!("`{}` takes adverts from anyone", instance.name))
            .why("the TTL that keeps adverts of other networks out is not checked for unicast")
            .help("add `check_unicast_src`")
            .suggested_fix(&[place::line_above(host, peers, "check_unicast_src")]);
    }
}
