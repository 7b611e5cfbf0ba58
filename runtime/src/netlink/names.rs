//! Names of numbers: the host's tables `rt_scopes`, `rt_tables`, `rt_protos`, `rt_dsfield`, `rt_realms`, `group` (iproute2),
//! and `/etc/protocols`.

use kalc_ir::Ir;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where tables may be (`iproute_usr_dir`, `iproute_etc_dir`). What stands in the second folder counts before what stands in
/// the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders([PathBuf; 2]);

impl Folders {
    /// Those of a configuration.
    pub fn of(ir: &Ir) -> Folders {
        let folder = |written: &Option<String>, usual: &str| PathBuf::from(written.as_deref().unwrap_or(usual));
        let global = &ir.global;
        Folders([
            folder(&global.iproute_usr_dir, "/usr/share/iproute2"),
            folder(&global.iproute_etc_dir, "/etc/iproute2"),
        ])
    }
}

/// More than the longest table.
const BYTES_MAX: u64 = 1 << 20;

/// The names of one table.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, u32>);

impl Names {
    /// Reads a table, with the further pieces that may be in a folder beside it.
    pub fn read(table: &str, Folders(folders): &Folders) -> Names {
        let mut names = Names::default();
        let files = folders.each_ref().map(|folder| folder.join(table));
        let folders = folders.each_ref().map(|folder| folder.join(format!("{table}.d")));
        let pieces = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let mut pieces: Vec<_> = pieces.map(|entry| entry.path()).collect();
        pieces.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
        pieces.sort();
        for path in files.iter().chain(&pieces) {
            let is_small = std::fs::metadata(path).is_ok_and(|facts| facts.len() <= BYTES_MAX);
            if let Some(text) = is_small.then(|| std::fs::read_to_string(path).ok()).flatten() {
                names.add(&text);
            }
        }
        names
    }

    /// Reads `/etc/protocols` (protocols(5)): a name, a number and other names.
    pub fn protocols() -> Names {
        let path = Path::new("/etc/protocols");
        let is_small = std::fs::metadata(path).is_ok_and(|facts| facts.len() <= BYTES_MAX);
        let text = is_small.then(|| std::fs::read_to_string(path).ok()).flatten().unwrap_or_default();
        let mut names = Names::default();
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let (Some(name), Some(Ok(number))) = (words.next(), words.next().map(str::parse)) else { continue };
            for name in std::iter::once(name).chain(words) {
                names.0.entry(name.to_owned()).or_insert(number);
            }
        }
        names
    }

    /// Reads lines of a number, decimal or hexadecimal, and a name.
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let (Some(number), Some(name)) = (words.next(), words.next()) else { continue };
            let number = match number.strip_prefix("0x") {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            if let Ok(number) = number {
                self.0.insert(name.to_owned(), number);
            }
        }
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_no_entry_are_left_out() {
        let mut scopes = Names::default();
        scopes.add("# a table\n0\tglobal\n0xff nowhere # far\n300 large\n7\n\n200 site\n200 place\n");
        let numbers = ["global", "nowhere", "large", "site", "place"].map(|name| scopes.number(name));
        assert_eq!(numbers, [Some(0), Some(255), Some(300), Some(200), Some(200)]);
    }
}
