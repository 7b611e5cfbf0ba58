//! Findings for people, with the lines they speak of. The only module that knows ariadne.

use super::excerpt::Excerpt;
use crate::diagnostic::{Diagnostic, Place, Severity};
use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};
use std::collections::{BTreeMap, HashMap};
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

/// The texts that reports show.
#[derive(Debug, Default)]
pub struct Texts {
    texts: BTreeMap<Arc<str>, Arc<str>>,
}

impl Texts {
    /// Adds a file.
    pub fn add(&mut self, name: &str, text: &Arc<str>) {
        self.texts.entry(name.into()).or_insert_with(|| Arc::clone(text));
    }

    /// Whether a file is there.
    pub fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name)
    }
}

/// Related places of one finding that are shown: more of them teach nothing new.
const RELATED_MAX: usize = 8;

/// Characters that fit at an arrow.
const SHORT: usize = 48;

/// What is shown of each file.
struct Shown(BTreeMap<Arc<str>, (Excerpt, Source<String>)>);

impl Shown {
    fn new(diagnostics: &[Diagnostic], texts: &Texts) -> Shown {
        let mut marked: HashMap<&Arc<str>, Vec<Range<usize>>> = HashMap::new();
        for diagnostic in diagnostics {
            for place in diagnostic.places().take(1 + RELATED_MAX) {
                marked.entry(&place.file).or_default().push(offsets(place));
            }
        }
        let shown = marked.into_iter().filter_map(|(file, spans)| {
            let excerpt = Excerpt::new(texts.texts.get(file)?, spans);
            let source = Source::from(excerpt.text().to_owned());
            Some((Arc::clone(file), (excerpt, source)))
        });
        Shown(shown.collect())
    }

    fn span(&self, place: &Place) -> Span {
        let Range { start, end } = offsets(place);
        let at = match self.0.get(&place.file) {
            Some((excerpt, _)) => excerpt.offset(start)..excerpt.offset(end),
            None => start..end,
        };
        (Arc::clone(&place.file), at)
    }
}

/// A file and bytes of its excerpt.
type Span = (Arc<str>, Range<usize>);

fn offsets(place: &Place) -> Range<usize> {
    place.start.offset as usize..place.end.offset as usize
}

impl Cache<Arc<str>> for &Shown {
    type Storage = String;

    fn fetch(&mut self, id: &Arc<str>) -> Result<&Source<String>, impl fmt::Debug> {
        self.0.get(id).map(|(_, source)| source).ok_or("the file is not known")
    }

    fn display<'a>(&self, id: &'a Arc<str>) -> Option<impl fmt::Display + 'a> {
        Some(id.to_string())
    }
}

/// The reports, one after the other.
pub fn render(diagnostics: &[Diagnostic], texts: &Texts, style: Style) -> String {
    let shown = Shown::new(diagnostics, texts);
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        let report = report(diagnostic, &shown, style);
        // Writing to memory cannot fail; a place outside its file is left out by ariadne.
        if report.write(&shown, &mut out).is_err() {
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

fn report(d: &Diagnostic, shown: &Shown, style: Style) -> Report<'static, Span> {
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
    let mut report = Report::build(ReportKind::Custom(d.severity.word(), color), shown.span(&d.place))
        .with_config(config)
        .with_code(format!("{} {}", d.code, d.name))
        .with_message(&d.message)
        .with_label(Label::new(shown.span(&d.place)).with_message(short_help.unwrap_or("here")).with_color(color));
    for related in d.related.iter().take(RELATED_MAX) {
        let label = Label::new(shown.span(&related.place)).with_message(&related.message).with_color(Color::Blue);
        report = report.with_label(label);
    }
    if let Some(why) = &d.why {
        report = report.with_note(why);
    }
    if let Some(more) = d.related.len().checked_sub(RELATED_MAX).filter(|more| *more > 0) {
        report = report.with_note(format!("places like these left out here: {more}; `--format json` names all"));
    }
    if let Some(help) = d.help.as_ref().filter(|_| short_help.is_none()) {
        report = report.with_help(help);
    }
    report.finish()
}
