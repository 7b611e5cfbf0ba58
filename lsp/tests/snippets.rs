//! The snippets of the extension are those that the schema makes, and what they insert is in order. `UPDATE=1` writes them.

use kalc_compiler::check::check_host;
use kalc_compiler::diagnostic::Severity;
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_lsp::snippets;
use serde_json::Value;
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vscode-extension/snippets/keepalived.json")
}

fn made() -> Value {
    snippets::snippets().expect("sketches in words of the schema")
}

#[test]
fn the_snippets_are_made_from_the_schema() {
    let made = format!("{:#}\n", made());
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path().parent().expect("a folder")).expect("a folder");
        std::fs::write(path(), &made).expect("the snippets are written");
    }
    let kept = std::fs::read_to_string(path()).expect("the snippets");
    assert!(kept == made, "the schema changed: run UPDATE=1 cargo test -p kalc-lsp --test snippets");
}

#[test]
fn every_block_of_a_file_has_one() {
    let made = made();
    let blocks: Vec<_> = kalc_grammar::schema::root::FILE.rows().filter(|row| row.opens_block()).collect();
    assert!(blocks.len() > 10);
    for row in blocks {
        let body = made[row.name]["body"].as_array().unwrap_or_else(|| panic!("{}", row.name));
        let first = body.first().and_then(Value::as_str).unwrap_or_default();
        assert!(first.starts_with(row.name) && first.ends_with('{'), "{first}");
    }
}

/// What is inserted if nobody types anything: the words of the places, of a list the first.
fn inserted(snippet: &Value) -> String {
    let lines: Vec<&str> = snippet["body"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    let mut text = String::new();
    let mut rest = lines.join("\n");
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let (place, behind) = after.split_once('}').expect("the end of a place");
        let digits = place.chars().take_while(char::is_ascii_digit).count();
        let words = place[digits..].trim_start_matches([':', '|']);
        text.push_str(words.split([',', '|']).next().expect("a word"));
        rest = behind.to_owned();
    }
    text + &rest + "\n"
}

#[test]
fn what_a_sketch_inserts_is_the_sketch_and_free_of_errors_and_warnings() {
    let made = made();
    // What a file with scripts has anyway.
    let head = inserted(&made["global_defs"]);
    for (prefix, sketch) in snippets::sketches() {
        let text = inserted(&made[prefix]);
        assert_eq!(text.replace('\t', "    ").trim(), sketch.trim(), "{prefix}");
        let text = if text.contains("global_defs") { text } else { format!("{head}{text}") };
        let host = Host::read(
            SourceFile::new("keepalived.conf", text.into_bytes()),
            &MemoryFiles::default(),
            &Profile::default(),
        );
        let bad: Vec<String> = check_host(&host)
            .into_iter()
            .filter(|found| matches!(found.severity, Severity::Error | Severity::Warning))
            .map(|found| format!("{} {}", found.code, found.message))
            .collect();
        assert!(bad.is_empty(), "{prefix}: {bad:#?}");
    }
}
