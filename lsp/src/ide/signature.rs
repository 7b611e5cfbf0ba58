//! How the line that is being typed goes on: its words in order, and the one that is next.

use super::View;
use super::line::{Typing, typing};
use kalc_grammar::schema::usage::{param, usage};
use kalc_grammar::schema::{Keyword, Param, Presence};

/// How a line is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// All of it: `weight <number -253..253> [reverse]`.
    pub label: String,
    /// What it does, in Markdown.
    pub documentation: String,
    /// Where each parameter stands in the label, in bytes.
    pub parameters: Vec<(u32, u32)>,
    /// The parameter that is next, if there is one.
    pub active: Option<usize>,
}

/// The line at a position, and within it the option whose words are being typed, the innermost last.
pub fn signatures(view: View<'_>, offset: u32) -> Vec<Signature> {
    let Some(Typing { row: Some(row), given, .. }) = typing(view, offset) else { return Vec::new() };
    // An entry has no word of its own, so that its first word is already a parameter.
    let last = given.iter().rposition(|word| row.option(word).is_some_and(|option| !option.is_bare()));
    let option = last.and_then(|at| Some((row.option(given[at])?, given.len() - at - 1)));
    let own = last.unwrap_or(given.len());
    let is_in_option = option.is_some_and(|(option, count)| next(option.params, count).is_some());
    let mut found = vec![signature(row, (!is_in_option).then_some(own))];
    if let Some((option, count)) = option.filter(|_| is_in_option) {
        found.push(signature(option, Some(count)));
    }
    found
}

fn signature(row: &Keyword, given: Option<usize>) -> Signature {
    let mut label = if row.name == "<entry>" { String::new() } else { row.name.to_owned() };
    let mut parameters = Vec::new();
    let mut add = |label: &mut String, text: &str| {
        if !label.is_empty() {
            label.push(' ');
        }
        parameters.push((label.len() as u32, (label.len() + text.len()) as u32));
        label.push_str(text);
    };
    row.params.iter().for_each(|one| add(&mut label, &param(one)));
    let options: Vec<&str> = row.options.iter().flat_map(|group| group.iter().map(|option| option.name)).collect();
    if !options.is_empty() {
        add(&mut label, &format!("[{}]...", options.join("|")));
    }
    let active = given.and_then(|given| match next(row.params, given) {
        Some(index) => Some(index),
        None => (!options.is_empty()).then_some(row.params.len()),
    });
    let mut documentation = row.doc.trim().to_owned();
    if !row.default.is_empty() {
        documentation.push_str(&format!("\n\nDefault: {}", row.default));
    }
    if label.is_empty() {
        label = usage(row);
    }
    Signature { label, documentation, parameters, active }
}

/// The parameter that a word behind so many given ones would be.
fn next(params: &[Param], given: usize) -> Option<usize> {
    let last = params.len().checked_sub(1)?;
    let repeats = matches!(params[last].presence, Presence::Repeated | Presence::OptionalRepeated);
    if given <= last { Some(given) } else { repeats.then_some(last) }
}
