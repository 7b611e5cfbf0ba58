//! Answers that tell of what stands in a text, and of what may be typed.

use super::convert;
use super::snapshot::Asked;
use crate::ide;
use crate::ide::completion::ItemKind;
use kalc_grammar::source::Span;
use std::collections::BTreeMap;
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

/// What may be typed at a position; `trigger` is the sign whose typing asks, if one does.
pub fn completion(asked: &Asked, position: Position, trigger: Option<char>) -> Option<CompletionResponse> {
    let abilities = &asked.snapshot.abilities;
    let files = asked.snapshot.overlay();
    asked.seen().find_map(|seen| {
        let lines = asked.lines_of(seen.view.text());
        let offset = lines.offset(position);
        let completion = ide::completion::completion(seen.company, seen.view, offset, trigger, &files)?;
        let replaces = lines.range(completion.replaces);
        let items = completion.items.into_iter();
        let items = items.filter(|item| abilities.snippets || item.kind != ItemKind::Skeleton).enumerate();
        let items = items.map(|(index, item)| convert::completion_item(item, index, replaces, abilities));
        Some(CompletionResponse::Array(items.collect()))
    })
}

/// How the line at a position goes on.
pub fn signatures(asked: &Asked, position: Position) -> Option<SignatureHelp> {
    asked.seen().find_map(|seen| {
        let offset = asked.lines_of(seen.view.text()).offset(position);
        let found = ide::signature::signatures(seen.view, offset);
        // The innermost one is what is being typed.
        let active_signature = found.len().checked_sub(1)? as u32;
        let signatures: Vec<SignatureInformation> = found.into_iter().map(signature).collect();
        let active_parameter = signatures.last().and_then(|signature| signature.active_parameter);
        Some(SignatureHelp { signatures, active_signature: Some(active_signature), active_parameter })
    })
}

fn signature(signature: ide::signature::Signature) -> SignatureInformation {
    let parameter = |&(start, end): &(u32, u32)| ParameterInformation {
        // Labels have no characters but those of ASCII, so that bytes are what every client counts in.
        label: ParameterLabel::LabelOffsets([start, end]),
        documentation: None,
    };
    SignatureInformation {
        parameters: Some(signature.parameters.iter().map(parameter).collect()),
        label: signature.label,
        documentation: Some(Documentation::MarkupContent(convert::markdown(signature.documentation))),
        active_parameter: signature.active.map(|active| active as u32),
    }
}

/// The lines above instances.
pub fn lenses(asked: &Asked) -> Option<Vec<CodeLens>> {
    let lines = asked.lines()?;
    let mut found: BTreeMap<Span, String> = BTreeMap::new();
    for seen in asked.seen() {
        for lens in ide::lens::lenses(seen.company, seen.view) {
            found.entry(lens.span).or_insert(lens.title);
        }
    }
    // A lens without a command is not shown; one without a name does nothing.
    let command = |title| Command { title, command: String::new(), arguments: None };
    let lens = |(span, title)| CodeLens { range: lines.range(span), command: Some(command(title)), data: None };
    Some(found.into_iter().map(lens).collect())
}

/// What may be shown between the words of a range.
pub fn hints(asked: &Asked, range: Range) -> Option<Vec<InlayHint>> {
    let lines = asked.lines()?;
    let within = Span::new(lines.offset(range.start), lines.offset(range.end));
    let mut found = BTreeMap::new();
    for seen in asked.seen() {
        for (at, hint) in ide::hints::hints(seen.view, within) {
            found.entry(at).or_insert(hint);
        }
    }
    let hint = |(at, hint): (u32, ide::hints::Hint)| InlayHint {
        position: lines.position(at),
        label: InlayHintLabel::String(hint.label),
        kind: None,
        text_edits: None,
        tooltip: Some(InlayHintTooltip::MarkupContent(convert::markdown(hint.tooltip))),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    Some(found.into_iter().map(hint).collect())
}
