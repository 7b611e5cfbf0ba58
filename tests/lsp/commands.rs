//! Commands: what an extension asks the server to do.

use super::support::run;
use super::{capabilities, open_all, pair_of_hosts};
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
