//! More gratuitous ARP at once than switches and clouds let pass.
//!
//! A new master announces each address `garp_master_repeat` times, without a pause unless `vrrp_garp_interval` (for IPv6
//! `vrrp_gna_interval`) or a `garp_group` says so. Switches and clouds limit ARP, and the addresses whose packets come
//! last lose. The same holds for the refresh that a master repeats.
//!
//! Write `vrrp_garp_interval 0.001` for a millisecond between two packets, or fewer repetitions. The limits are 100 packets
//! in one burst of an interface and 50 a second by refreshes; `kalc.toml` may set others (`[limits]`).
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     garp_master_repeat 60
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.11/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! global_defs {
//!     vrrp_garp_interval 0.001
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     garp_master_repeat 60
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.11/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     garp_master_refresh 1
//!     garp_master_refresh_repeat 30
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.11/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! garp_group {
//!     garp_interval 0.001
//!     interfaces {
//!         eth0
//!     }
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     garp_master_repeat 60
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!         192.0.2.11/24
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 52
//!     garp_master_delay 1
//!     garp_master_repeat 100
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_instance VI_3 {
//!     interface eth2
//!     virtual_router_id 53
//!     use_vmac
//!     garp_master_repeat 200
//!     virtual_ipaddress {
//!         203.0.113.10/24
//!     }
//! }
//! ```

use super::havip_too_many_vips::is_too_much;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::announce::{self, Line};
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_ir::{Family, Instance};

pub(super) const META: Meta =
    Meta { code: "KA704", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for line in announce::lines(host) {
        let is_unknown = |(instance, _): &(&Instance, u64)| {
            let fields = ["garp_master_repeat", "garp_master_refresh_repeat", "garp_master_refresh_us"];
            fields.iter().any(|field| instance.is_unknown(field))
        };
        if line.instances.iter().any(is_unknown) {
            continue;
        }
        burst(host, &line, out);
        refresh(host, &line, out);
    }
}

fn burst(host: &Host, line: &Line<'_>, out: &mut Findings<'_>) {
    let packets: u64 = line.instances.iter().map(|(instance, count)| count * u64::from(instance.garp_master_repeat)).sum();
    // Of a burst the rule of that cloud speaks first.
    let limit = host.settings.limits.garp_burst;
    if packets <= limit || line.pause_us(host) > 0 || is_too_much(host, line) {
        return;
    }
    let (keyword, what) = match line.family {
        Family::Ipv4 => ("vrrp_garp_interval", "gratuitous ARP packets"),
        Family::Ipv6 => ("vrrp_gna_interval", "neighbour advertisements"),
    };
    let message = format!(
        "{packets} {what} at once on `{}` for {} addresses",
        line.interface,
        line.addresses()
    );
    let Some(((first, _), others)) = line.instances.split_first() else { return };
    let mut finding = out
        .at(host, announce::span(host, announce::origin(host, first, "garp_master_repeat")), message)
        .why(format!("more than {limit} without a pause: switches drop some, and those addresses stay with the old master"))
        .help(format!("write `{keyword} 0.001` in `global_defs`, or fewer repetitions"));
    for (other, _) in others {
        finding = finding.label(announce::span(host, other.origin), "this instance too");
    }
    if let Some(edit) = phrase::global_line(host, &format!("{keyword} 0.001")) {
        finding.suggested_fix(&[edit]);
    }
}

fn refresh(host: &Host, line: &Line<'_>, out: &mut Findings<'_>) {
    let limit = host.settings.limits.garp_per_second;
    let refreshes = |instance: &&(&Instance, u64)| instance.0.garp_master_refresh_us > 0;
    // In thousandths of a packet.
    let rate = |(instance, count): &(&Instance, u64)| {
        let packets = count * u64::from(instance.garp_master_refresh_repeat);
        packets.saturating_mul(1_000_000_000) / instance.garp_master_refresh_us.max(1)
    };
    let per_second = line.instances.iter().filter(refreshes).map(rate).sum::<u64>() / 1000;
    let Some((first, _)) = line.instances.iter().find(refreshes).filter(|_| per_second > limit) else { return };
    let message = format!("{per_second} announcements a second on `{}`, for as long as this host is master", line.interface);
    out.at(host, announce::span(host, announce::origin(host, first, "garp_master_refresh_us")), message)
        .why(format!("more than {limit} a second: switches and clouds limit such packets, and some addresses are never refreshed"))
        .help("write a longer `garp_master_refresh`, or `garp_master_refresh_repeat 1`");
}
