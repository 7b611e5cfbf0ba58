//! Unicast peers and no `unicast_src_ip`.
//!
//! keepalived sends from the first address of the interface. After a restart of the network that can be another one, even a
//! virtual address that was left behind; peers that expect this host's own then ignore its adverts.
//!
//! Write `unicast_src_ip` with this host's own address, and `track_src_ip` so that the loss of it is noticed. A file with
//! lines for several hosts cannot have one address for all and is left alone.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
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
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names, place};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::unicast::{MCAST_SRC_IP, UNICAST_PEER, UNICAST_SRC_IP};
use kalc_ir::Instance;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA318", severity: Severity::Info, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        if let Some(peers) = list(host, instance) {
            report(host, instance, peers, None, out);
        }
    }
}

/// The peers know the address.
pub(super) fn reconsider(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        for &face in router {
            let (host, instance) = (fleet.host(face), fleet.instance(face));
            let Some(peers) = list(host, instance) else { continue };
            // Whom all others send to, and nobody else has.
            let others = || router.iter().filter(|&&other| other != face);
            let mut heard: BTreeSet<IpAddr> = others().flat_map(|&other| fleet.faces[other].peers.iter().copied()).collect();
            let taken: BTreeSet<IpAddr> = others().filter_map(|&other| fleet.faces[other].source).collect();
            heard.retain(|ip| !taken.contains(ip) && !fleet.faces[face].peers.contains(ip) && !fleet.faces[face].holds(*ip));
            if let [own] = heard.iter().copied().collect::<Vec<_>>()[..] {
                report(host, instance, peers, Some(own), out);
            }
        }
    }
}

/// The list of peers of an instance that should have a source address.
fn list(host: &Host, instance: &Instance) -> Option<SettingId> {
    let id = block(instance);
    let written = host.config.last(id, &UNICAST_SRC_IP).or(host.config.last(id, &MCAST_SRC_IP));
    let has_peers = instance.unicast_peers().is_some_and(|peers| !peers.is_empty());
    // Without an interface KA302 says that the address is missing.
    let asks = has_peers
        && written.is_none()
        && instance.source.is_none()
        && instance.interface.is_some()
        && host.logical.config_ids.is_empty()
        && !names::is_incomplete(host);
    host.config.last(id, &UNICAST_PEER).filter(|_| asks)
}

fn report(host: &Host, instance: &Instance, peers: SettingId, own: Option<IpAddr>, out: &mut Findings<'_>) {
    // Where addresses come and go by an API the first one is less sure to stay the same.
    let severity = if host.settings.profiles.is_empty() { Severity::Info } else { Severity::Warning };
    let finding = out
        .setting(host, peers, format!("`{}` has unicast peers and no `unicast_src_ip`", instance.name))
        .why("it sends from the first address of the interface, which can change; peers ignore adverts from any other address than the one they know");
    let finding = finding.severity(severity);
    match own {
        Some(own) => finding
            .help(format!("write `unicast_src_ip {own}`: that is whom the peers send to"))
            .suggested_fix(&[place::line_above(host, peers, &format!("unicast_src_ip {own}"))]),
        None => finding.help("write `unicast_src_ip` with this host's own address, and `track_src_ip`"),
    };
}
