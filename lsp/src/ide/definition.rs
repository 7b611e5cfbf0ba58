//! From a use to what it means: a name to the block that gives it, `$NAME` to its line, an include to its files.

use super::links::links;
use super::{View, contains, definition_name};
use kalc_grammar::config::unquote;
use kalc_grammar::expand::ViaKind;
use kalc_grammar::source::{FileId, FileSpan, Span};

/// Where the things under the cursor are given; empty where nothing is.
pub fn definition(view: View<'_>, offset: u32) -> Vec<FileSpan> {
    if let Some((name, span)) = definition_name(view.text(), offset)
        && let Some(place) = definition_of(view, name, span)
    {
        return vec![place];
    }
    let included = include(view, offset);
    if !included.is_empty() {
        return included;
    }
    name(view, offset)
}

/// The line that defines a name used in `span` of the file: the last one before the use, as keepalived reads it.
pub(crate) fn definition_of(view: View<'_>, name: &str, span: Span) -> Option<FileSpan> {
    let logical = &view.host.logical;
    // The expansion knows exactly.
    let via = logical.vias.iter().position(|via| {
        via.at.file == view.file
            && contains(via.at.span, span.start)
            && matches!(&via.kind, ViaKind::Definition(known) if known.trim_matches(['$', '{', '}']) == name)
    });
    if let Some(via) = via {
        let piece = logical.pieces.iter().find(|piece| piece.via.is_some_and(|id| id.0 as usize == via));
        if let Some(piece) = piece {
            return Some(whole_line(view, piece.typed));
        }
    }
    let lines =
        |file: FileId| definitions(view.host.sources.file(file).text(), name).map(move |s| FileSpan::new(file, s));
    let here: Vec<FileSpan> = lines(view.file).collect();
    let before = here.iter().rfind(|place| place.span.start <= span.start).or(here.first()).copied();
    before.or_else(|| view.host.sources.iter().flat_map(|(file, _)| lines(file)).last())
}

/// Every line of a text that starts with `$NAME=`.
fn definitions<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = Span> + 't {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let rest = code.strip_prefix('$')?.strip_prefix(name)?;
        rest.starts_with('=').then(|| Span::new((at + indent) as u32, (at + line.trim_end().len()) as u32))
    })
}

fn whole_line(view: View<'_>, place: FileSpan) -> FileSpan {
    let text = view.host.sources.file(place.file).text();
    let before = text.get(..place.span.start as usize).unwrap_or("");
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let indent = before[line..].len() - before[line..].trim_start().len();
    let end = text[line..].find('\n').map_or(text.len(), |newline| line + newline);
    let end = text.get(..end).unwrap_or("").trim_end().len();
    FileSpan::new(place.file, Span::new((line + indent) as u32, end.max(line + indent) as u32))
}

/// The files that an include line brings in.
fn include(view: View<'_>, offset: u32) -> Vec<FileSpan> {
    let mut links = links(view).into_iter();
    let files = links.find(|(span, _)| contains(*span, offset)).map(|(_, files)| files).unwrap_or_default();
    files.into_iter().map(|file| FileSpan::new(file, Span::new(0, 0))).collect()
}

/// Where the name under the cursor is given.
fn name(view: View<'_>, offset: u32) -> Vec<FileSpan> {
    let Some(at) = view.logical(offset) else { return Vec::new() };
    let host = view.host;
    let Some(used) = host.config.uses.iter().chain(&host.config.definitions).find(|name| contains(name.span, at))
    else {
        return Vec::new();
    };
    let text = unquote(host.slice(used.span));
    let mut found: Vec<FileSpan> = Vec::new();
    for name in &host.config.definitions {
        if name.symbol == used.symbol && unquote(host.slice(name.span)) == text {
            let typed = host.logical.place(name.span).typed;
            if !found.contains(&typed) {
                found.push(typed);
            }
        }
    }
    found
}
