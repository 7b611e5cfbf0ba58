//! Puts values in the place of `$NAME` and `${NAME}`.
//!
//! A line is read from the left; a value is read on where its name stood, so that names in values are found too. This
//! is repeated while it changes anything, since a value and the text behind it can make a new name together. No byte
//! of a line or value is read twice in one go.

use super::define::{Definition, is_definition};
use super::line::{self, Line, Typed, is_in_name, starts_name};
use super::names::Builtin;
use super::{Expansion, PieceKind, ViaId, ViaKind, Work, limit};
use crate::fault::FaultKind;
use crate::limits::{EXPANDED_LINE_BYTES, EXPANSION_DEPTH, LINE_SUBSTITUTIONS, NESTED_SUBSTITUTIONS};
use std::ops::Range;
use std::rc::Rc;

/// What a line turned out to be.
pub(super) enum Outcome {
    /// A line to go on with, and what is wrong in it.
    Line { line: Line, marks: Vec<Mark> },
    /// It starts with `$NAME=`.
    Definition(Line),
    /// It starts with `~SEQ` or `~LST`.
    Sequence(Line),
    /// It starts with another `~` word, which is no directive and keeps the line from being expanded.
    AsIs(Line),
    /// It stays as it was, because of what stands at `at`.
    Failed { line: Line, at: Range<usize>, kind: FaultKind },
}

/// A fault in a line that is not emitted yet.
pub(super) struct Mark {
    pub at: Range<usize>,
    pub kind: FaultKind,
}

/// Whether a definition of several lines may be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    Several,
    One,
}

/// Why a line cannot be expanded, and the use that showed it.
struct Failure {
    at: Typed,
    kind: FaultKind,
}

/// A use of a name, found at the front of what is to be read.
struct Use {
    name: String,
    /// What stands behind the name in braces: `1 9` of `${_RANDOM 1 9}`.
    parameters: String,
    /// Bytes of all of it.
    length: usize,
}

/// Lines that are put into each other, to be read as one text.
#[derive(Default)]
struct Reader {
    /// The innermost last: the line, what is read of it, and the via that takes the place of its own.
    open: Vec<(Rc<Line>, usize, Option<ViaId>)>,
    left: usize,
}

/// What becomes of a line that is not expanded.
type Directive = fn(Line) -> Outcome;

/// What is gathered while a line is expanded.
struct Job {
    marks: Vec<Mark>,
    work: Vec<Work>,
    substitutions: usize,
    lines: Lines,
}

