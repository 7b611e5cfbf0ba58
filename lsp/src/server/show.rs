//! Answers that tell of what stands in a text, and of what may be typed.

use super::convert;
use super::snapshot::Asked;
use crate::ide;
use tower_lsp::ls_types::*;

/// The card of what stands at a position.
pub fn hover(asked: &Asked, position: Position) -> Option<Hover> {
    asked.seen().find_map(|seen| {
        let lines = asked.lines_of(seen.view.text());
        let hover = ide::hover::hover(seen.company, seen.view, lines.offset(position))?;
        let mut contents = convert::markdown(hover.markdown);
        if !asked.snapshot.abilities.markdown {
            contents.kind = MarkupKind::PlainText;
        }
        Some(Hover { contents: HoverContents::Markup(contents), range: Some(lines.range(hover.span)) })
    })
}

/// What may be typed at a position.
pub fn completion(asked: &Asked, position: Position) -> Option<CompletionResponse> {
    let abilities = &asked.snapshot.abilities;
    asked.seen().find_map(|seen| {
        let lines = asked.lines_of(seen.view.text());
        let completion = ide::completion::completion(seen.company, seen.view, lines.offset(position))?;
        let replaces = lines.range(completion.replaces);
        let items = completion.items.into_iter().enumerate();
        let items = items.map(|(index, item)| convert::completion_item(item, index, replaces, abilities));
        Some(CompletionResponse::Array(items.collect()))
    })
}
