//! Where statements stand, and the edits that add one.

use super::phrase;
use super::values::line_of;
use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::source::Span;
use kalc_ir::OriginId;

/// The statement that something of the IR comes from.
pub fn statement(origin: OriginId) -> SettingId {
    SettingId(origin.0)
}

/// Its words.
pub fn span(host: &Host, origin: OriginId) -> Span {
    host.config.setting(statement(origin)).span
}

/// An edit that puts a statement on a line of its own above another one, as far indented.
pub fn line_above(host: &Host, below: SettingId, text: &str) -> (Span, String) {
    let start = host.config.setting(below).span.start;
    let indent = phrase::indentation(host, start);
    (Span::new(start, start), format!("{text}\n{indent}"))
}

/// An edit that puts a statement behind everything else in a block; `None` if the block is not closed.
pub fn line_at_end(host: &Host, block: SettingId, text: &str) -> Option<(Span, String)> {
    let whole = host.whole(block);
    let close = whole.end.checked_sub(1).filter(|&at| host.slice(Span::new(at, whole.end)) == "}")?;
    let indent = phrase::indentation(host, host.config.setting(block).span.start);
    let inner = match host.config.children(block).last() {
        Some(child) => phrase::indentation(host, host.config.setting(child).span.start),
        None => format!("{indent}    "),
    };
    // A closing brace that follows words on its line moves to the next one.
    let blanks = phrase::blanks_before(host, Span::new(close, whole.end));
    let starts_line = host.config.text.get(..blanks.start as usize).is_none_or(|before| before.ends_with('\n'));
    let lead = if starts_line { "" } else { "\n" };
    let at = Span::new(blanks.start, close);
    Some((at, format!("{lead}{inner}{}\n{indent}", text.replace('\n', &format!("\n{inner}")))))
}

/// An edit that removes a statement with its line.
pub fn without(host: &Host, id: SettingId) -> (Span, String) {
    (line_of(host, id), String::new())
}

/// An edit that removes an entry, with its list if nothing else is in it.
pub fn without_entry(host: &Host, entry: SettingId) -> (Span, String) {
    let list = host.config.setting(entry).parent;
    match list.filter(|&list| host.tree.children(host.config.setting(list).node).count() == 1) {
        Some(list) => without(host, list),
        None => without(host, entry),
    }
}
