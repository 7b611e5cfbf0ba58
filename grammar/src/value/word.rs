//! Words: names, closed lists, secrets, and texts of a fixed form.

use super::{Data, Reading, bad, good};
use crate::fault::BadValue;

pub(super) fn boolean(text: &str) -> Reading {
    match text {
        "on" | "true" | "yes" => good(Data::Bool(true)),
        "off" | "false" | "no" => good(Data::Bool(false)),
        _ => {
            let words = ["on", "true", "yes", "off", "false", "no"];
            match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
                Some(word) => bad(BadValue::WrongCase(word)),
                None => bad(BadValue::NotAChoice),
            }
        }
    }
}

pub(super) fn choice(text: &str, words: &'static [&'static str]) -> Reading {
    first_of(text, words.iter().copied())
}

/// One of the words; one that differs in case alone is named.
pub(super) fn first_of(text: &str, mut words: impl Iterator<Item = &'static str> + Clone) -> Reading {
    if let Some(word) = words.clone().find(|word| *word == text) {
        return good(Data::Choice(word));
    }
    match words.find(|word| word.eq_ignore_ascii_case(text)) {
        Some(word) => bad(BadValue::WrongCase(word)),
        None => bad(BadValue::NotAChoice),
    }
}

pub(super) fn choice_no_case(text: &str, words: &'static [&'static str]) -> Reading {
    match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        Some(word) => good(Data::Choice(word)),
        None => bad(BadValue::NotAChoice),
    }
}

pub(super) fn literal(text: &str, literal: &'static str) -> Reading {
    first_of(text, std::iter::once(literal))
}

/// A text that is cut at `max` bytes, if that is not 0.
pub(super) fn text(text: &str, max: u16) -> Reading {
    if text.is_empty() {
        bad(BadValue::Empty)
    } else if max != 0 && text.len() > usize::from(max) {
        (Data::Text, Some(BadValue::TooLong))
    } else {
        good(Data::Text)
    }
}

pub(super) fn name(text: &str) -> Reading {
    if text.is_empty() { bad(BadValue::Empty) } else { good(Data::Text) }
}

/// The kernel holds 15 bytes of a name.
pub(super) fn interface(text: &str) -> Reading {
    match text.len() {
        0 => bad(BadValue::Empty),
        1..=15 => good(Data::Text),
        _ => bad(BadValue::TooLong),
    }
}

pub(super) fn hex_bytes(text: &str, wildcards: bool) -> Reading {
    let fits = |byte: u8| byte.is_ascii_hexdigit() || byte == b' ' || (wildcards && matches!(byte, b'x' | b'X'));
    if text.bytes().all(fits) { good(Data::Text) } else { bad(BadValue::Malformed) }
}

pub(super) fn digest(text: &str) -> Reading {
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        good(Data::Text)
    } else {
        bad(BadValue::Malformed)
    }
}

pub(super) fn mac(text: &str) -> Reading {
    let fits = |octet: &str| (1..=2).contains(&octet.len()) && octet.bytes().all(|byte| byte.is_ascii_hexdigit());
    if matches!(text.split(':').count(), 5 | 6) && text.split(':').all(fits) {
        good(Data::Text)
    } else {
        bad(BadValue::Malformed)
    }
}

pub(super) fn domain(text: &str) -> Reading {
    let labels = text.strip_suffix('.').unwrap_or(text);
    if text != "." && labels.split('.').any(str::is_empty) { bad(BadValue::Malformed) } else { good(Data::Text) }
}

pub(super) fn hmac_key(text: &str) -> Reading {
    if text.starts_with("file:") {
        return good(Data::Text);
    }
    let length = match text.strip_prefix("hex:") {
        Some(digits) if digits.len() % 2 != 0 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            return bad(BadValue::Malformed);
        }
        Some(digits) => digits.len() / 2,
        None => text.len(),
    };
    match length {
        0..32 => bad(BadValue::TooShort),
        32..=64 => good(Data::Text),
        _ => bad(BadValue::TooLong),
    }
}
