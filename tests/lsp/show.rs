//! What is shown beside and between the words, and while typing: lenses, hints, signatures, snippets, marks.

use super::support::lsp::{Client, position};
use super::{VIPS, WEB1, WEB2, at, capabilities, open_all, pair_of_hosts, position_of, range_of};
use serde_json::{Value, json};

fn of(uri: &str, more: Value) -> Value {
    let mut params = json!({ "textDocument": { "uri": uri } });
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    params
}

#[test]
fn a_lens_follows_what_peers_say_and_clients_are_told() {
    let workspace = pair_of_hosts();
    let mut able = capabilities();
    able["workspace"]["codeLens"] = json!({ "refreshSupport": true });
    let (mut client, _) = Client::start(&workspace.path(), able);
    open_all(&workspace, &mut client);
    let (web1, web2) = (workspace.uri("web1/keepalived.conf"), workspace.uri("web2/keepalived.conf"));
    let lens = |client: &mut Client| {
        let found = client.request("textDocument/codeLens", of(&web1, json!({})));
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
        assert_eq!(found[0]["range"]["start"], position(6, 0));
        found[0]["command"]["title"].as_str().expect("a title").to_owned()
    };
    // Adverts at another interval are dropped.
    assert_eq!(lens(&mut client), "master: web1 (150) and web2 (100) AT ONCE");
    client.asked.clear();
    client.change(&web2, &[(Some([(5, 15), (5, 16)]), "1"), (Some([(8, 18), (8, 26)]), "sesam123")]);
    client.settle();
    assert_eq!(lens(&mut client), "master: web1, failover 3.6 s");
    assert!(client.asked.contains(&"workspace/codeLens/refresh".to_owned()), "{:?}", client.asked);
    assert_eq!(client.stop(), 0);
}

#[test]
fn hints_stand_behind_what_they_are_about() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    let text = WEB1.replace("sesam123", "sesam123ü🚀");
    client.open(&web1, &text);
    let range = json!({ "start": position(0, 0), "end": position(21, 0) });
    let hints = client.request("textDocument/inlayHint", of(&web1, json!({ "range": range })));
    let hints: Vec<(String, Value)> = hints
        .as_array()
        .expect("a list")
        .iter()
        .map(|hint| (hint["label"].as_str().expect("a label").to_owned(), hint["position"].clone()))
        .collect();
    assert!(hints.contains(&("= sesam123".to_owned(), position_of(&text, "sesam123ü🚀", 11))), "{hints:#?}");
    assert!(hints.contains(&("s".to_owned(), position_of(&text, "advert_int 1", 12))), "{hints:#?}");
    assert!(hints.contains(&("version 2".to_owned(), position_of(&text, "{ # é", 1))), "{hints:#?}");
    let range = range_of(&text, "state MASTER");
    assert_eq!(client.request("textDocument/inlayHint", of(&web1, json!({ "range": range }))), json!([]));
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_signature_points_at_the_next_word() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let vips = workspace.uri("web1/vips.inc");
    client.open(&workspace.uri("web1/keepalived.conf"), WEB1);
    client.open(&vips, VIPS);
    client.change(&vips, &[(Some([(1, 17), (1, 17)]), " dev ")]);
    let help = client.request("textDocument/signatureHelp", at(&vips, 1, 22));
    let active = help["activeSignature"].as_u64().expect("a number") as usize;
    let signature = &help["signatures"][active];
    let parameter =
        &signature["parameters"][signature["activeParameter"].as_u64().expect("a number") as usize]["label"];
    let (from, to) = (parameter[0].as_u64().expect("a number"), parameter[1].as_u64().expect("a number"));
    let label = signature["label"].as_str().expect("a text");
    assert_eq!(&label[from as usize..to as usize], "<interface>", "{help:#}");
    assert_eq!(client.request("textDocument/signatureHelp", at(&vips, 2, 1)), Value::Null);
    assert_eq!(client.stop(), 0);
}

#[test]
fn snippets_are_for_clients_that_know_them() {
    let workspace = pair_of_hosts();
    for snippets in [false, true] {
        let mut able = capabilities();
        able["textDocument"]["completion"]["completionItem"]["snippetSupport"] = json!(snippets);
        let (mut client, _) = Client::start(&workspace.path(), able);
        let web1 = workspace.uri("web1/keepalived.conf");
        client.open(&web1, WEB1);
        client.change(&web1, &[(Some([(7, 0), (7, 0)]), "    adv\n")]);
        let found = client.request("textDocument/completion", at(&web1, 7, 7));
        let item = found.as_array().and_then(|list| list.iter().find(|item| item["label"] == "advert_int"));
        let item = item.unwrap_or_else(|| panic!("{found:#}"));
        let (text, format) = match snippets {
            true => ("advert_int ${1:seconds 0.01..255}", json!(2)),
            false => ("advert_int", Value::Null),
        };
        assert_eq!((&item["textEdit"]["newText"], &item["insertTextFormat"]), (&json!(text), &format));
        assert_eq!(client.stop(), 0);
    }
}

