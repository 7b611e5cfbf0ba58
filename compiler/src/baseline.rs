//! Findings that are known and put up with: a list by what they are about, so that lines may move.
//!
//! A finding is the same one while its rule, its file, the blocks around its statement, the statement's words, and how many
//! such there are stay the same. Blanks, comments and lines do not count, and neither does the message. Secrets are not
//! written down.

use crate::diagnostic::Diagnostic;
use kalc_grammar::lex::{Token, TokenKind, Tokens, lex};
use kalc_grammar::source::SourceFile;
use kalc_grammar::syntax::{self, NONE, NodeId, Tree};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the file.
const VERSION: u32 = 1;

/// Stands for a secret.
const SECRET: &str = "*";

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The file, by a name that is the same in every run.
    pub file: String,
    /// The code of the rule.
    pub code: String,
    /// The blocks around the statement, the outermost first, each with its words.
    pub path: Vec<String>,
    /// The words of the statement, or a comment.
    pub statement: String,
}

/// Known findings, and how many of each there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<Key, usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Findings beside a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Those that are not in it.
    pub new: Vec<Diagnostic>,
    /// How many are in it.
    pub known: usize,
    /// What is in it and was not found, and how often.
    pub gone: Vec<(Key, usize)>,
}

impl Baseline {
    /// The findings as a baseline.
    pub fn of(diagnostics: &[Diagnostic], texts: &mut Texts<'_>) -> Baseline {
        let mut known = BTreeMap::new();
        for d in diagnostics {
            *known.entry(texts.key(d)).or_default() += 1;
        }
        Baseline { known }
    }

    /// Reads the text of a baseline file; what is wrong with it in words.
    pub fn read(text: &str) -> Result<Baseline, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.version != VERSION {
            return Err(format!("it is of version {}, and this kalc knows version {VERSION}", file.version));
        }
        let mut known = BTreeMap::new();
        for Entry { key, count } in file.findings {
            *known.entry(key).or_default() += count;
        }
        Ok(Baseline { known })
    }

    /// The text of a baseline file: the same findings give the same text.
    pub fn write(&self) -> String {
        let findings = self.known.iter().map(|(key, &count)| Entry { key: key.clone(), count }).collect();
        let text = serde_json::to_string_pretty(&File { version: VERSION, findings });
        // Plain data without maps cannot fail.
        text.unwrap_or_default() + "\n"
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Sorts findings into new and known ones.
    pub fn split(&self, diagnostics: Vec<Diagnostic>, texts: &mut Texts<'_>) -> Split {
        let mut left = self.known.clone();
        let mut split = Split::default();
        for d in diagnostics {
            match left.get_mut(&texts.key(&d)).filter(|count| **count > 0) {
                Some(count) => {
                    *count -= 1;
                    split.known += 1;
                }
                None => split.new.push(d),
            }
        }
        split.gone = left.into_iter().filter(|(_, count)| *count > 0).collect();
        split
    }
}

/// The texts of the files in which findings are, each read once.
pub struct Texts<'t> {
    files: FxHashMap<&'t str, &'t SourceFile>,
    read: FxHashMap<&'t str, (Tokens, Tree)>,
    /// The name of a file that is the same in every run.
    name: &'t dyn Fn(&str) -> String,
}

impl<'t> Texts<'t> {
    /// Of some files; `name` gives each the name that it has in the baseline.
    pub fn new(files: impl Iterator<Item = &'t SourceFile>, name: &'t dyn Fn(&str) -> String) -> Self {
        let files = files.map(|file| (file.name(), file)).collect();
        Texts { files, read: FxHashMap::default(), name }
    }

    /// What a finding is about.
    pub fn key(&mut self, d: &Diagnostic) -> Key {
        let (path, statement) = match self.files.get_key_value(&*d.place.file) {
            Some((&name, &file)) => {
                let (tokens, tree) = self.read.entry(name).or_insert_with(|| {
                    let tokens = lex(file.text());
                    let (tree, _) = syntax::parse(file.text(), &tokens);
                    (tokens, tree)
                });
                about(file.text(), tokens, tree, d.place.start.offset)
            }
            None => (Vec::new(), String::new()),
        };
        Key { file: (self.name)(&d.place.file), code: d.code.to_owned(), path, statement }
    }
}

/// The blocks around what stands at an offset, and its words.
fn about(text: &str, tokens: &Tokens, tree: &Tree, offset: u32) -> (Vec<String>, String) {
    let significant = &tokens.significant;
    let index = tokens.starts.partition_point(|&start| start <= offset).saturating_sub(1);
    let comment = tokens.kinds.get(index).filter(|kind| **kind == TokenKind::Comment).map(|_| {
        let end = tokens.starts.get(index + 1).map_or(text.len(), |&end| end as usize);
        text.get(tokens.starts[index] as usize..end).unwrap_or_default().trim_end().to_owned()
    });
    let is_before =
        |node: &syntax::Node| significant.get(node.first as usize).is_some_and(|token| token.start <= offset);
    let Some(mut id) = tree.nodes.partition_point(is_before).checked_sub(1).map(|id| id as u32) else {
        return (Vec::new(), comment.unwrap_or_default());
    };
    let mut path = Vec::new();
    let words = |id: u32| words(text, tree.words(NodeId(id), significant));
    let statement = match comment {
        // A comment belongs to the innermost block that is still open there.
        Some(comment) => {
            while id != NONE && !is_open(tree, significant, id, offset) {
                id = tree.nodes[id as usize].parent;
            }
            if id != NONE {
                path.push(words(id));
            }
            comment
        }
        None => words(id),
    };
    let mut parent = if id == NONE { NONE } else { tree.nodes[id as usize].parent };
    while parent != NONE {
        path.push(words(parent));
        parent = tree.nodes[parent as usize].parent;
    }
    path.reverse();
    let statement =
        if path.last().is_some_and(|around| around == "auth_hmac") { mask(&statement, 2) } else { statement };
    (path, statement)
}

/// Whether an offset lies in the block of a node.
fn is_open(tree: &Tree, tokens: &[Token], id: u32, offset: u32) -> bool {
    let node = &tree.nodes[id as usize];
    node.open != NONE
        && tokens[node.open as usize].start < offset
        && (node.close == NONE || offset < tokens[node.close as usize].start)
}

/// Words with one blank between them, without what is secret.
fn words(text: &str, words: &[Token]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text(text)).collect();
    let all = words.join(" ");
    if words.first() == Some(&"auth_pass") { mask(&all, 1) } else { all }
}

/// The first words; the rest is secret.
fn mask(words: &str, shown: usize) -> String {
    let mut kept: Vec<&str> = words.split(' ').take(shown).collect();
    if words.split(' ').count() > shown {
        kept.push(SECRET);
    }
    kept.join(" ")
}
