//! The files that `include` lines bring in.

use super::View;
use kalc_grammar::expand::ViaKind;
use kalc_grammar::source::{FileId, Span};
use std::collections::BTreeMap;

/// The patterns of the include lines of a file that brought something in, with the files, in the order of the text.
pub fn links(view: View<'_>) -> BTreeMap<Span, Vec<FileId>> {
    let logical = &view.host.logical;
    let mut links: BTreeMap<Span, Vec<FileId>> = BTreeMap::new();
    for piece in &logical.pieces {
        let Some(via) = piece.via.and_then(|via| logical.vias.get(via.0 as usize)) else { continue };
        if via.kind == ViaKind::Include && via.at.file == view.file {
            let files = links.entry(pattern(view.text(), via.at.span)).or_default();
            if !files.contains(&piece.typed.file) {
                files.push(piece.typed.file);
            }
        }
    }
    links
}

/// An include line without its keyword.
fn pattern(text: &str, line: Span) -> Span {
    let words = text.get(line.range()).unwrap_or("");
    let rest = words.find(char::is_whitespace).map_or("", |end| words[end..].trim_start());
    if rest.is_empty() { line } else { Span::new(line.end - rest.len() as u32, line.end) }
}
