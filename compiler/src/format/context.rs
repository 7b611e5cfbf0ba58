//! What the understood text says about the lines as they were typed: how deep each lies, and which braces are those of
//! blocks that keepalived knows.
//!
//! A line may mean different things under different configuration ids; then the first id that reads it decides about its
//! depth, and a brace counts as understood only if it is so under all that read it.

use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::expand::{PieceKind, Start, continues, start};
use kalc_grammar::fault::FaultKind;
use kalc_grammar::lex::TokenKind;
use kalc_grammar::schema::{Kind, Presence};
use kalc_grammar::syntax::NONE;
use rustc_hash::FxHashMap;

/// How deep a line lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Open blocks before it.
    pub before: usize,
    /// Open blocks behind it.
    pub after: usize,
    /// Whether it starts with a `}`, typed or brought by a definition.
    pub closes: bool,
}

/// A brace as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Brace {
    is_sound: bool,
    /// Where the statement that it belongs to starts.
    header: u32,
}

/// What is known of a file's lines.
#[derive(Debug, Default)]
pub(super) struct Context {
    lines: FxHashMap<u32, Nesting>,
    braces: FxHashMap<u32, Brace>,
    /// Where lines start that hold several names of a list.
    names: FxHashMap<u32, bool>,
    /// Whether some definition has several lines, so that it matters what stands behind a use.
    pub has_multi_line: bool,
    /// Whether lines stay as they are, because keepalived sees other blocks than people do.
    keeps_lines: bool,
}

impl Context {
    pub(super) fn new(hosts: &[Host]) -> Context {
        let mut context = Context::default();
        for host in hosts {
            context.add(host);
        }
        context
    }

    /// How deep a line lies, by its number from 0, if anything of it is read.
    pub(super) fn nesting(&self, line: u32) -> Option<Nesting> {
        self.lines.get(&line).copied()
    }

    /// Whether a brace is that of a block which keepalived knows.
    pub(super) fn is_sound(&self, brace: u32) -> bool {
        !self.keeps_lines && self.braces.get(&brace).is_some_and(|brace| brace.is_sound)
    }

    /// Whether a brace opens the block of the statement that starts there.
    pub(super) fn opens(&self, brace: u32, header: u32) -> bool {
        self.is_sound(brace) && self.braces.get(&brace).is_some_and(|brace| brace.header == header)
    }

    /// Whether the line that starts there holds names of a list that takes several on a line.
    pub(super) fn is_names(&self, first: u32) -> bool {
        !self.keeps_lines && self.names.get(&first) == Some(&true)
    }

    fn add(&mut self, host: &Host) {
        self.has_multi_line |= host.sources.iter().any(|(_, file)| has_multi_line(file.text()));
        self.keeps_lines |= host.faults.iter().any(|fault| hides_blocks(&fault.kind));
        let typed = self.add_lines(host);
        self.add_statements(host, &typed);
    }

    /// Adds how deep lines lie. Answers with where in the main file each token was typed, if it was typed there.
    fn add_lines(&mut self, host: &Host) -> Vec<Option<u32>> {
        let Some((main, file)) = host.sources.iter().next() else { return Vec::new() };
        let (logical, lines) = (&host.logical, file.lines());
        let mut typed = Vec::with_capacity(host.tokens.significant.len());
        let mut own: FxHashMap<u32, Nesting> = FxHashMap::default();
        let (mut depth, mut piece, mut cause) = (0usize, usize::MAX, 0);
        for token in &host.tokens.significant {
            let at = logical.piece_at(token.start);
            if at != piece {
                piece = at;
                cause = logical.cause(&logical.pieces[piece]);
            }
            let found = &logical.pieces[piece];
            let is_typed = found.kind == PieceKind::Verbatim && found.via.is_none() && found.typed.file == main;
            let offset = if is_typed { found.typed.span.start + (token.start - found.start) } else { cause };
            typed.push(is_typed.then_some(offset));
            let closes = token.kind == TokenKind::Close;
            let before = depth;
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                TokenKind::Word
                | TokenKind::Quoted
                | TokenKind::OpenQuote
                | TokenKind::Space
                | TokenKind::Newline
                | TokenKind::Comment => {}
            }
            let line = lines.partition_point(|&start| start <= offset).max(1) as u32 - 1;
            own.entry(line).or_insert(Nesting { before, after: depth, closes }).after = depth;
        }
        for (line, nesting) in own {
            self.lines.entry(line).or_insert(nesting);
        }
        typed
    }

    /// Adds what is known of braces and of lists.
    fn add_statements(&mut self, host: &Host, typed: &[Option<u32>]) {
        let place = |token: u32| typed.get(token as usize).copied().flatten();
        let mut of_node: FxHashMap<u32, bool> = FxHashMap::default();
        let mut sound = Vec::with_capacity(host.config.settings.len());
        for (index, setting) in host.config.settings.iter().enumerate() {
            let around = setting.parent.is_none_or(|parent| sound[parent.0 as usize]);
            let here = around && !setting.recovered && !setting.mended;
            sound.push(here);
            of_node.insert(setting.node.0, here && setting.keyword.opens_block());
            let takes_several = setting.keyword.params.last().is_some_and(|param| param.presence == Presence::Repeated);
            let words = host.tree.node(setting.node);
            if let Some(first) = place(words.first).filter(|_| setting.keyword.kind == Kind::Entry && takes_several) {
                let plain =
                    here && host.config.values(SettingId(index as u32)).len() == (words.last - words.first) as usize;
                *self.names.entry(first).or_insert(true) &= plain;
            }
        }
        for (id, node) in host.tree.nodes.iter().enumerate() {
            let is_sound = of_node.get(&(id as u32)).copied().unwrap_or(false) && node.close != NONE;
            let header = place(node.first);
            for token in [node.open, node.close].into_iter().filter(|&token| token != NONE) {
                let Some(offset) = place(token) else { continue };
                let brace = Brace { is_sound: is_sound && header.is_some(), header: header.unwrap_or(NONE) };
                let known = self.braces.entry(offset).or_insert(brace);
                known.is_sound &= brace.is_sound;
                if known.header != brace.header {
                    // Under one id it belongs to one statement, under another to another one.
                    known.header = NONE;
                }
            }
        }
    }
}

/// Whether keepalived sees other blocks than people do.
fn hides_blocks(kind: &FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::UndefinedName { braces: true, .. }
            | FaultKind::UnknownKeyword { opens_block: true, .. }
            | FaultKind::MisplacedKeyword { opens_block: true, .. }
    )
}

fn has_multi_line(text: &str) -> bool {
    text.contains('$')
        && text.lines().any(|line| {
            let mut rest = line.trim_start();
            if start(rest) == Start::Condition {
                rest = rest.split_once([' ', '\t']).map_or("", |(_, rest)| rest);
            }
            // A definition may stand behind a brace.
            (start(rest) == Start::Definition || rest.contains(['{', '}']) && rest.contains('$')) && continues(line)
        })
}
