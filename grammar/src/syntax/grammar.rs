//! The grammar: `file = (statement ["{"] | "{" | "}")*`, where a statement is the words of one line.
//!
//! It is total: every token starts an item and no item can fail once it has started, so there is no backtracking, no
//! recovery and no error of chumsky's. Nesting is not in the grammar but in the [`Builder`], which every item is told
//! to as the parser's state; the depth of the text therefore costs no call stack.

use super::build::Builder;
use super::tree::Tree;
use crate::fault::Fault;
use crate::lex::{Token, TokenKind};
use chumsky::error::EmptyErr;
use chumsky::extra::{Full, SimpleState};
use chumsky::input::MapExtra;
use chumsky::prelude::*;

type Extra<'t> = Full<EmptyErr, SimpleState<Builder<'t>>, ()>;
type Item<'t, 'e> = MapExtra<'t, 'e, &'t [Token], Extra<'t>>;

/// Reads the tokens and returns what the builder made of them.
pub(super) fn parse<'t>(tokens: &'t [Token], builder: Builder<'t>) -> (Tree, Vec<Fault>) {
    let mut state = SimpleState(builder);
    let result = file().parse_with_state(tokens, &mut state);
    debug_assert!(!result.has_errors(), "the grammar is total");
    state.0.finish()
}

/// One unit for each item (which takes no memory): asking for them makes chumsky run the actions.
fn file<'t>() -> impl Parser<'t, &'t [Token], Vec<()>, Extra<'t>> {
    let start = any().filter(|token: &Token| is_word(token.kind));
    let more = any().filter(|token: &Token| is_word(token.kind) && !token.first);
    let open = any().filter(|token: &Token| token.kind == TokenKind::Open);
    let close = any().filter(|token: &Token| token.kind == TokenKind::Close);

    let words = start.then_ignore(more.repeated()).map_with(|_, extra: &mut Item<'t, '_>| {
        let span: SimpleSpan = extra.span();
        (span.start as u32, span.end as u32)
    });
    let statement = words.then(open.or_not()).map_with(|((first, last), open), extra: &mut Item<'t, '_>| {
        let span: SimpleSpan = extra.span();
        let end = span.end as u32;
        extra.state().0.statement(first, last, open.map(|_| end - 1));
    });
    let stray_open = open.map_with(|_, extra: &mut Item<'t, '_>| {
        let span: SimpleSpan = extra.span();
        let at = span.start as u32;
        extra.state().0.stray_open(at);
    });
    let close = close.map_with(|_, extra: &mut Item<'t, '_>| {
        let span: SimpleSpan = extra.span();
        let at = span.start as u32;
        extra.state().0.close(at);
    });
    choice((statement, close, stray_open)).repeated().collect()
}

/// A quote that is never closed ends the words of its line; the builder takes it out again.
fn is_word(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Word | TokenKind::Quoted | TokenKind::OpenQuote)
}
