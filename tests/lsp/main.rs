//! The language server from outside: the built program, a strict client, and `kalc check` to compare with.

mod actions;
mod commands;
mod navigate;
mod random;
mod robust;
mod settings;
mod show;
#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::lsp::{Client, pair, position, uri};
use support::run;
use tempfile::TempDir;

const WEB1: &str = "\
# höher 🚀 als web2
$PRIO=150
vrrp_script chk_nginx {
    script \"/usr/bin/pgrep nginx\"
    interval 2
}
vrrp_instance VI_1 { # é🚀é
    state MASTER
    interface eth0
    virtual_router_id 51
    priority $PRIO
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass sesam123
    }
    track_script {
        chk_nginx
    }
    include vips.inc
}
";

const WEB2: &str = "\
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 3
    authentication {
        auth_type PASS
        auth_pass sesam456
    }
    virtual_ipaddress {
        192.0.2.10/24
    }
}
";

const VIPS: &str = "virtual_ipaddress {\n    192.0.2.10/24\n}\n";

/// The position of the first occurrence of a word in a text, in units of UTF-16, and so many units behind its start.
fn position_of(text: &str, word: &str, behind: usize) -> Value {
    let start = text.find(word).unwrap_or_else(|| panic!("{word} in {text}"));
    let before = &text[..start];
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    position(before.matches('\n').count(), before[line..].encode_utf16().count() + behind)
}

/// The range of the first occurrence of a word in a text.
fn range_of(text: &str, word: &str) -> Value {
    json!({ "start": position_of(text, word, 0), "end": position_of(text, word, word.encode_utf16().count()) })
}

struct Workspace {
    folder: TempDir,
}

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let workspace = Workspace { folder: TempDir::new().expect("a folder") };
        for (name, text) in files {
            workspace.write(name, text);
        }
        workspace
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("a path")
    }

    fn uri(&self, name: &str) -> String {
        uri(&self.path().join(name))
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

fn pair_of_hosts() -> Workspace {
    Workspace::new(&[("web1/keepalived.conf", WEB1), ("web2/keepalived.conf", WEB2), ("web1/vips.inc", VIPS)])
}

fn capabilities() -> Value {
    json!({
        "workspace": { "workspaceEdit": { "documentChanges": true } },
        "textDocument": {
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix", "source"] } } },
            "publishDiagnostics": { "relatedInformation": true },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "hover": { "contentFormat": ["markdown"] },
            "completion": { "completionItem": { "tagSupport": { "valueSet": [1] } } },
        },
    })
}

/// What is found: code, severity, and range with lines and columns as people count them.
type Finding = (String, String, [(usize, usize); 2], String);

fn by_check(folder: &Path) -> BTreeMap<String, Vec<Finding>> {
    let run = run(folder, &["check", "--format", "json", &folder.display().to_string()]);
    assert!(run.status < 2, "{run:#?}");
    let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for d in run.json()["diagnostics"].as_array().expect("a list") {
        let text = |name: &str| d[name].as_str().expect("a text").to_owned();
        let file = uri(Path::new(&text("file")));
        let source = std::fs::read(text("file")).expect("a file");
        let at = |end: &str| {
            let position = &d["range"][end];
            let number = |name: &str| position[name].as_u64().expect("a number") as usize;
            // For an editor there is no place between the two signs of a line's end.
            let offset = number("offset");
            let is_inside = source[..offset].ends_with(b"\r") && source[offset..].starts_with(b"\n");
            (number("line"), number("column") - usize::from(is_inside))
        };
        found.entry(file).or_default().push((
            text("code"),
            text("severity"),
            [at("start"), at("end")],
            text("message"),
        ));
    }
    for list in found.values_mut() {
        list.sort();
    }
    found
}

fn by_server(client: &Client) -> BTreeMap<String, Vec<Finding>> {
    let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for (uri, (_, diagnostics)) in client.diagnostics.iter().filter(|(_, (_, diagnostics))| !diagnostics.is_empty()) {
        let text = match client.open.get(uri) {
            Some(_) => client.text(uri),
            None => std::fs::read_to_string(uri.trim_start_matches("file://")).expect("a file"),
        };
        let mut list: Vec<Finding> = diagnostics
            .iter()
            .map(|d| {
                let severity =
                    ["error", "warning", "info", "hint"][d["severity"].as_u64().expect("a number") as usize - 1];
                let message = d["message"].as_str().expect("a text");
                let ends = ["start", "end"].map(|end| people(&text, pair(&d["range"][end])));
                let code = d["code"].as_str().unwrap_or_else(|| panic!("{d}"));
                (code.to_owned(), severity.to_owned(), ends, message.lines().next().unwrap_or("").to_owned())
            })
            .collect();
        list.sort();
        found.insert(uri.clone(), list);
    }
    found
}

/// Line and column as `kalc check` counts them: lines end with a newline only, columns count characters.
fn people(text: &str, (line, character): (usize, usize)) -> (usize, usize) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let at = support::lsp::lines(&units)[line].0 + character;
    let before = String::from_utf16(&units[..at]).expect("a whole character");
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

fn open_all(workspace: &Workspace, client: &mut Client) {
    for (name, text) in [("web1/keepalived.conf", WEB1), ("web2/keepalived.conf", WEB2)] {
        client.open(&workspace.uri(name), text);
    }
    client.settle();
}

fn at(uri: &str, line: usize, character: usize) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": position(line, character) })
}

