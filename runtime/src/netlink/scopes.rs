//! Names of scopes: the host's table `rt_scopes`.

use std::collections::BTreeMap;
use std::path::Path;

/// Where the table may be. What stands in a later file counts before what stands in an earlier one.
const FILES: [&str; 2] = ["/usr/share/iproute2/rt_scopes", "/etc/iproute2/rt_scopes"];
/// Folders with further pieces of the table.
const FOLDERS: [&str; 2] = ["/usr/share/iproute2/rt_scopes.d", "/etc/iproute2/rt_scopes.d"];
/// A table of 256 short lines has no more.
const BYTES_MAX: u64 = 1 << 20;

/// Names of scopes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeMap<String, u8>);

impl Scopes {
    /// Reads the tables that are there.
    pub fn read() -> Scopes {
        let mut scopes = Scopes::default();
        let pieces = FOLDERS.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let mut pieces: Vec<_> = pieces.map(|entry| entry.path()).collect();
        pieces.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
        pieces.sort();
        for path in FILES.iter().map(Path::new).chain(pieces.iter().map(AsRef::as_ref)) {
            let is_small = std::fs::metadata(path).is_ok_and(|facts| facts.len() <= BYTES_MAX);
            if let Some(text) = is_small.then(|| std::fs::read_to_string(path).ok()).flatten() {
                scopes.add(&text);
            }
        }
        scopes
    }

    /// Reads lines of a number, decimal or hexadecimal, and a name.
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let (Some(number), Some(name)) = (words.next(), words.next()) else { continue };
            let number = match number.strip_prefix("0x") {
                Some(hex) => u8::from_str_radix(hex, 16),
                None => number.parse(),
            };
            if let Ok(number) = number {
                self.0.insert(name.to_owned(), number);
            }
        }
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<u8> {
        self.0.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_no_entry_are_left_out() {
        let mut scopes = Scopes::default();
        scopes.add("# a table\n0\tglobal\n0xff nowhere # far\n300 large\n7\n\n200 site\n200 place\n");
        let numbers = ["global", "nowhere", "large", "site", "place"].map(|name| scopes.number(name));
        assert_eq!(numbers, [Some(0), Some(255), None, Some(200), Some(200)]);
    }
}