#[test]
fn the_level_of_a_file_offers_whole_blocks_and_a_block_does_not() {
    let workspace = pair_of_hosts();
    for snippets in [false, true] {
        let mut able = capabilities();
        able["textDocument"]["completion"]["completionItem"]["snippetSupport"] = json!(snippets);
        let (mut client, _) = Client::start(&workspace.path(), able);
        let web1 = workspace.uri("web1/keepalived.conf");
        client.open(&web1, WEB1);
        client.change(&web1, &[(Some([(2, 0), (2, 0)]), "vrrp_in\n")]);
        let mut offered = |line: usize, character: usize, label: &str| {
            let found = client.request("textDocument/completion", at(&web1, line, character));
            let found = found.as_array().and_then(|list| list.iter().find(|item| item["label"] == label).cloned());
            found.map(|item| item["textEdit"]["newText"].as_str().expect("a text").to_owned())
        };
        let whole = offered(2, 7, "vrrp_instance").expect("a block");
        assert_eq!(whole.contains("\tvirtual_router_id ${"), snippets, "{whole}");
        assert_eq!(offered(2, 7, "vrrp_instance unicast").is_some(), snippets);
        assert_eq!(offered(8, 0, "vrrp_instance unicast"), None);
        assert_eq!(client.stop(), 0);
    }
}

#[test]
fn findings_lead_to_their_pages_and_unnecessary_text_is_marked() {
    let workspace = pair_of_hosts();
    let mut able = capabilities();
    able["textDocument"]["publishDiagnostics"]["tagSupport"] = json!({ "valueSet": [1, 2] });
    able["textDocument"]["publishDiagnostics"]["codeDescriptionSupport"] = json!(true);
    let (mut client, _) = Client::start(&workspace.path(), able);
    let web2 = workspace.uri("web2/keepalived.conf");
    client.open(&web2, &WEB2.replace("state BACKUP", "state BACKUP MASTER\n    lvs_id 7"));
    client.settle();
    let found = &client.diagnostics[&web2].1;
    for finding in found {
        let (code, href) = (finding["code"].as_str().expect("a code"), finding["codeDescription"]["href"].as_str());
        assert!(href.is_some_and(|href| href.starts_with("https://") && href.ends_with(".rs")), "{code}: {finding}");
    }
    let tagged = |code: &str| found.iter().find(|d| d["code"] == code).map(|d| d["tags"].clone());
    assert_eq!(tagged("KA105"), Some(json!([1])), "words too many: {found:#?}");
    assert_eq!(tagged("KA902"), Some(json!([2])), "a word of old: {found:#?}");
    assert_eq!(tagged("KA602"), Some(Value::Null), "no mark: {found:#?}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_client_that_asks_for_diagnostics_is_not_told_twice() {
    let workspace = pair_of_hosts();
    let mut able = capabilities();
    able["textDocument"]["diagnostic"] = json!({ "dynamicRegistration": false });
    able["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    let (mut client, result) = Client::start(&workspace.path(), able);
    assert_eq!(result["capabilities"]["diagnosticProvider"]["interFileDependencies"], true);
    let (web1, web2) = (workspace.uri("web1/keepalived.conf"), workspace.uri("web2/keepalived.conf"));
    client.open(&web1, WEB1);
    client.await_diagnostics(|client| client.diagnostics.contains_key(&web2));
    client.open(&web2, WEB2);
    let pull = |client: &mut Client, uri: &str, known: Option<&str>| {
        let known = known.map_or(json!({}), |known| json!({ "previousResultId": known }));
        client.request("textDocument/diagnostic", of(uri, known))
    };
    let codes = |report: &Value| -> Vec<String> {
        let items = report["items"].as_array().expect("a list");
        items.iter().map(|item| item["code"].as_str().expect("a code").to_owned()).collect()
    };
    let first = pull(&mut client, &web2, None);
    assert_eq!(first["kind"], "full");
    assert!(codes(&first).contains(&"KA602".to_owned()), "{first:#}");
    // What was shown before it was opened is taken back, of the first file too if the server was quick to look.
    client.await_diagnostics(|client| client.diagnostics[&web2].1.is_empty());
    let shown = client.diagnostics.get(&web1);
    assert!(shown.is_none_or(|(_, findings)| findings.is_empty()), "{:#?}", client.diagnostics);
    let id = first["resultId"].as_str().expect("an id");
    assert_eq!(pull(&mut client, &web2, Some(id)), json!({ "kind": "unchanged", "resultId": id }));
    // A change of the peer changes what is found here: the client is asked to look again.
    client.asked.clear();
    client.change(&web1, &[(Some([(11, 15), (11, 16)]), "3")]);
    let after = pull(&mut client, &web2, Some(id));
    assert_eq!(after["kind"], "full");
    assert!(!codes(&after).contains(&"KA602".to_owned()), "{after:#}");
    assert!(client.asked.contains(&"workspace/diagnostic/refresh".to_owned()), "{:?}", client.asked);
    assert_eq!(client.stop(), 0);
}
