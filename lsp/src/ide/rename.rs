//! Another name for what stands under the cursor, in every file that mentions it.

use super::View;
use super::company::Company;
use super::names::{Thing, given, thing};
use super::references::{Places, everywhere};
use kalc_grammar::source::Span;

/// What may be renamed at a position: where the name stands, and the name.
pub fn prepare(company: &Company, view: View<'_>, offset: u32) -> Result<(Span, String), String> {
    let (thing, span, _) = renamable(company, view, offset)?;
    Ok((span, name(&thing).to_owned()))
}

/// The places where the new name is to stand.
pub fn rename(company: &Company, view: View<'_>, offset: u32, new: &str) -> Result<Places, String> {
    let (thing, _, places) = renamable(company, view, offset)?;
    if new == name(&thing) {
        return Ok(Places::new());
    }
    may_be_called(&thing, new)?;
    let other = match &thing {
        Thing::Named(symbol, _) => Thing::Named(*symbol, new.to_owned()),
        Thing::Definition(_) => Thing::Definition(new.to_owned()),
    };
    let (hosts, taken) = everywhere(company, view, &other);
    let is_given = match &thing {
        Thing::Named(symbol, _) => {
            let named = |&index: &usize| given(&company.readings[index].host, *symbol).contains(&new);
            hosts.iter().any(named)
        }
        Thing::Definition(_) => taken.values().any(|mention| mention.is_definition),
    };
    match is_given {
        true => Err(format!("there is a {} already", other.words())),
        false => Ok(places),
    }
}

fn renamable(company: &Company, view: View<'_>, offset: u32) -> Result<(Thing, Span, Places), String> {
    let (thing, span) = thing(view, offset).ok_or("here stands no name that can be changed")?;
    let (_, places) = everywhere(company, view, &thing);
    if !places.values().any(|mention| mention.is_definition) {
        return Err(format!("nothing in these files gives {}", thing.words()));
    }
    if let Some(((path, _), _)) = places.iter().find(|(_, mention)| !mention.is_plain) {
        return Err(format!("{} is put together of other text in {path}", thing.words()));
    }
    Ok((thing, span, places))
}

fn name(thing: &Thing) -> &str {
    match thing {
        Thing::Named(_, name) | Thing::Definition(name) => name,
    }
}

/// Whether a new name is a word that reads as one, wherever it is put.
fn may_be_called(thing: &Thing, new: &str) -> Result<(), String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match thing {
        Thing::Definition(_) if new.is_empty() || !new.chars().all(is_name) => {
            Err(format!("`{new}` is no name of a definition: letters, digits and `_`"))
        }
        // The name of a definition starts as keepalived wants it; its own names start with `_`.
        Thing::Definition(_) if new.starts_with(|c: char| c.is_ascii_digit() || c == '_') => {
            Err(format!("the name of a definition starts with a letter, and `{new}` does not"))
        }
        Thing::Named(..) if new.is_empty() || new.chars().any(|c| c.is_whitespace() || "{}\"'#!$@~\\".contains(c)) => {
            Err(format!("`{new}` is no name: no blanks, quotes, braces and signs"))
        }
        Thing::Definition(_) | Thing::Named(..) => Ok(()),
    }
}
