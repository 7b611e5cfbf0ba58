//! What must not harm: answers out of order, cancelled requests, late versions, files that are too large, text that is
//! made to harm, work that takes long.

use super::support::lsp::{Change, Client, position};
use super::{
    WEB1, WEB2, Workspace, at, by_check, by_server, capabilities, codes, open_all, pair_of_hosts, position_of,
};
use serde_json::{Value, json};
use std::fmt::Write;

/// LSP: the client took the request back.
const CANCELLED: i64 = -32800;

#[test]
fn each_of_many_requests_gets_its_own_answer_and_cancelled_ones_say_so() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let web1 = workspace.uri("web1/keepalived.conf");
    // One answer is about the keyword, the next about the block, and so on, of a text that no snapshot has yet.
    client.change(&web1, &[(Some([(0, 0), (0, 0)]), "# 🚀 new\n")]);
    let places = [(12, 6, "advert_int"), (7, 2, "vrrp_instance"), (9, 6, "interface"), (10, 6, "virtual_router_id")];
    let requests: Vec<(&str, Value)> =
        (0..60).map(|n| ("textDocument/hover", at(&web1, places[n % 4].0, places[n % 4].1))).collect();
    let cancelled: Vec<usize> = (0..60).filter(|n| n % 7 == 3).collect();
    let answers = client.burst(&requests, &cancelled);
    for (n, answer) in answers.iter().enumerate() {
        if let Some(error) = answer.get("error") {
            assert!(cancelled.contains(&n) && error["code"] == CANCELLED, "{answer}");
            continue;
        }
        let text = answer["result"]["contents"]["value"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert!(text.contains(places[n % 4].2), "request {n}: {text}");
    }
    assert_eq!(client.stop(), 0);
}

#[test]
fn what_a_text_says_is_answered_before_what_is_wrong_with_it() {
    let mut text = String::new();
    for n in 0..400 {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "vrrp_instance VI_{n} {{\n    interface eth{}\n    virtual_router_id {}\n    priority 100\n    virtual_ipaddress {{\n        10.0.{}.{}\n    }}\n}}\n",
            n / 200,
            n % 200 + 1,
            n / 200,
            n % 200
        );
    }
    let workspace = Workspace::new(&[("keepalived.conf", &text)]);
    let uri = workspace.uri("keepalived.conf");
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&uri, &text);
    client.settle();
    // The reader and the rules work side by side, so that on a busy machine the rules may be the first now and then.
    let mut earlier = 0;
    for round in 0..8 {
        client.change(&uri, &[(Some([(3, 16), (3, 16)]), "0")]);
        assert_eq!(client.request("textDocument/definition", at(&uri, 1, 6)), Value::Null);
        earlier += usize::from(client.diagnostics[&uri].0 == Some(1 + round));
        client.settle();
    }
    assert!(earlier > 0, "the findings always came before the answer");
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_late_version_and_a_file_that_is_not_open_change_nothing() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let web1 = workspace.uri("web1/keepalived.conf");
    client.change(&web1, &[(Some([(0, 0), (0, 0)]), "# new\n")]);
    let late = json!({ "textDocument": { "uri": web1, "version": 1 }, "contentChanges": [{ "text": "" }] });
    client.notify("textDocument/didChange", late);
    let nowhere = workspace.uri("nowhere.conf");
    let lost = json!({ "textDocument": { "uri": nowhere, "version": 2 }, "contentChanges": [{ "text": "" }] });
    client.notify("textDocument/didChange", lost);
    client.settle();
    workspace.write("web1/keepalived.conf", &client.text(&web1));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    // Opened again it counts from one again, and what was known of the higher version is none of it.
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": web1 } }));
    client.open(&web1, "vrrp_script other {\n}\n");
    let outline = client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": web1 } }));
    assert_eq!(outline[0]["name"], "other", "{outline:#}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn requests_that_make_no_sense_are_answered() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let web1 = workspace.uri("web1/keepalived.conf");
    for uri in [web1.as_str(), "untitled:Untitled-1", "file:///no/where.conf", "https://kalc.example/x"] {
        for at in [position(0, 0), position(4_000_000_000, 4_000_000_000)] {
            let params = json!({ "textDocument": { "uri": uri }, "position": at });
            for method in ["hover", "completion", "definition", "signatureHelp", "documentHighlight"] {
                client.request(&format!("textDocument/{method}"), params.clone());
            }
        }
    }
    client.refused("textDocument/hover", json!({ "textDocument": 7 }));
    client.refused("kalc/nothing", json!({}));
    client.refused("initialize", json!({ "capabilities": {} }));
    // A buffer without a file is checked like any other.
    let buffer = "untitled:Untitled-1";
    client.open(buffer, WEB2);
    client.settle();
    assert!(!client.diagnostics[buffer].1.is_empty());
    let found = client.request(
        "textDocument/hover",
        json!({ "textDocument": { "uri": buffer }, "position": position_of(WEB2, "priority", 2) }),
    );
    assert!(found["contents"]["value"].as_str().is_some_and(|text| text.contains("priority")), "{found}");
    assert_eq!(client.stop(), 0);
}

