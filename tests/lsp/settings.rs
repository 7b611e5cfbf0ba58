//! What an editor's user prefers, against what a project's `kalc.toml` says: the built server, a strict client.

use crate::support::lsp::{Client, uri};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A secret that keepalived cuts, and a line that only one of two configuration ids reads.
const FILE: &str = "\
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    @web1 priority 100
    @web2 priority 300
    advert_int 1
    garp_master_delay 5
    garp_master_refresh 60
    authentication {
        auth_type PASS
        auth_pass correcthorse
    }
    virtual_ipaddress {
        192.0.2.10/24
    }
}
";

/// The code of the finding about the secret.
const SECRET: &str = "KA401";

struct Editor {
    client: Client,
    folder: TempDir,
}

impl Editor {
    fn open(kalc_toml: Option<&str>) -> Editor {
        let folder = TempDir::new().expect("a folder");
        if let Some(text) = kalc_toml {
            std::fs::write(folder.path().join("kalc.toml"), text).expect("a file");
        }
        std::fs::write(folder.path().join("keepalived.conf"), FILE).expect("a file");
        let mut editor = Editor { client: Client::start(&path(folder.path()), json!({})).0, folder };
        let uri = editor.uri();
        editor.client.open(&uri, FILE);
        editor.client.settle();
        editor
    }

    fn uri(&self) -> String {
        uri(&path(self.folder.path()).join("keepalived.conf"))
    }

    /// Severities of what a rule found, in order.
    fn severities(&self, code: &str) -> Vec<u64> {
        severities(&self.client, &self.uri(), code)
    }

    /// Sends settings and waits until the findings of a rule are of these severities.
    fn prefer(&mut self, settings: Value, code: &str, wanted: &[u64]) {
        let uri = self.uri();
        self.client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
        self.client.await_diagnostics(|client| severities(client, &uri, code) == wanted);
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.canonicalize().expect("a path")
}

fn severities(client: &Client, uri: &str, code: &str) -> Vec<u64> {
    let Some((_, found)) = client.diagnostics.get(uri) else { return Vec::new() };
    let of_rule = found.iter().filter(|diagnostic| diagnostic["code"] == code);
    of_rule.map(|diagnostic| diagnostic["severity"].as_u64().expect("a severity")).collect()
}

#[test]
fn rules_of_the_editor_count_where_there_is_no_kalc_toml() {
    let mut editor = Editor::open(None);
    let usual = editor.severities(SECRET);
    assert_eq!(usual.len(), 1);
    editor.prefer(json!({ "kalc": { "rules": { SECRET: "off" } } }), SECRET, &[]);
    editor.prefer(json!({ "rules": { SECRET: "hint" } }), SECRET, &[4]);
    editor.prefer(json!({ "kalc": {} }), SECRET, &usual);
    assert_eq!(editor.client.stop(), 0);
}

#[test]
fn kalc_toml_counts_before_the_editor() {
    let mut editor = Editor::open(Some("[rules]\nKA401 = \"info\"\n"));
    assert_eq!(editor.severities(SECRET), [3]);
    // The one setting that kalc.toml is silent about shows that the settings have arrived.
    let settings = json!({ "rules": { SECRET: "off", "KA2": "off" } });
    assert!(!editor.severities("KA201").is_empty(), "{:#?}", editor.client.diagnostics);
    editor.prefer(settings, "KA201", &[]);
    assert_eq!(editor.severities(SECRET), [3]);
    assert_eq!(editor.client.stop(), 0);
}

#[test]
fn under_a_configuration_id_only_its_lines_are_read() {
    let mut editor = Editor::open(None);
    let both = editor.severities("KA201");
    assert_eq!(both.len(), 1, "{:#?}", editor.client.diagnostics);
    editor.prefer(json!({ "configId": "web1" }), "KA201", &[]);
    editor.prefer(json!({ "configId": "web2" }), "KA201", &both);
    editor.prefer(json!({ "configId": "web1" }), "KA201", &[]);
    editor.prefer(json!({ "configId": "" }), "KA201", &both);
    assert_eq!(editor.client.stop(), 0);
}
