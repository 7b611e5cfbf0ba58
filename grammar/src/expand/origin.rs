//! Where every byte of the logical text was typed.

use super::ConfigId;
use crate::fault::{At, Fault};
use crate::source::{FileId, FileSpan, Sources, Span};
use std::sync::Arc;

/// The text that keepalived understands, and where it came from.
#[derive(Clone, Debug)]
pub struct Logical {
    /// The text; the file's own where nothing had to be expanded.
    pub text: Arc<str>,
    /// In order, without gaps: the first starts at 0.
    pub pieces: Vec<Piece>,
    /// How text came to be where it is.
    pub vias: Vec<Via>,
    /// What went wrong on the way.
    pub faults: Vec<Fault>,
    /// Every configuration id that a condition names, whether it matched or not.
    pub config_ids: Vec<ConfigId>,
    /// Files that were read, the main file first.
    pub files: Vec<FileId>,
    /// Expressions whose value only the running daemon knows (`${_RANDOM 1 9}`, an unset `${_ENV X}`), as typed.
    pub symbolic: Vec<(String, FileSpan)>,
}

/// A run of logical text that was typed in one place. It ends where the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its first byte in the logical text.
    pub start: u32,
    /// Where it was typed.
    pub typed: FileSpan,
    /// How offsets lead back.
    pub kind: PieceKind,
    /// Why it stands where it stands; `None` for text of the main file.
    pub via: Option<ViaId>,
}

/// How offsets of a piece lead back to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// Byte by byte.
    Verbatim,
    /// All of the piece stands for all of the typed text (built-in names, numbers of a sequence).
    Made,
    /// As `Made`, and only the running daemon knows the value; the text is a stand-in.
    Symbolic,
}

/// Index of a [`Via`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViaId(pub u32);

/// One step from the text to the place where it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// What kind of step.
    pub kind: ViaKind,
    /// Where the user asked for it: the `$X`, the `include` line, the `~SEQ(...)`.
    pub at: FileSpan,
    /// The step before, if the use itself stands in expanded text.
    pub parent: Option<ViaId>,
}

/// A kind of step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViaKind {
    /// The text is in an included file.
    Include,
    /// The text is the value of a definition.
    Definition(String),
    /// The text is one turn of a sequence, with the variables and values of that turn.
    Sequence(Vec<(String, String)>),
    /// The text is the value of a built-in name.
    Builtin(String),
}

/// A place for people: what they typed, and the uses that brought it here, the nearest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it was typed.
    pub typed: FileSpan,
    /// The uses.
    pub uses: Vec<Via>,
}

impl Logical {
    /// The logical text of a file that uses no directive.
    pub fn identity(sources: &Sources, main: FileId) -> Self {
        let text = Arc::clone(sources.file(main).text());
        let typed = FileSpan::new(main, Span::new(0, text.len() as u32));
        Logical {
            text,
            pieces: vec![Piece { start: 0, typed, kind: PieceKind::Verbatim, via: None }],
            vias: Vec::new(),
            faults: Vec::new(),
            config_ids: Vec::new(),
            files: vec![main],
            symbolic: Vec::new(),
        }
    }

    /// Where the user typed a range of the logical text.
    ///
    /// A range inside one piece leads to that piece's text, with the uses as company. A range over several pieces,
    /// such as a word that is partly typed and partly substituted, leads to the outermost text that holds all of it.
    pub fn place(&self, span: Span) -> Place {
        let first = self.piece(span.start);
        let last = self.piece(span.end.saturating_sub(1).max(span.start));
        if first == last {
            let piece = &self.pieces[first];
            return Place { typed: self.typed(first, span), uses: self.uses(piece.via) };
        }
        // Climb both ends to the text they share.
        let (left, right) = (self.chain(first, span), self.chain(last, span));
        for (typed, via) in &left {
            for (other, other_via) in &right {
                if via == other_via && typed.file == other.file {
                    let typed = FileSpan::new(typed.file, typed.span.to(other.span));
                    return Place { typed, uses: self.uses(*via) };
                }
            }
        }
        let piece = &self.pieces[first];
        Place { typed: self.typed(first, span), uses: self.uses(piece.via) }
    }

