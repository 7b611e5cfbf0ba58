//! Every path of the language, made from the rows.

use super::{Keyword, Kind, root};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// A keyword at one place of the language.
#[derive(Clone, Debug)]
pub struct Row {
    /// Path from the root of the file, joined by points: `vrrp_instance.track_script.<entry>.weight`.
    pub path: String,
    /// The keyword.
    pub keyword: &'static Keyword,
}

/// Every path of the language, in the order of declaration, parents before children.
pub fn walk() -> Vec<Row> {
    let mut rows = Vec::new();
    for keyword in root::FILE.rows() {
        visit(String::new(), keyword, Place::Block, &mut rows);
    }
    rows
}

/// A keyword and the block in whose rows it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// The block.
    pub parent: &'static Keyword,
    /// The keyword.
    pub keyword: &'static Keyword,
}

/// The blocks in which a word starts a statement, in the order of declaration.
pub fn homes(word: &str) -> &'static [Home] {
    static HOMES: OnceLock<FxHashMap<&'static str, Vec<Home>>> = OnceLock::new();
    let homes = HOMES.get_or_init(|| {
        let mut homes: FxHashMap<&'static str, Vec<Home>> = FxHashMap::default();
        let mut blocks: Vec<&'static Keyword> = vec![&root::FILE];
        let mut next = 0;
        while let Some(&parent) = blocks.get(next) {
            for keyword in parent.rows() {
                homes.entry(keyword.name).or_default().push(Home { parent, keyword });
                if keyword.opens_block() && !blocks.contains(&keyword) {
                    blocks.push(keyword);
                }
            }
            next += 1;
        }
        homes
    });
    homes.get(word).map_or(&[], Vec::as_slice)
}

/// Where a row stands; it decides how its options are spelled in a path.
#[derive(Clone, Copy)]
enum Place {
    Block,
    Line,
}

fn visit(prefix: String, keyword: &'static Keyword, place: Place, rows: &mut Vec<Row>) {
    let path = if prefix.is_empty() { keyword.name.to_owned() } else { format!("{prefix}.{}", keyword.name) };
    rows.push(Row { path: path.clone(), keyword });
    // Words on the line of a plain keyword hang below `<arg>`; those of an entry, of an option and of a block's
    // header hang below the word itself.
    let options = match (place, keyword.kind) {
        (Place::Block, Kind::Flag | Kind::Value) => format!("{path}.<arg>"),
        (Place::Line, _) | (Place::Block, Kind::Block | Kind::NamedBlock | Kind::ListBlock | Kind::Entry) => {
            path.clone()
        }
    };
    for option in keyword.options.iter().flat_map(|group| group.iter()) {
        visit(options.clone(), option, Place::Line, rows);
    }
    if let Some(entry) = keyword.entry {
        visit(path.clone(), entry, Place::Block, rows);
    }
    for row in keyword.rows() {
        visit(path.clone(), row, Place::Block, rows);
    }
}
