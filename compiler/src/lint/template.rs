//! Whether a file is a template: text for a program that makes configurations, and no configuration yet. Nothing that the
//! rules could say of one would be true of what comes out of it.

use super::names::is_incomplete;
use crate::host::Host;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::lex::{Token, TokenKind};
use kalc_grammar::source::Span;
use std::collections::BTreeSet;

/// Names of files that template engines read.
const ENDINGS: [&str; 11] =
    [".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".tftpl", ".ctmpl", ".erb", ".epp", ".mustache", ".hbs"];

/// So many values that are still to come make a template; fewer were forgotten.
const MARKS: usize = 2;

/// So many names of `${NAME}` that nothing defines are for `envsubst` or a shell; fewer are slips.
const NAMES: usize = 3;

/// Where it shows that the file of a host is a template.
pub fn find(host: &Host) -> Option<At> {
    if ENDINGS.iter().any(|ending| host.file_name().ends_with(ending)) {
        let first = host.tokens.significant.first().map_or(Span::default(), |token| token.span());
        return Some(At::Logical(first));
    }
    // Most files have none of these bytes in a row.
    let text = &*host.logical.text;
    if ["{{", "{%", "<%", "{$", "__"].iter().any(|mark| text.contains(mark))
        && let Some(span) = marks(text, &host.tokens.significant)
    {
        return Some(At::Logical(span));
    }
    variables(host)
}

/// The first mark of a template engine, if there is a command for one, or if there are several values.
fn marks(text: &str, tokens: &[Token]) -> Option<Span> {
    let mut values: Vec<Span> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).filter(|next| next.start == token.end);
        let next_text = next.map_or("", |next| next.text(text));
        let word = token.text(text);
        match token.kind {
            TokenKind::Word | TokenKind::Quoted | TokenKind::OpenQuote => {
                if word.contains("{%") || word.contains("<%") {
                    return Some(*values.first().unwrap_or(&token.span()));
                }
                let is_filler = word.starts_with("__")
                    && word.trim_end_matches(|c: char| c == '/' || c.is_ascii_digit()).ends_with("__")
                    && word.len() > 4;
                if is_filler || word.find("{{").is_some_and(|at| word[at..].contains("}}")) {
                    values.push(token.span());
                }
            }
            TokenKind::Open if next_text.starts_with('%') => return Some(*values.first().unwrap_or(&token.span())),
            TokenKind::Open if next_text.starts_with('$') => values.push(token.span()),
            TokenKind::Open if next.is_some_and(|next| next.kind == TokenKind::Open) => {
                // `{{ range $x }}`: the same line closes twice without a blank.
                let line = tokens[index + 1..].iter().take_while(|token| !token.first);
                let closes: Vec<u32> =
                    line.filter(|token| token.kind == TokenKind::Close).map(|token| token.start).collect();
                if closes.windows(2).any(|pair| pair[0] + 1 == pair[1]) {
                    values.push(token.span());
                }
            }
            TokenKind::Open | TokenKind::Close | TokenKind::Space | TokenKind::Newline | TokenKind::Comment => {}
        }
    }
    (values.len() >= MARKS).then(|| values[0])
}

/// `${NAME}` of a file that defines nothing and of which nothing is missing.
fn variables(host: &Host) -> Option<At> {
    let mut first = None;
    let mut names = BTreeSet::new();
    for fault in &host.faults {
        let FaultKind::UndefinedName { name, braces: true } = &fault.kind else { continue };
        let At::Logical(span) = fault.at else { continue };
        let tokens = &host.tokens.significant;
        let token = tokens.get(tokens.partition_point(|token| token.end <= span.start));
        // A script may have variables of its own.
        if token.is_some_and(|token| token.kind == TokenKind::Word) {
            first = first.or(Some(fault.at));
            names.insert(name.as_str());
        }
    }
    if names.len() < NAMES {
        return None;
    }
    let is_definition = |line: &str| line.trim_start().starts_with('$') && line.contains('=');
    let main = host.sources.iter().next();
    let defines = !host.profile.defines.is_empty()
        || main.is_some_and(|(_, file)| file.text().lines().any(is_definition))
        || host.logical.files.len() > 1
        || is_incomplete(host);
    first.filter(|_| !defines)
}
