//! The number in a tracked file, as keepalived 2.2.7 reads it (measured): as C reads integers.

/// Blank space, a sign, `0x` for hexadecimal and `0` for octal, digits; what follows does not count. 0 if there are
/// no digits. What does not fit is the nearest number that does.
pub(super) fn parse(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    // C counts the vertical tab as blank, too.
    let text = text.strip_prefix(b"\x0b").unwrap_or(text);
    let (is_negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (radix, digits) = match text {
        [b'0', b'x' | b'X', first, ..] if first.is_ascii_hexdigit() => (16, &text[2..]),
        [b'0', ..] => (8, text),
        _ => (10, text),
    };
    let mut number: i64 = 0;
    for &byte in digits {
        let Some(digit) = char::from(byte).to_digit(radix) else { break };
        number = number.saturating_mul(i64::from(radix)).saturating_add(i64::from(digit));
    }
    if is_negative { number.saturating_neg() } else { number }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        let cases: [(&str, i64); 18] = [
            ("5\n", 5),
            ("7", 7),
            (" 8\n", 8),
            ("\n9\n", 9),
            ("+4\n", 4),
            ("-6\n", -6),
            ("0x10\n", 16),
            ("010\n", 8),
            ("08\n", 0),
            ("0x\n", 0),
            ("12abc\n", 12),
            ("abc\n", 0),
            ("", 0),
            ("-", 0),
            ("3 4\n", 3),
            ("5.7\r\n", 5),
            ("000000000000000000000000000000006", 6),
            ("99999999999999999999999", i64::MAX),
        ];
        for (text, number) in cases {
            assert_eq!(parse(text.as_bytes()), number, "{text:?}");
        }
    }
}
