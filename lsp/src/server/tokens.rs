//! Semantic tokens as the protocol numbers them.

use super::snapshot::Asked;
use crate::ide::tokens::{Token, TokenType, tokens};
use kalc_grammar::source::Span;
use std::collections::BTreeMap;
use tower_lsp::ls_types::{
    Range, SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensLegend,
};

fn name(kind: TokenType) -> SemanticTokenType {
    match kind {
        TokenType::Block => SemanticTokenType::KEYWORD,
        TokenType::Keyword => SemanticTokenType::PROPERTY,
        TokenType::Option => SemanticTokenType::PARAMETER,
        TokenType::Value => SemanticTokenType::ENUM_MEMBER,
        TokenType::Number => SemanticTokenType::NUMBER,
        TokenType::Text => SemanticTokenType::STRING,
        TokenType::Name => SemanticTokenType::CLASS,
        TokenType::Definition => SemanticTokenType::VARIABLE,
        TokenType::Directive => SemanticTokenType::MACRO,
        TokenType::Comment => SemanticTokenType::COMMENT,
    }
}

const DECLARATION: u32 = 1;
const DEPRECATED: u32 = 2;

/// What the numbers mean.
pub fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TokenType::ALL.iter().map(|&kind| name(kind)).collect(),
        token_modifiers: vec![SemanticTokenModifier::DECLARATION, SemanticTokenModifier::DEPRECATED],
    }
}

/// The tokens of a file, or of a range of it.
pub fn answer(asked: &Asked, within: Option<Range>) -> Option<SemanticTokens> {
    let text = asked.text()?;
    let lines = asked.lines_of(text);
    let within = match within {
        Some(range) => Span::new(lines.offset(range.start), lines.offset(range.end)),
        None => Span::new(0, text.len() as u32),
    };
    // A file that several hosts read has the tokens of the first that knows better than the text alone.
    let mut all: BTreeMap<u32, Token> = BTreeMap::new();
    for seen in asked.seen() {
        for token in tokens(seen.view, within) {
            all.entry(token.span.start).or_insert(token);
        }
    }
    let mut data = Vec::with_capacity(all.len());
    let (mut line, mut character, mut end) = (0, 0, 0);
    for token in all.into_values() {
        // What hosts see in different ways may overlap.
        if token.span.start < end {
            continue;
        }
        end = token.span.end;
        let range = lines.range(token.span);
        // No token goes over the end of a line.
        if range.start.line != range.end.line {
            continue;
        }
        let delta_line = range.start.line - line;
        let delta_start = if delta_line == 0 { range.start.character - character } else { range.start.character };
        (line, character) = (range.start.line, range.start.character);
        data.push(SemanticToken {
            delta_line,
            delta_start,
            length: range.end.character - range.start.character,
            token_type: token.kind as u32,
            token_modifiers_bitset: if token.is_declaration { DECLARATION } else { 0 }
                | if token.is_deprecated { DEPRECATED } else { 0 },
        });
    }
    Some(SemanticTokens { result_id: None, data })
}
