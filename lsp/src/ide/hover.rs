//! What stands under the cursor: the schema's words for a keyword, the text of a definition.

use super::company::Company;
use super::definition::definition_of;
use super::{View, contains, definition_name};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::{Keyword, Kind, Repeat, Runtime, Since, Status, Unit, usage};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;

/// A card of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// Markdown.
    pub markdown: String,
    /// What it speaks of.
    pub span: Span,
}

/// The card for a position.
pub fn hover(_company: &Company, view: View<'_>, offset: u32) -> Option<Hover> {
    if let Some((name, span)) = definition_name(view.text(), offset)
        && let Some(value) = definition_of(view, name, span)
    {
        let line = view.host.sources.text(value);
        return Some(Hover { markdown: format!("```keepalived\n{}\n```\n", line.trim_end()), span });
    }
    let at = view.logical(offset)?;
    let id = view.setting(offset)?;
    let config = &view.host.config;
    let setting = config.setting(id);
    let values = config.values(id);
    let (keyword, span) = match values.iter().position(|value| contains(value.span, at)) {
        Some(index) => {
            let option = values[..=index].iter().rev().find_map(|value| match value.data {
                Data::Option(option) => Some(option),
                _ => None,
            });
            (option.unwrap_or(setting.keyword), values[index].span)
        }
        None if contains(setting.name, at) => (setting.keyword, setting.name),
        None => return None,
    };
    Some(Hover { markdown: card(keyword, &path(view, id, keyword)), span: view.typed(span)? })
}

/// The words from the root to a keyword.
fn path(view: View<'_>, id: SettingId, keyword: &'static Keyword) -> String {
    let config = &view.host.config;
    let mut words: Vec<&str> = config.ancestors(id).map(|around| config.setting(around).keyword.name).collect();
    words.reverse();
    let own = config.setting(id).keyword;
    words.extend([own.name].into_iter().chain((own != keyword).then_some(keyword.name)).filter(|n| *n != "<entry>"));
    words.join(" › ")
}

/// All that the schema says of a keyword, as Markdown.
pub fn card(keyword: &Keyword, path: &str) -> String {
    let name = if keyword.kind == Kind::Entry { "" } else { keyword.name };
    let usage = usage(keyword);
    let block = if keyword.opens_block() { "{" } else { "" };
    let line = [name, &usage, block].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let mut card = format!("```keepalived\n{line}\n```\n{}\n", keyword.doc.trim());
    let mut facts = Vec::new();
    match keyword.status {
        Status::Current => {}
        Status::Deprecated(instead) => facts.push(format!("**Deprecated**: use `{instead}`")),
        Status::Alias(of) => facts.push(format!("Another spelling of `{of}`")),
    }
    if !keyword.default.is_empty() {
        facts.push(format!("Default: {}", keyword.default));
    }
    if let Some(unit) = unit(keyword.unit) {
        facts.push(format!("Unit: {unit}"));
    }
    facts.push(match keyword.since {
        Since::V2_2_7 => "keepalived: 2.2.7 and 2.4.3".to_owned(),
        Since::V2_4_3 => "keepalived: 2.4.3; unknown to 2.2.7".to_owned(),
    });
    if !keyword.opens_block() && keyword.kind != Kind::Entry {
        match keyword.repeat {
            Repeat::LastWins => {}
            Repeat::FirstWins => facts.push("Written twice, the first one counts".to_owned()),
            Repeat::Accumulates => facts.push("May be written several times; all count".to_owned()),
        }
    }
    if let Runtime::NoEffect(reason) = keyword.runtime {
        facts.push(format!("Without effect in kalc's own daemon: {reason}"));
    }
    if path.contains('›') {
        facts.push(format!("In: {path}"));
    }
    card.push('\n');
    for fact in facts {
        card.push_str(&format!("- {fact}\n"));
    }
    card
}

fn unit(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::None => None,
        Unit::Seconds => Some("seconds"),
        Unit::Milliseconds => Some("milliseconds"),
        Unit::Microseconds => Some("microseconds"),
        Unit::Bytes => Some("bytes"),
    }
}
