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
use kalc_grammar::source::SourceFile;
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
