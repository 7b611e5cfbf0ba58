//! Every path of the language, made from the rows.

use super::{Keyword, Kind, root};

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
