//! A number is out of the range of its keyword, or is none.
//!
//! Most numbers are decimal and whole, without a unit: `0x10`, `500ms` and `1.0` are no numbers there. Times with
//! decimals are in seconds, those of BFD in milliseconds. keepalived reports such a word and goes on without it, so
//! that a default counts which nobody wrote: `priority 256` is 100. A `virtual_router_id` that is none even ends the
//! VRRP process.
//!
//! The same rule speaks of names that are too long: the kernel keeps 15 bytes of the name of an interface.
//!
//! Write the number in the unit that the keyword takes. `persistence_timeout 0` is a mistake although the line is meant
//! to say "no persistence": that is what you get without the line.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 256
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//!     interval 500ms
//! }
//! ```
//!
//! ```keepalived fail
//! static_rules {
//!     from 192.0.2.0/24 table 0 preference 100
//! }
//! ```
//!
//! ```keepalived pass
//! $PRIO=100
//! global_defs {
//!     umask 0x1ff
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 051
//!     priority +100
//!     preempt_delay .5
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::{describe, fraction};
use crate::lint::values::{BadWord, Family, bad_words, is_zero, line_of};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::fault::BadValue;
use kalc_grammar::schema::checker::UDP_CHECK;
use kalc_grammar::schema::checker::udp::{MAX_REPLY_LENGTH, MIN_REPLY_LENGTH};
use kalc_grammar::schema::line::rule::{LOOKUP, STATIC_ENTRY, TABLE, VIRTUAL_ENTRY};
use kalc_grammar::schema::virtual_server::PERSISTENCE_TIMEOUT;
use kalc_grammar::schema::{Arg, Unit, bfd};
use kalc_grammar::value::{self, Data};

pub(super) const META: Meta =
    Meta { code: "KA201", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

/// What keepalived holds of the name of a session.
const BFD_NAME_BYTES: usize = 31;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for word in bad_words(host, Family::Number) {
        let BadWord { span, text, keyword, arg, .. } = word;
        let takes = describe(&arg, keyword);
        let finding =
            out.at(host, span, message(&word)).why(word.why(host)).blocks_run(word.is_fatal());
        if *keyword == PERSISTENCE_TIMEOUT && is_zero(text) && let Some(id) = word.setting {
            finding
                .help("delete the line: without it there is no persistence")
                .safe_fix(&[(line_of(host, id), String::new())]);
        } else if let Some(number) = repair(&word) {
            finding.help(format!("write `{number}`: it takes {takes}")).suggested_fix(&[(span, number)]);
        } else {
            finding.help(format!("it takes {takes}"));
        }
    }
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if *keyword == STATIC_ENTRY || *keyword == VIRTUAL_ENTRY {
            for option in [&TABLE, &LOOKUP] {
                table_zero(host, option.name, host.config.option(id, option), out);
            }
        } else if *keyword == UDP_CHECK {
            reply_lengths(host, id, out);
        } else if *keyword == bfd::BFD_INSTANCE && host.config.name(id).len() > BFD_NAME_BYTES
            && let Some(name) = host.config.values(id).first()
        {
            out.at(host, name.span, format!("the name of this session has {} bytes", host.config.name(id).len()))
                .why("keepalived reports it and skips the whole block")
                .help(format!("use a name of at most {BFD_NAME_BYTES} bytes"));
        }
    }
}

/// Table 0 stands for no table in the kernel.
fn table_zero(host: &Host, option: &str, values: Option<&[Value]>, out: &mut Findings<'_>) {
    if let Some([Value { span, data: Data::Int(0) }, ..]) = values {
        out.at(host, *span, format!("`{option}` 0 is no table"))
            .why("keepalived reports it and drops the whole rule")
            .help("name the table that the rule leads to, such as `main` or 100");
    }
}

/// The longest answer that counts when nothing else is said.
const REPLY_BYTES: i64 = 255;

