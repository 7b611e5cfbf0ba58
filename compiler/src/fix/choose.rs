//! Which fixes are made at once: those whose edits do not touch each other.

use super::Allowed;
use crate::diagnostic::{Diagnostic, Edit};
use std::collections::BTreeMap;

/// The findings whose fixes can be made together, in the order of the findings; `may` has the last word.
pub fn choose<'d>(
    diagnostics: &'d [Diagnostic],
    allowed: Allowed,
    may: &dyn Fn(&Diagnostic) -> bool,
) -> Vec<&'d Diagnostic> {
    let mut taken: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    let mut chosen = Vec::new();
    for d in diagnostics {
        let Some(fix) = d.fix.as_ref().filter(|fix| fix.safe || allowed == Allowed::Suggested) else { continue };
        if fix.edits.is_empty() || !may(d) {
            continue;
        }
        let is_free = |edit: &Edit| {
            taken.get(&*edit.place.file).is_none_or(|edits| !edits.iter().any(|other| touch(edit, other)))
        };
        // Two findings that ask for one and the same change are settled by one of them.
        if fix.edits.iter().all(is_free)
            && !fix.edits.iter().enumerate().any(|(at, edit)| fix.edits[..at].iter().any(|other| overlap(edit, other)))
        {
            for edit in &fix.edits {
                taken.entry(&edit.place.file).or_default().push(edit);
            }
            chosen.push(d);
        }
    }
    chosen
}

/// Whether two edits share text or an end.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.place.start.offset <= b.place.end.offset && b.place.start.offset <= a.place.end.offset
}

/// Whether two edits share text.
fn overlap(a: &Edit, b: &Edit) -> bool {
    a.place.start.offset < b.place.end.offset && b.place.start.offset < a.place.end.offset
}
