//! What a reviewer should not have to look for: sizes of files, words that must not be merged, opening comments.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use support::{files, root};

/// More lines than this and a file tells more than one story. Tables and lists of test cases are exempt: one row is as
/// easy to find in a thousand as in ten.
const MOST_LINES: usize = 700;

/// Folders with Rust of ours; `target` folders are none.
const RUST: [&str; 10] =
    ["src", "tests", "benches", "grammar", "compiler", "lsp", "runtime", "fuzz/src", "fuzz/fuzz_targets", "examples"];

fn rust_files() -> Vec<PathBuf> {
    let folders = RUST.iter().map(|folder| root().join(folder)).filter(|folder| folder.exists());
    let found: Vec<PathBuf> = folders.flat_map(|folder| files(&folder, ".rs")).collect();
    let found: Vec<PathBuf> = found.into_iter().filter(|path| !path.iter().any(|part| part == "target")).collect();
    assert!(found.len() > 50, "the folders have moved");
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

/// Every line that a test complains of, as `FILE:LINE: text`.
fn lines(path: &Path, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a source file");
    text.lines()
        .enumerate()
        .filter(|(_, line)| wrong(line))
        .map(|(index, line)| format!("{}:{}: {}", shown(path), index + 1, line.trim()))
        .collect()
}

#[test]
fn files_are_short() {
    let long: Vec<String> = rust_files()
        .iter()
        .filter(|path| !path.iter().any(|part| part == "schema" || part == "tests"))
        .filter_map(|path| {
            let count = std::fs::read_to_string(path).expect("a source file").lines().count();
            (count > MOST_LINES).then(|| format!("{}: {count} lines", shown(path)))
        })
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn modules_say_what_they_are() {
    let silent: Vec<String> = rust_files()
        .iter()
        .filter(|path| !std::fs::read_to_string(path).expect("a source file").starts_with("//! "))
        .map(|path| shown(path))
        .collect();
    assert!(silent.is_empty(), "these open without a `//!` comment:\n{}", silent.join("\n"));
}

#[test]
fn nothing_unfinished_is_merged() {
    let marks = ["todo!", "unimplemented!", "dbg!"].map(|word| format!("{word}("));
    let unfinished = |line: &str| {
        let open_end = ["TODO", "FIXME", "XXX"].iter().any(|mark| {
            // With the number of an issue somebody will find it again.
            line.find(mark).is_some_and(|at| !line[at..].contains('#') && line[..at].contains("//"))
        });
        open_end || marks.iter().any(|mark| line.contains(mark.as_str()))
    };
    let found: Vec<String> = rust_files().iter().flat_map(|path| lines(path, unfinished)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The one module that may say it, for what the kernel offers and no crate wraps.
const UNSAFE: &str = "runtime/src/sys.rs";

#[test]
fn only_one_module_is_unsafe() {
    let word = ["un", "safe "].concat();
    let found: Vec<String> = rust_files()
        .iter()
        .filter(|path| !path.ends_with(UNSAFE))
        .flat_map(|path| {
            lines(path, |line| {
                line.trim_start_matches("pub ").trim_start().starts_with(&word) || line.contains(&format!(" {word}{{"))
            })
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_rule_file_is_listed() {
    for path in files(&root().join("compiler/src/lint/rules"), ".rs") {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let folder = path.parent().expect("a folder");
        // A folder's list is its `mod.rs`, or the file of the same name beside it.
        let list = [folder.join("mod.rs"), folder.with_extension("rs")].into_iter().find(|list| list.exists());
        let list = std::fs::read_to_string(list.expect("a list of modules")).expect("the list");
        let words = list.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(name == "mod" || words.into_iter().any(|word| word == name), "{}: listed nowhere", shown(&path));
    }
}

#[test]
fn no_path_of_one_machine_is_in_the_repository() {
    // What git knows, or on a machine without git what is Rust.
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let paths: Vec<PathBuf> = match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(|name| root().join(name)).collect()
        }
        Ok(_) | Err(_) => rust_files(),
    };
    let places = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    let wrong = |line: &str| places.iter().any(|place| line.contains(place.as_str()));
    let mut found = Vec::new();
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if text.contains("/work/") || places[1..].iter().any(|place| text.contains(place.as_str())) {
            found.extend(lines(&path, wrong));
        }
    }
    found.retain(|line| !line.starts_with("tests/tidy.rs"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
