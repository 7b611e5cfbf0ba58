//! What an editor may show between the words: units, values in effect that are not written, what counts of a secret.

use super::View;
use super::effective::{Effective, INSTANCE, SCRIPT, unwritten};
use kalc_compiler::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::track;
use kalc_grammar::schema::vrrp_instance as row;
use kalc_grammar::schema::vrrp_instance::authentication;
use kalc_grammar::schema::{Keyword, Unit};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::vrrp::Auth;
use std::collections::BTreeMap;

/// So many of the fields of an instance are shown; hover shows the others.
const MOST: usize = 3;

/// A text between the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The text.
    pub label: String,
    /// Why, in Markdown.
    pub tooltip: String,
}

/// The hints of a range of a file, by the offsets at which they stand.
pub fn hints(view: View<'_>, within: Span) -> BTreeMap<u32, Hint> {
    let mut found = BTreeMap::new();
    let config = &view.host.config;
    for (index, setting) in config.settings.iter().enumerate() {
        let id = SettingId(index as u32);
        let Some(span) = view.typed(setting.span) else { continue };
        if span.end < within.start || within.end < span.start {
            continue;
        }
        let keyword = setting.keyword;
        let (end, hint) = if keyword.opens_block() {
            let Some(end) = header_end(view, id, span) else { continue };
            (end, in_effect(view.host, keyword, id))
        } else if keyword == &authentication::AUTH_PASS {
            (span.end, secret(view.host, id))
        } else {
            (span.end, unit(view, id))
        };
        if let Some(hint) = hint.filter(|_| within.start <= end && end <= within.end) {
            found.entry(end).or_insert(hint);
        }
    }
    found
}

/// Behind the `{` of a block that is on the line of its keyword.
fn header_end(view: View<'_>, id: SettingId, span: Span) -> Option<u32> {
    let node = view.host.tree.node(view.host.config.setting(id).node);
    let open = view.host.tokens.significant.get(node.open as usize)?;
    let end = view.typed(open.span())?.end;
    let between = view.text().get(span.end as usize..end as usize)?;
    (!between.contains('\n')).then_some(end)
}

/// The unit of a number that stands alone.
fn unit(view: View<'_>, id: SettingId) -> Option<Hint> {
    let setting = view.host.config.setting(id);
    let unit = match setting.keyword.unit {
        Unit::None => return None,
        Unit::Seconds => "s",
        Unit::Milliseconds => "ms",
        Unit::Microseconds => "µs",
        Unit::Bytes => "bytes",
    };
    let [value] = view.host.config.values(id) else { return None };
    let is_number = matches!(value.data, Data::Int(_) | Data::Micros(_));
    // A number with signs behind it that say the same needs no hint.
    is_number.then(|| Hint { label: unit.to_owned(), tooltip: format!("`{}` is in this unit", setting.keyword.name) })
}

/// What counts of a secret that is too long.
fn secret(host: &Host, id: SettingId) -> Option<Hint> {
    let block = host.config.ancestors(id).nth(1)?;
    let instance = host.ir.vrrp_instances.iter().find(|instance| instance.origin.0 == block.0)?;
    let (Auth::Pass { secret } | Auth::Ah { secret }) = &instance.auth else { return None };
    let counted = secret.bytes.len();
    if secret.written_length as usize <= counted {
        return None;
    }
    let label = format!("= {}", String::from_utf8_lossy(&secret.bytes));
    let tooltip = format!("{} bytes are written, and {counted} count", secret.written_length);
    Some(Hint { label, tooltip })
}

/// What is in effect in a block without being written there.
fn in_effect(host: &Host, keyword: &Keyword, id: SettingId) -> Option<Hint> {
    let fields = match () {
        () if keyword == &row::VRRP_INSTANCE => &INSTANCE[..MOST],
        () if keyword == &track::VRRP_SCRIPT => &SCRIPT[..],
        () => return None,
    };
    let effective = unwritten(host, fields, id);
    if effective.is_empty() {
        return None;
    }
    let say = |Effective { keyword, value, .. }: &Effective| format!("{} {value}", keyword.name);
    let label = effective.iter().map(say).collect::<Vec<_>>().join(", ");
    let lines = effective.iter().map(|e| match e.from {
        Some((from, _)) => format!("- `{}` {}: `{}` in `global_defs`", e.keyword.name, e.value, from.name),
        None => format!("- `{}` {}: the default", e.keyword.name, e.value),
    });
    let tooltip = format!("Not written here:\n\n{}", lines.collect::<Vec<_>>().join("\n"));
    Some(Hint { label, tooltip })
}
