//! The grammar of the extension is the one that the schema makes. `UPDATE=1` writes it.

use serde_json::Value;
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vscode-extension/syntaxes/keepalived.tmLanguage.json")
}

#[test]
fn the_grammar_is_made_from_the_schema() {
    let made = format!("{:#}\n", kalc_lsp::textmate::grammar());
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(path(), &made).expect("the grammar is written");
    }
    let kept = std::fs::read_to_string(path()).expect("the grammar");
    assert!(kept == made, "the schema changed: run UPDATE=1 cargo test -p kalc-lsp --test textmate");
}

#[test]
fn the_grammar_knows_every_statement() {
    let grammar = kalc_lsp::textmate::grammar();
    let text = |path: &str| grammar["repository"][path]["match"].as_str().expect("a pattern").to_owned();
    let patterns = [text("top"), text("block"), text("keyword")].join("|");
    for row in kalc_grammar::schema::walk() {
        let word = row.keyword.name;
        let is_plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_plain && !kalc_grammar::schema::homes(word).is_empty() {
            assert!(patterns.split(|c: char| !c.is_alphanumeric() && c != '_').any(|known| known == word), "{word}");
        }
    }
    assert_eq!(grammar["scopeName"], Value::from("source.keepalived"));
}
