//! The parenthesised arguments of `~SEQ` and `~LST`.
//!
//! The grammar is chumsky's, over a line of a kilobyte at most. It does not recurse, and its one choice is settled by
//! the first byte but for a brace without a partner, so it takes linear time.
//!
//! ```text
//! ~SEQ(name, end)   ~SEQ(name, start, end)   ~SEQ(name, start, step, end)
//! ~LST(name, value, ...)   ~LST({name, name}, {value, value}, ...)
//! ```

use chumsky::prelude::*;
use std::ops::Range;

/// One argument: a word, or the words in its braces.
struct Argument {
    words: Vec<Range<usize>>,
}

fn arguments<'a>() -> impl Parser<'a, &'a str, Vec<Argument>> {
    let blanks = one_of(" \t\x0b\x0c\r").repeated();
    let word = |not: &'static str| {
        none_of(not).repeated().map_with(|(), extra| {
            let span: SimpleSpan = extra.span();
            span.into_range()
        })
    };
    let tuple = word(" \t\x0b\x0c\r,}")
        .padded_by(blanks)
        .separated_by(just(','))
        .collect()
        .delimited_by(just('{'), just('}'))
        .map(|words| Argument { words });
    let single = word(" \t\x0b\x0c\r,}").map(|word| Argument { words: vec![word] });
    choice((tuple, single)).padded_by(blanks).separated_by(just(',')).collect().then_ignore(end())
}

/// The numbers of a `~SEQ`, and the place of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub name: Range<usize>,
    next: i128,
    step: i128,
    end: i128,
    hex: bool,
}

/// The names of a `~LST` and its values, turn by turn; a turn has no more values than there are names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lists {
    pub names: Vec<Range<usize>>,
    pub turns: Vec<Vec<Range<usize>>>,
}

/// Reads what stands between the parentheses of `~SEQ`, or of `~SEQx` with `hex`.
pub(super) fn numbers(text: &str, hex: bool) -> Result<Numbers, String> {
    // Braces mean nothing here: any word may be the name.
    let mut words = text.split(',');
    let name = words.next().unwrap_or_default();
    let start = super::line::indent(name);
    let name = start..start + name.trim().len();
    if name.is_empty() {
        return Err("it has no name for its variable".to_owned());
    }
    let numbers = words.map(number).collect::<Result<Vec<_>, _>>()?;
    let (next, step, end) = match numbers[..] {
        [end] => {
            let start = if end < 0 { -1 } else { 1 };
            (start, if start > end { -1 } else { 1 }, end)
        }
        [start, end] => (start, if start > end { -1 } else { 1 }, end),
        [start, step, end] => (start, step, end),
        [] => return Err("it has no last number".to_owned()),
        _ => return Err("it takes three numbers at most: start, step and end".to_owned()),
    };
    if step == 0 {
        return Err("its step is 0".to_owned());
    }
    if next != end && (step > 0) != (end > next) {
        return Err(format!("its step {step} does not lead from {next} to {end} (the step stands in the middle)"));
    }
    if hex && (next < 0 || end < 0) {
        return Err("`~SEQx` takes no negative numbers".to_owned());
    }
    Ok(Numbers { name, next, step, end, hex })
}

/// A number as C's base 0 reads it: decimal, `0x` hexadecimal or `0` octal; nothing is 0.
fn number(word: &str) -> Result<i128, String> {
    let word = word.trim();
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if digits.starts_with('0') => (digits, 8),
        None => (digits, 10),
    };
    let bad = || Err(format!("`{word}` is no whole number"));
    if (digits.is_empty() && !word.is_empty()) || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return bad();
    }
    // keepalived keeps 64 bits.
    let most = i128::from(i64::MAX);
    let value = if digits.is_empty() { 0 } else { i128::from_str_radix(digits, radix).unwrap_or(most).min(most) };
    Ok(if word.starts_with('-') { -value } else { value })
}

impl Numbers {
    /// The last number.
    pub fn last(&self) -> String {
        let steps = (self.end - self.next) / self.step;
        self.show(self.next + steps * self.step)
    }

    /// Whether all numbers were given out.
    pub fn is_done(&self) -> bool {
        if self.step > 0 { self.next > self.end } else { self.next < self.end }
    }

    fn show(&self, number: i128) -> String {
        if self.hex { format!("{number:x}") } else { number.to_string() }
    }
}

impl Iterator for Numbers {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.is_done() {
            return None;
        }
        let number = self.next;
        self.next += self.step;
        Some(self.show(number))
    }
}

/// Reads what stands between the parentheses of `~LST`.
pub(super) fn lists(text: &str) -> Result<Lists, String> {
    let Ok(arguments) = arguments().parse(text).into_result() else {
        return Err("a value has a blank or a brace in it, or a comma is missing".to_owned());
    };
    let mut arguments = arguments.into_iter().map(|argument| argument.words);
    let names = arguments.next().unwrap_or_default();
    let turns: Vec<_> = arguments.collect();
    if turns.is_empty() {
        return Err("it has no values".to_owned());
    }
    if let Some(turn) = turns.iter().find(|turn| turn.len() > names.len()) {
        let (values, names) = (turn.len(), names.len());
        return Err(format!("it has {values} values for {names} name{}", if names == 1 { "" } else { "s" }));
    }
    Ok(Lists { names, turns })
}
