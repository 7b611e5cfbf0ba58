//! What the fuzz targets share: how an input becomes files, and what must hold for every input.

use kalc_compiler::diagnostic::{Diagnostic, Place};
use kalc_grammar::expand::{Logical, Profile};
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::lex::Tokens;
use kalc_grammar::source::{FileSpan, SourceFile, Sources};
use kalc_grammar::syntax::{NONE, Tree};

/// Where the main file of a host is.
pub const MAIN: &str = "/etc/keepalived/keepalived.conf";

/// A byte that no configuration needs: an input is cut there into files.
const CUT: u8 = 0x1c;

/// An input as the main file, and as two files that it can include: `a.conf` and `d/b.conf` beside it.
pub fn files(input: &[u8]) -> (SourceFile, MemoryFiles) {
    let mut parts = input.split(|&byte| byte == CUT);
    let main = parts.next().unwrap_or_default().to_vec();
    let mut files = MemoryFiles::default();
    for (name, part) in ["/etc/keepalived/a.conf", "/etc/keepalived/d/b.conf"].into_iter().zip(parts) {
        files.files.insert(name.to_owned(), part.to_vec());
    }
    files.files.insert(MAIN.to_owned(), main.clone());
    (SourceFile::new(MAIN, main), files)
}

/// How to read it: with a configuration id and a definition, or with neither.
pub fn profile(input: &[u8]) -> Profile {
    let mut profile = Profile::default();
    if input.len() % 2 == 1 {
        profile.config_id = Some("lb1".to_owned());
        profile.defines.insert("IF".to_owned(), "eth0".to_owned());
    }
    profile
}

/// The tokens hold every byte of the text, in order.
pub fn tokens_hold_the_text(text: &str, tokens: &Tokens) {
    assert_eq!(tokens.kinds.len(), tokens.starts.len());
    assert_eq!(tokens.starts.first().copied().unwrap_or(0), 0);
    assert!(tokens.starts.is_sorted_by(|a, b| a < b));
    assert!(tokens.starts.last().is_none_or(|&start| (start as usize) < text.len()));
    assert_eq!(tokens.starts.is_empty(), text.is_empty());
    for &start in &tokens.starts {
        assert!(text.is_char_boundary(start as usize));
    }
    let mut end = 0;
    for token in &tokens.significant {
        assert!(end <= token.start && token.start < token.end && token.end as usize <= text.len(), "{token:?}");
        assert!(tokens.starts.binary_search(&token.start).is_ok(), "{token:?}");
        assert!(text.get(token.span().range()).is_some_and(|slice| slice.contains(token.text(text))), "{token:?}");
        end = token.end;
    }
    for index in tokens.glued_comments.iter().chain(&tokens.escapes) {
        assert!(tokens.significant.get(*index as usize).is_some_and(|token| token.is_word()));
    }
}

/// Nodes stand in the order of the text, each within its parent, and none reaches outside.
pub fn tree_is_in_bounds(tree: &Tree, tokens: &Tokens) {
    let (nodes, words) = (tree.nodes.len() as u32, tokens.significant.len() as u32);
    for (index, node) in tree.nodes.iter().enumerate() {
        let index = index as u32;
        assert!(node.first <= node.last && node.last <= words, "{node:?}");
        assert!(index < node.end && node.end <= nodes, "{node:?}");
        assert!(node.open == NONE || node.open < words, "{node:?}");
        // A block whose `{` was left out can have a `}` all the same.
        assert!(node.open == NONE || node.open >= node.last, "{node:?}");
        let from = if node.open == NONE { node.last } else { node.open + 1 };
        assert!(node.close == NONE || (from..words).contains(&node.close), "{node:?}");
        if node.parent != NONE {
            let parent = &tree.nodes[node.parent as usize];
            assert!(node.parent < index && node.end <= parent.end, "{node:?}");
        }
    }
    let mut next = 0;
    for id in tree.roots() {
        assert_eq!(id.0, next);
        next = tree.node(id).end;
    }
    assert_eq!(next, nodes);
}

/// Pieces follow each other from 0, and whatever they lead to is in a file.
pub fn pieces_lead_to_files(sources: &Sources, logical: &Logical) {
    assert_eq!(logical.pieces.first().map(|piece| piece.start), Some(0));
    assert!(logical.pieces.is_sorted_by(|a, b| a.start < b.start));
    assert!(logical.pieces.last().is_some_and(|piece| piece.start as usize <= logical.text.len()));
    for piece in &logical.pieces {
        assert!(logical.text.is_char_boundary(piece.start as usize), "{piece:?}");
        in_file(sources, piece.typed);
        assert!(piece.via.is_none_or(|via| (via.0 as usize) < logical.vias.len()), "{piece:?}");
    }
    for (index, via) in logical.vias.iter().enumerate() {
        in_file(sources, via.at);
        // A step comes after the one it stands in, so no chain of them is a circle.
        assert!(via.parent.is_none_or(|parent| (parent.0 as usize) < index), "{via:?}");
    }
    for fault in &logical.faults {
        in_file(sources, logical.place_of(fault.at).typed);
    }
    for id in &logical.config_ids {
        in_file(sources, id.at);
    }
    for (_, at) in &logical.symbolic {
        in_file(sources, *at);
    }
}

fn in_file(sources: &Sources, at: FileSpan) {
    assert!(sources.iter().any(|(id, _)| id == at.file), "{at:?}");
    let text = sources.file(at.file).text();
    assert!(at.span.start <= at.span.end && text.get(at.span.range()).is_some(), "{at:?} of {text:?}");
}

/// Every place of every diagnostic is in one of the files, and its line and column are those of its offset.
pub fn places_are_true<'s>(diagnostics: &[Diagnostic], sources: impl Iterator<Item = &'s Sources> + Clone) {
    let check = |place: &Place| {
        let true_there = sources.clone().flat_map(Sources::iter).any(|(_, file)| {
            let at = |p: kalc_compiler::diagnostic::Position| {
                let position = file.line_column(p.offset);
                (position.line, position.column) == (p.line, p.column)
            };
            let range = place.start.offset as usize..place.end.offset as usize;
            file.name() == &*place.file && file.text().get(range).is_some() && at(place.start) && at(place.end)
        });
        assert!(true_there, "{place:?}");
    };
    for d in diagnostics {
        check(&d.place);
        d.related.iter().for_each(|related| check(&related.place));
        d.fix.iter().flat_map(|fix| &fix.edits).for_each(|edit| check(&edit.place));
        assert!(!d.message.is_empty());
    }
}
