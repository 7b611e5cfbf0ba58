//! `kalc:` comments of one file: what they say and which text they cover.

use super::Date;
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::source::Span;
use kalc_grammar::syntax::{self, NodeId};

/// What a comment covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The whole file.
    File,
    /// That text.
    Text(Span),
    /// Nothing follows it in its block.
    Nothing,
}

/// Why a comment is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// Neither `allow` nor `allow-file`.
    UnknownWord,
    /// No `(` behind the word.
    NoBrackets,
    /// No `)`.
    Unclosed,
    /// Nothing in the brackets.
    NoRule,
    /// No day behind `until=`.
    BadDate,
}

/// One comment that speaks to kalc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// From its sign to its end.
    pub at: Span,
    /// With the blanks before it, and with its line if nothing else is there: what is deleted with it.
    pub whole: Span,
    /// What is between the brackets.
    pub list: Span,
    /// The codes and names in it.
    pub items: Vec<(String, Span)>,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// `until=…` as it stands between the brackets.
    pub inner_until: Option<String>,
    /// What is wrong with it.
    pub mistake: Option<Mistake>,
    /// What it covers.
    pub reach: Reach,
}

/// The comments of a text that start with `kalc:`.
pub(super) fn read(text: &str) -> Vec<Comment> {
    if !text.contains("kalc:") {
        return Vec::new();
    }
    let tokens = lex(text);
    let (tree, _) = syntax::parse(text, &tokens);
    let mut comments = Vec::new();
    for (index, &kind) in tokens.kinds.iter().enumerate() {
        if kind != TokenKind::Comment {
            continue;
        }
        let start = tokens.starts[index];
        let end = tokens.starts.get(index + 1).map_or(text.len(), |&end| end as usize);
        let Some(mut comment) = understand(text, Span::new(start, end as u32)) else { continue };
        let line_start = text[..start as usize].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        let before = &text[line_start..start as usize];
        let alone = before.trim().is_empty();
        comment.whole = if alone {
            Span::new(line_start as u32, line_end as u32)
        } else {
            Span::new((line_start + before.trim_end().len()) as u32, comment.at.end)
        };
        if comment.reach != Reach::File {
            comment.reach = if alone {
                below(text, &tokens, &tree, end as u32)
            } else {
                Reach::Text(Span::new(line_start as u32, line_end as u32))
            };
        }
        comments.push(comment);
    }
    comments
}

/// The statement or block that starts next, if the block that the comment is in does not end before.
fn below(text: &str, tokens: &kalc_grammar::lex::Tokens, tree: &syntax::Tree, from: u32) -> Reach {
    let next = tokens.significant.partition_point(|token| token.start < from) as u32;
    let node = tree.nodes.partition_point(|node| node.first < next);
    if tree.nodes.get(node).is_none_or(|node| node.first != next) {
        return Reach::Nothing;
    }
    let span = tree.whole(NodeId(node as u32), &tokens.significant);
    // A line that ends in a backslash goes on in the next one.
    let mut end = span.end as usize;
    loop {
        let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
        if !text[end..line_end].trim_end().ends_with('\\') && !text[..end].ends_with('\\') || line_end == text.len() {
            break;
        }
        end = text[line_end + 1..].find('\n').map_or(text.len(), |at| line_end + 1 + at);
    }
    Reach::Text(Span::new(span.start, (end as u32).max(span.start + 1)))
}

/// What a comment says, if it speaks to kalc; what it covers is still open.
fn understand(text: &str, at: Span) -> Option<Comment> {
    let comment = text.get(at.range())?;
    let trimmed = comment.trim_end();
    let at = Span::new(at.start, at.start + trimmed.len() as u32);
    let said = trimmed.trim_start_matches(['#', '!']).trim_start().strip_prefix("kalc:")?.trim_start();
    // Offset in the file of the end of what was cut off so far.
    let offset = |rest: &str| at.end - rest.len() as u32;
    let word_end = said.find(|c: char| !c.is_ascii_alphabetic() && c != '-').unwrap_or(said.len());
    let (word, rest) = said.split_at(word_end);
    let mut found = Comment {
        at,
        whole: at,
        list: at,
        items: Vec::new(),
        until: None,
        inner_until: None,
        mistake: None,
        reach: if word == "allow-file" { Reach::File } else { Reach::Nothing },
    };
    if word != "allow" && word != "allow-file" {
        return Some(Comment { mistake: Some(Mistake::UnknownWord), ..found });
    }
    let Some(rest) = rest.trim_start().strip_prefix('(') else {
        return Some(Comment { mistake: Some(Mistake::NoBrackets), ..found });
    };
    let Some((list, behind)) = rest.split_once(')') else {
        return Some(Comment { mistake: Some(Mistake::Unclosed), ..found });
    };
    let start = offset(rest);
    found.list = Span::new(start, start + list.len() as u32);
    let mut item_start = start;
    let mut date = None;
    for item in list.split(',') {
        let name = item.trim();
        let name_start = item_start + (item.len() - item.trim_start().len()) as u32;
        item_start += item.len() as u32 + 1;
        if let Some(day) = name.strip_prefix("until=") {
            found.inner_until = Some(name.to_owned());
            date = Some(day.trim());
        } else if !name.is_empty() {
            found.items.push((name.to_owned(), Span::new(name_start, name_start + name.len() as u32)));
        }
    }
    // Behind the brackets a date comes first; what follows is the reason.
    date = date.or_else(|| behind.trim_start().strip_prefix("until=")?.split_whitespace().next().or(Some("")));
    found.until = date.and_then(Date::parse);
    if date.is_some() && found.until.is_none() {
        // Nobody knows how long it was to count: it does not.
        found.items.clear();
        found.mistake = Some(Mistake::BadDate);
    } else if found.items.is_empty() {
        found.mistake = Some(Mistake::NoRule);
    }
    Some(found)
}
