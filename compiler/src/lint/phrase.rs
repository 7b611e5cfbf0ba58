//! Words and places that several rules name in the same way.

use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::source::Span;

/// "in `vrrp_instance`", or the place outside of all blocks.
pub fn inside(parent: &Keyword) -> String {
    if parent.name.is_empty() { "at the root of the file".to_owned() } else { format!("in `{}`", parent.name) }
}

/// The words of a stretch of one line.
pub fn words(host: &Host, span: Span) -> impl Iterator<Item = Span> {
    let tokens = &host.tokens.significant;
    let from = tokens.partition_point(|token| token.start < span.start);
    tokens[from..].iter().take_while(move |token| token.start < span.end).map(|token| token.span())
}

/// The first word of a stretch.
pub fn first_word(host: &Host, span: Span) -> Span {
    let text = host.slice(span);
    let length = text.find([' ', '\t']).unwrap_or(text.len());
    Span::new(span.start, span.start + length as u32)
}

/// The blanks with which the line of an offset starts.
pub fn indentation(host: &Host, offset: u32) -> String {
    let text = host.config.text.get(..offset as usize).unwrap_or("");
    let line = text.rsplit('\n').next().unwrap_or("");
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// The blanks before a word.
pub fn blanks_before(host: &Host, word: Span) -> Span {
    let text = host.config.text.get(..word.start as usize).unwrap_or("");
    Span::new(text.trim_end_matches([' ', '\t']).len() as u32, word.start)
}

/// What the label at [`last_brace`] says.
pub const AT_THE_END: &str = "keepalived names the end of the block";

/// The end of a block, of which messages of keepalived speak.
pub fn last_brace(host: &Host, block: SettingId) -> Span {
    let end = host.whole(block).end;
    Span::new(end.saturating_sub(1), end)
}

/// Lines as the first ones of a block, indented as what follows; none where that cannot be told from the text.
pub fn first_line(host: &Host, block: SettingId, lines: &[&str]) -> Option<(Span, String)> {
    let first = host.config.children(block).next()?;
    let at = host.config.setting(first).span.start;
    let line = host.config.text.get(..at as usize)?.rfind('\n')? as u32 + 1;
    let indent = host.slice(Span::new(line, at));
    let text: String = lines.iter().map(|line| format!("{line}\n{indent}")).collect();
    indent.trim().is_empty().then(|| (Span::new(at, at), text))
}

/// A line in the first `global_defs` that has any, or in a new one above everything else.
pub fn global_line(host: &Host, line: &str) -> Option<(Span, String)> {
    if let Some(edit) = host.config.blocks(&GLOBAL_DEFS).find_map(|block| first_line(host, block, &[line])) {
        return Some(edit);
    }
    let first = host.config.roots().next()?;
    let at = host.config.setting(first).span.start;
    let is_line_start = at == 0 || host.config.text.as_bytes().get(at as usize - 1) == Some(&b'\n');
    is_line_start.then(|| (Span::new(at, at), format!("global_defs {{\n    {line}\n}}\n")))
}

/// Whether nothing but a comment follows on the line.
pub fn ends_line(host: &Host, offset: u32) -> bool {
    let rest = host.config.text.get(offset as usize..).unwrap_or("");
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    rest.is_empty() || rest.starts_with(['\n', '#', '!'])
}

/// The whole lines that a range is on, if nothing else is on them.
pub fn whole_lines(host: &Host, span: Span) -> Option<Span> {
    let text = &host.config.text;
    let before = text.get(..span.start as usize)?;
    let start = before.trim_end_matches([' ', '\t']).len();
    let rest = text.get(span.end as usize..)?;
    let comment = rest.trim_start_matches([' ', '\t', '\r']);
    let alone = (start == 0 || before[..start].ends_with('\n')) && (comment.is_empty() || comment.starts_with('\n'));
    let end = span.end as usize + rest.find('\n').map_or(rest.len(), |length| length + 1);
    alone.then(|| Span::new(start as u32, end as u32))
}

/// The start of the line on which a range starts, if nothing stands before it there.
pub fn line_start(host: &Host, span: Span) -> Option<Span> {
    let before = host.config.text.get(..span.start as usize)?;
    let start = before.trim_end_matches([' ', '\t']).len();
    (start == 0 || before.ends_with('\n') || before[..start].ends_with('\n')).then(|| Span::new(start as u32, span.end))
}

/// A range of whole lines with the comment lines right above it.
pub fn with_comments_above(host: &Host, lines: Span) -> Span {
    let mut start = lines.start as usize;
    while let Some(before) = host.config.text.get(..start.saturating_sub(1)).filter(|_| start > 0) {
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        if !before[line..].trim_start().starts_with(['#', '!']) {
            break;
        }
        start = line;
    }
    Span::new(start as u32, lines.end)
}
