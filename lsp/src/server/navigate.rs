//! Answers about where things are.

use super::convert;
use super::snapshot::{Asked, Seen};
use crate::ide::structure::{FoldKind, Structure};
use crate::ide::{self, View};
use kalc_grammar::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use tower_lsp::ls_types::*;

/// Where what stands at a position is given.
pub fn definition(asked: &Asked, position: Position) -> Option<GotoDefinitionResponse> {
    asked.seen().find_map(|seen| {
        let offset = asked.lines_of(seen.view.text()).offset(position);
        let places = ide::definition::definition(seen.view, offset);
        let locations: Vec<Location> = places.into_iter().filter_map(|place| seen.location(asked, place)).collect();
        (!locations.is_empty()).then_some(GotoDefinitionResponse::Array(locations))
    })
}

/// Every mention of what stands at a position.
pub fn references(asked: &Asked, position: Position, with_definition: bool) -> Option<Vec<Location>> {
    asked.seen().find_map(|seen| {
        let offset = asked.lines_of(seen.view.text()).offset(position);
        let places = ide::references::references(seen.company, seen.view, offset)?;
        let wanted = places.into_iter().filter(|(_, mention)| with_definition || !mention.is_definition);
        let spans = wanted.map(|((path, span), _)| (path, span));
        Some(locations(asked, &seen, spans))
    })
}

/// Ranges of files as a client knows them; files that no host of the company reads are left out.
pub fn locations(asked: &Asked, seen: &Seen<'_>, spans: impl Iterator<Item = (String, Span)>) -> Vec<Location> {
    let mut by_file: BTreeMap<String, BTreeSet<Span>> = BTreeMap::new();
    for (path, span) in spans {
        by_file.entry(path).or_default().insert(span);
    }
    let mut locations = Vec::new();
    for (path, spans) in by_file {
        let Some(view) = seen.company.views(&path).next() else { continue };
        let Some(uri) = asked.snapshot.uri(&path, view.host.sources.file(view.file).name()) else { continue };
        let lines = asked.lines_of(view.text());
        locations.extend(spans.into_iter().map(|span| Location { uri: uri.clone(), range: lines.range(span) }));
    }
    locations
}

/// The mentions in the file itself of what stands at a position.
pub fn highlights(asked: &Asked, position: Position) -> Option<Vec<DocumentHighlight>> {
    let lines = asked.lines()?;
    let views: Vec<View<'_>> = asked.seen().map(|seen| seen.view).collect();
    let found = ide::references::highlights(&views, lines.offset(position))?;
    let highlight = |(span, mention): (Span, ide::names::Mention)| DocumentHighlight {
        range: lines.range(span),
        kind: Some(match mention.is_definition {
            true => DocumentHighlightKind::WRITE,
            false => DocumentHighlightKind::READ,
        }),
    };
    Some(found.into_iter().map(highlight).collect())
}

/// The outline of the file.
pub fn symbols(asked: &Asked, uri: &Uri) -> Option<DocumentSymbolResponse> {
    let seen = asked.seen().next()?;
    let lines = asked.lines_of(seen.view.text());
    let symbols = ide::symbols::symbols(seen.view);
    let symbols: Vec<DocumentSymbol> =
        symbols.into_iter().map(|symbol| convert::document_symbol(symbol, &lines)).collect();
    Some(match asked.snapshot.abilities.hierarchy {
        true => DocumentSymbolResponse::Nested(symbols),
        false => DocumentSymbolResponse::Flat(convert::flat(symbols, uri)),
    })
}

/// Things with names in all files.
pub fn workspace_symbols(asked: &Asked, query: &str) -> WorkspaceSymbolResponse {
    let companies = asked.snapshot.scenes.iter().map(|scene| &scene.company);
    let found = ide::workspace_symbols::workspace_symbols(companies, query);
    let symbol = |found: ide::workspace_symbols::Found| {
        let views = asked.snapshot.scenes.iter().flat_map(|scene| scene.company.views(&found.path));
        let view = views.into_iter().next()?;
        let uri = asked.snapshot.uri(&found.path, view.host.sources.file(view.file).name())?;
        let location = Location { uri, range: asked.lines_of(view.text()).range(found.span) };
        #[expect(deprecated, reason = "the field must be given")]
        let symbol = SymbolInformation {
            name: found.name,
            kind: SymbolKind::CLASS,
            tags: None,
            deprecated: None,
            location,
            container_name: Some(format!("{}, {}", found.keyword, found.host)),
        };
        Some(symbol)
    };
    WorkspaceSymbolResponse::Flat(found.into_iter().filter_map(symbol).collect())
}

/// The files that the file includes.
pub fn links(asked: &Asked) -> Option<Vec<DocumentLink>> {
    let lines = asked.lines()?;
    let mut links: BTreeMap<Span, BTreeMap<String, String>> = BTreeMap::new();
    for seen in asked.seen() {
        let Some(reading) = seen.company.readings.get(seen.view.reading) else { continue };
        for (span, files) in ide::links::links(seen.view) {
            for file in files {
                let name = seen.view.host.sources.file(file).name().to_owned();
                let path = reading.files.get(file.0 as usize).cloned().unwrap_or_else(|| name.clone());
                links.entry(span).or_default().insert(path, name);
            }
        }
    }
    let link = |(span, files): (Span, BTreeMap<String, String>)| {
        let (path, name) = files.first_key_value()?;
        let count = files.len();
        let tooltip = (count > 1).then(|| format!("the first of {count} files"));
        Some(DocumentLink { range: lines.range(span), target: asked.snapshot.uri(path, name), tooltip, data: None })
    };
    Some(links.into_iter().filter_map(link).collect())
}

/// What can be folded.
pub fn folds(asked: &Asked) -> Option<Vec<FoldingRange>> {
    let lines = asked.lines()?;
    let folds = Structure::new(asked.text()?).folds();
    let fold = |fold: ide::structure::Fold| {
        let range = lines.range(fold.span);
        // The closing brace stays in sight.
        let last = match fold.kind {
            FoldKind::Block => range.end.line.saturating_sub(u32::from(range.end.character > 0)),
            FoldKind::Comment => range.end.line,
        };
        (last > range.start.line).then(|| FoldingRange {
            start_line: range.start.line,
            end_line: last,
            kind: Some(match fold.kind {
                FoldKind::Block => FoldingRangeKind::Region,
                FoldKind::Comment => FoldingRangeKind::Comment,
            }),
            ..FoldingRange::default()
        })
    };
    Some(folds.into_iter().filter_map(fold).collect())
}

/// More ranges around one position are not told.
const MOST_AROUND: usize = 64;

/// Ever larger ranges around each position.
pub fn selections(asked: &Asked, positions: &[Position]) -> Option<Vec<SelectionRange>> {
    let lines = asked.lines()?;
    let structure = Structure::new(asked.text()?);
    let chain = |position: &Position| {
        let mut around = structure.around(lines.offset(*position));
        // Of blocks in each other without end only the innermost ones are told: each is inside the next in the answer.
        if around.len() > MOST_AROUND {
            around.drain(MOST_AROUND - 1..around.len() - 1);
        }
        let ranges = around.into_iter().rev();
        let outward = ranges
            .fold(None, |parent, span| Some(SelectionRange { range: lines.range(span), parent: parent.map(Box::new) }));
        outward.unwrap_or(SelectionRange { range: Range::new(*position, *position), parent: None })
    };
    Some(positions.iter().map(chain).collect())
}
