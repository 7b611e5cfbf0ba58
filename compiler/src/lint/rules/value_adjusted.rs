//! keepalived uses another value than the one that is written.
//!
//! Some numbers are rounded or pulled into their range instead of being dropped, and some names are cut. keepalived
//! reports it, uses the changed value, and its test of the file fails.
//!
//! Write the value that counts, so that file and daemon agree.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     interval 0.12345
//! }
//! ```
//!
//! ```keepalived fail
//! global_defs {
//!     vrrp_garp_master_repeat 0
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     vrrp_garp_master_repeat 1
//!     vrrp_garp_master_refresh 0
//!     vrrp_rt_priority 99
//!     vrrp_garp_interval 0.000001
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::fraction;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::fault::BadValue;
use kalc_grammar::schema::line::route;
use kalc_grammar::schema::track::lists::{INTERFACE_ENTRY, INTERFACE_WEIGHT, SCRIPT_ENTRY, WEIGHT};
use kalc_grammar::schema::vrrp_instance::garp;
use kalc_grammar::schema::{Arg, Keyword, global};
use kalc_grammar::source::Span;
use kalc_grammar::value::{self, Data};

pub(super) const META: Meta =
    Meta { code: "KA205", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

/// Numbers of which 0 becomes 1.
const AT_LEAST_ONE: [&Keyword; 5] = [
    &global::garp::VRRP_GARP_MASTER_REPEAT,
    &global::garp::VRRP_GARP_MASTER_REFRESH_REPEAT,
    &garp::GARP_MASTER_REPEAT,
    &garp::GARP_MASTER_REFRESH_REPEAT,
    &global::mail::SMTP_CONNECT_TIMEOUT,
];

/// The kernel's limits for the time options of routes, in microseconds.
const ROUTE_TIMES: (u64, u64) = (200_000, 120_000_000);

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for word in bad_words(host, Family::Adjusted) {
        let name = word.keyword.name;
        let used = match (word.reason, word.arg, value::read(&word.arg, word.text)) {
            (BadValue::TooPrecise, Arg::Seconds { .. }, (Data::Micros(micros), _)) => fraction(micros, 1_000_000),
            (BadValue::TooPrecise, _, (Data::Micros(micros), _)) => fraction(micros, 1_000),
            (BadValue::TooSmall, Arg::Int { min, .. }, _) => min.to_string(),
            (BadValue::TooLarge, Arg::Int { max, .. }, _) => max.to_string(),
            (BadValue::TooLong, Arg::Text { max }, _) => {
                let end = (0..=usize::from(max)).rev().find(|&end| word.text.is_char_boundary(end)).unwrap_or(0);
                word.text[..end].to_owned()
            }
            _ => continue,
        };
        let what = match word.reason {
            BadValue::TooPrecise => "has more decimals than keepalived keeps",
            BadValue::TooLong => "is longer than the kernel's names",
            _ => "is out of range",
        };
        adjusted(host, word.span, format!("`{}` for `{name}` {what}", word.text), &used, out);
    }
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if AT_LEAST_ONE.contains(&keyword)
            && let Some(Value { span, data: Data::Int(0) }) = host.config.values(id).first()
        {
            adjusted(host, *span, format!("`{} 0` is out of range", keyword.name), "1", out);
        } else if *keyword == INTERFACE_ENTRY || *keyword == SCRIPT_ENTRY {
            let option = if *keyword == INTERFACE_ENTRY { &INTERFACE_WEIGHT } else { &WEIGHT };
            if let Some([Value { span, data: Data::Int(weight @ (-254 | 254)) }, ..]) = host.config.option(id, option) {
                let used = (weight - weight.signum()).to_string();
                adjusted(host, *span, format!("weight {weight} is out of range"), &used, out);
            }
        } else if *keyword == route::STATIC_ENTRY || *keyword == route::VIRTUAL_ENTRY {
            for option in [&route::RTT, &route::RTTVAR, &route::RTO_MIN] {
                if let Some(value) = host.config.option(id, option).and_then(<[Value]>::last) {
                    route_time(host, option, value, out);
                }
            }
        }
    }
}

fn adjusted(host: &Host, span: Span, message: String, used: &str, out: &mut Findings<'_>) {
    out.at(host, span, message)
        .why(format!("keepalived reports it and uses {used}"))
        .help(format!("write `{used}`"))
        .safe_fix(&[(span, used.to_owned())]);
}

/// Times of routes with a unit; a bare number counts something else.
fn route_time(host: &Host, option: &Keyword, value: &Value, out: &mut Findings<'_>) {
    let text = host.text(value);
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let scale = match &text[digits.len()..] {
        "s" | "sec" | "secs" => 1_000_000.0,
        "ms" | "msec" | "msecs" => 1_000.0,
        _ => return,
    };
    let Ok(number) = digits.parse::<f64>() else { return };
    let micros = number * scale;
    let used = if micros < ROUTE_TIMES.0 as f64 {
        "200ms"
    } else if micros > ROUTE_TIMES.1 as f64 {
        "120s"
    } else {
        return;
    };
    adjusted(host, value.span, format!("`{text}` for `{}` is out of range", option.name), used, out);
}
