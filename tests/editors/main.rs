//! Real editors against the real server.

mod documented;
#[path = "../support/mod.rs"]
mod support;

use serde_json::Value;
use std::process::Command;
use support::{root, skip};

/// One error, in line 5, and one word too many, in line 6, behind characters of every width; the layout is untidy.
const FILE: &str = "\
# höher 🚀
vrrp_instance \"ü🚀\" { # é
    interface eth0
    priority   100
    virtual_router_id 300
  advert_int 1 🚀zwei
    virtual_ipaddress {
        192.0.2.10/24 dev eth0
    }
}
";

#[test]
fn neovim_shows_findings_and_answers_and_makes_changes() {
    const NAME: &str = "neovim_shows_findings_and_answers_and_makes_changes";
    if Command::new("nvim").arg("--version").output().is_err() {
        return skip(NAME, "there is no nvim");
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("keepalived.conf");
    std::fs::write(&file, FILE).expect("a file");
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-S"])
        .arg(root().join("tests/editors/neovim.lua"))
        .current_dir(folder.path())
        .env("KALC_BIN", env!("CARGO_BIN_EXE_kalc"))
        .env("KALC_FILE", &file)
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .output()
        .expect("nvim starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output:#?}"));
    let out: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(out["failed"], Value::Null, "{out:#}");
    assert!(output.status.success(), "{output:#?}");

    let errors = |list: &Value| -> Vec<Value> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.into_iter().filter(|d| d["severity"] == 1).collect()
    };
    let before = errors(&out["before"]);
    assert_eq!(before.len(), 1, "{out:#}");
    assert_eq!(before[0]["source"], "kalc");
    assert_eq!((&before[0]["line"], &before[0]["column"]), (&Value::from(4), &Value::from(22)), "{before:#?}");
    assert!(before[0]["message"].as_str().is_some_and(|message| message.contains("300")), "{before:#?}");
    assert!(errors(&out["after"]).is_empty(), "{out:#}");

    let hover = out["hover"]["contents"]["value"].as_str().unwrap_or_else(|| panic!("{out:#}"));
    assert!(hover.contains("virtual_router_id") && hover.contains("1..255"), "{hover}");
    let labels = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|item| item["label"].as_str().map(str::to_owned)).collect()
    };
    let keywords = labels(&out["completion"]);
    assert!(keywords.contains(&"advert_int".to_owned()), "{keywords:?}");
    assert!(!keywords.contains(&"vrrp_instance".to_owned()), "{keywords:?}");
    assert_eq!(labels(&out["values"]), ["MASTER", "BACKUP"]);

    let actions = out["actions"].as_array().unwrap_or_else(|| panic!("{out:#}"));
    let titles: Vec<&str> = actions.iter().filter_map(|action| action["title"].as_str()).collect();
    assert!(titles.iter().any(|title| title.contains("(KA105)")), "{titles:?}");
    assert!(titles.iter().any(|title| title.contains("Allow KA105")), "{titles:?}");
    let text = |name: &str| out[name].as_str().unwrap_or_else(|| panic!("{out:#}")).to_owned() + "\n";
    let fixed = FILE.replace("advert_int 1 🚀zwei", "advert_int 1 # 🚀zwei");
    assert_eq!(text("fixed"), fixed);
    std::fs::write(&file, &fixed).expect("a file");
    assert!(support::run(folder.path(), &["fmt", "keepalived.conf"]).status < 2);
    assert_eq!(text("formatted"), std::fs::read_to_string(&file).expect("a file"));
    assert_ne!(text("formatted"), fixed);
}
