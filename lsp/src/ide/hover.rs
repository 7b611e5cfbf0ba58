//! What stands under the cursor: the schema's words for a keyword, the text of a definition.

use super::company::Company;
use super::definition::definition_of;
use super::effective::{self, Effective};
use super::names::{in_comment, thing};
use super::{View, contains, definition_name, uses};
use kalc_compiler::cluster::timing::{Timers, seconds};
use kalc_compiler::cluster::tracker::{healthy, trackers};
use kalc_compiler::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::track;
use kalc_grammar::schema::virtual_server;
use kalc_grammar::schema::vrrp_instance as row;
use kalc_grammar::schema::{Keyword, Kind, Repeat, Runtime, Since, Status, Unit, usage, usage::limits};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::vrrp::Instance;
use std::net::IpAddr;

/// A card of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// Markdown.
    pub markdown: String,
    /// What it speaks of.
    pub span: Span,
}

/// The card for a position.
pub fn hover(company: &Company, view: View<'_>, offset: u32) -> Option<Hover> {
    if in_comment(view.text(), offset) {
        return None;
    }
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
    let mut markdown = card(keyword, &path(view, id, keyword));
    let is_option = keyword != setting.keyword;
    for (title, lines) in sections(company, view, offset, id).into_iter().filter(|_| !is_option) {
        markdown.push_str(&format!("\n**{title}**\n\n"));
        lines.iter().for_each(|line| markdown.push_str(&format!("- {line}\n")));
    }
    Some(Hover { markdown, span: view.typed(span)? })
}

/// What is to say besides what the schema says: titles, with lines.
fn sections(company: &Company, view: View<'_>, offset: u32, id: SettingId) -> Vec<(String, Vec<String>)> {
    let host = view.host;
    let config = &host.config;
    let setting = config.setting(id);
    let mut sections = Vec::new();
    let block = setting.parent;
    let values = block.map(|block| effective::of_statement(host, block, id)).unwrap_or_default();
    if let [value] = &values[..] {
        sections.push((format!("In effect: {value}"), Vec::new()));
    }
    let heirs = effective::heirs(host, id);
    sections.push(("Counts for".to_owned(), heirs.iter().map(|name| format!("`vrrp_instance {name}`")).collect()));
    if let Some((thing, _)) = thing(view, offset) {
        sections.push(("Used by".to_owned(), uses::users(company, view, &thing)));
    }
    if let Some(address) = virtual_address(view, id) {
        sections.push(("Held by".to_owned(), uses::holders(company, view, address)));
    }
    let is_timed = setting.keyword == &row::ADVERT_INT || setting.keyword == &row::PRIORITY;
    let is_header = setting.keyword == &row::VRRP_INSTANCE;
    let instance = match is_header {
        true => effective::instance_of(host, id),
        false => block.filter(|_| is_timed).and_then(|block| effective::instance_of(host, block)),
    };
    if let Some((index, instance)) = instance {
        if is_timed {
            sections.push(("Failover".to_owned(), vec![takeover(host, instance)]));
        }
        if let Some(standing) = company.standing(view.reading, index) {
            let members = standing.members.iter().map(|(host, name)| format!("`{name}` in {host}"));
            let members = if is_header { members.collect() } else { Vec::new() };
            sections.push((format!("Virtual router: {}", standing.line()), members));
            sections.push(("By cause".to_owned(), standing.failovers.clone()));
        }
    }
    let unwritten = match () {
        () if is_header => effective::unwritten(host, &effective::INSTANCE, id),
        () if setting.keyword == &track::VRRP_SCRIPT => effective::unwritten(host, &effective::SCRIPT, id),
        () => Vec::new(),
    };
    sections
        .push(("In effect without being written here".to_owned(), unwritten.iter().map(|e| line(host, e)).collect()));
    // A title says enough without lines only if it is a sentence.
    sections.retain(|(title, lines)| !lines.is_empty() || title.contains(": "));
    sections
}

/// A value with where it comes from.
fn line(host: &Host, effective: &Effective) -> String {
    let Effective { keyword, value, from } = effective;
    match from {
        None => format!("`{}` {value} (default)", keyword.name),
        Some((from, id)) => {
            let typed = host.logical.place(host.config.setting(*id).span).typed;
            let line = host.sources.file(typed.file).line_column(typed.span.start).line;
            format!("`{}` {value} (`{}` in `global_defs`, line {line})", keyword.name, from.name)
        }
    }
}

/// The address of an entry of `virtual_ipaddress` or `virtual_ipaddress_excluded`, or of a `virtual_server`.
fn virtual_address(view: View<'_>, id: SettingId) -> Option<IpAddr> {
    let config = &view.host.config;
    let list = config.setting(id).parent.map(|list| config.setting(list).keyword);
    let is_entry = list.is_some_and(|list| list == &row::VIRTUAL_IPADDRESS || list == &row::VIRTUAL_IPADDRESS_EXCLUDED);
    if !is_entry && config.setting(id).keyword != &virtual_server::VIRTUAL_SERVER {
        return None;
    }
    match config.values(id).first()?.data {
        Data::Net { ip, .. } | Data::Ip(ip) => Some(ip),
        _ => None,
    }
}

/// How long a backup with this instance's times and priority waits.
fn takeover(host: &Host, instance: &Instance) -> String {
    let global = &host.ir.global;
    let timers = Timers::new(instance, global.vrrp_startup_delay_us.max(global.vrrp_delay_after_boot_us));
    let priority = healthy(instance.priority, &trackers(&host.ir, instance)).priority;
    let (adverts, interval) = (timers.down_adverts, seconds(timers.advert_us));
    format!(
        "as a backup with priority {priority} it takes over {} after the last advert: {adverts} × {interval} and {} of skew",
        seconds(timers.master_down(priority)),
        seconds(timers.skew(priority)),
    )
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
    let ranges: Vec<String> = keyword.params.iter().filter_map(|param| limits(&param.arg)).collect();
    if let [range] = &ranges[..] {
        facts.push(format!("Range: {range}"));
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
    match keyword.runtime {
        Runtime::Executed => {}
        Runtime::NoEffect(reason) => facts.push(format!("Without effect in kalc's own daemon: {reason}")),
        Runtime::Refused(reason) => facts.push(format!("Refused by kalc's own daemon: {reason}")),
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
