//! The line that is being typed: half a statement is none in the tree, so it is read as typed; the block around it comes
//! from the tree.

use super::View;
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::schema::Keyword;
use kalc_grammar::source::Span;

/// What is being typed at a position.
#[derive(Clone, Debug)]
pub struct Typing<'t> {
    /// The block around it.
    pub block: &'static Keyword,
    /// What the line is a line of: a keyword of the block, or an entry. `None` where its first word is still being typed,
    /// or is not known.
    pub row: Option<&'static Keyword>,
    /// The words of the row before the one that is being typed: without the keyword itself.
    pub given: Vec<&'t str>,
    /// Whether the first word of the line is still to come or being typed.
    pub is_first: bool,
    /// The beginning of the word before the position.
    pub typed: Span,
}

/// What is being typed at a position; `None` where nothing may be (comments, quotes, blocks that kalc does not know).
pub fn typing<'h>(view: View<'h>, offset: u32) -> Option<Typing<'h>> {
    let (_, line) = view.line_before(offset);
    let words = statement(line)?;
    // `@id` in front of a statement is no part of it.
    let words = if words.first().is_some_and(|(word, _)| word.starts_with('@')) { &words[1..] } else { &words[..] };
    let is_open = words.last().is_some_and(|(_, end)| *end as usize == line.len());
    let (typed, done) = match words.split_last() {
        Some(((word, _), before)) if is_open => (*word, before),
        _ => ("", words),
    };
    let block = view.block(offset)?.keyword;
    let done: Vec<&str> = done.iter().map(|(word, _)| *word).collect();
    let typed = Span::new(offset - typed.len() as u32, offset);
    let (row, given) = match done.split_first() {
        None => (block.entry, Vec::new()),
        Some((first, rest)) => match (block.lookup(first), block.entry) {
            (Some(row), _) => (Some(row), rest.to_vec()),
            (None, entry) => (entry, done.clone()),
        },
    };
    Some(Typing { block, row, given, is_first: done.is_empty(), typed })
}

/// The words of the statement that the end of a line belongs to, each with its end; `None` in a comment or in quotes.
pub fn statement(line: &str) -> Option<Vec<(&str, u32)>> {
    let tokens = lex(line);
    if matches!(tokens.kinds.last(), Some(TokenKind::Comment)) {
        return None;
    }
    let mut words = Vec::new();
    for token in &tokens.significant {
        match token.kind {
            TokenKind::Open | TokenKind::Close => words.clear(),
            TokenKind::OpenQuote => return None,
            _ => words.push((line.get(token.span().range()).unwrap_or(""), token.end)),
        }
    }
    Some(words)
}
