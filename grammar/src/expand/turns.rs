//! `~SEQ` and `~LST` lines: the text behind the parentheses is read once for each turn.
//!
//! The variables are definitions like any other, and keep their last values.

use super::define::Definition;
use super::line::{self, Line, Typed};
use super::sequence::{self, Lists, Numbers};
use super::substitute::{Lines, Outcome};
use super::{Expansion, PieceKind, ViaKind, Work, limit};
use crate::fault::{At, FaultKind};
use std::rc::Rc;

/// A sequence that is being carried out.
pub(super) struct Turns {
    names: Vec<Rc<str>>,
    values: Values,
    body: Rc<Line>,
    /// All from the `~` to the `)`.
    spec: Typed,
}

enum Values {
    Numbers(Numbers),
    /// With a value for every name, the next turn last.
    Lists(Vec<Vec<Line>>),
}

/// One turn: the names and their values, and the text to be read.
pub(super) struct Turn {
    values: Vec<(Rc<str>, Line)>,
    body: Rc<Line>,
    spec: Typed,
}

impl Turns {
    /// The next turn.
    pub fn next(&mut self) -> Option<Turn> {
        let values = match &mut self.values {
            Values::Numbers(numbers) => vec![made(&numbers.next()?, self.spec)],
            Values::Lists(turns) => turns.pop()?,
        };
        let values = self.names.iter().cloned().zip(values).collect();
        Some(Turn { values, body: Rc::clone(&self.body), spec: self.spec })
    }

    /// Whether no turn is left.
    pub fn is_done(&self) -> bool {
        match &self.values {
            Values::Numbers(numbers) => numbers.is_done(),
            Values::Lists(turns) => turns.is_empty(),
        }
    }
}

impl Expansion<'_> {
    /// Carries out a line that starts with `~SEQ` or `~LST`.
    pub(super) fn sequence(&mut self, line: Line) {
        let start = line.indent();
        let spec_end = memchr::memchr(b')', line.text.as_bytes()).map_or(line.text.len(), |end| end + 1);
        let spec = self.typed(&line, start..spec_end);
        if self.exhausted {
            return;
        }
        if self.is_too_deep(spec.via) {
            return self.fault_at(At::File(spec.at), limit("sequences stand in each other more than 64 deep"));
        }
        match self.turns(&line, start, spec) {
            Ok(mut turns) if turns.body.text.bytes().all(line::is_blank) => {
                if let Values::Numbers(numbers) = &turns.values {
                    let value = made(&numbers.last(), spec);
                    return self.set(&turns.names, vec![value]);
                }
                while let Values::Lists(values) = &mut turns.values
                    && let Some(values) = values.pop()
                {
                    self.set(&turns.names, values);
                }
            }
            Ok(turns) => self.work.push(Work::Turns(Box::new(turns))),
            Err(reason) => self.fault_at(At::File(spec.at), FaultKind::BadSequence { reason }),
        }
    }

    /// Reads the arguments.
    fn turns(&mut self, line: &Line, start: usize, spec: Typed) -> Result<Turns, String> {
        let text = line.text.get(..line::code_length(&line.text)).unwrap_or_default();
        let word = &text[start..];
        let is_list = word.starts_with("~LST");
        let hex = word.starts_with("~SEQx");
        let after = start + if hex { 5 } else { 4 };
        let open = after + line::indent(&text[after..]);
        if text.as_bytes().get(open) != Some(&b'(') {
            return Err("a `(` must follow".to_owned());
        }
        let Some(close) = memchr::memchr(b')', text.as_bytes()) else { return Err("it has no `)`".to_owned()) };
        let inside = open + 1..close;
        let mut body = line.slice(close + 1..text.len(), None);
        body = body.slice(body.indent()..body.text.len(), None);
        body.end = line.end;
        let body = Rc::new(body);
        if !is_list {
            // Parameters of ~SEQ may be definitions, those of ~LST are kept as they are.
            let arguments = match self.substitute_within(line.slice(inside, None), Lines::One).0 {
                Outcome::Line { line, .. } => line,
                _ => return Err("its arguments cannot be expanded".to_owned()),
            };
            let numbers = sequence::numbers(&arguments.text, hex)?;
            let names = vec![arguments.text[numbers.name.clone()].into()];
            return Ok(Turns { names, values: Values::Numbers(numbers), body, spec });
        }
        let base = inside.start;
        let Lists { names, turns } = sequence::lists(&text[inside])?;
        let shift = |range: &std::ops::Range<usize>| base + range.start..base + range.end;
        let turns = turns.iter().rev().map(|turn| {
            let mut values: Vec<_> = turn.iter().map(|value| line.slice(shift(value), None)).collect();
            values.resize_with(names.len(), Line::default);
            values
        });
        let values = Values::Lists(turns.collect());
        let names = names.iter().map(|name| text[shift(name)].into()).collect();
        Ok(Turns { names, values, body, spec })
    }

    /// Starts a turn: sets its variables, and gives the line to be read.
    pub(super) fn take_turn(&mut self, turn: Turn) -> Line {
        let pairs = turn.values.iter().map(|(name, value)| (name.to_string(), value.text.clone())).collect();
        let via = self.add_via(ViaKind::Sequence(pairs), turn.spec.at, turn.spec.via);
        for (name, value) in turn.values {
            self.set(&[name], vec![value]);
        }
        let mut line = turn.body.slice(0..turn.body.text.len(), Some(via));
        line.end = turn.body.end.map(|end| Typed { via: Some(via), ..end });
        line.reread = true;
        line
    }

    fn set(&mut self, names: &[Rc<str>], values: Vec<Line>) {
        for (name, value) in names.iter().zip(values) {
            let definition = Definition { lines: vec![Rc::new(value)], is_multi_line: false };
            self.definitions.insert(Rc::clone(name), Rc::new(definition));
        }
    }
}

fn made(text: &str, spec: Typed) -> Line {
    let mut line = Line::default();
    line.push(text, spec.at, PieceKind::Made, None);
    line
}