fn reply_lengths(host: &Host, check: SettingId, out: &mut Findings<'_>) {
    let read = |keyword| {
        let value = host.config.values(host.config.last(check, keyword)?).first()?;
        match value.data {
            Data::Int(number) => Some((number, value.span)),
            _ => None,
        }
    };
    let (Some((least, span)), most) = (read(&MIN_REPLY_LENGTH), read(&MAX_REPLY_LENGTH)) else { return };
    if host.config.last(check, &MAX_REPLY_LENGTH).is_some() && most.is_none() {
        return;
    }
    let most = most.map_or(REPLY_BYTES, |(most, _)| most);
    if least > most {
        out.at(host, span, format!("min_reply_length {least} is above max_reply_length, which is {most}"))
            .why("no answer can have both: the check always fails")
            .help("raise `max_reply_length`");
    }
}

fn message(word: &BadWord<'_>) -> String {
    let (name, text) = (name_of(word), word.text);
    match word.reason {
        BadValue::TooSmall => format!("{text} is too small for `{name}`"),
        BadValue::TooLarge => format!("{text} is too large for `{name}`"),
        BadValue::TooLong => {
            let most = match word.arg {
                Arg::Text { max } | Arg::Secret { max } => usize::from(max),
                _ => 15,
            };
            format!("`{text}` has {} bytes; `{name}` takes at most {most}", text.len())
        }
        BadValue::Malformed | BadValue::Empty => format!("`{text}` is not what `{name}` takes"),
        _ => format!("`{text}` is no number for `{name}`"),
    }
}

/// The keyword, or for the first word of an entry the list's.
fn name_of(word: &BadWord<'_>) -> &'static str {
    match word.keyword.name {
        "<entry>" => "this list",
        "<type>" => "type",
        name => name,
    }
}

/// The number that was meant, if that is plain.
fn repair(word: &BadWord<'_>) -> Option<String> {
    let text = word.text.trim();
    let unit = match word.arg {
        Arg::Seconds { .. } => 1_000_000,
        Arg::Millis { .. } => 1_000,
        _ => match word.keyword.unit {
            Unit::Seconds => 1_000_000,
            Unit::Milliseconds => 1_000,
            Unit::Microseconds | Unit::None | Unit::Bytes => 1,
        },
    };
    let timed = unit > 1 || word.keyword.unit == Unit::Microseconds;
    let mut candidates = Vec::new();
    if timed && let Some(micros) = time(text) {
        candidates.push(fraction(micros, unit));
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        candidates.extend(i64::from_str_radix(digits, 16).ok().map(|number| number.to_string()));
    }
    candidates.push(text.replacen(',', ".", 1));
    if let Some((whole, zeros)) = text.split_once('.')
        && zeros.bytes().all(|byte| byte == b'0')
    {
        candidates.push(whole.to_owned());
    }
    if matches!(word.arg, Arg::Range { .. }) && !text.contains('-') {
        candidates.push(format!("{text}-{text}"));
    }
    candidates.into_iter().find(|candidate| {
        candidate != text && !candidate.is_empty() && matches!(value::read(&word.arg, candidate), (data, None) if data != Data::Bad)
    })
}

/// A time with a unit, in microseconds.
fn time(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let scale: u64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "us" | "usec" => 1,
        "ms" | "msec" | "msecs" => 1_000,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000_000,
        "h" | "hour" | "hours" => 3_600_000_000,
        _ => return None,
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || decimals.len() > 6 {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<6}").parse().ok()?;
    let millionths = whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(decimals)?;
    let micros = millionths.checked_mul(scale)?;
    (micros % 1_000_000 == 0).then_some(micros / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_with_units() {
        assert_eq!(time("500ms"), Some(500_000));
        assert_eq!(time("1.5s"), Some(1_500_000));
        assert_eq!(time("2 min"), None);
        assert_eq!(time("2min"), Some(120_000_000));
        assert_eq!(time("5"), None);
        assert_eq!(time("99999999999999999999s"), None);
    }
}
