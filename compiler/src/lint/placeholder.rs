//! Values that a template left behind.

/// Words that stand for a value in documentation and in files that were never finished.
const WORDS: [&str; 8] = ["changeme", "change_me", "replaceme", "@ip", "yourpassword", "string", "num", "integer"];

/// Whether a value waits for a person or a template engine to fill it in: `<ip>`, `x.x.x.x`, `{{ vip }}`, `A|B`.
pub fn looks_like_placeholder(text: &str) -> bool {
    let text = text.trim();
    let value = text.split_once('/').map_or(text, |(value, _)| value);
    let between = |open: char, close: char| value.len() > 2 && value.starts_with(open) && value.ends_with(close);
    let has_letters = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    text.starts_with('<') && text.ends_with('>') && text.len() > 2
        || ["{{", "}}", "<%"].iter().any(|mark| text.contains(mark))
        || between('[', ']') && has_letters && !value.contains(':')
        || between('%', '%')
        || value.starts_with("__") && value.ends_with("__") && value.len() > 4
        || is_constant(value)
        || has_letters_for_numbers(value)
        || is_alternative(text)
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// `CHANGE_ME_VIP`, `PRIORITY_2`: words of keepalived in capitals have no underscore.
fn is_constant(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.contains('_') && text.bytes().all(fits) && text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `x.x.x.x`, `10.0.0.X/24`, `XX`, `xxx`.
fn has_letters_for_numbers(text: &str) -> bool {
    let blank = |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    let stands_for = |byte: u8| matches!(byte, b'x' | b'X' | b'y' | b'Y' | b'z' | b'Z' | b'n' | b'N');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || stands_for(byte));
    match text.matches('.').count() {
        0 => text.len() > 1 && blank(text),
        3 => text.bytes().any(stands_for) && text.split('.').all(number),
        _ => text.split('.').any(blank) && text.split('.').all(number),
    }
}

/// `MASTER|BACKUP`
fn is_alternative(text: &str) -> bool {
    let word = |part: &str| {
        part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    text.contains('|') && text.split('|').all(word) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::looks_like_placeholder;

    #[test]
    fn what_nobody_filled_in() {
        for text in [
            "<ip>",
            "x.x.x.x",
            "10.0.0.X/24",
            "{{ vip }}",
            "MASTER|BACKUP",
            "CHANGEME",
            "__VIP__",
            "XX",
            "%VIP%",
            "[ip]/24",
            "VIP_1/16",
            "10.0.0.Y",
            "[ip]",
        ] {
            assert!(looks_like_placeholder(text), "{text}");
        }
        for text in [
            "192.0.2.1",
            "fe80::1",
            "100",
            "0x10",
            "[fe80::1]",
            "x",
            "rr|",
            "eth0",
            "secret",
            "10.0.0.1/x24",
            "no_auth",
            "10.0.0.300",
            "MASTER",
        ] {
            assert!(!looks_like_placeholder(text), "{text}");
        }
    }
}
