//! What the tests of the command line share: running the program, and leaving out what a machine cannot do.

#![allow(dead_code, reason = "each test takes what it needs")]

pub mod lab;
pub mod lsp;

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a run of `kalc` ended.
#[derive(Debug)]
pub struct Run {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    fn new(output: Output) -> Self {
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("kalc prints UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("kalc prints UTF-8"),
        }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// Codes of the findings in JSON output.
    pub fn codes(&self) -> Vec<String> {
        let json = self.json();
        let found = json["diagnostics"].as_array().expect("a list of diagnostics");
        found.iter().map(|d| d["code"].as_str().expect("a code").to_owned()).collect()
    }
}

/// The program, with an environment that does not depend on the machine.
pub fn kalc(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalc"));
    command.current_dir(folder).env_clear().env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// Runs `kalc` in a folder.
pub fn run(folder: &Path, args: &[&str]) -> Run {
    Run::new(kalc(folder).args(args).output().expect("kalc starts"))
}

/// Runs `kalc` in a folder with something to read.
pub fn run_with_input(folder: &Path, args: &[&str], input: &[u8]) -> Run {
    let mut child = kalc(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kalc starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("kalc reads its input");
    Run::new(child.wait_with_output().expect("kalc ends"))
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends as asked, sorted.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// Says that a test cannot run here and why. With `KALC_TEST_ALL=1` that is a failure.
pub fn skip(test: &str, reason: &str) {
    let all = std::env::var_os("KALC_TEST_ALL").is_some_and(|value| value == "1");
    assert!(!all, "{test} cannot run: {reason}");
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    // Straight to the handle: what is printed with a macro is shown for failing tests only.
    let _ = writeln!(std::io::stderr(), "skipped {count}: {test}: {reason}");
}
