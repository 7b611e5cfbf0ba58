//! The tree: nodes in the order of the text, children right behind their parent.

use crate::lex::Token;
use crate::source::Span;

/// Stands for "no token" and "no node".
pub const NONE: u32 = u32::MAX;

/// Index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A statement, with its block if it opens one. Numbers are indices of significant tokens or of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its first word.
    pub first: u32,
    /// Behind its last word.
    pub last: u32,
    /// The node behind its last descendant.
    pub end: u32,
    /// The block it stands in, or [`NONE`].
    pub parent: u32,
    /// Its `{`, or [`NONE`].
    pub open: u32,
    /// Its `}`, or [`NONE`] if there is no block or nothing closes it.
    pub close: u32,
}

/// All statements of a text.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// In the order of the text; the children of node `i` are `i + 1`, then each next one at the `end` of the one before.
    pub nodes: Vec<Node>,
}

impl Tree {
    /// The node with that id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The statements at the root of the text.
    pub fn roots(&self) -> Children<'_> {
        Children { tree: self, next: 0, end: self.nodes.len() as u32 }
    }

    /// The statements in the block of a node.
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { tree: self, next: id.0 + 1, end: self.node(id).end }
    }

    /// The words of a node.
    pub fn words<'t>(&self, id: NodeId, tokens: &'t [Token]) -> &'t [Token] {
        let node = self.node(id);
        &tokens[node.first as usize..node.last as usize]
    }

    /// From the first word of a node to the last, without its block.
    pub fn header(&self, id: NodeId, tokens: &[Token]) -> Span {
        match self.words(id, tokens) {
            [] => Span::default(),
            [first, .., last] => first.span().to(last.span()),
            [only] => only.span(),
        }
    }

    /// From the first word of a node to the end of its block.
    pub fn whole(&self, id: NodeId, tokens: &[Token]) -> Span {
        let node = self.node(id);
        let mut span = self.header(id, tokens);
        for token in [node.open, node.close] {
            if token != NONE {
                span = span.to(tokens[token as usize].span());
            }
        }
        if node.open != NONE && node.close == NONE && node.end > id.0 + 1 {
            span = span.to(self.header(NodeId(node.end - 1), tokens));
        }
        span
    }
}

/// Statements of one block.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t Tree,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        (self.next < self.end).then(|| {
            let id = NodeId(self.next);
            self.next = self.tree.node(id).end;
            id
        })
    }
}
