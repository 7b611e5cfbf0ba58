//! Findings for people, with the lines they speak of. The only module that knows ariadne.

use crate::diagnostic::{Diagnostic, Place, Severity};
use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How to show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// With lines and arrows of Unicode; plain ASCII otherwise.
    pub unicode: bool,
}

/// The texts that reports show, indexed once each.
#[derive(Debug, Default)]
pub struct Texts {
    sources: BTreeMap<Arc<str>, Source<Arc<str>>>,
}

impl Texts {
    /// Adds a file.
    pub fn add(&mut self, name: &str, text: &Arc<str>) {
        self.sources.entry(name.into()).or_insert_with(|| Source::from(Arc::clone(text)));
    }

    /// Whether a file is there.
    pub fn has(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }
}

/// Characters that fit at an arrow.
const SHORT: usize = 48;

struct Lookup<'t>(&'t mut Texts);

impl Cache<Arc<str>> for Lookup<'_> {
    type Storage = Arc<str>;

    fn fetch(&mut self, id: &Arc<str>) -> Result<&Source<Arc<str>>, impl fmt::Debug> {
        self.0.sources.get(id).ok_or("the file is not known")
    }

    fn display<'a>(&self, id: &'a Arc<str>) -> Option<impl fmt::Display + 'a> {
        Some(id.to_string())
    }
}

/// The reports, one after the other.
pub fn render(diagnostics: &[Diagnostic], texts: &mut Texts, style: Style) -> String {
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        let report = report(diagnostic, style);
        // Writing to memory cannot fail; a place outside its file is left out by ariadne.
        if report.write(Lookup(texts), &mut out).is_err() {
            out.extend_from_slice(super::short::render(std::slice::from_ref(diagnostic)).as_bytes());
        }
    }
    let text = String::from_utf8_lossy(&out).into_owned();
    // ariadne colours the word for the severity whatever its configuration says.
    if style.color { text } else { without_escapes(&text) }
}

/// A text without the sequences that colour a terminal.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = escape.split_once('m').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

fn report(d: &Diagnostic, style: Style) -> Report<'static, (Arc<str>, Range<usize>)> {
    let color = match d.severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info => Color::Cyan,
        Severity::Hint => Color::Green,
    };
    let config = Config::default()
        .with_index_type(IndexType::Byte)
        .with_tab_width(8)
        .with_color(style.color)
        .with_char_set(if style.unicode { CharSet::Unicode } else { CharSet::Ascii });
    // A short way out stands at the arrow; a long one below the text.
    let short_help = d.help.as_deref().filter(|help| help.chars().count() <= SHORT);
    let mut report = Report::build(ReportKind::Custom(d.severity.word(), color), span(&d.place))
        .with_config(config)
        .with_code(format!("{} {}", d.code, d.name))
        .with_message(&d.message)
        .with_label(Label::new(span(&d.place)).with_message(short_help.unwrap_or("here")).with_color(color));
    for related in &d.related {
        report =
            report.with_label(Label::new(span(&related.place)).with_message(&related.message).with_color(Color::Blue));
    }
    if let Some(why) = &d.why {
        report = report.with_note(why);
    }
    if let Some(help) = d.help.as_ref().filter(|_| short_help.is_none()) {
        report = report.with_help(help);
    }
    report.finish()
}

fn span(place: &Place) -> (Arc<str>, Range<usize>) {
    (Arc::clone(&place.file), place.start.offset as usize..place.end.offset as usize)
}
