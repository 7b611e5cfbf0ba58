//! The schema against the list of paths that keepalived 2.4.3 knows.
//!
//! `paths.txt` has one line a path: path, kind, first version; it was measured on the real programs, so a difference
//! is a mistake in the rows.

use kalc_grammar::schema::{Kind, Row, Since, Status, walk};
use std::collections::{BTreeMap, BTreeSet};

const PATHS: &str = include_str!("paths.txt");

/// The measured kind and version of each path.
fn measured() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    PATHS
        .lines()
        .map(|line| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().expect("a line of paths.txt has three columns");
            (column(), (column(), column()))
        })
        .collect()
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "flag",
        Kind::Value => "value",
        Kind::Block => "block",
        Kind::NamedBlock => "named-block",
        Kind::ListBlock => "list-block",
        Kind::Entry => "list-item",
    }
}

fn since_name(since: Since) -> &'static str {
    match since {
        Since::V2_2_7 => "2.2.7",
        Since::V2_4_3 => "2.4.3",
    }
}

/// Fails with all complaints at once, one a line.
fn assert_none(what: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{} {what}:\n{}", complaints.len(), complaints.join("\n"));
}

fn complaints(check: impl Fn(&Row) -> Option<String>) -> Vec<String> {
    walk().iter().filter_map(check).collect()
}

/// The path of the block, entry or line that a row stands in; empty at the root of the file.
fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

#[test]
fn schema_has_exactly_the_measured_paths() {
    let rows = walk();
    let ours: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    let theirs = measured();
    let missing = theirs.keys().filter(|path| !ours.contains(*path)).map(|path| format!("missing: {path}"));
    let extra = ours.iter().filter(|path| !theirs.contains_key(*path)).map(|path| format!("extra: {path}"));
    assert_none("paths differ", &missing.chain(extra).collect::<Vec<_>>());
}

#[test]
fn rows_have_the_measured_kind_and_version() {
    let theirs = measured();
    let wrong = complaints(|row| {
        let ours = (kind_name(row.keyword.kind), since_name(row.keyword.since));
        let measured = *theirs.get(row.path.as_str())?;
        (ours != measured).then(|| format!("{}: {ours:?}, measured {measured:?}", row.path))
    });
    assert_none("rows differ", &wrong);
}

#[test]
fn every_row_has_a_doc_in_full_sentences() {
    let bare = complaints(|row| {
        let doc = row.keyword.doc.trim();
        (doc.is_empty() || !doc.ends_with('.')).then(|| format!("{}: {doc:?}", row.path))
    });
    assert_none("docs are empty or end without a full stop", &bare);
}

#[test]
fn names_are_unique_in_their_block() {
    let rows = walk();
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = rows.iter().filter(|row| !seen.insert(&row.path)).map(|row| row.path.clone()).collect();
    assert_none("paths are declared twice", &twice);
}

/// The canonical word of an alias stands beside it and takes the same words.
#[test]
fn aliases_name_a_row_beside_them() {
    let rows = walk();
    let wrong = complaints(|row| {
        let Status::Alias(of) = row.keyword.status else { return None };
        let target = join(parent(&row.path), of);
        match rows.iter().find(|row| row.path == target) {
            None => Some(format!("{}: {target} does not exist", row.path)),
            Some(other) if other.keyword.kind != row.keyword.kind => Some(format!("{}: other kind", row.path)),
            Some(other) if matches!(other.keyword.status, Status::Alias(_)) => Some(format!("{}: chain", row.path)),
            Some(_) => None,
        }
    });
    assert_none("aliases lead nowhere", &wrong);
}

/// What replaces a deprecated word is looked for beside it, then in each block around it, then from the root.
#[test]
fn deprecated_words_name_their_replacement() {
    let rows = walk();
    let paths: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    let wrong = complaints(|row| {
        let Status::Deprecated(instead) = row.keyword.status else { return None };
        let mut place = row.path.as_str();
        while !place.is_empty() {
            place = parent(place);
            if paths.contains(join(place, instead).as_str()) {
                return None;
            }
        }
        Some(format!("{}: {instead} does not exist", row.path))
    });
    assert_none("deprecated words lead nowhere", &wrong);
}
