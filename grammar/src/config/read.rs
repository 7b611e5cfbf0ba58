//! Tree to configuration: finds the keyword of every statement and reads its values.
//!
//! The walk keeps its own stack, so the depth of the text costs no call stack. A block that no keyword explains is
//! skipped as a whole after one fault; one that is misspelt is read as the keyword it is near to.

use super::keywords::Keywords;
use super::line::Line;
use super::{Config, Name, Setting, SettingId, Value, mend, nearest};
use crate::expand::Logical;
use crate::fault::{At, Fault, FaultKind, Foreign};
use crate::lex::{Token, TokenKind, Tokens};
use crate::schema::{Arg, Home, Keyword, Kind, Presence, Symbol, global, homes, root};
use crate::source::Span;
use crate::syntax::{NONE, NodeId, Tree};
use crate::value::{self, Data};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Reads a tree. Linear in its size.
pub fn read(logical: &Logical, tokens: &Tokens, tree: &Tree) -> (Config, Vec<Fault>) {
    let mut reader = Reader {
        text: &logical.text,
        logical,
        tokens,
        tree,
        settings: Vec::with_capacity(tree.nodes.len()),
        roots: Vec::new(),
        at_root: Keywords::default(),
        values: Vec::with_capacity(tree.nodes.len() + tree.nodes.len() / 4),
        definitions: Vec::new(),
        uses: Vec::new(),
        faults: Vec::new(),
        defined: FxHashSet::default(),
        has_names: memchr::memchr(b'$', logical.text.as_bytes()).is_some() || !logical.symbolic.is_empty(),
        comment_end: 0,
    };
    reader.file();
    let Reader { settings, mut values, definitions, uses, faults, roots, at_root, .. } = reader;
    values.shrink_to_fit();
    (Config { text: Arc::clone(&logical.text), settings, values, definitions, uses, roots, at_root }, faults)
}

/// A statement and what is known of it before its words are read.
struct Statement<'w> {
    node: NodeId,
    parent: Option<SettingId>,
    /// The block it stands in.
    context: &'static Keyword,
    /// Its words without the keyword.
    words: &'w [Token],
    first: Token,
    recovered: bool,
    mended: bool,
    told: Told,
}

/// Reads one tree.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) logical: &'t Logical,
    tokens: &'t Tokens,
    tree: &'t Tree,
    pub(super) settings: Vec<Setting>,
    roots: Vec<SettingId>,
    at_root: Keywords,
    pub(super) values: Vec<Value>,
    pub(super) definitions: Vec<Name>,
    pub(super) uses: Vec<Name>,
    faults: Vec<Fault>,
    /// The names that are given, by kind.
    pub(super) defined: FxHashSet<(Symbol, &'t str)>,
    /// Whether the text holds a `$` or anything that only the running daemon knows: few do.
    pub(super) has_names: bool,
    /// Where a `/*` comment ends.
    comment_end: u32,
}

/// A block whose statements are being read.
struct Frame {
    next: u32,
    end: u32,
    /// The keyword whose rows its statements are.
    context: &'static Keyword,
    /// The setting it belongs to; for braces that belong to none, the one around.
    setting: Option<SettingId>,
    /// The block that the statement before closed: it may have been closed too early.
    closed: Option<Closed>,
    /// Whether the block was closed already and goes on all the same.
    resumed: bool,
}

/// A block behind its `}`.
#[derive(Clone, Copy)]
struct Closed {
    keyword: &'static Keyword,
    setting: SettingId,
    /// Its `}`; without one a fault said already that it has no braces.
    brace: Option<Span>,
}

impl Frame {
    fn new(id: NodeId, end: u32, context: &'static Keyword, setting: Option<SettingId>) -> Self {
        Frame { next: id.0 + 1, end, context, setting, closed: None, resumed: false }
    }
}

/// The words of a statement as they were meant.
struct Mended {
    words: Vec<Token>,
    /// Whether a fault already speaks of what they are and how many.
    told: Told,
    /// Whether keepalived reads other words.
    otherwise: bool,
}

/// How much of a statement's words is explained by a fault that was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// Nothing: they are to be judged.
    Nothing,
    /// Which words there are: none is missing and none too many.
    Count,
    /// All of it.
    All,
}

