//! A unicast keyword and no peer.
//!
//! keepalived then sends to the multicast group, and peers that speak by unicast do not listen there: both hosts become
//! master. It reports this as deprecated and runs on. `unicast_fault_no_peer` makes it a fault instead.
//!
//! List the addresses of the other hosts in `unicast_peer`, or delete the keyword.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
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
//!     unicast_peer {
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
//!     mcast_src_ip 192.0.2.1
//!     track_src_ip
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::vrrp_instance::unicast::{
    CHECK_UNICAST_SRC, OLD_UNICAST_CHECKSUM, UNICAST_PEER, UNICAST_SRC_IP,
};
use kalc_ir::vrrp::Transport;

pub(super) const META: Meta = Meta { code: "KA316", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

/// Words that ask for unicast: those that keepalived 2.2.7 complains about. `unicast_ttl` is KA123's.
const ASKING: [&Keyword; 4] = [&UNICAST_PEER, &UNICAST_SRC_IP, &CHECK_UNICAST_SRC, &OLD_UNICAST_CHECKSUM];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        let block = block(instance);
        if !matches!(instance.transport, Transport::Multicast { .. }) || instance.is_unknown("transport") || names::is_incomplete(host) {
            continue;
        }
        // Peers that cannot be read are told where they stand.
        if config.all(block, &UNICAST_PEER).any(|list| host.tree.children(config.setting(list).node).next().is_some()) {
            continue;
        }
        let asks = config.children(block).find(|&id| ASKING.contains(&config.setting(id).keyword));
        let Some(asks) = asks else { continue };
        // Without an interface KA302 says what is missing.
        if instance.interface.is_none() {
            continue;
        }
        out.setting(host, asks, format!("`{}` wants unicast and has no peer", instance.name))
            .why("keepalived turns to multicast, and peers that speak by unicast do not hear it: both become master")
            .help("list the addresses of the other hosts in `unicast_peer`, or delete this");
    }
}
