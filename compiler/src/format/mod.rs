//! The canonical layout: four spaces for each block, one statement a line, `{` on its keyword's line, `}` and entries of
//! lists on lines of their own. Words, comments and blank lines stay as they are.
//!
//! Nothing here may change what a file means, also where keepalived's meaning is a surprise, so a line is touched only as
//! far as it is understood:
//!
//! ```text
//! context: Host -> how deep each line lies, which braces are blocks that keepalived sees as such
//! layout:  lines as typed -> lines as they should be -> edits of the blanks between words
//! verify:  the edited file is read again, under every configuration id, and must mean the same
//! ```
//!
//! A line with a directive (`@id`, `$X=`, `~SEQ`, `include`) is never split or joined, a line that keepalived would read
//! in two parts is never made, and a file that is not understood is refused as a whole.

mod context;
mod layout;
mod refuse;
mod verify;

pub use refuse::{Refusal, RefusalKind};

use crate::edit::{self, TextEdit};
use crate::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::FileSystem;
use kalc_grammar::source::{SourceFile, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The edits that give a file the canonical layout; none if it has it.
///
/// Every id that an `@id` line of the file names is looked at. Edits replace blanks and line ends only, but for a `{` that
/// moves to the line before.
pub fn format(file: &SourceFile, files: &dyn FileSystem) -> Result<Vec<TextEdit>, Refusal> {
    let hosts = read(file, files);
    refuse::check(&hosts)?;
    let context = context::Context::new(&hosts);
    let edits = layout::lay_out(file, &context);
    if edits.is_empty() {
        return Ok(edits);
    }
    let after = SourceFile::new(file.name(), edit::apply(&file.bytes(), &edits));
    verify::same(file, &after, files, &ids(&hosts))?;
    Ok(edits)
}

/// Those of the edits of [`format`] that lie on the lines of a range, and as many next to them as must be made together
/// with those. What stands between two lines belongs to the second one: a `{` only moves up if its line is in the range.
pub fn format_part(file: &SourceFile, files: &dyn FileSystem, within: Span) -> Result<Vec<TextEdit>, Refusal> {
    let edits = format(file, files)?;
    let hosts = read(file, files);
    let mut lines = lines_of(file, within);
    let mut refused = None;
    for _ in 0..MOST_WIDENED {
        let is_in = |edit: &&TextEdit| {
            let replaced = file.text().get(edit.span.range()).unwrap_or("");
            // A `{` that moves up is where it was typed.
            let first = replaced.find(|c: char| !c.is_whitespace());
            let at = first.map_or(edit.span.end, |first| edit.span.start + first as u32);
            lines.start <= at && at <= lines.end
        };
        let part: Vec<TextEdit> = edits.iter().filter(is_in).cloned().collect();
        if part.is_empty() || part.len() == edits.len() {
            return Ok(part);
        }
        let after = SourceFile::new(file.name(), edit::apply(&file.bytes(), &part));
        match verify::same(file, &after, files, &ids(&hosts)) {
            Ok(()) => return Ok(part),
            Err(refusal) => refused = Some(refusal),
        }
        lines = lines_of(file, Span::new(lines.start.saturating_sub(1), lines.end.saturating_add(1)));
    }
    match refused {
        Some(refusal) => Err(refusal),
        None => Ok(edits),
    }
}

/// So often a range is widened by a line at each end until its edits can be made without the others.
const MOST_WIDENED: usize = 8;

/// The lines that a range touches, without what ends the last one.
fn lines_of(file: &SourceFile, span: Span) -> Span {
    let text = file.text();
    let length = text.len() as u32;
    let (from, to) = (span.start.min(length) as usize, span.end.min(length) as usize);
    let is_newline = |byte: &u8| *byte == b'\n';
    let start = text.as_bytes()[..from].iter().rposition(is_newline).map_or(0, |newline| newline + 1);
    let end = text.as_bytes()[to..].iter().position(is_newline).map_or(text.len(), |newline| to + newline);
    Span::new(start as u32, end.max(start) as u32)
}

/// The file under every id that it names, or under none if it names none.
fn read(file: &SourceFile, files: &dyn FileSystem) -> Vec<Host> {
    let host = read_as(file, files, None);
    let ids: BTreeSet<String> = host.logical.config_ids.iter().map(|found| found.id.clone()).collect();
    if ids.is_empty() {
        return vec![host];
    }
    ids.into_iter().map(|id| read_as(file, files, Some(id))).collect()
}

fn read_as(file: &SourceFile, files: &dyn FileSystem, config_id: Option<String>) -> Host {
    Host::read(file.clone(), files, &Profile { config_id, defines: BTreeMap::new() })
}

/// The ids under which hosts were read, and none: a host of another name reads the file too.
fn ids(hosts: &[Host]) -> BTreeSet<Option<String>> {
    hosts.iter().map(|host| host.profile.config_id.clone()).chain([None]).collect()
}
