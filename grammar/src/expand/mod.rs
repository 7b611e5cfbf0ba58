//! From the files as typed to the one text that keepalived understands.
//!
//! Includes, `@id` conditions, `$X=` definitions, `${X}` uses, built-in names, `~SEQ` and `~LST` are carried out line
//! by line, as keepalived does. What comes out is a [`Logical`] text in which none of them is left, with a table of
//! [`Piece`]s that leads every byte back to what the user typed. A file that uses none of this is its own logical
//! text: nothing is copied.
//!
//! A line takes this way, a module for each step:
//!
//! ```text
//! text (read) -> condition -> define / sequence, or substitute -> include, or output
//! ```
//!
//! What a line leaves to be done (the turns of a sequence, the further lines of a definition, text behind a brace) is
//! a stack of work that comes before the next line of a file. So there is no recursion on what users write.

mod condition;
mod define;
mod include;
mod line;
mod names;
mod origin;
mod output;
mod pattern;
mod sequence;
mod start;
mod substitute;
mod text;
mod turns;

pub use origin::{Logical, Piece, PieceKind, Place, Via, ViaId, ViaKind};
pub use start::{Start, code_length, continues, start};

use crate::fault::{At, Fault, FaultKind};
use crate::files::FileSystem;
use crate::limits::{EXPANSION_DEPTH, LOGICAL_BYTES, LOGICAL_LINES};
use crate::source::{FileId, FileSpan, Sources, Span};
use define::Definition;
use include::Checks;
use line::{Line, Typed};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::mem::Discriminant;
use std::rc::Rc;
use substitute::Outcome;
use text::{OpenFile, Read};
use turns::Turns;

/// What decides the meaning of a file besides its text.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The configuration id of keepalived's option `-i`; without it no `@id` line counts.
    pub config_id: Option<String>,
    /// Values for `${_ENV NAME}`, and for `$NAME` that nothing in the file defines.
    pub defines: BTreeMap<String, String>,
}

/// A configuration id that a file names, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigId {
    /// The id.
    pub id: String,
    /// Where it stands.
    pub at: FileSpan,
}

/// Carries out all directives of the file `main`, whose path for relative includes is its name in `sources`. Files that
/// it includes are added to `sources`.
///
/// Takes time and memory in proportion to the files and to the text that comes out; both are limited, see
/// [`limits`](crate::limits).
pub fn expand(sources: &mut Sources, main: FileId, files: &dyn FileSystem, profile: &Profile) -> Logical {
    let file = sources.file(main);
    let mut logical = Logical::identity(sources, main);
    logical.faults = text::faults(main, file);
    if !text::needs_expansion(file.text()) {
        return logical;
    }
    Expansion::new(sources, main, files, profile, logical).run()
}

/// One run of [`expand`].
struct Expansion<'a> {
    sources: &'a mut Sources,
    files: &'a dyn FileSystem,
    profile: &'a Profile,
    /// The result so far, but for its text.
    logical: Logical,
    text: String,
    definitions: FxHashMap<Rc<str>, Rc<Definition>>,
    /// Names in lines that look like definitions but are none.
    refused: FxHashSet<Rc<str>>,
    /// Files being read, the main file first.
    open: Vec<OpenFile>,
    /// What comes before the next line of a file, the next last.
    work: Vec<Work>,
    checks: Checks,
    /// Files that were read, by their canonical paths.
    known: FxHashMap<String, FileId>,
    /// Faults in files and ids that are known already: lines may be read many times.
    reported: FxHashSet<(FileSpan, Discriminant<FaultKind>, String)>,
    named: FxHashSet<FileSpan>,
    /// Lines that came from elsewhere than the main file.
    made_lines: usize,
    nested_substitutions: usize,
    /// The limit of lines is reached: only the main file is read on.
    exhausted: bool,
}

/// Something to read before the next line of a file.
enum Work {
    /// Text behind a brace.
    Residue(Line),
    /// The lines of a definition from `next` on.
    Lines { definition: Rc<Definition>, next: usize, via: ViaId },
    /// The turns of a sequence.
    Turns(Box<Turns>),
}

impl<'a> Expansion<'a> {
    fn new(
        sources: &'a mut Sources,
        main: FileId,
        files: &'a dyn FileSystem,
        profile: &'a Profile,
        mut logical: Logical,
    ) -> Self {
        let file = sources.file(main);
        let canonical = files.canonical(file.name());
        let open = OpenFile::new(main, file, canonical.clone(), None);
        let text = String::with_capacity(file.text().len());
        logical.pieces.clear();
        Expansion {
            sources,
            files,
            profile,
            logical,
            text,
            definitions: FxHashMap::default(),
            refused: FxHashSet::default(),
            open: vec![open],
            work: Vec::new(),
            checks: Checks::default(),
            known: std::iter::once((canonical, main)).collect(),
            reported: FxHashSet::default(),
            named: FxHashSet::default(),
            made_lines: 0,
            nested_substitutions: 0,
            exhausted: false,
        }
    }