impl Reader<'_> {
    fn file(&mut self) {
        let file = Frame {
            next: 0,
            end: self.tree.nodes.len() as u32,
            context: &root::FILE,
            setting: None,
            closed: None,
            resumed: false,
        };
        let mut frames = vec![file];
        while let Some(mut frame) = frames.pop() {
            let over = frame.resumed
                && frame.next < frame.end
                && frames.last().is_some_and(|outer| !self.resumes(NodeId(frame.next), frame.context, outer.context));
            if frame.next >= frame.end || over {
                if let (true, Some(outer)) = (frame.resumed, frames.last_mut()) {
                    outer.next = frame.next;
                }
                self.finish(frame, frames.last());
                continue;
            }
            let id = NodeId(frame.next);
            frame.next = self.tree.node(id).end;
            let inner = self.statement(id, &mut frame);
            frames.push(frame);
            frames.extend(inner);
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

    /// Whether a statement belongs to a block that was closed before it, and not where it stands.
    fn resumes(&self, id: NodeId, closed: &'static Keyword, context: &'static Keyword) -> bool {
        let Some(first) = self.tree.words(id, &self.tokens.significant).first() else { return false };
        let word = first.text(self.text);
        closed.lookup(word).is_some() && context.lookup(word).is_none()
    }

    /// Reads a statement; answers with its block, if that is to be read.
    fn statement(&mut self, id: NodeId, frame: &mut Frame) -> Option<Frame> {
        let node = *self.tree.node(id);
        let has_block = node.open != NONE || node.end > id.0 + 1;
        let (context, parent) = (frame.context, frame.setting);
        let closed = frame.closed.take();
        let words = self.tree.words(id, &self.tokens.significant);
        if words.is_empty() {
            // Braces without a keyword: what they hold belongs to the block around.
            return Some(Frame::new(id, node.end, context, parent));
        }
        if words[0].start < self.comment_end {
            return None;
        }
        let mended = self.mend(&node, words, context)?;
        let (words, told, otherwise) = match &mended {
            Some(mended) => (&mended.words[..], mended.told, mended.otherwise || frame.resumed),
            None => (words, Told::Nothing, frame.resumed),
        };
        let first = *words.first()?;
        if let Some(entry) = context.entry {
            self.entries(id, entry, context, parent, words, (told, otherwise));
            return None;
        }
        let text = first.text(self.text);
        let (keyword, recovered) = match context.lookup(text) {
            Some(keyword) => (keyword, false),
            None if self.is_unknown(first) => return None,
            None => match closed.filter(|closed| self.resumes(id, closed.keyword, context)) {
                Some(closed) => return Some(self.resume(id, frame, &closed, first)),
                None => {
                    // Behind a quote that the line before opened nobody expected a keyword.
                    let told = if self.ends_quote(&node) { Told::All } else { told };
                    match self.unknown(id, first, context, told) {
                        Some(keyword) => (keyword, true),
                        // Braces that mean nothing around statements of this block.
                        None if self.starts_with(id, context) => {
                            return Some(Frame::new(id, node.end, context, parent));
                        }
                        None => return None,
                    }
                }
            },
        };
        // Nobody can say what words are missing or too many where a `{` is.
        let count = if has_block == keyword.opens_block() { told } else { told.max(Told::Count) };
        // To keepalived a quoted brace opens the block too, and then is not counted.
        let brace = keyword.opens_block() && words.len() > 1 && words[words.len() - 1].text(self.text) == "{";
        let rest = &words[1..words.len() - usize::from(brace)];
        let mended = otherwise;
        let statement = Statement { node: id, parent, context, words: rest, first, recovered, mended, told: count };
        let (setting, next) = self.push(keyword, &statement);
        if let Some(next) = next.filter(|_| !has_block) {
            self.more_statements(id, context, parent, &words[next + 1..]);
        }
        self.block(id, frame, keyword, setting, told)
    }

    /// What a statement's block holds, if it has one and that is to be read.
    fn block(
        &mut self,
        id: NodeId,
        frame: &mut Frame,
        keyword: &'static Keyword,
        setting: SettingId,
        told: Told,
    ) -> Option<Frame> {
        let node = *self.tree.node(id);
        let has_block = node.open != NONE || node.end > id.0 + 1;
        let name = self.settings[setting.0 as usize].name;
        match (keyword.opens_block(), has_block) {
            (true, true) => {
                if node.open == NONE && told == Told::Nothing {
                    self.fault(name, FaultKind::MissingBlock { keyword });
                }
                if let Some(brace) = self.tokens.significant.get(node.close as usize) {
                    frame.closed = Some(Closed { keyword, setting, brace: Some(brace.span()) });
                }
                Some(Frame::new(id, node.end, keyword, Some(setting)))
            }
            (true, false) => {
                if told == Told::Nothing {
                    self.fault(name, FaultKind::MissingBlock { keyword });
                }
                frame.closed = Some(Closed { keyword, setting, brace: None });
                None
            }
            (false, true) => {
                let brace = self.tokens.significant[node.open as usize].span();
                self.fault(brace, FaultKind::UnexpectedBlock { keyword });
                let (context, parent) = (frame.context, frame.setting);
                self.starts_with(id, context).then(|| Frame::new(id, node.end, context, parent))
            }
            (false, false) => None,
        }
    }

    /// Statements behind another one on its line, which are reported already: what they say is not lost.
    fn more_statements(
        &mut self,
        id: NodeId,
        context: &'static Keyword,
        parent: Option<SettingId>,
        mut words: &[Token],
    ) {
        while let [first, rest @ ..] = words {
            let Some(keyword) = context.lookup(first.text(self.text)) else { return };
            let first = *first;
            let (recovered, mended, told) = (false, true, Told::Count);
            let statement = Statement { node: id, parent, context, words: rest, first, recovered, mended, told };
            let (_, next) = self.push(keyword, &statement);
            words = next.and_then(|next| rest.get(next..)).unwrap_or(&[]);
        }
    }

    /// The block that the `}` before a statement closed goes on.
    fn resume(&mut self, id: NodeId, frame: &mut Frame, closed: &Closed, first: Token) -> Frame {
        let opens_block = self.tree.node(id).open != NONE;
        if let Some(brace) = closed.brace {
            let behind = Some(brace);
            let kind = FaultKind::MisplacedKeyword { parent: frame.context, opens_block, meant: None, behind };
            self.fault(first.span(), kind);
        }
        let (context, setting) = (closed.keyword, Some(closed.setting));
        Frame { next: id.0, end: frame.end, context, setting, closed: None, resumed: true }
    }

    /// Reports a word that is no keyword of the block, and answers with the keyword as which it can be read.
    fn unknown(&mut self, id: NodeId, first: Token, context: &'static Keyword, told: Told) -> Option<&'static Keyword> {
        let node = self.tree.node(id);
        let (opens_block, has_block) = (node.open != NONE, node.open != NONE || node.end > id.0 + 1);
        let word = first.text(self.text);
        if told == Told::Nothing && word.contains('<') && word.ends_with('>') {
            let kind = FaultKind::Placeholder { keyword: None, template: false, refused: true };
            self.fault(first.span(), kind);
            return None;
        }
        let meant = nearest(word, context.rows().map(|row| row.name)).and_then(|name| context.lookup(name));
        let slip = meant.is_some_and(|meant| meant.name.eq_ignore_ascii_case(word));
        let homes = if slip { &[] } else { homes(word) };
        if told == Told::Nothing {
            let kind = match homes {
                [] => FaultKind::UnknownKeyword { parent: context, opens_block, meant },
                [..] => FaultKind::MisplacedKeyword { parent: context, opens_block, meant, behind: None },
            };
            self.fault(first.span(), kind);
        }
        let fits = |home: &&Home| {
            let lists = home.keyword.entry.is_some() && !self.starts_with(id, context);
            has_block && home.keyword.opens_block() && (lists || self.starts_with(id, home.keyword))
        };
        let home = homes.iter().find(fits).map(|home| home.keyword);
        home.or(meant.filter(|meant| homes.is_empty() && meant.opens_block() == has_block))
    }

    /// Whether the first statement in the block of a node is one of that keyword's.
    fn starts_with(&self, id: NodeId, keyword: &'static Keyword) -> bool {
        let inside = self.tree.children(id).next();
        let first = inside.and_then(|child| self.tree.words(child, &self.tokens.significant).first());
        first.is_some_and(|word| keyword.lookup(word.text(self.text)).is_some())
    }

    /// Whether a line ends a quote that the line before it opened, as if quotes went over lines.
    fn ends_quote(&self, node: &crate::syntax::Node) -> bool {
        let tokens = &self.tokens.significant;
        let is_open = |at: usize| tokens.get(at).is_some_and(|token| token.kind == TokenKind::OpenQuote);
        is_open(node.last as usize)
            && node.first.checked_sub(1).is_some_and(|before| is_open(before as usize))
            && !tokens[node.last as usize].first
    }

    /// The words of a statement without what does not belong to the language. Outer `None`: nothing is left of it.
    #[allow(clippy::option_option, reason = "nothing left, nothing to do, and something done are three answers")]
    fn mend(
        &mut self,
        node: &crate::syntax::Node,
        words: &[Token],
        context: &'static Keyword,
    ) -> Option<Option<Mended>> {
        let whole = words[0].span().to(words[words.len() - 1].span());
        let mut mended: Option<Mended> = self.cut_words(node, context);
        if mend::is_plain(self.text.get(whole.range()).unwrap_or("")) {
            return Some(mended);
        }
        let current = |mended: &Option<Mended>| mended.as_ref().map_or(words.to_vec(), |mended| mended.words.clone());
        if let Some((words, found)) = mend::look_alikes(self.text, &current(&mended)) {
            let (Some(first), Some(last)) = (found.characters.first(), found.characters.last()) else { return None };
            self.fault(first.0.to(last.0), FaultKind::LookAlike { characters: found.characters.clone() });
            let told = match (found.readable, found.quotes) {
                (true, false) => Told::Nothing,
                (true, true) => Told::Count,
                (false, _) => Told::All,
            };
            mended = Some(Mended { words, told, otherwise: true });
        }
        let first = *current(&mended).first()?;
        if let Some(form) = mend::foreign_comment(self.text, first) {
            self.foreign_comment(node, form, whole);
            return None;
        }
        let word = first.text(self.text);
        if word.starts_with("{%") || word.starts_with("{#") || context.entry.is_none() && mend::is_template(word) {
            let kind = FaultKind::Placeholder { keyword: None, template: true, refused: true };
            self.fault(first.span(), kind);
            return None;
        }
        if let Some((words, strange)) = mend::foreign(self.text, &current(&mended), context) {
            let span = strange.edits.iter().map(|edit| edit.0).reduce(Span::to).unwrap_or(whole);
            let end = if strange.form.is_comment() { span.end.max(whole.end) } else { span.end };
            let span = Span::new(span.start, end);
            self.fault(span, FaultKind::ForeignSyntax { form: strange.form, edits: strange.edits });
            mended = Some(Mended { words, told: Told::Count, otherwise: true });
        }
        if let Some(words) = mend::angles(self.text, &current(&mended)) {
            mended = Some(Mended { words, told: Told::Count, otherwise: true });
        }
        if mended.is_none() && current(&mended).iter().any(|word| mend::is_template(word.text(self.text))) {
            mended = Some(Mended { words: words.to_vec(), told: Told::Count, otherwise: false });
        }
        Some(mended)
    }

    /// A line, or lines, that another language would take for a comment.
    fn foreign_comment(&mut self, node: &crate::syntax::Node, form: Foreign, line: Span) {
        let mut span = line;
        if form == Foreign::SlashStar {
            let rest = &self.tokens.significant[node.first as usize..];
            if let Some(end) = rest.iter().find(|token| token.is_word() && token.text(self.text).ends_with("*/")) {
                span.end = span.end.max(end.end);
                self.comment_end = end.end;
            }
        }
        let sign = |length: u32| Span::new(line.start, line.start + length);
        let edits = match form {
            Foreign::Slashes => vec![(sign(2), "#".to_owned())],
            Foreign::SemicolonComment => vec![(sign(1), "#".to_owned())],
            Foreign::SlashStar | Foreign::Equals | Foreign::Colon | Foreign::Semicolon => Vec::new(),
        };
        self.fault(span, FaultKind::ForeignSyntax { form, edits });
    }

    /// The entries on a line of a list: one, unless something is wrong.
    fn entries(
        &mut self,
        id: NodeId,
        entry: &'static Keyword,
        list: &'static Keyword,
        parent: Option<SettingId>,
        words: &[Token],
        (told, otherwise): (Told, bool),
    ) {
        let node = self.tree.node(id);
        if self.is_keyword_in_list(entry, parent, words) {
            let opens_block = node.open != NONE;
            let kind = FaultKind::MisplacedKeyword { parent: list, opens_block, meant: None, behind: None };
            return self.fault(words[0].span(), kind);
        }
        if node.open != NONE {
            let brace = self.tokens.significant[node.open as usize].span();
            self.fault(brace, FaultKind::UnexpectedBlock { keyword: entry });
        }
        // A name may hold a comma.
        let cut = mend::commas(self.text, words, entry).filter(|_| !words.iter().any(|word| self.is_defined(*word)));
        let mut rest = cut.as_deref().unwrap_or(words);
        let mut items = Vec::new();
        while let Some(&first) = rest.first() {
            let many = entry.params.first().is_some_and(|param| param.presence == Presence::Repeated);
            let (recovered, mended) = (false, otherwise || cut.is_some() || !items.is_empty());
            let statement = Statement { node: id, parent, context: list, words: rest, first, recovered, mended, told };
            let (_, next) = self.push(entry, &statement);
            let next = next.unwrap_or(rest.len());
            match many {
                true => items.extend(rest[..next].iter().map(|word| word.span())),
                false => items.push(first.span().to(rest[next - 1].span())),
            }
            rest = &rest[next..];
        }
        let several = entry.params.first().is_none_or(|param| param.presence != Presence::Repeated) && items.len() > 1;
        if several || cut.is_some() {
            let whole = words[0].span().to(words[words.len() - 1].span());
            self.fault(whole, FaultKind::SeveralItems { keyword: entry, items });
        }
    }

    /// Whether a word is a name that is given above.
    fn is_defined(&self, word: Token) -> bool {
        const KINDS: [Symbol; 8] = [
            Symbol::VrrpInstance,
            Symbol::SyncGroup,
            Symbol::Script,
            Symbol::Process,
            Symbol::File,
            Symbol::Bfd,
            Symbol::TrackGroup,
            Symbol::VirtualServerGroup,
        ];
        KINDS.into_iter().any(|kind| self.defined.contains(&(kind, word.text(self.text))))
    }

    /// Whether a line of a list is a statement of the block around: no value of the list, but a keyword there.
    fn is_keyword_in_list(&self, entry: &'static Keyword, list: Option<SettingId>, words: &[Token]) -> bool {
        let text = words[0].text(self.text);
        let around = list.map(|list| self.settings[list.0 as usize]).map(|list| match list.parent {
            Some(outer) => self.settings[outer.0 as usize].keyword,
            None => &root::FILE,
        });
        if around.is_none_or(|around| around.lookup(text).is_none()) || entry.option(text).is_some() {
            return false;
        }
        match entry.params.first().map(|param| param.arg) {
            // Anything may be a name, but an option would have to follow.
            Some(Arg::Use(_) | Arg::Interface) => {
                words.get(1).is_some_and(|word| !self.is_unknown(*word) && entry.option(word.text(self.text)).is_none())
            }
            Some(arg) => value::read(&arg, text).0 == value::Data::Bad,
            None => false,
        }
    }

    /// Adds a setting and reads its words; answers also with the word at which another entry or statement starts.
    fn push(&mut self, keyword: &'static Keyword, statement: &Statement<'_>) -> (SettingId, Option<usize>) {
        let &Statement { node, parent, context, words, first, recovered, mended, told } = statement;
        let id = SettingId(self.settings.len() as u32);
        let from = self.values.len() as u32;
        let span = words.last().map_or(first.span(), |last| first.span().to(last.span()));
        self.settings.push(Setting {
            keyword,
            node,
            end: id.0 + 1,
            parent,
            values: (from, from),
            name: first.span(),
            span,
            recovered,
            mended,
            inside: Keywords::default(),
        });
        match parent {
            Some(parent) => self.settings[parent.0 as usize].inside.add(keyword),
            None => {
                self.at_root.add(keyword);
                self.roots.push(id);
            }
        }
        let last = self.tree.node(node).last as usize;
        let cut = self.tokens.significant.get(last).is_some_and(|t| t.kind == TokenKind::OpenQuote && !t.first);
        if cut && keyword.params.iter().any(|param| param.arg == Arg::Script) {
            self.fault(self.tokens.significant[last].span(), FaultKind::ScriptQuote { keyword });
        }
        let told = if cut { told.max(Told::Count) } else { told };
        if keyword.kind == Kind::NamedBlock && words.is_empty() && told == Told::Nothing && !is_named_otherwise(keyword)
        {
            self.fault(span, FaultKind::MissingValue { keyword, param: 0 });
        }
        let next = self.line(&Line { keyword, context, words, end: span, told, setting: id });
        self.settings[id.0 as usize].values.1 = self.values.len() as u32;
        if let Some(next) = next {
            let last = if next == 0 { first } else { words[next - 1] };
            self.settings[id.0 as usize].span = first.span().to(last.span());
        } else {
            self.glued_comments(node, keyword, id);
        }
        (id, next)
    }

    /// A comment that starts inside the last word of a statement.
    fn glued_comments(&mut self, node: NodeId, keyword: &'static Keyword, setting: SettingId) {
        if self.tokens.glued_comments.is_empty() {
            return;
        }
        let node = self.tree.node(node);
        let last = node.last.saturating_sub(1);
        let word = self.tokens.significant[last as usize];
        let is_value = last > node.first || keyword.kind == Kind::Entry;
        // Behind a closing quote the value is complete.
        if !is_value || word.kind != TokenKind::Word || self.tokens.glued_comments.binary_search(&last).is_err() {
            return;
        }
        let (from, to) = self.settings[setting.0 as usize].values;
        // A word that was not read at all has a fault of its own.
        let values = &self.values[from as usize..to as usize];
        let Some(value) = values.iter().find(|value| value.span.end == word.end) else { return };
        // Half a number or half an address would be another one, but nobody writes comment signs into those.
        let harm = !matches!(
            value.data,
            Data::Int(_) | Data::Micros(_) | Data::Bool(_) | Data::Choice(_) | Data::Ip(_) | Data::Net { .. }
        );
        let span = Span::new(word.start, self.blank_behind(word.end));
        self.fault(span, FaultKind::CommentInsideWord { keyword, harm });
    }

    /// Where the next blank or line end is.
    fn blank_behind(&self, offset: u32) -> u32 {
        let rest = &self.text.as_bytes()[offset as usize..];
        let length = rest.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(rest.len());
        offset + length as u32
    }

    /// The comment, up to its first blank, that stands where a value should, if its sign is not set off by a blank.
    pub(super) fn comment_for_value(&self, behind: u32) -> Option<Span> {
        let rest = &self.text.as_bytes()[behind as usize..];
        let blanks = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
        let sign = matches!(rest[blanks], b'#' | b'!');
        let inside =
            rest.get(blanks + 1).is_some_and(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'#' | b'!'));
        let start = behind + blanks as u32;
        (sign && inside).then(|| Span::new(start, self.blank_behind(start)))
    }

    /// The words up to an escaped comment sign, if one cuts the line here.
    ///
    /// keepalived's parent process takes `\#` as `#` and hands the line on; the child that reads it then takes that `#`
    /// as a comment. Root keywords and `global_defs` are read by the parent.
    fn cut_words(&mut self, node: &crate::syntax::Node, context: &'static Keyword) -> Option<Mended> {
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
        (!words.is_empty()).then_some(Mended { words, told: Told::Count, otherwise: false })
    }

    pub(super) fn fault(&mut self, span: Span, kind: FaultKind) {
        self.faults.push(Fault { at: At::Logical(span), kind });
    }
}

/// Whether a block's first parameter must be there, so that its absence is found with the other values.
fn is_named_otherwise(keyword: &Keyword) -> bool {
    keyword.params.first().is_none_or(|param| param.presence == Presence::Required)
}
