//! Numbers and what is made of numbers.

use super::{Data, Reading, bad, good};
use crate::fault::BadValue;

/// Decimal digits with an optional sign; leading blanks (of a quoted word) do not count, an empty word is 0.
pub(super) fn int(text: &str, min: i64, max: i64) -> Reading {
    let text = text.trim_start_matches([' ', '\t']);
    if text.is_empty() {
        return in_range(0, min, max);
    }
    let (negative, digits) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return bad(BadValue::NotANumber);
    }
    // More digits than a number holds are as good as a number out of every range.
    let value = digits.parse::<i64>().unwrap_or(i64::MAX);
    in_range(if negative { -value } else { value }, min, max)
}

/// An unsigned number of 64 bits; the text is the value.
pub(super) fn uint64(text: &str) -> Reading {
    match text.parse::<u64>() {
        Ok(_) => good(Data::Text),
        Err(_) => bad(BadValue::NotANumber),
    }
}

fn in_range(value: i64, min: i64, max: i64) -> Reading {
    if value < min {
        bad(BadValue::TooSmall)
    } else if value > max {
        bad(BadValue::TooLarge)
    } else {
        good(Data::Int(value))
    }
}

/// Decimal, `0x` hexadecimal or `0` octal.
pub(super) fn c_int(text: &str, min: i64, max: i64) -> Reading {
    match c_number(text) {
        Some(value) => in_range(value, min, max),
        None => bad(BadValue::NotANumber),
    }
}

pub(crate) fn c_number(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8).ok()?,
        None if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        None => return None,
    };
    Some(if negative { -value } else { value })
}

/// A decimal with a point. `scale` digits behind it make one microsecond; more than `decimals` are rounded, with a fault.
pub(super) fn decimal(text: &str, scale: u8, decimals: u8, min_us: u64, max_us: u64) -> Reading {
    let text = text.trim_start_matches([' ', '\t']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty() && !text.is_empty()) {
        let negative = digits.strip_prefix('-').is_some_and(|rest| rest.split('.').all(all_digits));
        return bad(if negative { BadValue::TooSmall } else { BadValue::NotANumber });
    }
    let unit = 10u64.pow(u32::from(scale));
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u64::MAX / 10_000_000) };
    let mut micros = whole.min(u64::MAX / 10_000_000) * unit;
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(usize::from(decimals)).collect();
    micros += kept.parse::<u64>().unwrap_or(0) * 10u64.pow(u32::from(scale - decimals));
    let precise = fraction.len() <= usize::from(decimals);
    if !precise && fraction.as_bytes()[usize::from(decimals)] >= b'5' {
        micros += 10u64.pow(u32::from(scale - decimals));
    }
    if micros < min_us {
        bad(BadValue::TooSmall)
    } else if micros > max_us {
        bad(BadValue::TooLarge)
    } else {
        (Data::Micros(micros), (!precise).then_some(BadValue::TooPrecise))
    }
}

/// A number in C notation, or a name that some table of the system may know.
pub(super) fn number_or_name(text: &str, max: u32) -> Reading {
    match c_number(text) {
        Some(value) => in_range(value, 0, i64::from(max)),
        None if text.is_empty() => bad(BadValue::Empty),
        None if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => bad(BadValue::NotANumber),
        None => good(Data::Text),
    }
}

/// `number[/mask]`
pub(super) fn mark(text: &str) -> Reading {
    let (mark, mask) = text.split_once('/').unwrap_or((text, "0"));
    match (c_int(mark, 0, i64::from(u32::MAX)), c_int(mask, 0, i64::from(u32::MAX))) {
        ((Data::Int(_), None), (Data::Int(_), None)) => good(Data::Text),
        ((_, Some(reason)), _) | (_, (_, Some(reason))) => bad(reason),
        (_, _) => bad(BadValue::NotANumber),
    }
}

/// `first-last`
pub(super) fn range(text: &str, max: u32) -> Reading {
    let Some((first, last)) = text.split_once('-') else { return bad(BadValue::Malformed) };
    match (first.parse::<u32>(), last.parse::<u32>()) {
        (Ok(first), Ok(last)) if first <= last && last <= max => good(Data::Range(first, last)),
        (Ok(_), Ok(last)) if last > max => bad(BadValue::TooLarge),
        (_, _) => bad(BadValue::Malformed),
    }
}

/// An HTTP status or a range of them.
pub(super) fn status_range(text: &str) -> Reading {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse::<u32>(), last.parse::<u32>()) {
        (Ok(first), Ok(last)) if (100..=599).contains(&first) && (100..=599).contains(&last) && first <= last => {
            good(Data::Range(first, last))
        }
        (Ok(first), Ok(_)) if first < 100 => bad(BadValue::TooSmall),
        (Ok(_), Ok(last)) if last > 599 => bad(BadValue::TooLarge),
        (_, _) => bad(BadValue::NotANumber),
    }
}

/// A decimal with an optional unit of seconds or milliseconds.
pub(super) fn route_time(text: &str) -> Reading {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    if !matches!(unit, "" | "s" | "sec" | "secs" | "ms" | "msec" | "msecs") {
        return bad(BadValue::NotANumber);
    }
    match decimal(digits, 6, 6, 0, u64::MAX) {
        (Data::Micros(_), _) if !digits.is_empty() => good(Data::Text),
        (_, reason) => bad(reason.unwrap_or(BadValue::NotANumber)),
    }
}

const MODES: [&str; 12] =
    ["IRUSR", "IWUSR", "IXUSR", "IRWXU", "IRGRP", "IWGRP", "IXGRP", "IRWXG", "IROTH", "IWOTH", "IXOTH", "IRWXO"];

/// A file mode as a number in C notation, or as names joined by `|`.
pub(super) fn umask(text: &str) -> Reading {
    match c_number(text) {
        Some(value) => in_range(value, 0, 0o777),
        // Blanks may stand around the `|`, which makes a word of its own of it.
        None if text.split('|').all(|mode| mode.is_empty() || MODES.contains(&mode)) => good(Data::Text),
        None => bad(BadValue::NotAChoice),
    }
}

/// `[realm/]realm`; realms are numbers or names.
pub(super) fn realms(text: &str) -> Reading {
    if text.is_empty() || text.split('/').count() > 2 || text.split('/').any(str::is_empty) {
        return bad(BadValue::Malformed);
    }
    good(Data::Text)
}

/// MPLS labels of 20 bits.
pub(super) fn mpls_labels(text: &str) -> Reading {
    let fits = |label: &str| label.parse::<u32>().is_ok_and(|label| label < 1 << 20);
    if text.split('/').all(fits) { good(Data::Text) } else { bad(BadValue::NotANumber) }
}

/// Four groups of 16 bits in hexadecimal.
pub(super) fn ila_locator(text: &str) -> Reading {
    let fits = |group: &str| (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.split(':').count() == 4 && text.split(':').all(fits) { good(Data::Text) } else { bad(BadValue::Malformed) }
}