    fn run(mut self) -> Logical {
        loop {
            if self.text.len() > LOGICAL_BYTES {
                let end = self.text.len() as u32;
                self.fault_at(At::Logical(Span::new(end - 1, end)), limit("the text grows beyond 256 MiB"));
                break;
            }
            if let Some(line) = self.next_work() {
                if self.count_line(&line) {
                    self.line(line);
                }
                continue;
            }
            let included = self.open.len() > 1;
            let Some(file) = self.open.last_mut() else { break };
            match file.read() {
                None => {
                    self.open.pop();
                }
                Some(Read::Plain(span)) if !included => self.emit_plain(span),
                Some(Read::Plain(span)) => {
                    if self.count_line(&Line::default()) {
                        self.emit_plain(span);
                    }
                }
                Some(Read::Line(line)) => {
                    if !included || self.count_line(&line) {
                        self.line(line);
                    }
                }
            }
        }
        self.finish()
    }

    /// Carries out one line.
    fn line(&mut self, line: Line) {
        let Some(line) = self.condition(line) else { return };
        if define::is_broken_definition(&line.text[line.indent()..]) {
            return self.refuse_definition(line);
        }
        match self.substitute(line) {
            Outcome::Definition(line) => self.define(line),
            Outcome::Sequence(line) => self.sequence(line),
            Outcome::AsIs(line) => {
                self.emit_line(line);
            }
            Outcome::Failed { line, at, kind } => {
                let start = self.emit_line(line);
                self.fault_at(At::Logical(Span::new(start + at.start as u32, start + at.end as u32)), kind);
            }
            Outcome::Line { line, marks } => match include::directive(&line.text) {
                Some((variant, pattern)) => self.include(&line, variant, pattern),
                None => self.emit_statements(line, marks),
            },
        }
    }

    fn next_work(&mut self) -> Option<Line> {
        loop {
            let line = match self.work.last_mut()? {
                Work::Residue(line) => Some(std::mem::take(line)),
                Work::Lines { definition, next, via } => {
                    let line = definition.lines.get(*next).map(|line| {
                        let mut copy = line.slice(0..line.text.len(), Some(*via));
                        copy.end = line.end.map(|end| Typed { via: Some(*via), ..end });
                        copy.reread = true;
                        copy
                    });
                    *next += 1;
                    if *next < definition.lines.len() {
                        return line;
                    }
                    line
                }
                Work::Turns(turns) => {
                    let turn = turns.next();
                    let last = turns.is_done();
                    let line = turn.map(|turn| self.take_turn(turn));
                    if !last {
                        return line;
                    }
                    self.work.pop();
                    if line.is_some() {
                        return line;
                    }
                    continue;
                }
            };
            self.work.pop();
            if line.is_some() {
                return line;
            }
        }
    }

    /// Counts a line against the limit; false if it is no longer to be read.
    fn count_line(&mut self, line: &Line) -> bool {
        self.made_lines += 1;
        if self.made_lines <= LOGICAL_LINES {
            return true;
        }
        if !self.exhausted {
            self.exhausted = true;
            let at = match line.text.is_empty() {
                true => self.open.last().and_then(|file| file.via).map(|via| self.via(via).at),
                false => Some(line.typed(0..line.text.len()).at),
            };
            self.work.clear();
            self.open.truncate(1);
            if let Some(at) = at {
                self.fault_at(At::File(at), limit("sequences and includes make more than a million lines"));
            }
        }
        false
    }

    fn via(&self, ViaId(id): ViaId) -> &Via {
        &self.logical.vias[id as usize]
    }

    fn add_via(&mut self, kind: ViaKind, at: FileSpan, parent: Option<ViaId>) -> ViaId {
        self.logical.vias.push(Via { kind, at, parent });
        ViaId(self.logical.vias.len() as u32 - 1)
    }

    /// Steps around a via, the nearest first.
    fn steps(&self, via: Option<ViaId>) -> impl Iterator<Item = &Via> {
        std::iter::successors(via.map(|via| self.via(via)), |step| step.parent.map(|via| self.via(via)))
    }

    /// Where a range of a line was typed: if in several places, the text that holds all of them.
    fn typed(&self, line: &Line, range: std::ops::Range<usize>) -> Typed {
        let whole = line.typed(range.clone());
        let Some((first, last)) = line.ends(range) else { return whole };
        let outwards = |typed: Typed| {
            let around = self.steps(typed.via).map(|step| Typed { at: step.at, via: step.parent });
            std::iter::once(typed).chain(around)
        };
        for left in outwards(first) {
            if let Some(right) = outwards(last).find(|right| right.via == left.via && right.at.file == left.at.file) {
                return Typed { at: FileSpan::new(left.at.file, left.at.span.to(right.at.span)), via: left.via };
            }
        }
        whole
    }

    /// Whether nothing more may be put around text of this via.
    fn is_too_deep(&self, via: Option<ViaId>) -> bool {
        self.steps(via).filter(|step| step.kind != ViaKind::Include).nth(EXPANSION_DEPTH - 1).is_some()
    }

    fn fault_at(&mut self, at: At, kind: FaultKind) {
        if let At::File(place) = at {
            let about = match &kind {
                FaultKind::IncludeNotFound { pattern, .. } => pattern.clone(),
                FaultKind::IncludeUnreadable { path, .. } | FaultKind::IncludeCycle { path } => path.clone(),
                _ => String::new(),
            };
            if !self.reported.insert((place, std::mem::discriminant(&kind), about)) {
                return;
            }
        }
        self.logical.faults.push(Fault { at, kind });
    }
}

fn limit(what: &'static str) -> FaultKind {
    FaultKind::ExpansionLimit { what }
}