fn labels(completion: &Value) -> Vec<String> {
    let items = completion.as_array().expect("a list");
    items.iter().map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
}

#[test]
fn findings_are_those_of_check_and_point_into_the_peers_file() {
    let workspace = pair_of_hosts();
    let (mut client, result) = Client::start(&workspace.path(), capabilities());
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(result["serverInfo"]["name"], "kalc");
    open_all(&workspace, &mut client);
    let (web1, web2) = (workspace.uri("web1/keepalived.conf"), workspace.uri("web2/keepalived.conf"));
    let found = by_server(&client);
    assert_eq!(found, by_check(&workspace.path()));
    assert!(found.values().flatten().any(|(code, ..)| code.starts_with("KA6")), "{found:#?}");
    let related: Vec<&Value> = client.diagnostics[&web2].1.iter().map(|d| &d["relatedInformation"]).collect();
    assert!(related.iter().any(|list| list[0]["location"]["uri"] == web1.as_str()), "{related:#?}");

    // Both ends of the disagreement go when one is mended; the text before has characters of every width.
    client.change(&web2, &[(Some([(5, 15), (5, 16)]), "1"), (Some([(8, 18), (8, 26)]), "sesam123")]);
    client.settle();
    workspace.write("web2/keepalived.conf", &client.text(&web2));
    let found = by_server(&client);
    assert_eq!(found, by_check(&workspace.path()));
    let mended = |code: &str| matches!(code, "KA601" | "KA602");
    assert!(!found.values().flatten().any(|(code, ..)| mended(code)), "{found:#?}");

    // Ranges that are not in the text are cut to it.
    client.change(&web1, &[(Some([(6, 27), (6, 4000)]), "ü"), (Some([(900, 0), (9000, 7)]), "oops 🚀\nprio")]);
    client.change(&web1, &[(Some([(0, 9), (0, 10)]), ""), (Some([(10, 13), (10, 18)]), "3OO")]);
    client.settle();
    workspace.write("web1/keepalived.conf", &client.text(&web1));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    assert_eq!(client.stop(), 0);
}

