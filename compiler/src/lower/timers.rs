//! Versions, intervals and announcements of an instance.

use super::block::{self, Block, Reading, first};
use super::global::extra_interfaces;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance as row;
use kalc_grammar::schema::vrrp_instance::garp;
use kalc_ir::{Family, Global, VrrpVersion};

/// The longest interval of version 3: 12 bits of hundredths (RFC 9568 section 5.2.7).
const MAX_V3_US: u64 = 40_950_000;

/// Decides the version.
///
/// An IPv6 instance has version 3, unless `version 2` stands before whatever made it IPv6; strict mode has 3 all the
/// same.
pub(super) fn version(
    b: &mut Block<'_>,
    global: &Global,
    family: Option<(Family, SettingId)>,
    strict: bool,
) -> VrrpVersion {
    let mut at = None;
    let written = b.read(&[&row::VERSION], "version", |_, id, values| {
        let reading = first(values, block::int::<u8>);
        if let Reading::Known(_) = reading {
            at = at.or(Some(id));
        }
        reading
    });
    let written = written.map(|number| if number == 3 { VrrpVersion::V3 } else { VrrpVersion::V2 });
    match (family, written) {
        (Some((Family::Ipv6, by)), Some(VrrpVersion::V2)) if !strict && at.is_some_and(|at| at < by) => VrrpVersion::V2,
        (Some((Family::Ipv6, _)), _) => VrrpVersion::V3,
        (_, Some(version)) => version,
        (_, None) => global.vrrp_version,
    }
}

/// `advert_int`, rounded to what an advert of that version can say.
pub(super) fn advert_interval(b: &mut Block<'_>, version: VrrpVersion) -> u64 {
    let written = b.micros(&row::ADVERT_INT, "advert_interval_us").unwrap_or(1_000_000);
    rounded(written, version)
}

/// Version 2 has whole seconds from 1 to 255, version 3 steps of 10 ms up to 40.95 s; halves go up.
pub fn rounded(micros: u64, version: VrrpVersion) -> u64 {
    match version {
        VrrpVersion::V2 => ((micros + 500_000) / 1_000_000).clamp(1, 255) * 1_000_000,
        VrrpVersion::V3 => ((micros + 5_000) / 10_000 * 10_000).clamp(10_000, MAX_V3_US),
    }
}

/// The announcements of an instance.
pub(super) struct Announcements {
    pub master_delay_us: u64,
    pub master_repeat: u32,
    pub master_refresh_us: u64,
    pub master_refresh_repeat: u32,
    pub lower_prio_delay_us: u64,
    pub lower_prio_repeat: u32,
    pub extra_if_us: u64,
    pub extra_if_all: bool,
}

/// Reads them; what is not written comes from `global_defs`. The answer to an advert of lower priority follows the
/// global values too, not those of the instance (measured with 2.2.7); in strict mode there is none.
pub(super) fn announcements(b: &mut Block<'_>, global: &Global, strict: bool) -> Announcements {
    let lower_delay = b.seconds(&garp::GARP_LOWER_PRIO_DELAY, "garp_lower_prio_delay_us");
    let lower_repeat = b.int(&garp::GARP_LOWER_PRIO_REPEAT, "garp_lower_prio_repeat");
    let (extra_if_us, extra_if_all) = extra_interfaces(b, &[&garp::GARP_EXTRA_IF, &garp::VMAC_GARP_INTVL])
        .unwrap_or((global.garp_extra_if_us, global.garp_extra_if_all));
    let mut repeat = |keyword, field, inherited: u32| b.int(keyword, field).map_or(inherited, |n: u32| n.max(1));
    Announcements {
        master_repeat: repeat(&garp::GARP_MASTER_REPEAT, "garp_master_repeat", global.garp_master_repeat),
        master_refresh_repeat: repeat(
            &garp::GARP_MASTER_REFRESH_REPEAT,
            "garp_master_refresh_repeat",
            global.garp_master_refresh_repeat,
        ),
        master_delay_us: b
            .seconds(&garp::GARP_MASTER_DELAY, "garp_master_delay_us")
            .unwrap_or(global.garp_master_delay_us),
        master_refresh_us: b
            .seconds(&garp::GARP_MASTER_REFRESH, "garp_master_refresh_us")
            .unwrap_or(global.garp_master_refresh_us),
        lower_prio_delay_us: match lower_delay {
            _ if strict => 0,
            Some(micros) => micros,
            None => global.garp_lower_prio_delay_us,
        },
        lower_prio_repeat: match lower_repeat {
            _ if strict => 0,
            Some(number) => number,
            None => global.garp_lower_prio_repeat,
        },
        extra_if_us,
        extra_if_all,
    }
}
