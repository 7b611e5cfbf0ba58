//! Items to tree, with repairs where braces do not add up.
//!
//! While the text has as many `{` as `}`, braces alone decide. If some `}` is missing, indentation says where: a
//! statement that is not indented deeper than the header of an open block, whose other statements are, ends that
//! block. In a text without indentation a keyword of the file's root does. Each repair makes one fault and uses up one
//! missing brace, so a text that adds up is never touched.

use super::tree::{NONE, Node, Tree};
use crate::fault::{At, Fault, FaultKind};
use crate::lex::{Token, TokenKind, Tokens};
use crate::schema::{self, Arg, Keyword, root};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// Folds items into a tree.
pub(super) struct Builder<'t> {
    text: &'t str,
    tokens: &'t [Token],
    nodes: Vec<Node>,
    /// Open blocks, the innermost last.
    open: Vec<OpenBlock>,
    faults: Vec<Fault>,
    /// `}` that are missing in the text and not repaired yet; below 0: `}` that are too many.
    missing: i64,
}

struct OpenBlock {
    node: u32,
    indent: u16,
    /// Whether its statements are indented deeper than it is.
    indented: bool,
    /// Indentation of the last block in it that was closed.
    closed_child: Option<u16>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, tokens: &'t Tokens) -> Self {
        Builder {
            text,
            tokens: &tokens.significant,
            nodes: Vec::with_capacity(tokens.significant.len() / 3),
            open: Vec::new(),
            faults: Vec::new(),
            missing: tokens.open_braces,
        }
    }

    /// The words `first..last` of one line, and the index of the `{` behind them.
    pub(super) fn statement(&mut self, first: u32, mut last: u32, open: Option<u32>) {
        if let Some(quote) =
            self.tokens[first as usize..last as usize].last().filter(|t| t.kind == TokenKind::OpenQuote)
        {
            self.fault(quote.span(), FaultKind::OpenQuote);
            last -= 1;
            if first == last {
                if let Some(open) = open {
                    self.stray_open(open);
                }
                return;
            }
        }
        let token = self.tokens[first as usize];
        if token.first {
            if self.missing > 0 {
                self.end_blocks_before(token);
            }
            if let Some(block) = self.open.last_mut() {
                block.indented |= token.indent > block.indent;
            }
        }
        // A `}` too many and a keyword that always opens a block: its `{` is missing.
        if open.is_none() && self.missing < 0 && is_block_keyword(token.text(self.text)) {
            self.missing += 1;
            self.push(first, last, None);
            self.enter(first);
            return;
        }
        self.push(first, last, open);
        if open.is_some() {
            self.enter(first);
        }
    }

    /// A `{` without words before it: a block of its own, so that its contents are not lost.
    pub(super) fn stray_open(&mut self, at: u32) {
        self.fault(self.tokens[at as usize].span(), FaultKind::ExtraOpen);
        self.push(at, at, Some(at));
        self.enter(at);
    }

    fn push(&mut self, first: u32, last: u32, open: Option<u32>) {
        let id = self.nodes.len() as u32;
        let parent = self.open.last().map_or(NONE, |block| block.node);
        self.nodes.push(Node { first, last, end: id + 1, parent, open: open.unwrap_or(NONE), close: NONE });
    }

    /// What follows stands in the block of the node that was pushed last.
    fn enter(&mut self, first: u32) {
        let indent = self.tokens[first as usize].indent;
        let node = self.nodes.len() as u32 - 1;
        self.open.push(OpenBlock { node, indent, indented: false, closed_child: None });
    }

    /// A `}`.
    pub(super) fn close(&mut self, at: u32) {
        let token = self.tokens[at as usize];
        if token.first && self.missing > 0 {
            self.end_blocks_inside(at);
        }
        let inside = if self.missing < 0 && token.first { self.goes_on_behind(at) } else { None };
        if inside.is_some() || self.open.is_empty() {
            self.missing += i64::from(self.missing < 0);
            self.fault(token.span(), FaultKind::ExtraClose { inside });
            return;
        }
        self.pop(Some(at));
    }

    /// The innermost block's keyword, if the text behind a `}` (or its indentation) shows that the block is not over.
    fn goes_on_behind(&self, at: u32) -> Option<Span> {
        let token = self.tokens[at as usize];
        let block = self.open.last()?;
        let header = &self.nodes[block.node as usize];
        let keyword = self.tokens[header.first as usize];
        let next = self.next_statement(at);
        let twice = token.indent > block.indent && block.closed_child == Some(token.indent);
        let indented = block.indented && next.is_some_and(|next| next.indent > block.indent);
        let foreign = self.open.len() == 1 && self.next_is_no_root(at);
        (header.first != header.last && (twice || indented || foreign)).then_some(keyword.span())
    }

    /// The word that starts the line behind a token.
    fn next_statement(&self, at: u32) -> Option<&Token> {
        let next = self.tokens.get(at as usize + 1)?;
        (next.first && matches!(next.kind, TokenKind::Word | TokenKind::Quoted)).then_some(next)
    }

    /// Whether the line behind a token starts with a keyword that cannot stand at the root.
    fn next_is_no_root(&self, at: u32) -> bool {
        self.next_statement(at).is_some_and(|next| {
            let word = next.text(self.text);
            root::FILE.lookup(word).is_none() && !schema::homes(word).is_empty()
        })
    }

    /// Ends the innermost block.
    fn pop(&mut self, close: Option<u32>) {
        let Some(block) = self.open.pop() else { return };
        let end = self.nodes.len() as u32;
        let node = &mut self.nodes[block.node as usize];
        node.end = end;
        node.close = close.unwrap_or(NONE);
        if let Some(outer) = self.open.last_mut() {
            outer.closed_child = Some(block.indent);
        }
    }

    /// Ends blocks that a statement shows to be over.
    fn end_blocks_before(&mut self, token: Token) {
        let root_word = token.indent == 0
            && root::FILE
                .lookup(token.text(self.text))
                .is_some_and(|row| row.opens_block() && row.name != "track_file");
        let word = token.text(self.text);
        let is_keyword = !schema::homes(word).is_empty();
        while self.missing > 0 {
            let to_root = self.open.len() == 1;
            let over = |block: &OpenBlock| {
                // A keyword that cannot stand at the root does not end the last block, however it is indented.
                let indented = block.indented && token.indent <= block.indent && !(to_root && !root_word && is_keyword);
                indented || root_word || is_keyword && self.is_list(block)
            };
            if !self.open.last().is_some_and(over) {
                return;
            }
            self.unclosed(Some(token.span()));
        }
    }

    /// Whether a block holds entries, which are no keywords.
    fn is_list(&self, block: &OpenBlock) -> bool {
        let node = &self.nodes[block.node as usize];
        let homes = schema::homes(self.tokens[node.first as usize].text(self.text));
        // Names may be spelled like keywords, addresses may not.
        node.first < node.last && !homes.is_empty() && homes.iter().all(|home| is_address_list(home.keyword))
    }

    /// Ends blocks that are indented deeper than the block which a `}` closes.
    fn end_blocks_inside(&mut self, at: u32) {
        let token = self.tokens[at as usize];
        let Some(target) = self.open.iter().rposition(|block| block.indent == token.indent) else { return };
        if target == 0 && self.next_is_no_root(at) {
            return;
        }
        let inner = &self.open[target + 1..];
        if inner.len() as i64 <= self.missing && inner.iter().all(|block| block.indent > token.indent) {
            for _ in 0..inner.len() {
                self.unclosed(Some(token.span()));
            }
        }
    }

    /// Ends the innermost block without a brace.
    fn unclosed(&mut self, noticed: Option<Span>) {
        let Some(block) = self.open.last() else { return };
        let node = &self.nodes[block.node as usize];
        let keyword = match self.tokens[node.first as usize..node.last as usize].first() {
            Some(word) => word.span(),
            None => self.tokens[node.open as usize].span(),
        };
        let at = if node.open == NONE { keyword } else { self.tokens[node.open as usize].span() };
        self.fault(at, FaultKind::Unclosed { keyword, noticed });
        self.missing -= 1;
        self.pop(None);
    }

    /// The tree, once all items were told.
    pub(super) fn finish(mut self) -> (Tree, Vec<Fault>) {
        while !self.open.is_empty() {
            self.unclosed(None);
        }
        self.nodes.shrink_to_fit();
        (Tree { nodes: self.nodes }, self.faults)
    }

    fn fault(&mut self, span: Span, kind: FaultKind) {
        self.faults.push(Fault { at: At::Logical(span), kind });
    }
}

fn is_address_list(keyword: &Keyword) -> bool {
    let first = keyword.entry.and_then(|entry| entry.params.first());
    first.is_some_and(|param| matches!(param.arg, Arg::Ip | Arg::IpPrefix))
}

/// Whether a word always opens a block, wherever it is a keyword.
fn is_block_keyword(word: &str) -> bool {
    static NAMES: OnceLock<FxHashSet<&'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let rows = schema::walk();
        rows.iter().filter(|row| row.keyword.opens_block()).map(|row| row.keyword.name).collect()
    });
    names.contains(word)
}
