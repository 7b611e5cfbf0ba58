//! Commands: what an extension asks the server to do.

use super::support::run;
use super::{Workspace, capabilities, codes, open_all, pair_of_hosts};
use crate::support::lsp::Client;
use serde_json::json;

#[test]
fn the_ir_of_an_open_file_is_that_of_compile_and_an_included_one_has_its_hosts() {
    let workspace = pair_of_hosts();
    let (mut client, result) = Client::start(&workspace.path(), capabilities());
    let commands = &result["capabilities"]["executeCommandProvider"]["commands"];
    assert!(commands.as_array().is_some_and(|list| list.contains(&json!("kalc.showIr"))), "{commands}");
    open_all(&workspace, &mut client);
    let (web2, vips) = (workspace.uri("web2/keepalived.conf"), workspace.uri("web1/vips.inc"));
    let mut ir = |uri: &str| {
        let shown = client.request("workspace/executeCommand", json!({ "command": "kalc.showIr", "arguments": [uri] }));
        serde_json::from_str::<serde_json::Value>(shown.as_str().expect("a text")).expect("JSON")
    };
    let compiled =
        run(&workspace.path(), &["compile", &format!("{}/web2/keepalived.conf", workspace.path().display())]);
    assert_eq!(ir(&web2), compiled.json());
    assert_eq!(ir(&vips)["vrrp_instances"][0]["name"], "VI_1");
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_rule_is_explained_and_what_is_none_is_an_error() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let explain = |rule: &str| json!({ "command": "kalc.explainRule", "arguments": [rule] });
    let page = client.request("workspace/executeCommand", explain("auth-pass-too-long"));
    assert_eq!(page.as_str().expect("a page"), run(&workspace.path(), &["explain", "KA401"]).stdout);
    let wrong = client.refused("workspace/executeCommand", explain("KA4O1"));
    assert!(wrong["message"].as_str().is_some_and(|text| text.contains("KA401")), "{wrong}");
    client.refused("workspace/executeCommand", json!({ "command": "kalc.showIr", "arguments": [1] }));
    client.refused("workspace/executeCommand", json!({ "command": "kalc.dance" }));
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_configuration_id_is_chosen_among_those_that_the_files_name() {
    let text = "vrrp_instance VI_1 {\n    @one priority 100\n    @two priority 300\n    interface eth0\n    virtual_router_id 51\n}\n";
    let workspace = Workspace::new(&[("keepalived.conf", text)]);
    let uri = workspace.uri("keepalived.conf");
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&uri, text);
    client.settle();
    let is_wrong = |client: &Client| codes(client, &uri).contains(&"KA201".to_owned());
    assert!(is_wrong(&client), "under each id: {:#?}", client.diagnostics);
    let ids = json!({ "command": "kalc.configIds", "arguments": [uri] });
    let known = client.request("workspace/executeCommand", ids.clone());
    assert_eq!(known, json!({ "ids": ["one", "two"], "chosen": null }));
    let choose = |id: serde_json::Value| json!({ "command": "kalc.setConfigId", "arguments": [id] });
    client.request("workspace/executeCommand", choose(json!("one")));
    client.await_diagnostics(|client| !is_wrong(client));
    assert_eq!(client.request("workspace/executeCommand", ids)["chosen"], "one");
    client.request("workspace/executeCommand", choose(json!("two")));
    client.await_diagnostics(is_wrong);
    client.request("workspace/executeCommand", choose(json!("one")));
    client.await_diagnostics(|client| !is_wrong(client));
    client.request("workspace/executeCommand", choose(json!(null)));
    client.await_diagnostics(is_wrong);
    assert_eq!(client.stop(), 0);
}