impl Expansion<'_> {
    /// Expands a line, unless it is one that keepalived takes as it is.
    pub(super) fn substitute(&mut self, line: Line) -> Outcome {
        let (outcome, work) = self.substitute_within(line, Lines::Several);
        self.work.extend(work);
        outcome
    }

    /// Expands a line; also gives what is to be read behind it.
    pub(super) fn substitute_within(&mut self, line: Line, lines: Lines) -> (Outcome, Vec<Work>) {
        let tidy = |line: Line| if line.reread { line.unescape() } else { line };
        if memchr::memchr(b'$', line.text.as_bytes()).is_none()
            && line.text.as_bytes().get(line.indent()) != Some(&b'~')
        {
            return (Outcome::Line { line: tidy(line), marks: Vec::new() }, Vec::new());
        }
        let (vias, symbols) = (self.logical.vias.len(), self.logical.symbolic.len());
        let original = Rc::new(line);
        let mut current = Rc::clone(&original);
        let mut job = Job { marks: Vec::new(), work: Vec::new(), substitutions: 0, lines };
        for _ in 0..EXPANSION_DEPTH {
            let before = job.substitutions;
            job.marks.clear();
            match self.pass(Rc::clone(&current), &mut job) {
                Ok((line, Some(directive))) => return (directive(framed(line, &original)), job.work),
                Ok((mut line, None)) => {
                    let changed = job.substitutions > before;
                    line.reread |= changed || current.reread;
                    copy_frame(&mut line, &original);
                    current = Rc::new(line);
                    if !changed || memchr::memchr(b'$', current.text.as_bytes()).is_none() {
                        break;
                    }
                }
                Err(failure) => {
                    let at = self.outermost(failure.at, vias);
                    self.logical.vias.truncate(vias);
                    self.logical.symbolic.truncate(symbols);
                    drop(current);
                    let line = Rc::unwrap_or_clone(original);
                    let at = line.find(at.at).unwrap_or(0..line.text.len());
                    return (Outcome::Failed { line, at, kind: failure.kind }, Vec::new());
                }
            }
        }
        drop(original);
        let line = tidy(Rc::unwrap_or_clone(current));
        (Outcome::Line { line, marks: job.marks }, job.work)
    }

    /// Reads a line once from the left.
    fn pass(&mut self, base: Rc<Line>, job: &mut Job) -> Result<(Line, Option<Directive>), Failure> {
        let mut reader = Reader::default();
        reader.open(base, None);
        let mut out = Line::default();
        let mut look = true;
        loop {
            if look
                && out.text.bytes().all(line::is_blank)
                && let Some(directive) = directive(&reader)
            {
                reader.take(reader.left, Some(&mut out));
                return Ok((out, Some(directive)));
            }
            look = false;
            let Some(plain) = reader.until_dollar() else { break };
            reader.take(plain, Some(&mut out));
            let Some(found) = reader.name() else {
                reader.take(1.min(reader.left), Some(&mut out));
                continue;
            };
            let at = reader.typed(found.length);
            look = self.put(found, at, &mut reader, &mut out, job)?;
        }
        Ok((out, None))
    }

    /// Carries out a use that is next in the reader; false if it stays as it is.
    fn put(
        &mut self,
        found: Use,
        at: Typed,
        reader: &mut Reader,
        out: &mut Line,
        job: &mut Job,
    ) -> Result<bool, Failure> {
        let fail = |kind| Err(Failure { at, kind });
        if found.parameters.is_empty()
            && let Some(definition) = self.definitions.get(found.name.as_str())
        {
            let definition = Rc::clone(definition);
            let ends =
                definition.is_multi_line && !(job.lines == Lines::Several && reader.is_blank_after(found.length));
            if ends {
                let start = out.text.len();
                reader.take(found.length, Some(out));
                let kind = FaultKind::MultiLineInLine { name: found.name };
                job.marks.push(Mark { at: start..out.text.len(), kind });
                return Ok(false);
            }
            if self.steps(at.via).any(|step| matches!(&step.kind, ViaKind::Definition(name) if *name == found.name)) {
                return fail(FaultKind::EndlessExpansion { name: found.name });
            }
            if self.is_too_deep(at.via) {
                return fail(limit("definitions stand in each other more than 64 deep"));
            }
            job.substitutions += 1;
            self.nested_substitutions += usize::from(reader.open.len() > 1);
            if job.substitutions > LINE_SUBSTITUTIONS || self.nested_substitutions > NESTED_SUBSTITUTIONS {
                return fail(limit("definitions stand in each other too many times"));
            }
            reader.take(found.length, None);
            self.open_definition(definition, &found.name, at, reader, job);
            if out.text.len() + reader.left > EXPANDED_LINE_BYTES {
                return fail(FaultKind::ExpansionTooLong { name: found.name });
            }
            return Ok(true);
        }
        let start = out.text.len();
        let Some(builtin) = self.builtin(&found.name, &found.parameters, at) else {
            reader.take(found.length, Some(out));
            return Ok(false);
        };
        match builtin {
            Builtin::Refused(kind) => {
                reader.take(found.length, Some(out));
                job.marks.push(Mark { at: start..out.text.len(), kind });
                return Ok(false);
            }
            Builtin::Value { text, via, is_symbolic } => {
                if is_symbolic {
                    let mut typed = Line::default();
                    reader.take(found.length, Some(&mut typed));
                    self.logical.symbolic.push((typed.text, at.at));
                } else {
                    reader.take(found.length, None);
                }
                job.substitutions += 1;
                let piece = if is_symbolic { PieceKind::Symbolic } else { PieceKind::Made };
                let via = self.add_via(via, at.at, at.via);
                out.push(&text, at.at, piece, Some(via));
            }
        }
        if out.text.len() + reader.left > EXPANDED_LINE_BYTES {
            return fail(FaultKind::ExpansionTooLong { name: found.name });
        }
        Ok(true)
    }

    fn open_definition(&mut self, value: Rc<Definition>, name: &str, at: Typed, reader: &mut Reader, job: &mut Job) {
        let via = self.add_via(ViaKind::Definition(name.to_owned()), at.at, at.via);
        if let Some(first) = value.lines.first() {
            reader.open(Rc::clone(first), Some(via));
        }
        if value.lines.len() > 1 {
            job.work.push(Work::Lines { definition: value, next: 1, via });
        }
    }

    /// The use in the text before it was expanded that led to `at`: vias from `first` on were made since.
    fn outermost(&self, mut at: Typed, first: usize) -> Typed {
        while let Some(ViaId(id)) = at.via.filter(|ViaId(id)| *id as usize >= first) {
            let step = &self.logical.vias[id as usize];
            at = Typed { at: step.at, via: step.parent };
        }
        at
    }
}

