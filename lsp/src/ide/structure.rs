//! A file by itself, as typed: its statements and blocks whatever they mean, and whoever reads them.

use kalc_grammar::lex::{TokenKind, Tokens, lex};
use kalc_grammar::source::Span;
use kalc_grammar::syntax::{self, NONE, NodeId, Tree};

/// The tree of a file's own text.
#[derive(Debug)]
pub struct Structure<'t> {
    text: &'t str,
    tokens: Tokens,
    tree: Tree,
}

/// Why text may be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// It is a block.
    Block,
    /// It is comments on lines of their own.
    Comment,
}

/// Text over several lines that can be hidden but for its first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From the first character to behind the last.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

impl<'t> Structure<'t> {
    /// Reads a text.
    pub fn new(text: &'t str) -> Self {
        let tokens = lex(text);
        let (tree, _) = syntax::parse(text, &tokens);
        Structure { text, tokens, tree }
    }

    /// What can be folded, in the order of the text.
    pub fn folds(&self) -> Vec<Fold> {
        let mut folds: Vec<Fold> = Vec::new();
        for (index, node) in self.tree.nodes.iter().enumerate() {
            let span = self.tree.whole(NodeId(index as u32), &self.tokens.significant);
            if node.open != NONE && self.is_long(span) {
                folds.push(Fold { span, kind: FoldKind::Block });
            }
        }
        folds.extend(self.comments());
        folds.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
        folds
    }

    /// Runs of lines that hold a comment and nothing else.
    fn comments(&self) -> Vec<Fold> {
        let mut folds = Vec::new();
        let mut run: Option<Span> = None;
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let at = start + (line.len() - line.trim_start().len()) as u32;
            let end = start + line.trim_end().len() as u32;
            start += line.len() as u32;
            if line.trim_start().starts_with(['#', '!']) {
                run = Some(run.map_or(Span::new(at, end), |run| Span::new(run.start, end)));
            } else if let Some(run) = run.take().filter(|&run| self.is_long(run)) {
                folds.push(Fold { span: run, kind: FoldKind::Comment });
            }
        }
        let last = run.filter(|&run| self.is_long(run));
        folds.extend(last.map(|span| Fold { span, kind: FoldKind::Comment }));
        folds
    }

    fn is_long(&self, span: Span) -> bool {
        self.text.get(span.range()).is_some_and(|text| text.contains('\n'))
    }

    /// Ever larger ranges around a position: word, statement, block, the block around it, the file. Each holds the one
    /// before, and is not the same.
    pub fn around(&self, offset: u32) -> Vec<Span> {
        let mut ranges: Vec<Span> = Vec::new();
        let mut add = |span: Span| {
            let is_larger =
                ranges.last().is_none_or(|last| (span.start <= last.start && last.end <= span.end) && span != *last);
            if is_larger && span.start <= offset && offset <= span.end {
                ranges.push(span);
            }
        };
        if let Some(token) = self.token(offset) {
            add(token);
        }
        let significant = &self.tokens.significant;
        let mut node = self.innermost(offset);
        while let Some(id) = node {
            let header = self.tree.header(id, significant);
            add(header);
            let of = self.tree.node(id);
            let token = |index: u32| significant.get(index as usize);
            if let (Some(open), Some(close)) = (token(of.open), token(of.close)) {
                add(Span::new(open.end, close.start));
            }
            add(self.tree.whole(id, significant));
            node = (of.parent != NONE).then_some(NodeId(of.parent));
        }
        add(Span::new(0, self.text.len() as u32));
        if ranges.is_empty() {
            ranges.push(Span::new(offset, offset));
        }
        ranges
    }

    /// The last node that starts before a position, or the nearest one around it that reaches so far.
    fn innermost(&self, offset: u32) -> Option<NodeId> {
        let significant = &self.tokens.significant;
        let starts =
            |node: &syntax::Node| significant.get(node.first as usize).is_some_and(|token| token.start <= offset);
        let behind = self.tree.nodes.partition_point(starts);
        let mut id = NodeId(behind.checked_sub(1)? as u32);
        while self.tree.whole(id, significant).end < offset {
            let parent = self.tree.node(id).parent;
            if parent == NONE {
                return None;
            }
            id = NodeId(parent);
        }
        Some(id)
    }

    /// The word or comment at a position.
    fn token(&self, offset: u32) -> Option<Span> {
        let index = self.tokens.starts.partition_point(|&start| start <= offset).checked_sub(1)?;
        let is_text = |kind: TokenKind| !matches!(kind, TokenKind::Space | TokenKind::Newline);
        let span = |index: usize| {
            let end = self.tokens.starts.get(index + 1).copied().unwrap_or(self.text.len() as u32);
            Span::new(self.tokens.starts[index], end)
        };
        if is_text(self.tokens.kinds[index]) {
            return Some(span(index));
        }
        // Right behind a word counts as in it.
        let before = index.checked_sub(1).filter(|_| self.tokens.starts[index] == offset)?;
        is_text(self.tokens.kinds[before]).then(|| span(before))
    }
}