    /// Where in the main file a piece has its cause: its own first byte, or the outermost use that brought it there.
    pub fn cause(&self, piece: &Piece) -> u32 {
        let mut at = piece.typed;
        let mut via = piece.via;
        while let Some(ViaId(id)) = via {
            let step = &self.vias[id as usize];
            at = step.at;
            via = step.parent;
        }
        at.span.start
    }

    /// Index of the piece that holds an offset.
    pub fn piece_at(&self, offset: u32) -> usize {
        self.piece(offset)
    }

    /// Where the user typed what a fault speaks of.
    pub fn place_of(&self, at: At) -> Place {
        match at {
            At::Logical(span) => self.place(span),
            At::File(typed) => Place { typed, uses: Vec::new() },
        }
    }

    /// Whether any byte of the range is known to the running daemon only.
    pub fn is_symbolic(&self, span: Span) -> bool {
        !self.symbolic.is_empty()
            && (self.piece(span.start)..=self.piece(span.end.saturating_sub(1).max(span.start)))
                .any(|index| self.pieces[index].kind == PieceKind::Symbolic)
    }

    /// Whether all of the range was typed where it stands, in the main file or an included one, once.
    pub fn is_typed(&self, span: Span) -> bool {
        let piece = &self.pieces[self.piece(span.start)];
        piece.kind == PieceKind::Verbatim
            && self.piece(span.start) == self.piece(span.end.saturating_sub(1).max(span.start))
            && self.uses(piece.via).iter().all(|via| via.kind == ViaKind::Include)
            && self.is_read_once(self.typed(self.piece(span.start), span))
    }

    /// Whether typed text counts in one place only: a file may be included twice.
    fn is_read_once(&self, at: FileSpan) -> bool {
        let holds = |piece: &&Piece| {
            let typed = piece.typed;
            typed.file == at.file && typed.span.start <= at.span.start && at.span.end <= typed.span.end
        };
        self.vias.is_empty()
            || self.pieces.iter().filter(holds).filter(|piece| !piece.typed.span.is_empty()).take(2).count() < 2
    }

    fn piece(&self, offset: u32) -> usize {
        self.pieces.partition_point(|piece| piece.start <= offset).max(1) - 1
    }

    /// The typed text of that part of `span` which lies in the piece.
    fn typed(&self, index: usize, span: Span) -> FileSpan {
        let piece = &self.pieces[index];
        match piece.kind {
            PieceKind::Verbatim => {
                let end = self.pieces.get(index + 1).map_or(self.text.len() as u32, |next| next.start);
                let from = span.start.clamp(piece.start, end) - piece.start;
                let to = span.end.clamp(piece.start, end) - piece.start;
                let base = piece.typed.span.start;
                let limit = piece.typed.span.end;
                FileSpan::new(piece.typed.file, Span::new((base + from).min(limit), (base + to).min(limit)))
            }
            PieceKind::Made | PieceKind::Symbolic => piece.typed,
        }
    }

    /// The place of a piece and then of each use around it, with the via in which that place stands.
    fn chain(&self, index: usize, span: Span) -> Vec<(FileSpan, Option<ViaId>)> {
        let mut via = self.pieces[index].via;
        let mut chain = vec![(self.typed(index, span), via)];
        while let Some(ViaId(id)) = via {
            let step = &self.vias[id as usize];
            chain.push((step.at, step.parent));
            via = step.parent;
        }
        chain
    }

    fn uses(&self, mut via: Option<ViaId>) -> Vec<Via> {
        let mut uses = Vec::new();
        while let Some(ViaId(id)) = via {
            let step = &self.vias[id as usize];
            uses.push(step.clone());
            via = step.parent;
        }
        uses
    }
}