const TOML: &str = "\
[rules]
KA701 = \"error\"
[per-file]
\"web2/*\" = { off = [\"KA602\"] }
[[cluster]]
name = \"web\"
members = [ { host = \"one\", file = \"web1/keepalived.conf\" }, { host = \"two\", file = \"web2/keepalived.conf\" } ]
";

fn codes(client: &Client, uri: &str) -> Vec<String> {
    let found = client.diagnostics.get(uri).map_or(&[][..], |(_, found)| found);
    found.iter().map(|d| d["code"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn what_kalc_toml_says_counts_and_its_changes_are_seen() {
    let workspace = pair_of_hosts();
    workspace.write("kalc.toml", TOML);
    workspace.write(
        "other/keepalived.conf",
        &WEB2.replace("VI_1", "VI_9").replace("51", "77").replace("192.0.2.10", "198.51.100.1"),
    );
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let (toml, web2) = (workspace.uri("kalc.toml"), workspace.uri("web2/keepalived.conf"));
    let found = by_server(&client);
    assert_eq!(found, by_check(&workspace.path()));
    assert!(!codes(&client, &web2).contains(&"KA602".to_owned()), "{found:#?}");
    assert!(found[&web2].iter().any(|(code, severity, ..)| code == "KA701" && severity == "error"), "{found:#?}");
    // The hosts have the names that the project gives them.
    assert!(found[&web2].iter().any(|(code, _, _, message)| code == "KA601" && message.contains(" one")), "{found:#?}");

    // Without being told, with the next change; then told.
    let no_peers = format!("{TOML}not-peers = [[\"one:VI_1\", \"two:VI_1\"]]\n");
    workspace.write("kalc.toml", &no_peers);
    client.change(&web2, &[(Some([(0, 0), (0, 0)]), "# é\n")]);
    client.settle();
    workspace.write("web2/keepalived.conf", &client.text(&web2));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    assert!(!codes(&client, &web2).contains(&"KA601".to_owned()));
    let watched = json!({ "changes": [{ "uri": toml, "type": 2 }] });
    workspace.write("kalc.toml", "[rules]\nKA601 = \"hint\"\n");
    client.notify("workspace/didChangeWatchedFiles", watched.clone());
    client.await_diagnostics(|client| codes(client, &web2).contains(&"KA602".to_owned()));
    assert_eq!(by_server(&client), by_check(&workspace.path()));

    // A mistake in it is shown where it stands, and the settings from before stay.
    workspace.write("kalc.toml", "[rules]\nKA6O1 = \"hint\"\n");
    client.notify("workspace/didChangeWatchedFiles", watched.clone());
    client.await_diagnostics(|client| codes(client, &toml) == ["none"]);
    let wrong = &client.diagnostics[&toml].1[0];
    assert_eq!(wrong["range"], json!({ "start": position(1, 0), "end": position(1, 5) }), "{wrong}");
    assert_eq!(wrong["severity"], 1);
    assert!(wrong["message"].as_str().is_some_and(|text| text.contains("no rule `KA6O1`")), "{wrong}");
    let hints = client.diagnostics[&web2].1.iter().filter(|d| d["code"] == "KA601");
    assert!(hints.into_iter().all(|d| d["severity"] == 4));

    // As text in the editor it counts before it is saved, and gone it is forgotten.
    client.open(&toml, TOML);
    client
        .await_diagnostics(|client| codes(client, &toml).is_empty() && !codes(client, &web2).contains(&"KA602".into()));
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": toml } }));
    client.open.remove(&toml);
    std::fs::remove_file(workspace.path().join("kalc.toml")).expect("a file");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": toml, "type": 3 }] }));
    client.await_diagnostics(|client| codes(client, &web2).contains(&"KA602".to_owned()));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_folder_of_a_project_brings_the_peers_from_outside() {
    let workspace = pair_of_hosts();
    workspace.write("kalc.toml", TOML);
    let (mut client, _) = Client::start(&workspace.path().join("web1"), capabilities());
    let (web1, web2) = (workspace.uri("web1/keepalived.conf"), workspace.uri("web2/keepalived.conf"));
    client.open(&web1, WEB1);
    client.settle();
    let check = run(&workspace.path().join("web1"), &["check", "--format", "json", "."]).json();
    let files: Vec<&str> =
        check["diagnostics"].as_array().expect("a list").iter().filter_map(|d| d["file"].as_str()).collect();
    // What the peer contradicts this host in, and nothing else of it.
    let of_peer = codes(&client, &web2);
    assert!(of_peer.contains(&"KA601".to_owned()) && of_peer.iter().all(|code| code.starts_with("KA6")), "{of_peer:?}");
    assert_eq!(files.iter().filter(|file| file.ends_with("web2/keepalived.conf")).count(), of_peer.len(), "{check:#}");
    assert_eq!(codes(&client, &web1).len() + of_peer.len(), files.len(), "{check:#}");
    // A member that does not exist is told where it is named.
    std::fs::remove_file(workspace.path().join("web2/keepalived.conf")).expect("a file");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": web2, "type": 3 }] }));
    let toml = workspace.uri("kalc.toml");
    client.await_diagnostics(|client| codes(client, &toml) == ["none"]);
    assert!(client.diagnostics[&toml].1[0]["message"].as_str().is_some_and(|text| text.contains("`two`")));
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_client_that_watches_files_is_asked_to() {
    let workspace = pair_of_hosts();
    let mut able = capabilities();
    able["workspace"] = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    let (mut client, _) = Client::start(&workspace.path(), able);
    open_all(&workspace, &mut client);
    let watchers: Vec<&Value> = client.registered.iter().map(|one| &one["registerOptions"]["watchers"]).collect();
    assert!(watchers.iter().any(|list| list.to_string().contains("kalc.toml")), "{watchers:#?}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn an_unsaved_included_file_counts() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let vips = workspace.uri("web1/vips.inc");
    client.open(&vips, VIPS);
    client.settle();
    assert_eq!(client.diagnostics[&vips].1, Vec::<Value>::new());
    client.change(&vips, &[(Some([(1, 4), (1, 17)]), "192.0.2.300/24")]);
    client.settle();
    assert!(client.diagnostics[&vips].1.iter().any(|d| d["code"].as_str().is_some_and(|c| c.starts_with("KA2"))));
    workspace.write("web1/vips.inc", &client.text(&vips));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    // What stands in it is understood by where it is included.
    let hover = client.request("textDocument/hover", at(&vips, 0, 3));
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("virtual_ipaddress")), "{hover}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": vips } }));
    client.open.remove(&vips);
    workspace.write("web1/vips.inc", VIPS);
    let params = json!({ "changes": [{ "uri": vips, "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", params);
    client.change(&workspace.uri("web1/keepalived.conf"), &[(Some([(0, 0), (0, 0)]), "#")]);
    client.settle();
    assert_eq!(client.diagnostics[&vips].1, Vec::<Value>::new());
    assert_eq!(client.stop(), 0);
}

#[test]
fn hover_says_what_the_schema_says() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    client.open(&web1, WEB1);
    let hover = client.request("textDocument/hover", at(&web1, 11, 6));
    let text = hover["contents"]["value"].as_str().expect("a text");
    for wanted in ["advert_int", "0.01..255", "Unit: seconds", "Default: ", "2.2.7"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    assert_eq!(hover["range"], json!({ "start": position(11, 4), "end": position(11, 14) }));
    let block = client.request("textDocument/hover", at(&web1, 6, 2));
    assert!(block["contents"]["value"].as_str().is_some_and(|text| text.contains("vrrp_instance")), "{block}");
    let definition = client.request("textDocument/hover", at(&web1, 10, 15));
    assert!(definition["contents"]["value"].as_str().is_some_and(|text| text.contains("$PRIO=150")), "{definition}");
    assert_eq!(client.request("textDocument/hover", at(&web1, 6, 24)), Value::Null, "a comment");
    assert_eq!(client.request("textDocument/hover", at(&workspace.uri("nowhere"), 0, 0)), Value::Null);
    assert_eq!(client.stop(), 0);
}

#[test]
fn completion_knows_the_block_the_argument_and_the_names() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    client.open(&web1, WEB1);
    // In front of `state`, behind the characters of every width.
    client.change(&web1, &[(Some([(7, 0), (7, 0)]), "    adv\n")]);
    let keywords = client.request("textDocument/completion", at(&web1, 7, 7));
    let words = labels(&keywords);
    assert!(words.contains(&"advert_int".to_owned()) && words.contains(&"track_script".to_owned()), "{words:?}");
    for wrong in ["vrrp_instance", "router_id", "lvs_sched", "script", "rise"] {
        assert!(!words.contains(&wrong.to_owned()), "{wrong} in {words:?}");
    }
    let items = keywords.as_array().expect("a list");
    let item = items.iter().find(|item| item["label"] == "advert_int").expect("the item");
    assert!(item["detail"].as_str().is_some_and(|detail| detail.contains("0.01..255")), "{item}");
    assert_eq!(item["textEdit"]["range"], json!({ "start": position(7, 4), "end": position(7, 7) }));
    assert!(items.iter().any(|item| item["tags"] == json!([1])), "none is deprecated");

    client.change(&web1, &[(Some([(7, 4), (7, 7)]), "state ")]);
    let values = labels(&client.request("textDocument/completion", at(&web1, 7, 10)));
    assert_eq!(values, ["MASTER", "BACKUP"]);
    client.change(&web1, &[(Some([(7, 4), (7, 10)]), "priority $")]);
    assert_eq!(labels(&client.request("textDocument/completion", at(&web1, 7, 14))), ["$PRIO"]);
    let scripts = labels(&client.request("textDocument/completion", at(&web1, 18, 8)));
    assert!(scripts.contains(&"chk_nginx".to_owned()), "{scripts:?}");
    client.change(&web1, &[(Some([(18, 17), (18, 17)]), " ")]);
    let options = labels(&client.request("textDocument/completion", at(&web1, 18, 18)));
    assert!(options.contains(&"weight".to_owned()) && !options.contains(&"chk_nginx".to_owned()), "{options:?}");
    let root = labels(&client.request("textDocument/completion", at(&web1, 2, 0)));
    assert!(root.contains(&"vrrp_instance".to_owned()) && !root.contains(&"advert_int".to_owned()), "{root:?}");
    assert_eq!(client.request("textDocument/completion", at(&web1, 0, 5)), Value::Null, "a comment");
    assert_eq!(client.stop(), 0);
}

#[test]
fn definition_and_outline() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    client.open(&web1, WEB1);
    let place = |uri: &str, from: Value, to: Value| json!([{ "uri": uri, "range": { "start": from, "end": to } }]);
    let name = client.request("textDocument/definition", at(&web1, 17, 10));
    assert_eq!(name, place(&web1, position(2, 12), position(2, 21)));
    let definition = client.request("textDocument/definition", at(&web1, 10, 16));
    assert_eq!(definition, place(&web1, position(1, 0), position(1, 9)));
    let include = client.request("textDocument/definition", at(&web1, 19, 15));
    assert_eq!(include, place(&workspace.uri("web1/vips.inc"), position(0, 0), position(0, 0)));
    assert_eq!(client.request("textDocument/definition", at(&web1, 8, 6)), Value::Null);

    let outline = client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": web1 } }));
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter().map(|symbol| symbol["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&outline), ["chk_nginx", "VI_1"]);
    assert_eq!(outline[1]["detail"], "vrrp_instance");
    assert_eq!(outline[1]["range"], json!({ "start": position(6, 0), "end": position(20, 1) }));
    assert_eq!(names(&outline[1]["children"]), ["authentication", "track_script"]);
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_client_that_counts_bytes_and_knows_little_is_served() {
    let workspace = pair_of_hosts();
    let plain = json!({ "general": { "positionEncodings": ["utf-8", "utf-16"] } });
    let (mut client, result) = Client::start(&workspace.path(), plain);
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-8");
    let web1 = workspace.uri("web1/keepalived.conf");
    client.open(&web1, "vrrp_script \"ü🚀\" {\n}\n");
    let outline = client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": web1 } }));
    assert_eq!(outline[0]["location"]["range"]["end"], position(1, 1), "{outline}");
    // Six bytes, three units of UTF-16.
    let hover = client.request("textDocument/hover", at(&web1, 0, 15));
    assert_eq!(hover["range"]["end"], position(0, 20), "{hover}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_file_that_is_too_large_gets_a_note() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    client.open(&web1, &"# nothing\n".repeat(500_000));
    client.settle();
    let found = &client.diagnostics[&web1].1;
    assert!(found[0]["message"].as_str().is_some_and(|text| text.contains("too large")), "{found:#?}");
    assert_eq!(client.request("textDocument/hover", at(&web1, 0, 0)), Value::Null);
    client.change(&web1, &[(None, WEB1)]);
    client.settle();
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    assert_eq!(client.stop(), 0);
}
