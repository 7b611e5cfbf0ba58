//! Semantic tokens as the protocol numbers them.

use super::snapshot::Asked;
use crate::ide::tokens::{Token, TokenType, tokens};
use kalc_grammar::source::Span;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use tower_lsp::ls_types::{
    Range, SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensDelta,
    SemanticTokensEdit, SemanticTokensFullDeltaResult, SemanticTokensLegend, Uri,
};

/// Documents whose tokens are kept; a client that looks at more of them at a time gets all tokens of some anew.
const KEPT: usize = 64;

/// The tokens that the client was told last, by document, so that the next answer can be what has changed.
#[derive(Default)]
pub struct Told(Mutex<Sheets>);

#[derive(Default)]
struct Sheets {
    next: u64,
    by_uri: HashMap<Uri, (String, Vec<SemanticToken>)>,
}

impl Told {
    /// Notes what a document's tokens are now, and what they are called; answers with what they were under that name.
    fn note(&self, uri: Uri, now: &[SemanticToken], known_as: &str) -> (String, Option<Vec<SemanticToken>>) {
        let mut sheets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = sheets.next.to_string();
        sheets.next += 1;
        let before = sheets.by_uri.remove(&uri);
        if sheets.by_uri.len() >= KEPT {
            sheets.by_uri.clear();
        }
        sheets.by_uri.insert(uri, (name.clone(), now.to_vec()));
        (name, before.filter(|(name, _)| name == known_as).map(|(_, tokens)| tokens))
    }

    /// Forgets a document that was closed.
    pub fn forget(&self, uri: &Uri) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_uri.remove(uri);
    }

    /// All tokens, by a name that the next answer can start from.
    pub fn all(&self, uri: Uri, tokens: SemanticTokens) -> SemanticTokens {
        let (name, _) = self.note(uri, &tokens.data, "");
        SemanticTokens { result_id: Some(name), ..tokens }
    }

    /// What has changed since the tokens of that name; all of them if those are not known any more.
    pub fn changes(&self, uri: Uri, tokens: SemanticTokens, since: &str) -> SemanticTokensFullDeltaResult {
        let (name, before) = self.note(uri, &tokens.data, since);
        let result_id = Some(name);
        match before {
            Some(before) => {
                let edits = edit(&before, &tokens.data).into_iter().collect();
                SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta { result_id, edits })
            }
            None => SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id, ..tokens }),
        }
    }
}

/// The numbers of one token.
const NUMBERS: usize = 5;

/// The one edit that makes the new tokens of the old ones: all between what they have in common at both ends.
fn edit(old: &[SemanticToken], new: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same..], &new[same..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (gone, come) = (old.len() - tail, &new[..new.len() - tail]);
    (gone > 0 || !come.is_empty()).then(|| SemanticTokensEdit {
        start: (same * NUMBERS) as u32,
        delete_count: (gone * NUMBERS) as u32,
        data: (!come.is_empty()).then(|| come.to_vec()),
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn token(delta_line: u32) -> SemanticToken {
        SemanticToken { delta_line, delta_start: 0, length: 1, token_type: 0, token_modifiers_bitset: 0 }
    }

    #[test]
    fn an_edit_is_what_is_not_the_same_at_both_ends() {
        let lines = |lines: &[u32]| lines.iter().map(|&line| token(line)).collect::<Vec<_>>();
        let cases: [(&[u32], &[u32]); 7] = [
            (&[], &[1]),
            (&[1, 2], &[]),
            (&[1, 2, 3], &[1, 9, 3]),
            (&[1, 1, 1], &[1, 1]),
            (&[1, 1], &[1, 1, 1]),
            (&[1, 2], &[2, 1]),
            (&[5], &[5]),
        ];
        for (old, new) in cases {
            let (mut made, wanted) = (lines(old), lines(new));
            if let Some(edit) = edit(&made, &wanted) {
                let (from, count) = (edit.start as usize / NUMBERS, edit.delete_count as usize / NUMBERS);
                made.splice(from..from + count, edit.data.unwrap_or_default());
            } else {
                assert_eq!(old, new);
            }
            assert_eq!(made, wanted);
        }
    }

    #[test]
    fn only_so_many_documents_are_kept() {
        let told = Told::default();
        for number in 0..=KEPT * 3 {
            let uri: Uri = format!("file:///{number}.conf").parse().expect("an address");
            told.all(uri, SemanticTokens { result_id: None, data: vec![token(1)] });
        }
        assert!(told.0.lock().expect("no panic").by_uri.len() <= KEPT);
    }
}
