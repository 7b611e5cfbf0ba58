//! The TextMate grammar of the language, made from the schema: editors colour files with it before any server runs.

use kalc_grammar::schema::{Arg, Param, root, walk};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The grammar as JSON.
pub fn grammar() -> Value {
    let rows = walk();
    let (mut blocks, mut keywords, mut options, mut constants) = <(Words, Words, Words, Words)>::default();
    for row in &rows {
        let keyword = row.keyword;
        constants.extend(keyword.params.iter().flat_map(words));
        if !keyword.name.starts_with('<') {
            let set = if keyword.opens_block() { &mut blocks } else { &mut keywords };
            // Words that stand on another keyword's line only, such as `dev`.
            let is_statement = kalc_grammar::schema::homes(keyword.name).iter().any(|home| home.keyword == keyword);
            if is_statement {
                set.insert(keyword.name)
            } else {
                options.insert(keyword.name)
            };
        }
    }
    let top: Words = root::FILE.rows().filter(|row| row.opens_block()).map(|row| row.name).collect();
    constants.retain(|word| word.bytes().any(|byte| byte.is_ascii_alphabetic()));
    options.retain(|word| !keywords.contains(word) && !blocks.contains(word));
    // A word that begins something is more than a value that it may be elsewhere.
    constants.retain(|word| !options.contains(word));
    blocks.retain(|word| !top.contains(word));
    let line = |words: &Words| format!(r"(?<=^|[\s{{}}])(?:{})(?=[\s{{}}#!]|$)", alternatives(words));
    let named = |words: &Words| {
        format!(r"(?<=^|[\s{{}}])({})(?:[ \t]+([^\s{{}}\x22#!]+))?(?=[\s{{}}#!]|$)", alternatives(words))
    };
    json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "keepalived",
        "scopeName": "source.keepalived",
        "comment": "Made by kalc from its schema; do not edit.",
        "patterns": [
            { "include": "#comment" },
            { "include": "#definition" },
            { "include": "#include" },
            { "include": "#condition" },
            { "include": "#top" },
            { "include": "#block" },
            { "include": "#keyword" },
            { "include": "#value" },
        ],
        "repository": {
            "comment": { "match": "[#!].*$", "name": "comment.line.keepalived" },
            "definition": {
                "match": r"^[ \t]*(\$[A-Za-z_][A-Za-z0-9_]*)(=)",
                "captures": {
                    "1": { "name": "variable.other.definition.keepalived" },
                    "2": { "name": "keyword.operator.assignment.keepalived" },
                },
            },
            "include": {
                "match": r"^[ \t]*(include[abmrw]?)[ \t]+([^#!]*)",
                "captures": {
                    "1": { "name": "keyword.control.import.keepalived" },
                    "2": { "name": "string.unquoted.path.keepalived" },
                },
            },
            "condition": { "match": r"^[ \t]*@\^?[^\s]+", "name": "keyword.control.conditional.keepalived" },
            "top": {
                "match": named(&top),
                "captures": {
                    "1": { "name": "keyword.control.block.keepalived" },
                    "2": { "name": "entity.name.section.keepalived" },
                },
            },
            "block": { "match": line(&blocks), "name": "keyword.control.block.keepalived" },
            "keyword": { "match": line(&keywords), "name": "support.type.property-name.keepalived" },
            "value": {
                "patterns": [
                    { "match": r#""[^"]*"?"#, "name": "string.quoted.double.keepalived" },
                    { "match": r"\$\{[^}\s]*\}?|\$[A-Za-z_][A-Za-z0-9_]*", "name": "variable.other.keepalived" },
                    { "match": r"~(?:SEQ|LST)(?=\()", "name": "support.function.keepalived" },
                    {
                        "match": r"(?<=^|\s)(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:[/-][0-9.]+)?(?=[\s{}]|$)",
                        "name": "constant.other.address.keepalived",
                    },
                    { "match": r"(?<=^|\s)[-+]?[0-9]+(?:\.[0-9]+)?(?=[\s{}]|$)", "name": "constant.numeric.keepalived" },
                    { "match": line(&constants), "name": "constant.language.keepalived" },
                    { "match": line(&options), "name": "keyword.other.option.keepalived" },
                    { "match": "[{}]", "name": "punctuation.section.block.keepalived" },
                ],
            },
        },
    })
}

type Words = BTreeSet<&'static str>;

/// The words that a parameter lists.
fn words(param: &Param) -> Vec<&'static str> {
    match param.arg {
        Arg::Choice(words)
        | Arg::ChoiceNoCase(words)
        | Arg::IntOr { words, .. }
        | Arg::IntOrChoiceNoCase { words, .. } => words.to_vec(),
        Arg::Words(words) => words.iter().map(|(word, _)| *word).collect(),
        Arg::Bool => vec!["on", "off", "true", "false", "yes", "no"],
        Arg::Literal(word) => vec![word],
        _ => Vec::new(),
    }
}

/// Longer words first, so that none hides behind its own beginning.
fn alternatives(words: &Words) -> String {
    let mut words: Vec<String> = words.iter().map(|word| escape(word)).collect();
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.join("|")
}

fn escape(word: &str) -> String {
    word.chars().flat_map(|c| (!c.is_ascii_alphanumeric() && c != '_').then_some('\\').into_iter().chain([c])).collect()
}
