//! A comment that allows a finding silences it: tried with every finding in every example of every rule's page.

use super::support::Folder;
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::lint::page::{Shows, examples};
use kalc_compiler::lint::rules::RULES;
use kalc_compiler::settings::Settings;
use kalc_lsp::ide::actions::{allow, title};

/// How often a finding of a rule starts on a line of a file.
fn on_line(found: &[Diagnostic], code: &str, file: &str, line: u32) -> usize {
    let is_it = |d: &&Diagnostic| d.code == code && *d.place.file == *file && d.place.start.line == line;
    found.iter().filter(is_it).count()
}

#[test]
fn every_finding_can_be_allowed_on_its_line() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for rule in RULES {
        for example in examples(&rule.page()) {
            // What is only seen for some target, in some cloud or on some machine is silenced in the same way.
            if example.shows != Shows::Fail || example.settings != Settings::default() {
                continue;
            }
            let files: Vec<(&str, &str)> =
                example.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let found = Folder::new(&files).findings();
            for d in found.iter().filter(|d| d.code == rule.meta.code) {
                let name = d.place.file.strip_prefix("/etc/").expect("a file of ours");
                let text = files.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
                assert!(title(d).contains(d.code), "{d:#?}");
                let Some(edit) = allow(text, d.place.start.offset, d.code) else { continue };
                let mut changed = text.to_owned();
                changed.insert_str(edit.span.start as usize, &edit.text);
                let files: Vec<(&str, &str)> = files
                    .iter()
                    .map(|(known, text)| (*known, if *known == name { changed.as_str() } else { *text }))
                    .collect();
                let after = Folder::new(&files).findings();
                tried += 1;
                if on_line(&after, d.code, &d.place.file, d.place.start.line) > 0 {
                    wrong.push(format!("{}: {}\n{changed}", d.code, d.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(tried > 150, "{tried}");
}