fn copy_frame(line: &mut Line, from: &Line) {
    (line.tail, line.end, line.continues) = (from.tail, from.end, from.continues);
}

fn framed(mut line: Line, from: &Line) -> Line {
    copy_frame(&mut line, from);
    line.reread = from.reread;
    line
}

/// What the text in the reader is, if it starts like something that is not expanded.
fn directive(reader: &Reader) -> Option<Directive> {
    let mut text = reader.bytes().skip_while(|&byte| line::is_blank(byte)).peekable();
    if text.peek() == Some(&b'$') {
        return is_definition(text).then_some(Outcome::Definition);
    }
    text.next_if_eq(&b'~')?;
    let word: Vec<u8> = text.take(3).collect();
    let is_sequence = word == b"SEQ" || word == b"LST";
    Some(if is_sequence { Outcome::Sequence } else { Outcome::AsIs })
}

impl Reader {
    fn open(&mut self, line: Rc<Line>, via: Option<ViaId>) {
        self.left += line.text.len();
        self.open.push((line, 0, via));
        self.close_read();
    }

    fn close_read(&mut self) {
        while self.open.last().is_some_and(|(line, position, _)| *position >= line.text.len()) {
            self.open.pop();
        }
    }

    /// The bytes that are left.
    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.open.iter().rev().flat_map(|(line, position, _)| line.text.bytes().skip(*position))
    }

    /// Bytes before the next `$`, or up to the end of the innermost text; nothing at the end of all.
    fn until_dollar(&self) -> Option<usize> {
        let (line, position, _) = self.open.last()?;
        let rest = &line.text.as_bytes()[*position..];
        Some(memchr::memchr(b'$', rest).unwrap_or(rest.len()))
    }

    /// Reads bytes, into a line if one is given.
    fn take(&mut self, mut length: usize, mut out: Option<&mut Line>) {
        while length > 0 {
            let Some((line, position, via)) = self.open.last_mut() else { return };
            let part = length.min(line.text.len() - *position);
            if let Some(out) = out.as_deref_mut() {
                out.append(line, *position..*position + part, *via);
            }
            *position += part;
            self.left -= part;
            length -= part;
            self.close_read();
        }
    }

    /// Where the next bytes were typed.
    fn typed(&self, mut length: usize) -> Typed {
        let mut first: Option<Typed> = None;
        for (line, position, via) in self.open.iter().rev() {
            let end = line.text.len().min(position + length);
            let mut typed = line.typed(*position..end);
            typed.via = via.or(typed.via);
            match &mut first {
                None => first = Some(typed),
                Some(first) if first.via == typed.via && first.at.file == typed.at.file => {
                    first.at.span = first.at.span.to(typed.at.span);
                }
                Some(_) => {}
            }
            length -= end - position;
            if length == 0 {
                break;
            }
        }
        first.unwrap_or_else(|| Line::default().typed(0..0))
    }

    fn is_blank_after(&self, length: usize) -> bool {
        self.bytes().skip(length).all(line::is_blank)
    }

    /// The use of a name that comes next: `${NAME}`, or `$NAME` before a blank, a comma, a `)` or the end.
    fn name(&self) -> Option<Use> {
        let mut rest = self.bytes().peekable();
        if rest.next() != Some(b'$') {
            return None;
        }
        let braces = rest.next_if_eq(&b'{').is_some();
        let mut name = String::new();
        while let Some(byte) = rest.next_if(|&byte| is_in_name(byte)) {
            name.push(char::from(byte));
        }
        if !name.bytes().next().is_some_and(starts_name) {
            return None;
        }
        if !braces {
            let ends = matches!(rest.next(), None | Some(b' ' | b'\t' | b',' | b')'));
            let length = 1 + name.len();
            return ends.then_some(Use { name, parameters: String::new(), length });
        }
        let mut parameters = Vec::new();
        if rest.peek().is_some_and(|&byte| line::is_blank(byte)) {
            parameters.extend(std::iter::from_fn(|| rest.next_if(|byte| !b"${}\"".contains(byte))));
        }
        if rest.next() != Some(b'}') {
            return None;
        }
        let length = 3 + name.len() + parameters.len();
        Some(Use { name, parameters: String::from_utf8(parameters).ok()?, length })
    }
}
