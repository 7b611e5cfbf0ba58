//! A failover can take longer than the cluster is allowed.
//!
//! The time until another host is master is worked out from the advert interval, the number of adverts that may be missed, the
//! priority of the successor, and for checks from their interval, timeout and `fall`. If the longest of these times is longer than
//! `max-failover` in `kalc.toml`, the cluster does not keep its promise. What neighbours need to learn the new owner comes on top.
//!
//! Shorten `advert_int`, or the `interval`, `timeout` and `fall` of the check; a check without a weight moves the addresses as
//! soon as it has failed.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     advert_int 5
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     advert_int 5
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 101
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::election::Router;
use crate::cluster::failover::{Cause, slowest};
use crate::cluster::timing::seconds;
use kalc_grammar::schema::vrrp_instance::ADVERT_INT;
use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA628", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    let Some(budget) = fleet.given.max_failover_us else { return };
    for faces in &fleet.routers {
        let router = Router::new(fleet, faces);
        let Some((failover, longest)) = slowest(&router).filter(|&(_, longest)| longest > budget) else { continue };
        let (from, to) = (&router.members[failover.from], &router.members[failover.to]);
        let (cause, place) = match failover.cause {
            Cause::Crash | Cause::Stop => ("crash".to_owned(), fleet.written(to.face, None, &ADVERT_INT)),
            Cause::Tracker(at) => (format!("failure of {}", from.trackers[at].describe()), fleet.written(to.face, None, &ADVERT_INT)),
        };
        let message = format!(
            "after a {cause} in {} it can take {} until `{}` is master; {} are allowed",
            from.host,
            seconds(longest),
            to.instance,
            seconds(budget)
        );
        let there = match failover.cause {
            Cause::Tracker(at) => fleet.span(from.face, from.trackers[at].origin),
            Cause::Crash | Cause::Stop => fleet.written(from.face, None, &ADVERT_INT),
        };
        out.at(fleet.host(to.face), place, message)
            .why("the cluster does not keep the time that `max-failover` promises")
            .help("shorten `advert_int`, or `interval`, `timeout` and `fall` of the check")
            .label_on(fleet.host(from.face), there, "the master is here");
    }
}
