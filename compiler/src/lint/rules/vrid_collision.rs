//! Two clusters on one network use the same virtual router id.
//!
//! All virtual routers of a network hear each other's adverts; the id is what keeps them apart. With the same id each
//! cluster takes the other's adverts for its own: they are refused with a flood of log lines, or obeyed, and then one
//! cluster has no master. With virtual MACs the MAC is the same too.
//!
//! Take an id that nobody else on the network has.
//!
//! Two hosts count as one cluster if they share a virtual address or send to each other; this rule speaks where they do not
//! and their addresses lie in one network.
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

use crate::cluster::face::Face;
use crate::cluster::peers::{Evidence, may_be_peers, same_network, weigh};
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::vrrp_instance::VIRTUAL_ROUTER_ID;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const META: Meta =
    Meta { code: "KA606", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    let mut by_vrid: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for (index, face) in fleet.faces.iter().enumerate() {
        if let Some(vrid) = face.vrid {
            by_vrid.entry(vrid).or_default().push(index);
        }
    }
    // A virtual router is named by its first member, and each pair of them is told once.
    let router_of = |face: usize| {
        fleet.routers.iter().find(|router| router.contains(&face)).map_or(face, |router| router[0])
    };
    let mut told = BTreeSet::new();
    for (vrid, faces) in by_vrid {
        for (at, &left) in faces.iter().enumerate() {
            for &right in &faces[at + 1..] {
                let (a, b) = (&fleet.faces[left], &fleet.faces[right]);
                let (one, two) = (router_of(left), router_of(right));
                if one == two || !may_be_peers(a, b) || !collide(fleet, a, b) || !told.insert((one.min(two), one.max(two))) {
                    continue;
                }
                let other = fleet.host(left);
                let message = format!(
                    "`{}` has virtual_router_id {vrid}, and so has `{}` in {}, which is another cluster",
                    b.name,
                    a.name,
                    other.name()
                );
                out.at(fleet.host(right), fleet.written(right, None, &VIRTUAL_ROUTER_ID), message)
                    .why("both are on one network and take each other's adverts for their own: they are refused, or obeyed, and one cluster loses its master")
                    .help("give one of the clusters another id, on all its hosts")
                    .label_on(other, fleet.written(left, None, &VIRTUAL_ROUTER_ID), "the other cluster's is here");
            }
        }
    }
}

/// Strangers on one segment.
fn collide(fleet: &Fleet<'_>, a: &Face, b: &Face) -> bool {
    let evidence = weigh(a, b);
    evidence.strangers() && !evidence.apart && !a.unicast && !b.unicast && one_segment(a, b, evidence) && !half_edited(fleet, a, b, evidence)
}

/// One segment as far as sources say, or, where they do not, by addresses of one network.
fn one_segment(a: &Face, b: &Face, evidence: Evidence) -> bool {
    let known = a.source.is_some() && b.source.is_some();
    evidence.near || !known && a.vips.iter().any(|left| b.vips.iter().any(|right| same_network(*left, *right)))
}

/// Two hosts alone with one instance name and one secret are a cluster whose address was changed on one side only;
/// another id would be the wrong advice.
fn half_edited(fleet: &Fleet<'_>, a: &Face, b: &Face, evidence: Evidence) -> bool {
    let alone = |face: &Face| fleet.faces.iter().filter(|other| other.vrid == face.vrid).count() == 2;
    evidence.same_name && (evidence.same_secret || evidence.unicast == 1) && alone(a) && alone(b)
}
