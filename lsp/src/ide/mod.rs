//! What an editor asks, answered as plain data: byte offsets in files, no protocol.
//!
//! A person points at a file as typed; what stands there is known of the logical text. [`View`] leads from one to the
//! other.

pub mod actions;
pub mod commands;
pub mod company;
pub mod completion;
pub mod definition;
pub mod diagnostics;
pub mod effective;
pub mod hints;
pub mod hover;
pub mod lens;
pub mod line;
pub mod links;
pub mod names;
pub mod references;
pub mod rename;
pub mod signature;
pub mod standing;
pub mod structure;
pub mod symbols;
pub mod tokens;
pub mod uses;
pub mod workspace_symbols;

use kalc_compiler::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::expand::PieceKind;
use kalc_grammar::schema::{Keyword, root};
use kalc_grammar::source::{FileId, Span};
use kalc_grammar::syntax::{NONE, NodeId};

/// One file of a host.
#[derive(Clone, Copy, Debug)]
pub struct View<'h> {
    /// The host: the file's own, or one that includes it.
    pub host: &'h Host,
    /// The file.
    pub file: FileId,
    /// Index of the host in its company.
    pub reading: usize,
}

/// The block around a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its keyword; the file itself at the root.
    pub keyword: &'static Keyword,
    /// Its statement; `None` at the root.
    pub setting: Option<SettingId>,
}

impl<'h> View<'h> {
    /// The text of the file.
    pub fn text(&self) -> &'h str {
        self.host.sources.file(self.file).text()
    }

    /// Where text of the file stands in the logical text; the first place if it stands in several. `None` for text
    /// that is not there: directives, lines of another configuration id.
    pub fn logical(&self, offset: u32) -> Option<u32> {
        let logical = &self.host.logical;
        let mut behind = None;
        for (index, piece) in logical.pieces.iter().enumerate() {
            let typed = piece.typed;
            if piece.kind != PieceKind::Verbatim || typed.file != self.file {
                continue;
            }
            let end = logical.pieces.get(index + 1).map_or(logical.text.len() as u32, |next| next.start);
            let length = (end - piece.start).min(typed.span.end.saturating_sub(typed.span.start));
            let Some(into) = offset.checked_sub(typed.span.start) else { continue };
            if into < length {
                return Some(piece.start + into);
            }
            if into == length {
                behind = behind.or(Some(end));
            }
        }
        behind
    }

    /// Like [`View::logical`], and for text that is not there the end of the last text before it that is.
    pub fn near(&self, offset: u32) -> u32 {
        if let Some(exact) = self.logical(offset) {
            return exact;
        }
        let logical = &self.host.logical;
        let mut best = (0, 0);
        for (index, piece) in logical.pieces.iter().enumerate() {
            let typed = piece.typed;
            if typed.file == self.file && typed.span.end <= offset && typed.span.end >= best.0 {
                let end = logical.pieces.get(index + 1).map_or(logical.text.len() as u32, |next| next.start);
                best = (typed.span.end, end);
            }
        }
        best.1
    }

    /// Where a range of the logical text was typed, if that is in this file.
    pub fn typed(&self, span: Span) -> Option<Span> {
        let typed = self.host.logical.place(span).typed;
        (typed.file == self.file).then_some(typed.span)
    }

    /// The innermost block around a position of the file; `None` in a block that kalc does not know.
    pub fn block(&self, offset: u32) -> Option<Block> {
        let at = self.near(offset);
        let (tree, config) = (&self.host.tree, &self.host.config);
        let token = |index: u32| self.host.tokens.significant.get(index as usize);
        let mut children = tree.roots();
        let mut inner: Option<NodeId> = None;
        while let Some(found) = children.find(|&id| {
            let node = tree.node(id);
            let opened = node.open != NONE && token(node.open).is_some_and(|open| open.end <= at);
            let limit = match token(node.close) {
                Some(close) => Some(close.start),
                None => tree.nodes.get(node.end as usize).and_then(|next| token(next.first)).map(|next| next.start),
            };
            opened && limit.is_none_or(|limit| at <= limit)
        }) {
            inner = Some(found);
            children = tree.children(found);
        }
        let Some(node) = inner else { return Some(Block { keyword: &root::FILE, setting: None }) };
        let index = config.settings.iter().position(|s| s.node == node && s.keyword.opens_block())?;
        Some(Block { keyword: config.settings[index].keyword, setting: Some(SettingId(index as u32)) })
    }

    /// The statement to which a position of the file belongs.
    pub fn setting(&self, offset: u32) -> Option<SettingId> {
        let at = self.logical(offset)?;
        let id = self.host.config.setting_at(at)?;
        contains(self.host.config.setting(id).span, at).then_some(id)
    }

    /// The start of the line of an offset, and its text up to the offset.
    pub fn line_before(&self, offset: u32) -> (u32, &'h str) {
        let before = self.text().get(..offset as usize).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (start as u32, &before[start..])
    }
}

/// Whether an offset lies in a range or right behind it.
pub(crate) fn contains(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

/// The name in `$NAME` or `${NAME}` around an offset, and where all of it stands.
pub(crate) fn definition_name(text: &str, offset: u32) -> Option<(&str, Span)> {
    let offset = offset as usize;
    let bytes = text.as_bytes();
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut start = offset.min(bytes.len());
    while start > 0 && in_name(&bytes[start - 1]) {
        start -= 1;
    }
    // On the `$` or the brace itself.
    if start == offset {
        if bytes.get(start) == Some(&b'$') {
            start += 1;
        }
        if bytes.get(start) == Some(&b'{') {
            start += 1;
        }
    }
    let end = start + bytes.get(start..)?.iter().take_while(|byte| in_name(byte)).count();
    let before = text.get(..start)?;
    let opened = before.ends_with("${");
    let from = start - if opened { 2 } else { usize::from(before.ends_with('$')) };
    let name = text.get(start..end).filter(|name| !name.is_empty() && from < start)?;
    let to = end + usize::from(opened && bytes.get(end) == Some(&b'}'));
    Some((name, Span::new(from as u32, to as u32)))
}
