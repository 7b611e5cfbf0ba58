//! Peers of one virtual router send adverts at different intervals.
//!
//! In version 2 a host drops an advert whose interval is not its own (RFC 3768, section 7.1): peers that differ never hear
//! each other and all become master. In version 3 a backup takes over the master's interval (RFC 9568, section 6.4.2),
//! so only the timing changes with every failover; that is a warning. `down_timer_adverts`, the number of adverts that may
//! be missed, is not in the advert at all: if it differs, who notices a dead master first is not who has the highest
//! priority.
//!
//! ```keepalived fail
//! ## file a.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     advert_int 1
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
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ## file b.conf
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     advert_int 1
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::usage::decimal;
use kalc_grammar::schema::vrrp_instance::{ADVERT_INT, DOWN_TIMER_ADVERTS};
use kalc_ir::unit::VrrpVersion;

pub(super) const META: Meta =
    Meta { code: "KA602", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(fleet: &Fleet<'_>, out: &mut Findings<'_>) {
    for router in &fleet.routers {
        interval(fleet, router, out);
        down_timer(fleet, router, out);
    }
}

fn interval(fleet: &Fleet<'_>, router: &[usize], out: &mut Findings<'_>) {
    let known = |face: usize| {
        let instance = fleet.instance(face);
        (!instance.is_unknown("advert_interval_us")).then_some(instance.advert_interval_us)
    };
    for (face, model) in fleet.deviating(router, known) {
        let (mine, theirs) = (fleet.instance(face), fleet.instance(model));
        // Hosts of different versions do not hear each other whatever the interval.
        if mine.version != theirs.version {
            continue;
        }
        let (severity, why) = match mine.version {
            VrrpVersion::V2 => (
                Severity::Error,
                "in version 2 each host drops the other's adverts, so both become master and hold the addresses at once",
            ),
            VrrpVersion::V3 => {
                (Severity::Warning, "a backup takes over the master's interval, so the timing changes with every failover")
            }
        };
        let seconds = |us: u64| decimal(us, 6);
        let (own, peers) = (seconds(mine.advert_interval_us), seconds(theirs.advert_interval_us));
        let other = fleet.host(model);
        let message = format!("`{}` sends adverts every {own} s, its peer in {} every {peers} s", mine.name, other.name());
        out.at(fleet.host(face), fleet.written(face, None, &ADVERT_INT), message)
            .severity(severity)
            .why(why)
            .help(format!("write the same `advert_int` on all hosts of this virtual router, such as `advert_int {peers}`"))
            .label_on(other, fleet.written(model, None, &ADVERT_INT), format!("{peers} s here"));
    }
}

fn down_timer(fleet: &Fleet<'_>, router: &[usize], out: &mut Findings<'_>) {
    let known = |face: usize| {
        let instance = fleet.instance(face);
        (!instance.is_unknown("down_timer_adverts")).then_some(instance.down_timer_adverts)
    };
    for (face, model) in fleet.deviating(router, known) {
        let (mine, theirs) = (fleet.instance(face), fleet.instance(model));
        let other = fleet.host(model);
        let message = format!(
            "`{}` waits for {} missing adverts, its peer in {} for {}",
            mine.name,
            mine.down_timer_adverts,
            other.name(),
            theirs.down_timer_adverts
        );
        out.at(fleet.host(face), fleet.written(face, None, &DOWN_TIMER_ADVERTS), message)
            .severity(Severity::Warning)
            .why("who notices a dead master first is then not the host with the highest priority")
            .help("write the same `down_timer_adverts` on all hosts of this virtual router")
            .label_on(other, fleet.written(model, None, &DOWN_TIMER_ADVERTS), "the peer's is here");
    }
}
