//! Tree to configuration: finds the keyword of every statement and reads its values.
//!
//! The walk keeps its own stack, so the depth of the text costs no call stack. A block that no keyword explains is
//! skipped as a whole after one fault; one that is misspelt is read as the keyword it is near to.

use super::line::Line;
use super::{Config, Name, Setting, SettingId, Value, nearest};
use crate::expand::Logical;
use crate::fault::{At, Fault, FaultKind};
use crate::lex::{Token, TokenKind, Tokens};
use crate::schema::{Keyword, global, root};
use crate::source::Span;
use crate::syntax::{NONE, NodeId, Tree};
use std::sync::Arc;

/// Reads a tree. Linear in its size.
pub fn read(logical: &Logical, tokens: &Tokens, tree: &Tree) -> (Config, Vec<Fault>) {
    let mut reader = Reader {
        text: &logical.text,
        logical,
        tokens,
        tree,
        settings: Vec::with_capacity(tree.nodes.len()),
        values: Vec::with_capacity(tree.nodes.len() + tree.nodes.len() / 4),
        definitions: Vec::new(),
        uses: Vec::new(),
        faults: Vec::new(),
    };
    reader.file();
    let Reader { settings, values, definitions, uses, faults, .. } = reader;
    (Config { text: Arc::clone(&logical.text), settings, values, definitions, uses }, faults)
}

/// Reads one tree.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) logical: &'t Logical,
    tokens: &'t Tokens,
    tree: &'t Tree,
    pub(super) settings: Vec<Setting>,
    pub(super) values: Vec<Value>,
    pub(super) definitions: Vec<Name>,
    pub(super) uses: Vec<Name>,
    faults: Vec<Fault>,
}

/// A block whose statements are being read.
struct Frame {
    next: u32,
    end: u32,
    /// The keyword whose rows its statements are.
    context: &'static Keyword,
    /// The setting it belongs to; for braces that belong to none, the one around.
    setting: Option<SettingId>,
}

