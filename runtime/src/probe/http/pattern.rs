//! `regex`: an expression that the answer must match, or must not.
//!
//! keepalived uses PCRE2; this is the `regex` crate. It takes time in proportion to the answer whatever the expression,
//! which matters where a server that misbehaves hands in the text, and has no look-around and no back references: an
//! expression with these is refused when the configuration is read (KA931), not misread.
//!
//! Differs: keepalived 2.2.7 never finds a match that might still grow at the end of the answer (`h.*o`, `hello$`). Here
//! the end of the answer is its end, and `$` matches there and before a line feed that ends it.

use kalc_core::check::Failure;
use kalc_ir::RawValue;
use kalc_ir::checker::Url;
use regex::bytes::{Regex, RegexBuilder};

/// Largest expression and largest cache of one, in bytes.
const SIZE_MAX: usize = 4 * 1024 * 1024;

/// An expression, made ready.
#[derive(Debug)]
pub struct Pattern {
    /// `None` if it cannot be used.
    expression: Option<Regex>,
    must_not_match: bool,
    /// `regex_min_offset`, in bytes of the answer.
    from: usize,
    /// `regex_max_offset`
    until: Option<usize>,
    /// `firstline`: the match begins in the first line.
    in_first_line: bool,
    /// `dollar_endonly`
    dollar_is_end: bool,
}

impl Pattern {
    /// That of a page, if it has one.
    pub fn of(url: &Url) -> Option<Pattern> {
        let text = url.regex.as_deref()?;
        let options = options(url);
        let has = |name: &str| options.contains(&name);
        let offset = |keyword: &str| {
            let setting = url.settings.iter().rev().find(|setting| setting.keyword == keyword)?;
            setting.values.iter().find_map(|value| if let RawValue::Int(number) = value { Some(*number) } else { None })
        };
        let offset = |keyword: &str| offset(keyword).and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
        let (from, until) = match (offset("regex_min_offset"), offset("regex_max_offset")) {
            (from, 0) => (from, None),
            (from, until) if until > from => (from, Some(until)),
            // keepalived leaves out both.
            _ => (0, None),
        };
        Some(Pattern {
            expression: compile(text, &options).ok(),
            must_not_match: url.regex_no_match,
            from,
            until,
            in_first_line: has("firstline"),
            dollar_is_end: has("dollar_endonly"),
        })
    }

    /// Looks at a whole answer.
    ///
    /// # Errors
    /// If it matches and must not, or does not and must.
    pub fn judge(&self, text: &[u8]) -> Result<(), Failure> {
        let Some(expression) = &self.expression else { return Err(Failure::BadRegex) };
        let without_end = text.strip_suffix(b"\n").filter(|_| !self.dollar_is_end);
        let matches =
            self.matches(expression, text) || without_end.is_some_and(|shorter| self.matches(expression, shorter));
        match (matches, self.must_not_match) {
            (true, true) => Err(Failure::Match),
            (false, false) => Err(Failure::NoMatch),
            (true, false) | (false, true) => Ok(()),
        }
    }

    fn matches(&self, expression: &Regex, text: &[u8]) -> bool {
        if self.from > text.len() {
            return false;
        }
        // The leftmost match is found, so that no other one begins earlier.
        expression.find_at(text, self.from).is_some_and(|found| {
            let begins = found.start();
            let line_end = || text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
            self.until.is_none_or(|until| begins <= until) && !(self.in_first_line && begins > line_end())
        })
    }
}

fn options(url: &Url) -> Vec<&'static str> {
    let settings = url.settings.iter().filter(|setting| setting.keyword == "regex_options");
    let values = settings.flat_map(|setting| &setting.values);
    values.filter_map(|value| if let RawValue::Choice(word) = value { Some(*word) } else { None }).collect()
}

fn compile(text: &str, options: &[&str]) -> Result<Regex, regex::Error> {
    let has = |name: &str| options.contains(&name);
    RegexBuilder::new(text)
        .case_insensitive(has("caseless"))
        .dot_matches_new_line(has("dotall"))
        .ignore_whitespace(has("extended"))
        .multi_line(has("multiline"))
        .swap_greed(has("ungreedy"))
        .unicode(has("utf"))
        .size_limit(SIZE_MAX)
        .dfa_size_limit(SIZE_MAX)
        .build()
}
