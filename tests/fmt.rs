//! `kalc fmt` from outside, and what keepalived says of files before and after.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use support::{files, root, run, run_with_input, skip};

const CROOKED: &str = "vrrp_instance A\n{\n  state   BACKUP\n  interface eth0 }\n";
const STRAIGHT: &str = "vrrp_instance A {\n    state BACKUP\n    interface eth0\n}\n";

fn folder(texts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in texts {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

#[test]
fn files_are_formatted_in_place_and_keep_their_mode() {
    let folder = folder(&[("a/keepalived.conf", CROOKED), ("b/keepalived.conf", STRAIGHT)]);
    let path = folder.path().join("a/keepalived.conf");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    let done = run(folder.path(), &["fmt", "."]);
    assert_eq!((done.status, done.stdout.as_str()), (0, "1 file formatted, 1 file left alone\n"), "{done:?}");
    assert_eq!(text(folder.path(), "a/keepalived.conf"), STRAIGHT);
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o7777, 0o640);
    assert_eq!(fs::read_dir(folder.path().join("a")).expect("the folder").count(), 1, "nothing is left behind");
    let again = run(folder.path(), &["fmt", "."]);
    assert_eq!((again.status, again.stdout.as_str()), (0, "2 files well formatted\n"));
}

#[test]
fn check_and_diff_change_nothing() {
    let folder = folder(&[("a.conf", CROOKED), ("b.conf", STRAIGHT)]);
    let check = run(folder.path(), &["fmt", "--check", "a.conf", "b.conf"]);
    assert_eq!(check.status, 1);
    assert_eq!(check.stdout, "would format a.conf\n1 file would be formatted, 1 file left alone\n");
    let diff = run(folder.path(), &["fmt", "--diff", "a.conf", "b.conf"]);
    assert_eq!(diff.status, 1);
    assert!(
        diff.stdout.starts_with("--- a.conf\n+++ a.conf\n@@ -1,4 +1,4 @@\n-vrrp_instance A\n-{\n"),
        "{}",
        diff.stdout
    );
    assert!(!diff.stdout.contains("b.conf"));
    assert_eq!(text(folder.path(), "a.conf"), CROOKED);
    for flag in ["--check", "--diff"] {
        assert_eq!(run(folder.path(), &["fmt", flag, "b.conf"]).status, 0);
    }
}

#[test]
fn standard_input_is_printed() {
    let folder = folder(&[]);
    for input in [CROOKED, STRAIGHT] {
        let done = run_with_input(folder.path(), &["fmt", "-"], input.as_bytes());
        assert_eq!((done.status, done.stdout.as_str(), done.stderr.as_str()), (0, STRAIGHT, ""));
    }
    let check =
        run_with_input(folder.path(), &["fmt", "--check", "--stdin-filename", "x.conf", "-"], CROOKED.as_bytes());
    assert_eq!((check.status, check.stdout.as_str()), (1, "would format x.conf\n"));
}

#[test]
fn what_is_not_understood_is_left_alone() {
    let broken = "vrrp_instance A {\n  state   BACKUP\n";
    let folder = folder(&[("a.conf", broken), ("b.conf", CROOKED), ("c.conf", "{% x %}\nvrrp_instance   A {\n}\n")]);
    let done = run(folder.path(), &["fmt", "a.conf", "b.conf", "c.conf"]);
    assert_eq!(done.status, 2, "{done:?}");
    assert!(
        done.stderr.contains("a.conf:1:1: not formatted") && done.stderr.contains("c.conf: left alone"),
        "{done:?}"
    );
    assert_eq!(text(folder.path(), "a.conf"), broken);
    assert_eq!(text(folder.path(), "b.conf"), STRAIGHT, "the others are formatted");
    assert_eq!(run(folder.path(), &["fmt", "c.conf"]).status, 0);
    assert_eq!(run(folder.path(), &["fmt", "missing.conf"]).status, 2);
}

#[test]
fn links_stay_links() {
    let folder = folder(&[("real/keepalived.conf", CROOKED)]);
    symlink("real/keepalived.conf", folder.path().join("link.conf")).expect("a link");
    let done = run(folder.path(), &["fmt", "link.conf", "real/keepalived.conf"]);
    assert_eq!((done.status, done.stdout.as_str()), (0, "1 file formatted\n"), "one file under two names");
    assert!(fs::symlink_metadata(folder.path().join("link.conf")).expect("the link").is_symlink());
    assert_eq!(text(folder.path(), "real/keepalived.conf"), STRAIGHT);
}

/// What keepalived says of a file: its exit status, and its messages without line numbers.
fn verdict(file: &Path) -> Option<(Option<i32>, String)> {
    let output = Command::new("timeout").args(["20", "keepalived", "-t", "-i", "a", "-f"]).arg(file).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    let mut lines = String::new();
    // The C library complains, or not, of what some files do to keepalived's memory.
    for line in String::from_utf8_lossy(&said).lines().filter(|line| !line.contains("free()")) {
        // Some lines have the time before them: `Wed Nov 25 22:59:07 2026: `. Numbers of lines are not what this is about.
        let mut rest =
            line.split_once(" 20").map_or(line, |(_, rest)| rest.split_once(": ").map_or(line, |(_, rest)| rest));
        while let Some(at) = rest.to_ascii_lowercase().find("line ") {
            lines.push_str(&rest[..at + 5]);
            rest = rest[at + 5..].trim_start_matches(|c: char| c.is_ascii_digit());
        }
        lines.push_str(rest);
        lines.push('\n');
    }
    Some((output.status.code(), lines))
}

#[test]
fn keepalived_says_the_same_of_a_formatted_file() {
    const TEST: &str = "keepalived_says_the_same_of_a_formatted_file";
    let folder = folder(&[("keepalived.conf", STRAIGHT)]);
    let path = folder.path().join("keepalived.conf");
    if verdict(&path).is_none_or(|(status, _)| status == Some(127)) {
        return skip(TEST, "there is no keepalived");
    }
    let mut compared = 0;
    for probe in files(&root().join("tests/probes"), ".conf") {
        let typed = fs::read(&probe).expect("a probe");
        fs::write(&path, &typed).expect("a file");
        let before = verdict(&path);
        let done = run(folder.path(), &["fmt", "keepalived.conf"]);
        if done.status == 2 || fs::read(&path).expect("the file") == typed {
            continue;
        }
        compared += 1;
        assert_eq!(verdict(&path), before, "{}:\n{}", probe.display(), text(folder.path(), "keepalived.conf"));
    }
    assert!(compared > 5, "{compared} probes were changed");
}