/// Texts that are made to take long, or deep, or much.
fn hostile() -> Vec<(&'static str, String)> {
    let mut definitions = "$A0=ab\n".to_owned();
    for n in 1..60 {
        let _ = writeln!(definitions, "$A{n}=$A{}$A{}", n - 1, n - 1);
    }
    vec![
        ("deep blocks", "a {\n".repeat(20_000)),
        ("closing braces", "}\n".repeat(40_000)),
        ("definitions that grow", format!("{definitions}vrrp_instance $A59 {{\n}}\n")),
        ("sequences in each other", "~SEQ(a, 1, 100) ~SEQ(b, 1, 100) vrrp_instance VI_$a$b {\n".repeat(2)),
        ("one line", format!("vrrp_instance VI_1 {{ {} }}", "x ".repeat(100_000))),
        ("a file that includes itself", "include keepalived.conf\n".repeat(2_000)),
        ("many instances of one id", "vrrp_instance V {\n virtual_router_id 1\n interface eth0\n}\n".repeat(1_000)),
        ("quotes", "\"".repeat(60_001)),
        // Without optimization the lexer takes stack for each sign of a word.
        ("signs of many bytes", "🚀ü\u{301}".repeat(3_000)),
        ("returns", "a\r".repeat(60_000)),
    ]
}

#[test]
fn text_that_is_made_to_harm_leaves_the_others_alone() {
    let workspace = pair_of_hosts();
    workspace.write("hostile/keepalived.conf", "");
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let web1 = workspace.uri("web1/keepalived.conf");
    let hostile_file = workspace.uri("hostile/keepalived.conf");
    client.open(&hostile_file, "");
    for (name, text) in hostile() {
        client.change(&hostile_file, &[(None, &text)]);
        // The other file is as it was: nobody waits for what is read now.
        let hover = client.request("textDocument/hover", at(&web1, 11, 6));
        assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("advert_int")), "{name}: {hover}");
        let of = json!({ "textDocument": { "uri": hostile_file }, "positions": [position(3, 0)], "position": position(3, 0) });
        for method in [
            "foldingRange",
            "selectionRange",
            "documentSymbol",
            "semanticTokens/full",
            "hover",
            "completion",
            "documentHighlight",
            "codeLens",
            "documentLink",
        ] {
            client.request(&format!("textDocument/{method}"), of.clone());
        }
    }
    client.change(&hostile_file, &[(None, WEB2)]);
    client.settle();
    workspace.write("hostile/keepalived.conf", WEB2);
    assert!(!codes(&client, &hostile_file).is_empty(), "it is checked as ever");
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    assert_eq!(client.stop(), 0);
}

#[test]
fn many_changes_in_one_message_are_made_one_after_the_other() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let web1 = workspace.uri("web1/keepalived.conf");
    let lines: Vec<([(usize, usize); 2], String)> =
        (0..2_000).map(|n| ([(n % 20, 0), (n % 20, n % 3)], format!("# 🚀 {n}\n"))).collect();
    let changes: Vec<Change<'_>> = lines.iter().map(|(range, text)| (Some(*range), text.as_str())).collect();
    client.change(&web1, &changes);
    client.settle();
    workspace.write("web1/keepalived.conf", &client.text(&web1));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    assert_eq!(client.stop(), 0);
}

#[test]
fn long_work_is_reported_from_its_begin_to_its_end() {
    // Text enough that reading it takes a second or so without optimization, whatever the machine.
    let mut servers = String::new();
    for n in 0..60 {
        // Writing to a string cannot fail.
        let _ = write!(
            servers,
            "virtual_server 10.0.0.{n} 80 {{\n    protocol TCP\n    real_server 10.1.0.{n} 80 {{\n        weight 1\n        \
             TCP_CHECK {{\n            connect_timeout 3\n        }}\n    }}\n}}\n"
        );
    }
    let host = |n: usize| format!("{}{servers}", WEB1.replace("VI_1", &format!("VI_{n}")));
    let names: Vec<(String, String)> = (0..800).map(|n| (format!("h{n}/keepalived.conf"), host(n))).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let workspace = Workspace::new(&files);
    let mut able = capabilities();
    able["window"] = json!({ "workDoneProgress": true });
    let (mut client, _) = Client::start(&workspace.path(), able);
    client.open(&workspace.uri("h0/keepalived.conf"), &names[0].1);
    client.settle();
    let is_over = |client: &Client| {
        let count = |wanted: &str| client.progress.iter().filter(|(_, kind)| kind == wanted).count();
        count("begin") > 0 && count("begin") == count("end")
    };
    client.await_diagnostics(is_over);
    assert!(client.progress.iter().any(|(token, _)| token.starts_with("kalc-")), "{:?}", client.progress);
    assert_eq!(client.stop(), 0);
}