impl Reader<'_> {
    fn file(&mut self) {
        let mut frames =
            vec![Frame { next: 0, end: self.tree.nodes.len() as u32, context: &root::FILE, setting: None }];
        while let Some(frame) = frames.last_mut() {
            if frame.next >= frame.end {
                if let Some(frame) = frames.pop() {
                    self.finish(frame, frames.last());
                }
                continue;
            }
            let id = NodeId(frame.next);
            let end = self.tree.node(id).end;
            frame.next = end;
            let (context, parent) = (frame.context, frame.setting);
            if let Some((context, setting)) = self.statement(id, context, parent) {
                frames.push(Frame { next: id.0 + 1, end, context, setting });
            }
        }
    }

    /// Once a block is read, its setting knows where it ends.
    fn finish(&mut self, frame: Frame, outer: Option<&Frame>) {
        if let Some(setting) = frame.setting
            && outer.is_some_and(|outer| outer.setting != Some(setting))
        {
            self.settings[setting.0 as usize].end = self.settings.len() as u32;
        }
    }

    /// Reads a statement; answers with what its block holds, if its block is to be read.
    fn statement(
        &mut self,
        id: NodeId,
        context: &'static Keyword,
        parent: Option<SettingId>,
    ) -> Option<(&'static Keyword, Option<SettingId>)> {
        let node = *self.tree.node(id);
        let has_block = node.open != NONE || node.end > id.0 + 1;
        let words = self.tree.words(id, &self.tokens.significant);
        let Some(&first) = words.first() else {
            // Braces without a keyword: what they hold belongs to the block around.
            return Some((context, parent));
        };
        let owned;
        let words = match self.cut_words(&node, context) {
            Some(cut) => {
                owned = cut;
                &owned[..]
            }
            None => words,
        };
        if let Some(entry) = context.entry {
            // A list in a block of keywords too (virtual_server_group has entries only).
            self.push(id, entry, parent, words, words, first, false);
            if has_block {
                self.fault(first.span(), FaultKind::UnexpectedBlock { keyword: entry });
            }
            return None;
        }
        let text = first.text(self.text);
        let (keyword, recovered) = match context.lookup(text) {
            Some(keyword) => (keyword, false),
            None if self.is_unknown(first) => return None,
            None => {
                let meant = nearest(text, context.rows().map(|row| row.name)).and_then(|name| context.lookup(name));
                let opens_block = node.open != NONE;
                self.fault(first.span(), FaultKind::UnknownKeyword { parent: context, opens_block, meant });
                match meant.filter(|meant| meant.opens_block() == has_block) {
                    Some(meant) => (meant, true),
                    None => return None,
                }
            }
        };
        let setting = self.push(id, keyword, parent, words, &words[1..], first, recovered);
        match (keyword.opens_block(), has_block) {
            (true, true) => {
                if node.open == NONE {
                    self.fault(first.span(), FaultKind::MissingBlock { keyword });
                }
                Some((keyword, Some(setting)))
            }
            (true, false) => {
                self.fault(first.span(), FaultKind::MissingBlock { keyword });
                None
            }
            (false, true) => {
                let brace = self.tokens.significant[node.open as usize].span();
                self.fault(brace, FaultKind::UnexpectedBlock { keyword });
                Some((context, parent))
            }
            (false, false) => None,
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one statement, used once")]
    fn push(
        &mut self,
        node: NodeId,
        keyword: &'static Keyword,
        parent: Option<SettingId>,
        all: &[Token],
        words: &[Token],
        first: Token,
        recovered: bool,
    ) -> SettingId {
        let id = SettingId(self.settings.len() as u32);
        let from = self.values.len() as u32;
        let span = all.last().map_or(first.span(), |last| first.span().to(last.span()));
        self.settings.push(Setting {
            keyword,
            node,
            end: id.0 + 1,
            parent,
            values: (from, from),
            name: first.span(),
            span,
            recovered,
        });
        let last = self.tree.node(node).last as usize;
        let cut = self.tokens.significant.get(last).is_some_and(|t| t.kind == TokenKind::OpenQuote && !t.first);
        if cut && keyword.params.iter().any(|param| param.arg == crate::schema::Arg::Script) {
            self.fault(self.tokens.significant[last].span(), FaultKind::ScriptQuote { keyword });
        }
        self.line(&Line { keyword, words, end: span, cut, setting: id });
        self.settings[id.0 as usize].values.1 = self.values.len() as u32;
        self.glued_comments(node, keyword);
        id
    }

    /// A comment that starts inside the last word of a statement.
    fn glued_comments(&mut self, node: NodeId, keyword: &'static Keyword) {
        if self.tokens.glued_comments.is_empty() {
            return;
        }
        let node = self.tree.node(node);
        let last = node.last.saturating_sub(1);
        if last > node.first || keyword.kind == crate::schema::Kind::Entry {
            if self.tokens.glued_comments.binary_search(&last).is_ok() {
                let word = self.tokens.significant[last as usize];
                let end = memchr::memchr(b'\n', &self.text.as_bytes()[word.end as usize..])
                    .map_or(self.text.len(), |length| word.end as usize + length);
                let line = self.text.get(word.start as usize..end).unwrap_or("");
                let glued = line.split([' ', '\t', '\r']).next().unwrap_or("");
                let span = Span::new(word.start, word.start + glued.len() as u32);
                self.fault(span, FaultKind::CommentInsideWord { keyword });
            }
        }
    }

    /// The words up to an escaped comment sign, if one cuts the line here.
    ///
    /// keepalived's parent process takes `\#` as `#` and hands the line on; the child that reads it then takes that `#`
    /// as a comment. Root keywords and `global_defs` are read by the parent.
    fn cut_words(&mut self, node: &crate::syntax::Node, context: &'static Keyword) -> Option<Vec<Token>> {
        if self.tokens.escapes.is_empty() || *context == root::FILE || *context == global::GLOBAL_DEFS {
            return None;
        }
        let index = self.tokens.escapes.partition_point(|&word| word < node.first);
        let escaped = *self.tokens.escapes.get(index).filter(|&&word| word < node.last)?;
        let mut words = self.tokens.significant[node.first as usize..=escaped as usize].to_vec();
        let last = words.last_mut()?;
        let text = last.text(self.text);
        let length = text.find("\\#").into_iter().chain(text.find("\\!")).min()?;
        let whole = last.span();
        last.end = last.start + length as u32;
        self.fault(whole, FaultKind::EscapedCommentCut);
        if length == 0 {
            words.pop();
        }
        (!words.is_empty()).then_some(words)
    }

    pub(super) fn fault(&mut self, span: Span, kind: FaultKind) {
        self.faults.push(Fault { at: At::Logical(span), kind });
    }
}
