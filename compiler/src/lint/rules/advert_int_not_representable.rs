//! The protocol cannot carry the advert interval.
//!
//! Version 2 has whole seconds (RFC 3768, section 5.3.7): keepalived rounds, and 0.5 or less becomes one second. Who writes
//! 0.01 for a fast takeover gets one that is a hundred times slower. Version 3 has steps of ten milliseconds up to 40.95
//! seconds (RFC 9568, section 5.2.7). keepalived reports what it rounds, and its test of the file fails.
//!
//! For intervals below a second use `version 3` on all hosts of the virtual router at once; it has no authentication.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     advert_int 0.5
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     advert_int 60
//!     virtual_ipaddress {
//!         192.0.2.10
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_version 3
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     advert_int 0.25
//!     virtual_ipaddress {
//!         192.0.2.10
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//!     version 2
//!     advert_int 2.0
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::fraction;
use crate::lint::values::written;
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_grammar::config::Value;
use kalc_grammar::schema::vrrp_instance::VERSION;
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::vrrp::Auth;
use kalc_ir::{Instance, VrrpVersion};

pub(super) const META: Meta =
    Meta { code: "KA210", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

/// 12 bits of hundredths (RFC 9568, section 5.2.7).
const LONGEST_US: u64 = 40_950_000;
const STEP_US: u64 = 10_000;
const SECOND_US: u64 = 1_000_000;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        if instance.is_unknown("version") || instance.is_unknown("advert_interval_us") {
            continue;
        }
        let Some(setting) = written(&instance.origins, "advert_interval_us") else { continue };
        let Some(&Value { span, data: Data::Micros(micros) }) = host.config.values(setting).first() else { continue };
        // Nearly all are, and writing numbers takes its time.
        let unit = if instance.version == VrrpVersion::V2 { SECOND_US } else { STEP_US };
        if micros % unit == 0 && micros <= LONGEST_US {
            continue;
        }
        let text = fraction(micros, SECOND_US);
        let used = fraction(instance.advert_interval_us, SECOND_US);
        let rounded = format!("keepalived reports it and uses {used} s");
        match instance.version {
            VrrpVersion::V2 if micros % SECOND_US != 0 => {
                let finding = out
                    .at(host, span, format!("VRRP version 2 has whole seconds: advert_int {text} is {used} s"))
                    .why(rounded)
                    .help("use `version 3` on all hosts of this virtual router, or a whole number of seconds on all of them");
                if matches!(instance.auth, Auth::None) && !instance.origins.contains("auth") {
                    finding.suggested_fix(&[version_3(host, instance, setting_start(host, span))]);
                } else {
                    finding.suggested_fix(&[(span, used)]);
                }
            }
            VrrpVersion::V3 if micros > LONGEST_US => {
                out.at(host, span, format!("VRRP version 3 has intervals up to 40.95 s: advert_int {text} is too long"))
                    .why(rounded)
                    .help("write `40.95` on all hosts of this virtual router, or use `version 2`")
                    .suggested_fix(&[(span, "40.95".to_owned())]);
            }
            VrrpVersion::V3 if micros % STEP_US != 0 => {
                out.at(host, span, format!("VRRP version 3 has steps of 10 ms: advert_int {text} is {used} s"))
                    .severity(Severity::Warning)
                    .why(rounded)
                    .help(format!("write `{used}` on all hosts of this virtual router"))
                    .suggested_fix(&[(span, used)]);
            }
            VrrpVersion::V2 | VrrpVersion::V3 => {}
        }
    }
}

/// Where the statement of a value starts.
fn setting_start(host: &Host, value: Span) -> u32 {
    host.config.setting_at(value.start).map_or(value.start, |id| host.config.setting(id).span.start)
}

/// The edit that makes an instance one of version 3.
fn version_3(host: &Host, instance: &Instance, before: u32) -> (Span, String) {
    let version = written(&instance.origins, "version").filter(|id| *host.config.setting(*id).keyword == VERSION);
    match version.and_then(|id| host.config.values(id).first()) {
        Some(value) => (value.span, "3".to_owned()),
        None => (Span::new(before, before), format!("version 3\n{}", phrase::indentation(host, before))),
    }
}
