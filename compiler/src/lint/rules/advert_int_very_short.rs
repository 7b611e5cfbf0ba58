//! Adverts follow each other so fast that a short pause of a host makes a second master.
//!
//! A backup takes over when it misses a few adverts in a row. A virtual machine that waits for its CPU, a busy host or a
//! full queue loses a tenth of a second easily; both hosts are master then, and neighbours see the addresses move.
//!
//! Use a longer interval, or give the process real-time priority with `vrrp_rt_priority`.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     advert_int 0.02
//!     virtual_ipaddress {
//!         192.0.2.10
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_rt_priority 50
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     advert_int 0.02
//!     virtual_ipaddress {
//!         192.0.2.10
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::fraction;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::process::{VRRP_RLIMIT_RTIME, VRRP_RLIMIT_RTTIME, VRRP_RT_PRIORITY};

pub(super) const META: Meta = Meta { code: "KA212", severity: Severity::Info, fix: Fixable::None, blocks_run: false };

/// What a host may lose without anything being wrong with it.
const INTERVAL_US: u64 = 100_000;
const SILENCE_US: u64 = 300_000;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut globals = host.config.blocks(&GLOBAL_DEFS).flat_map(|block| host.config.children(block));
    let is_real_time = globals.any(|id| {
        [&VRRP_RT_PRIORITY, &VRRP_RLIMIT_RTTIME, &VRRP_RLIMIT_RTIME].contains(&host.config.setting(id).keyword)
    });
    if is_real_time {
        return;
    }
    for instance in &host.ir.vrrp_instances {
        let interval = instance.advert_interval_us;
        let silence = interval.saturating_mul(u64::from(instance.down_timer_adverts));
        let unknown = ["advert_interval_us", "version", "down_timer_adverts"].iter().any(|field| instance.is_unknown(field));
        if unknown || interval >= INTERVAL_US && silence >= SILENCE_US {
            continue;
        }
        let place = written(&instance.origins, "advert_interval_us").unwrap_or(SettingId(instance.origin.0));
        let message = format!(
            "`{}` is taken over after {} ms without an advert",
            instance.name,
            fraction(silence, 1_000)
        );
        out.setting(host, place, message)
            .why("a virtual machine or a busy host pauses for longer than that now and then, and there are two masters")
            .help("use an interval of 0.3 s or more on all hosts, or `vrrp_rt_priority` in `global_defs`");
    }
}
