//! Values that a template left behind.

/// Words that stand for a value in documentation and in files that were never finished.
const WORDS: [&str; 8] = ["changeme", "change_me", "replaceme", "@ip", "yourpassword", "string", "num", "integer"];

/// Whether a value waits for a person or a template engine to fill it in: `<ip>`, `x.x.x.x`, `{{ vip }}`, `A|B`.
pub fn looks_like_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('<') && text.ends_with('>') && text.len() > 2
        || text.contains("{{")
        || text.contains("}}")
        || text.contains("<%")
        || text.starts_with('[')
            && text.ends_with(']')
            && text.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !text.contains(':')
        || text.starts_with("__") && text.ends_with("__") && text.len() > 4
        || has_letters_for_numbers(text)
        || is_alternative(text)
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// `x.x.x.x`, `10.0.0.X/24`, `XX`, `xxx`.
fn has_letters_for_numbers(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or("");
    let blank = |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let dotted = address.contains('.');
    address.split('.').any(blank)
        && address.split('.').all(|part| blank(part) || number(part))
        && (dotted || address.len() > 1)
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
        for text in
            ["<ip>", "x.x.x.x", "10.0.0.X/24", "{{ vip }}", "MASTER|BACKUP", "CHANGEME", "__VIP__", "XX", "[ip]"]
        {
            assert!(looks_like_placeholder(text), "{text}");
        }
        for text in ["192.0.2.1", "fe80::1", "100", "0x10", "[fe80::1]", "x", "rr|", "eth0", "secret", "10.0.0.1/x24"] {
            assert!(!looks_like_placeholder(text), "{text}");
        }
    }
}
