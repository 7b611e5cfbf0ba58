//! Comments that silence findings: `# kalc: allow(KA401) reason`, `# kalc: allow-file(KA401, unknown-keyword)`, both with an
//! optional `until=2027-03-01` inside or right behind the brackets.
//!
//! A comment is read in the file in which it was typed, so it covers text of that file: its own line, or, on a line of its
//! own, the statement or block below. It silences findings whose first place starts there, wherever the text is
//! included. What is wrong with such comments is said by KA981 `bad-suppression`, whose findings are made here.

mod comment;
mod date;

pub use date::Date;

use crate::diagnostic::{Diagnostic, Edit, Fix, Place, Position, Severity};
use crate::lint::{self, Rule};
use comment::{Comment, Mistake, Reach};
use kalc_grammar::source::{SourceFile, Span};
use rustc_hash::FxHashMap;

/// What the comments of a run depend on.
pub struct Options<'o> {
    /// The day on which the run counts as made.
    pub today: Date,
    /// Whether a rule could have found something in this run: an allow for one that could not is no useless one.
    pub is_active: &'o dyn Fn(&Rule) -> bool,
}

/// An `allow` that is in force.
struct Allow<'c> {
    comment: &'c Comment,
    /// Index of the rule's name in the comment.
    item: usize,
    code: &'static str,
    file: &'c SourceFile,
    used: bool,
}

/// Takes away what comments of the files silence and gives it back; adds what is wrong with the comments. A file that
/// several hosts include is given once.
pub fn apply<'f>(
    diagnostics: &mut Vec<Diagnostic>,
    files: impl Iterator<Item = &'f SourceFile>,
    options: &Options<'_>,
) -> Vec<Diagnostic> {
    let files: Vec<(&SourceFile, Vec<Comment>)> =
        files.map(|file| (file, comment::read(file.text()))).filter(|(_, comments)| !comments.is_empty()).collect();
    if files.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut allows: FxHashMap<&str, Vec<Allow<'_>>> = FxHashMap::default();
    for (file, comments) in &files {
        for comment in comments {
            found.extend(mistakes(file, comment, options.today));
            if comment.until.is_some_and(|until| until < options.today) {
                continue;
            }
            for (item, (name, _)) in comment.items.iter().enumerate() {
                let Some(rule) = lint::find(name) else { continue };
                let allow = Allow { comment, item, code: rule.meta.code, file, used: false };
                allows.entry(file.name()).or_default().push(allow);
            }
        }
    }
    let mut silenced = Vec::new();
    diagnostics.retain(|d| take(d, &mut allows, &mut silenced));
    let mut useless: Vec<Diagnostic> = Vec::new();
    for (_, comments) in &files {
        for comment in comments {
            useless.extend(unused(comment, &allows, options));
        }
    }
    found.extend(useless);
    // These can be allowed too.
    found.retain(|d| take(d, &mut allows, &mut silenced));
    diagnostics.extend(found);
    silenced
}

/// Whether a finding stays; if it does not, a copy of it is kept, and every allow that covers it is of use.
fn take(d: &Diagnostic, allows: &mut FxHashMap<&str, Vec<Allow<'_>>>, silenced: &mut Vec<Diagnostic>) -> bool {
    let mut stays = true;
    for allow in allows.get_mut(&*d.place.file).into_iter().flatten() {
        if allow.code == d.code && covers(&allow.comment.reach, d.place.start.offset) {
            allow.used = true;
            stays = false;
        }
    }
    if !stays {
        silenced.push(d.clone());
    }
    stays
}

fn covers(reach: &Reach, offset: u32) -> bool {
    match reach {
        Reach::File => true,
        Reach::Text(span) => (span.start..span.end).contains(&offset),
        Reach::Nothing => false,
    }
}

/// What is wrong with a comment by itself.
fn mistakes(file: &SourceFile, comment: &Comment, today: Date) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(mistake) = comment.mistake {
        let (message, help) = match mistake {
            Mistake::UnknownWord => {
                ("kalc does not know what this comment asks for", "write `# kalc: allow(CODE) reason`")
            }
            Mistake::NoBrackets => ("`allow` names its rules in brackets", "write `# kalc: allow(CODE) reason`"),
            Mistake::Unclosed => ("the bracket of `allow` is never closed", "add the missing `)`"),
            Mistake::NoRule => ("this `allow` names no rule", "name a rule, as in `# kalc: allow(KA401) reason`"),
            Mistake::BadDate => ("`until` takes a date", "write it as in `until=2027-03-01`"),
        };
        found.push(finding(file, comment.at, Severity::Warning, message.to_owned(), Some(help.to_owned())));
    }
    for (name, at) in &comment.items {
        if lint::find(name).is_none() {
            let help = match lint::nearest(name) {
                Some(near) => format!("write `{near}`; `kalc rules` lists all"),
                None => "`kalc rules` lists all".to_owned(),
            };
            found.push(finding(file, *at, Severity::Error, format!("there is no rule `{name}`"), Some(help)));
        }
    }
    if let Some(until) = comment.until.filter(|until| *until < today) {
        let message = format!("this `allow` ended on {until}");
        let help = "mend what it silences, or give it a later date".to_owned();
        found.push(finding(file, comment.at, Severity::Error, message, Some(help)));
    }
    found
}

/// The rules of a comment that silenced nothing and could have.
fn unused(comment: &Comment, allows: &FxHashMap<&str, Vec<Allow<'_>>>, options: &Options<'_>) -> Option<Diagnostic> {
    let of_this = allows.values().flatten().filter(|allow| std::ptr::eq(allow.comment, comment));
    let idle: Vec<&Allow<'_>> = of_this
        .filter(|allow| !allow.used && allow.code != CODE)
        .filter(|allow| lint::find(allow.code).is_some_and(|rule| (options.is_active)(rule)))
        .collect();
    let first = idle.first()?;
    let names: Vec<&str> = idle.iter().map(|allow| comment.items[allow.item].0.as_str()).collect();
    let all = names.len() == comment.items.len();
    let at = if all { comment.at } else { comment.items[first.item].1 };
    let mut diagnostic = finding(
        first.file,
        at,
        Severity::Hint,
        format!("nothing is there for `allow({})` to silence", names.join(", ")),
        Some(if all { "delete the comment".to_owned() } else { format!("delete `{}`", names.join(", ")) }),
    );
    let edits: Vec<Edit> = if all {
        vec![Edit { place: place(first.file, comment.whole), text: String::new() }]
    } else {
        // What stays is written anew, so that commas are right.
        let kept: Vec<&str> = (0..comment.items.len())
            .filter(|item| idle.iter().all(|allow| allow.item != *item))
            .map(|item| comment.items[item].0.as_str())
            .chain(comment.inner_until.as_deref())
            .collect();
        vec![Edit { place: place(first.file, comment.list), text: kept.join(", ") }]
    };
    diagnostic.fix = Some(Fix { safe: true, edits });
    Some(diagnostic)
}

const CODE: &str = "KA981";

fn finding(file: &SourceFile, at: Span, severity: Severity, message: String, help: Option<String>) -> Diagnostic {
    Diagnostic {
        code: CODE,
        name: "bad-suppression",
        severity,
        message,
        place: place(file, at),
        related: Vec::new(),
        why: None,
        help,
        fix: None,
        blocks_run: false,
    }
}

fn place(file: &SourceFile, at: Span) -> Place {
    let position = |offset: u32| {
        let at = file.line_column(offset);
        Position { offset, line: at.line, column: at.column }
    };
    Place { file: file.shared_name(), start: position(at.start), end: position(at.end) }
}
