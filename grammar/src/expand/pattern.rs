//! Braces in include patterns: `{a,b}` stands for both, as in a shell. Wildcards are left to the file system.

use crate::limits::INCLUDE_ALTERNATIVES;

/// Whether a pattern has `*`, `?` or `[`.
pub(super) fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// All names that a pattern with braces stands for, in order; nothing if there are too many. Braces without a partner
/// and `{}` stand for themselves.
pub(super) fn expand_braces(pattern: &str) -> Option<Vec<String>> {
    let mut done = Vec::new();
    // The start of a name that is settled, and the rest; the next to be looked at is the last.
    let mut open = vec![(String::new(), pattern.to_owned())];
    while let Some((mut name, rest)) = open.pop() {
        if done.len() + open.len() > INCLUDE_ALTERNATIVES {
            return None;
        }
        match first_group(&rest) {
            None => {
                name.push_str(&rest);
                done.push(name);
            }
            Some((before, items, after)) => {
                name.push_str(before);
                open.extend(items.into_iter().rev().map(|item| (name.clone(), format!("{item}{after}"))));
            }
        }
    }
    Some(done)
}

/// The text before the first braces, what stands between their commas, and the text behind them.
fn first_group(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let mut from = 0;
    loop {
        let start = from + text.get(from..)?.find('{')?;
        let (mut depth, mut item, mut items) = (0, start + 1, Vec::new());
        for (offset, byte) in text.bytes().enumerate().skip(start) {
            match byte {
                b'{' => depth += 1,
                b',' if depth == 1 => {
                    items.push(&text[item..offset]);
                    item = offset + 1;
                }
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                if offset == start + 1 {
                    break;
                }
                items.push(&text[item..offset]);
                return Some((&text[..start], items, &text[offset + 1..]));
            }
        }
        from = start + 1;
    }
}
