//! Changes of a text, and how they are carried out.

use kalc_grammar::source::Span;

/// A range of a file, and what is to stand there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextEdit {
    /// What is replaced; an empty range inserts.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// The bytes with the edits carried out. Edits are in the order of their ranges, which do not overlap; one that reaches
/// out of the text, or back behind the one before, is left out.
pub fn apply(bytes: &[u8], edits: &[TextEdit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut from = 0;
    for TextEdit { span, text } in edits {
        let range = span.range();
        let Some(kept) = bytes.get(from..range.start).filter(|_| range.start <= range.end && range.end <= bytes.len())
        else {
            continue;
        };
        out.extend_from_slice(kept);
        out.extend_from_slice(text.as_bytes());
        from = range.end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out
}
