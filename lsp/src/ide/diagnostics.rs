//! Findings as an editor shows them: by file, with the reason and the way out in the text.

use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::lint;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Findings by the name of their file, in the order of the text, each one once.
pub fn by_file(mut diagnostics: Vec<Diagnostic>) -> FxHashMap<Arc<str>, Vec<Diagnostic>> {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.place.start.offset, d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    let mut files: FxHashMap<Arc<str>, Vec<Diagnostic>> = FxHashMap::default();
    for diagnostic in diagnostics {
        let found = files.entry(Arc::clone(&diagnostic.place.file)).or_default();
        // A file that several hosts include is checked with each of them.
        if found.last() != Some(&diagnostic) {
            found.push(diagnostic);
        }
    }
    files
}

/// What is wrong, why it matters, and what to write instead, a line each.
pub fn message(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if let Some(why) = &diagnostic.why {
        text.push('\n');
        text.push_str(why);
    }
    if let Some(help) = &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}

/// How a finding's text may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It could go without a difference.
    Unnecessary,
    /// It should be written in another way.
    Deprecated,
}

/// Rules about words that are no longer to be used.
const DEPRECATED: [&str; 1] = ["old-keyword"];
/// Rules about text without effect; besides them every finding whose safe fix only deletes.
const UNNECESSARY: [&str; 5] =
    ["auth-ignored", "no-effect", "trailing-words", "unused-definition", "weights-without-effect"];

/// How the text of a finding may be drawn, besides underlined.
pub fn mark(diagnostic: &Diagnostic) -> Option<Mark> {
    if DEPRECATED.contains(&diagnostic.name) {
        return Some(Mark::Deprecated);
    }
    let deletes = diagnostic.fix.as_ref().is_some_and(|fix| {
        fix.safe && !fix.edits.is_empty() && fix.edits.iter().all(|edit| edit.text.trim().is_empty())
    });
    (deletes || UNNECESSARY.contains(&diagnostic.name)).then_some(Mark::Unnecessary)
}

/// The address of a rule's page: the documentation of its file, in the repository.
pub fn page(code: &str) -> Option<String> {
    let rule = lint::find(code)?;
    let file = rule.name.replace('-', "_");
    Some(format!("{}/blob/main/compiler/src/lint/rules/{file}.rs", env!("CARGO_PKG_REPOSITORY")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_rules_that_are_named_exist_and_every_page_is_a_file() {
        for name in DEPRECATED.iter().chain(&UNNECESSARY) {
            assert!(lint::find(name).is_some(), "{name}");
        }
        for rule in lint::rules::RULES {
            let page = page(rule.meta.code).expect("a page");
            let (_, file) = page.split_once("/blob/main/").expect("a path");
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file).is_file(), "{file}");
        }
    }
}
