//! Command lines of scripts.
//!
//! keepalived reads these from the raw line a second time, with single quotes, double quotes and escapes. The first
//! word is the whole command; it is split again into its arguments when it runs.

use crate::source::Span;

/// One word of a script line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptWord {
    /// Its text, without the quotes around it.
    pub inside: Span,
    /// With the quotes around it.
    pub whole: Span,
    /// Whether its quote is never closed; keepalived crashes on that.
    pub open: bool,
}

/// Splits the rest of a line, `line`, which starts at `offset` of the text.
pub fn split(line: &str, offset: u32) -> Vec<ScriptWord> {
    let bytes = line.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while at < bytes.len() && matches!(bytes[at], b' ' | b'\t' | b'\r' | 0x0b | 0x0c) {
            at += 1;
        }
        let Some(&first) = bytes.get(at) else { return words };
        let start = at;
        let quote = matches!(first, b'"' | b'\'').then_some(first);
        at += usize::from(quote.is_some());
        let inside = at;
        while at < bytes.len() {
            match bytes[at] {
                byte if Some(byte) == quote => break,
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c if quote.is_none() => break,
                _ => at += 1,
            }
        }
        let span = |from: usize, to: usize| Span::new(offset + from as u32, offset + to as u32);
        let closed = quote.is_none() || at < bytes.len();
        let end = at;
        at += usize::from(quote.is_some() && closed);
        words.push(ScriptWord { inside: span(inside, end), whole: span(start, at), open: !closed });
    }
}

/// The arguments of a command: quotes group, and a backslash takes the next character as it is.
///
/// `None` if a quote is never closed: keepalived then drops the script.
pub fn arguments(command: &str) -> Option<Vec<String>> {
    let mut arguments = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => arguments.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    arguments.extend(word);
    quote.is_none().then_some(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_command_is_one_word() {
        let line = r#" "/x a b" user '/y  z' "open"#;
        let words: Vec<_> = split(line, 0).iter().map(|word| (&line[word.inside.range()], word.open)).collect();
        assert_eq!(words, [("/x a b", false), ("user", false), ("/y  z", false), ("open", true)]);
    }

    #[test]
    fn arguments_are_split_as_a_shell_would() {
        assert_eq!(arguments("/x  a 'b c' d\\ e \"\"").unwrap_or_default(), ["/x", "a", "b c", "d e", ""]);
        assert_eq!(arguments("/x 'a"), None);
    }
}
