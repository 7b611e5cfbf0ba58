//! Two clusters on one network use the same virtual router id.
//!
//! All virtual routers of a network hear each other's adverts; the id is what keeps them apart. With the same id each
//! cluster takes the other's adverts for its own: they are refused with a flood of log lines, or obeyed, and then one
//! cluster has no master. With virtual MACs the MAC is the same too.
//!
//! Take an id that nobody else on the network has.
//!
//! Two hosts count as one cluster if they share a virtual address or send to each other; this rule speaks where they do not
//! and their addresses lie in one network. Hosts that send to listed peers only do not hear each other and may share an id; on
//! Tencent Cloud, which counts ids by network, that is worth knowing (profile `tencent`).
//!
//! ```keepalived fail
//! ## file web.conf
//! vrrp_instance WEB {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file db.conf
//! vrrp_instance DB {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.20/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file web.conf
//! vrrp_instance WEB {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file db.conf
//! vrrp_instance DB {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.20/24
//!     }
//! }
//! ```

use crate::cluster::peers::{Network, may_be_peers, network, one_segment, weigh};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};
use crate::settings::Cloud;
use kalc_grammar::schema::vrrp_instance::VIRTUAL_ROUTER_ID;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const META: Meta =
    Meta { code: "KA606", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

const HEARD: &str = "both are on one network and take each other's adverts for their own: they are refused, or obeyed, and one cluster loses its master";
const COUNTED: &str = "they send to listed peers only and do not hear each other, but the cloud wants an id once in a network";

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    // Only instances whose addresses lie in one network can collide: found by index.
    let mut by_network: BTreeMap<(u8, Network), Vec<usize>> = BTreeMap::new();
    for (index, face) in fleet.faces.iter().enumerate() {
        let counts = |_: &u8| !face.unicast || is_on_tencent(fleet, index);
        let Some(vrid) = face.vrid.filter(counts) else { continue };
        let networks: BTreeSet<Network> = face.vips.iter().chain(&face.source).map(|&ip| network(ip)).collect();
        for network in networks {
            by_network.entry((vrid, network)).or_default().push(index);
        }
    }
    // A virtual router is told once, of the first that it collides with.
    let cluster = |face: usize| fleet.router_of(face).map_or(face, |router| fleet.routers[router][0]);
    let mut told = BTreeSet::new();
    for ((vrid, _), faces) in by_network {
        for (at, &right) in faces.iter().enumerate() {
            if told.contains(&cluster(right)) {
                continue;
            }
            let collides = |left: &&usize| {
                let (left, others) = (**left, cluster(**left) != cluster(right));
                others && (fleet.collide(left, right) || is_counted_twice(fleet, left, right))
            };
            let Some(&left) = faces[..at].iter().find(collides) else { continue };
            told.insert(cluster(right));
            let (a, b) = (&fleet.faces[left], &fleet.faces[right]);
            let other = fleet.host(left);
            let message = format!(
                "`{}` has virtual_router_id {vrid}, and so has `{}` in {}, which is another cluster",
                b.name,
                a.name,
                other.name()
            );
            let is_heard = fleet.collide(left, right);
            out.at(fleet.host(right), fleet.written(right, None, &VIRTUAL_ROUTER_ID), message)
                .severity(if is_heard { Severity::Error } else { Severity::Info })
                .why(if is_heard { HEARD } else { COUNTED })
                .help("give one of the clusters another id, on all its hosts")
                .label_on(other, fleet.written(left, None, &VIRTUAL_ROUTER_ID), "the other cluster's is here");
        }
    }
}

/// Whether the user said so.
fn is_on_tencent(fleet: &Fleet<'_>, face: usize) -> bool {
    fleet.host(face).settings.cloud(&[Cloud::Tencent]).is_some()
}

/// Strangers that do not hear each other and have one id on one network of a cloud that counts ids.
fn is_counted_twice(fleet: &Fleet<'_>, left: usize, right: usize) -> bool {
    let (a, b) = (&fleet.faces[left], &fleet.faces[right]);
    let evidence = weigh(a, b);
    a.unicast
        && b.unicast
        && may_be_peers(a, b)
        && evidence.same_vrid
        && evidence.strangers()
        && one_segment(a, b, evidence)
        && [left, right].iter().all(|&face| is_on_tencent(fleet, face))
}
