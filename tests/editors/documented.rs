//! Editors that are set up with what docs/editors.md says, in nothing but those words.

use super::support::{root, skip};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Two errors, of which the second one has a fix.
const MISSPELT: &str = "\
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 300
    priority 100
    advert_intt 1
    virtual_ipaddress {
        192.0.2.10/24 dev eth0
    }
}
";

/// The text that docs/editors.md gives for an editor, behind the comment that names it.
fn documented(name: &str) -> String {
    let docs = std::fs::read_to_string(root().join("docs/editors.md")).expect("the page");
    let (_, behind) =
        docs.split_once(&format!("<!-- tests/editors: {name} -->\n```")).unwrap_or_else(|| panic!("{name}"));
    let (text, _) = behind.split_once("\n```\n").expect("the end of the text");
    text.split_once('\n').expect("more than a language").1.to_owned() + "\n"
}

/// A folder for an editor: a file, what the page says to put into its configuration, and `kalc` for its PATH.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(init: &str, text: &str) -> Desk {
        let folder = tempfile::TempDir::new().expect("a folder");
        std::fs::create_dir(folder.path().join("bin")).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kalc"), folder.path().join("bin/kalc")).expect("a link");
        std::fs::write(folder.path().join(init), documented(init)).expect("a file");
        std::fs::create_dir(folder.path().join("host")).expect("a folder");
        std::fs::write(folder.path().join("host/keepalived.conf"), text).expect("a file");
        Desk { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs an editor; answers with the object that its script prints.
    fn run(&self, command: &mut Command) -> Value {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = command
            .current_dir(self.path("host"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("KALC_FILE", self.path("host/keepalived.conf"))
            .output()
            .expect("the editor starts");
        printed(&output)
    }
}

fn printed(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output:#?}"));
    let out: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(out["failed"], Value::Null, "{out:#}");
    assert!(output.status.success(), "{output:#?}");
    out
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn text<'o>(out: &'o Value, name: &str) -> &'o str {
    out[name].as_str().unwrap_or_else(|| panic!("{name}: {out:#}"))
}

#[test]
fn emacs_as_documented_shows_findings_formats_and_makes_a_fix() {
    const NAME: &str = "emacs_as_documented_shows_findings_formats_and_makes_a_fix";
    if !is_there("emacs") {
        return skip(NAME, "there is no emacs");
    }
    if !Command::new("emacs")
        .args(["-Q", "--batch", "-l"])
        .arg(root().join("tests/editors/eglot.el"))
        .output()
        .is_ok_and(|o| o.status.success())
    {
        return skip(NAME, "this emacs has no eglot");
    }
    let desk = Desk::new("emacs.el", MISSPELT);
    let script = root().join("tests/editors/emacs.el");
    let out = desk
        .run(Command::new("emacs").args(["-Q", "--batch", "-l"]).arg(script).env("KALC_INIT", desk.path("emacs.el")));
    assert_eq!(out["mode"], "keepalived-mode");
    let lines = |list: &Value| -> Vec<u64> {
        let list = list.as_array().cloned().unwrap_or_default();
        let mut lines: Vec<u64> = list.iter().filter_map(|found| found["line"].as_u64()).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(lines(&out["before"]), [3, 5], "{out:#}");
    assert_eq!(lines(&out["after"]), [3], "{out:#}");
    assert!(text(&out, "hover").contains("1..255"), "{out:#}");
    assert_eq!(out["formatted"], "    priority 100");
    assert_eq!(text(&out, "text"), MISSPELT.replace("advert_intt", "advert_int"), "{out:#}");
}

#[test]
fn neovim_as_documented_shows_findings_formats_and_makes_a_fix() {
    const NAME: &str = "neovim_as_documented_shows_findings_formats_and_makes_a_fix";
    if !is_there("nvim") {
        return skip(NAME, "there is no nvim");
    }
    let desk = Desk::new("neovim.lua", MISSPELT);
    let script = root().join("tests/editors/documented.lua");
    let out = desk.run(
        Command::new("nvim")
            .args(["--headless", "-i", "NONE", "-n", "-u"])
            .arg(desk.path("neovim.lua"))
            .arg("-S")
            .arg(script),
    );
    assert_eq!(out["filetype"], "keepalived");
    assert_eq!(out["before"], serde_json::json!([3, 5]), "{out:#}");
    assert_eq!(out["after"], serde_json::json!([3]), "{out:#}");
    assert_eq!(out["formatted"], "    priority 100");
    assert_eq!(text(&out, "text"), MISSPELT.replace("advert_intt", "advert_int"), "{out:#}");
    assert_eq!(out["servers"], 1, "a second file starts no second server");
}

#[test]
fn what_is_only_read_can_be_read() {
    const NAME: &str = "what_is_only_read_can_be_read";
    let helix: toml::Table = documented("languages.toml").parse().expect("TOML");
    assert_eq!(helix["language-server"]["kalc"]["args"][0].as_str(), Some("lsp"));
    assert_eq!(helix["language"][0]["language-servers"][0].as_str(), Some("kalc"));
    if !is_there("nvim") {
        return skip(NAME, "there is no nvim to read its Lua");
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("neovim-0.11.lua");
    std::fs::write(&file, documented("neovim-0.11.lua")).expect("a file");
    let read =
        format!("lua local ok, why = loadfile('{}'); if not ok then print(why); vim.cmd('1cquit') end", file.display());
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", &read, "-c", "qall!"])
        .output();
    let output = output.expect("nvim starts");
    assert!(output.status.success(), "{output:#?}");
}
