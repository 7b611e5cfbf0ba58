//! Changes of a file that need to read it again: its layout, and all its fixes at once.

use super::scene::Scene;
use super::{Disk, Documents, Overlay};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::edit::TextEdit;
use kalc_compiler::fix::{self, Allowed, Request};
use kalc_compiler::format::{self, Refusal};
use kalc_grammar::source::{SourceFile, Span};
use similar::{DiffOp, TextDiff};

/// The edits that give a document the layout of `kalc fmt`; those of some lines only if `within` names them.
pub fn format(
    name: &str,
    text: &str,
    within: Option<Span>,
    disk: &dyn Disk,
    documents: &Documents,
) -> Result<Vec<TextEdit>, Refusal> {
    let overlay = Overlay { disk, open: documents };
    let file = SourceFile::new(name, text.as_bytes().to_vec());
    match within {
        None => format::format(&file, &overlay),
        Some(within) => format::format_part(&file, &overlay, within),
    }
}

/// The edits that make all safe fixes of a file that touch nothing but it; `path` is the one spelling of its path.
pub fn fix_all(scene: &Scene, path: &str, disk: &dyn Disk, documents: &Documents) -> Vec<TextEdit> {
    let overlay = Overlay { disk, open: documents };
    let (units, inputs) = scene.units();
    // Hosts that do not read the file have no say.
    let (mut units, inputs): (Vec<_>, Vec<_>) =
        units.into_iter().zip(inputs).filter(|(unit, _)| unit.is_host && unit.paths().any(|own| own == path)).unzip();
    units.iter_mut().for_each(kalc_compiler::project::Unit::check);
    let names: Vec<String> = units
        .iter()
        .flat_map(|unit| &unit.files)
        .filter(|file| file.path == path)
        .map(|file| file.name.clone())
        .collect();
    let is_own = |d: &Diagnostic| {
        let mut edits = d.fix.iter().flat_map(|fix| &fix.edits);
        edits.all(|edit| names.iter().any(|name| **name == *edit.place.file))
    };
    let only_own = |_: &kalc_compiler::project::Run<'_>, found: Vec<Diagnostic>| -> Vec<Diagnostic> {
        found.into_iter().filter(is_own).collect()
    };
    let request = Request { allowed: Allowed::Safe, least: Severity::Hint, unknown: &only_own };
    let reader = scene.area.reader(&overlay);
    let fixed = scene.with_plan(true, |plan| fix::run(&mut units, &inputs, &reader, plan, &request));
    match fixed.files.get(path) {
        Some(file) => difference(&String::from_utf8_lossy(&file.before), &String::from_utf8_lossy(&file.after)),
        None => Vec::new(),
    }
}

/// What to change to get from one text to another, by lines.
fn difference(before: &str, after: &str) -> Vec<TextEdit> {
    let diff = TextDiff::from_lines(before, after);
    let ends = |lines: &[&str]| {
        let mut end = 0;
        let ends = lines.iter().map(|line| {
            end += line.len();
            end
        });
        std::iter::once(0).chain(ends).collect::<Vec<usize>>()
    };
    let (old, new) = (ends(diff.old_slices()), ends(diff.new_slices()));
    let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            let span = Span::new(old[from.start] as u32, old[from.end] as u32);
            TextEdit { span, text: after[new[to.start]..new[to.end]].to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::difference;
    use kalc_compiler::edit;

    #[test]
    fn a_difference_leads_from_one_text_to_the_other() {
        let texts = ["", "a\n", "a\nb\nü🚀\nc", "b\nü\nc\n", "x\na\nb\nü🚀\nc", "a\r\nb"];
        for before in texts {
            for after in texts {
                let edits = difference(before, after);
                assert_eq!(edit::apply(before.as_bytes(), &edits), after.as_bytes(), "{before:?} to {after:?}");
            }
        }
    }
}
