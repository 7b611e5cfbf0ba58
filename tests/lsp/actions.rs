//! What changes text: quick fixes, comments that allow, layout, new names.

use super::support::lsp::{Client, edited, position};
use super::support::run;
use super::{WEB1, WEB2, Workspace, by_check, by_server, capabilities, codes, pair_of_hosts, position_of, range_of};
use serde_json::{Value, json};

/// A finding with a safe fix (a word too many), one with a suggested fix (a misspelt keyword), one without (a secret that
/// is too long), behind characters of every width.
const FIXABLE: &str = "\
# höher 🚀
vrrp_instance \"ü🚀\" { # é
    interface eth0 eth1
    virtual_router_id 51
    prioriti 100
    nopreempt yes please
    authentication {
        auth_type PASS
        auth_pass 🚀secret12
    }
    virtual_ipaddress {
        192.0.2.10/24
    }
}
";

fn alone(text: &str) -> (Workspace, String) {
    let workspace = Workspace::new(&[("keepalived.conf", text)]);
    let uri = workspace.uri("keepalived.conf");
    (workspace, uri)
}

fn actions(client: &mut Client, uri: &str, range: Value, only: Option<&[&str]>) -> Vec<Value> {
    let mut context = json!({ "diagnostics": [] });
    if let Some(only) = only {
        context["only"] = json!(only);
    }
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": context });
    client.request("textDocument/codeAction", params).as_array().expect("a list").clone()
}

fn titled<'a>(actions: &'a [Value], part: &str) -> &'a Value {
    let found = actions.iter().find(|action| action["title"].as_str().is_some_and(|title| title.contains(part)));
    found.unwrap_or_else(|| panic!("{part} in {actions:#?}"))
}

#[test]
fn a_quick_fix_says_what_it_mends_and_mends_it() {
    let (workspace, uri) = alone(FIXABLE);
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&uri, FIXABLE);
    client.settle();
    assert!(codes(&client, &uri).contains(&"KA101".to_owned()), "{:#?}", client.diagnostics);
    let found = actions(&mut client, &uri, range_of(FIXABLE, "prioriti"), None);
    let fix = titled(&found, "(KA101)");
    assert_eq!(fix["kind"], "quickfix");
    assert_eq!(fix["isPreferred"], false, "it changes what the daemon does");
    assert_eq!(fix["diagnostics"][0]["code"], "KA101");
    assert_eq!(fix["diagnostics"][0]["range"], range_of(FIXABLE, "prioriti"));
    assert_eq!(client.apply(&fix["edit"].clone()), std::slice::from_ref(&uri));
    client.settle();
    assert!(client.text(&uri).contains("    priority 100\n"), "{}", client.text(&uri));
    assert!(!codes(&client, &uri).contains(&"KA101".to_owned()));
    workspace.write("keepalived.conf", &client.text(&uri));
    assert_eq!(by_server(&client), by_check(&workspace.path()));
    // A safe one is preferred.
    let text = client.text(&uri);
    let safe: Vec<Value> = actions(&mut client, &uri, range_of(&text, "interface eth0 eth1"), None);
    assert!(safe.iter().any(|action| action["isPreferred"] == true), "{safe:#?}");
    // Nothing is to be done where nothing is wrong.
    assert!(actions(&mut client, &uri, range_of(&text, "auth_type"), Some(&["quickfix"])).is_empty());
    assert_eq!(client.stop(), 0);
}

#[test]
fn what_is_allowed_on_its_line_is_silent() {
    let (workspace, uri) = alone(FIXABLE);
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&uri, FIXABLE);
    client.settle();
    let before = codes(&client, &uri);
    assert!(before.contains(&"KA401".to_owned()), "{before:?}");
    let found = actions(&mut client, &uri, range_of(FIXABLE, "auth_pass"), Some(&["quickfix"]));
    let allow = titled(&found, "Allow KA401");
    assert_eq!((&allow["isPreferred"], &allow["diagnostics"][0]["code"]), (&json!(false), &json!("KA401")));
    client.apply(&allow["edit"].clone());
    client.settle();
    assert!(client.text(&uri).contains("auth_pass 🚀secret12  # kalc: allow(KA401)\n"), "{}", client.text(&uri));
    let after = codes(&client, &uri);
    assert_eq!(after, before.into_iter().filter(|code| code != "KA401").collect::<Vec<_>>());
    assert_eq!(client.stop(), 0);
}

#[test]
fn all_safe_fixes_at_once_are_those_of_check_fix() {
    for resolves in [false, true] {
        let (workspace, uri) = alone(FIXABLE);
        let mut able = capabilities();
        if resolves {
            able["textDocument"]["codeAction"]["dataSupport"] = json!(true);
            able["textDocument"]["codeAction"]["resolveSupport"] = json!({ "properties": ["edit"] });
        }
        let (mut client, _) = Client::start(&workspace.path(), able);
        client.open(&uri, FIXABLE);
        let found = actions(&mut client, &uri, range_of(FIXABLE, "höher"), None);
        let mut all = titled(&found, "all safe fixes").clone();
        assert_eq!(all["kind"], "source.fixAll.kalc");
        assert_eq!(all["edit"].is_null(), resolves, "{all:#}");
        if resolves {
            all = client.request("codeAction/resolve", all);
        }
        client.apply(&all["edit"].clone());
        let fixed = run(&workspace.path(), &["check", "--fix", "--hints", "keepalived.conf"]);
        assert!(fixed.status < 2, "{fixed:#?}");
        let written = std::fs::read_to_string(workspace.path().join("keepalived.conf")).expect("a file");
        assert_ne!(written, FIXABLE);
        assert_eq!(client.text(&uri), written);
        // On saving, editors ask for this kind only.
        let found = actions(&mut client, &uri, range_of(FIXABLE, "höher"), Some(&["source.fixAll"]));
        assert!(found.is_empty(), "{found:#?}");
        client.change(&uri, &[(None, FIXABLE)]);
        let found = actions(&mut client, &uri, range_of(FIXABLE, "höher"), Some(&["source.fixAll"]));
        assert!(found.len() == 1 && found[0]["edit"].is_object(), "{found:#?}");
        assert_eq!(client.stop(), 0);
    }
}

#[test]
fn the_layout_is_that_of_fmt_for_all_or_for_some_lines() {
    let untidy =
        "# 🚀\nvrrp_instance   VI_1\n{\n  interface\teth0 # é\n      virtual_router_id 51\n\n\n\n priority   100\n}\n";
    let (workspace, uri) = alone(untidy);
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&uri, untidy);
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let mut params = json!({ "textDocument": { "uri": uri }, "options": options });
    let edits = client.request("textDocument/formatting", params.clone());
    assert!(run(&workspace.path(), &["fmt", "keepalived.conf"]).status < 2);
    let tidy = std::fs::read_to_string(workspace.path().join("keepalived.conf")).expect("a file");
    assert_ne!(tidy, untidy);
    assert_eq!(edited(untidy, &edits), tidy);
    params["range"] = range_of(untidy, "virtual_router_id 51");
    let edits = client.request("textDocument/rangeFormatting", params.clone());
    let wanted = untidy.replace("      virtual_router_id", "    virtual_router_id");
    assert_eq!(edited(untidy, &edits), wanted);
    // A brace only moves if its line is in the range.
    params["range"] = range_of(untidy, "vrrp_instance");
    let edits = client.request("textDocument/rangeFormatting", params.clone());
    assert!(edited(untidy, &edits).starts_with("# 🚀\nvrrp_instance VI_1\n{\n  interface"), "{edits:#}");
    params["range"] = range_of(untidy, "vrrp_instance   VI_1\n{");
    params["range"]["end"] = position(2, 1);
    let edits = client.request("textDocument/rangeFormatting", params.clone());
    assert!(edited(untidy, &edits).starts_with("# 🚀\nvrrp_instance VI_1 {\n"), "{edits:#}");
    client.change(&uri, &[(None, &tidy)]);
    assert_eq!(client.request("textDocument/formatting", params.clone()), json!([]));
    // What is not understood is left alone, and said so.
    client.change(&uri, &[(None, "vrrp_instance VI_1 {\n  priority 1\n")]);
    let refused = client.refused("textDocument/formatting", params);
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("line 1")), "{refused}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_new_name_goes_to_includes_and_to_peers() {
    let workspace = pair_of_hosts();
    let web1_text = WEB1.replace(
        "include vips.inc",
        "include vips.inc\n}\nvrrp_sync_group \"g🚀\" {\n    group {\n        \"VI_1\"\n    }",
    );
    workspace.write("web1/keepalived.conf", &web1_text);
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let (web1, web2) = (workspace.uri("web1/keepalived.conf"), workspace.uri("web2/keepalived.conf"));
    client.open(&web1, &web1_text);
    let place = |position: Value| json!({ "textDocument": { "uri": web1 }, "position": position });
    let prepared = client.request("textDocument/prepareRename", place(position_of(&web1_text, "VI_1\"", 4)));
    let quoted = position_of(&web1_text, "VI_1\"", 0);
    assert_eq!((&prepared["placeholder"], &prepared["range"]["start"]), (&json!("VI_1"), &quoted));
    let rename = |position: Value, new: &str| {
        let mut params = place(position);
        params["newName"] = json!(new);
        params
    };
    let edit = client.request("textDocument/rename", rename(quoted.clone(), "outer"));
    assert_eq!(client.apply(&edit), [web1.clone(), web2.clone()]);
    assert_eq!(client.text(&web1), web1_text.replace("VI_1", "outer"));
    let saved = |name: &str| std::fs::read_to_string(workspace.path().join(name)).expect("a file");
    assert_eq!(saved("web2/keepalived.conf"), WEB2.replace("VI_1", "outer"));

    // A definition, from its use.
    let text = client.text(&web1);
    let edit = client.request("textDocument/rename", rename(position_of(&text, "$PRIO\n", 3), "PRIORITY"));
    client.apply(&edit);
    assert_eq!(client.text(&web1), text.replace("$PRIO", "$PRIORITY"));

    // What is no name, what would be none, and what is taken.
    let text = client.text(&web1);
    for (word, behind) in [("MASTER", 1), ("höher", 1), ("192", 0), ("interval", 2)] {
        let Some(_) = text.find(word) else { continue };
        let refused = client.refused("textDocument/prepareRename", place(position_of(&text, word, behind)));
        assert!(refused["message"].as_str().is_some_and(|text| text.contains("no name")), "{word}: {refused}");
    }
    let script = position_of(&text, "chk_nginx {", 2);
    for wrong in ["", "a b", "a{", "\"x\"", "a#b", "$x"] {
        client.refused("textDocument/rename", rename(script.clone(), wrong));
    }
    client.refused("textDocument/rename", rename(position_of(&text, "$PRIORITY\n", 3), "_X"));
    client.change(&web1, &[(None, &format!("{text}vrrp_script other {{\n    script /bin/true\n}}\n"))]);
    let refused = client.refused("textDocument/rename", rename(script, "other"));
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("already")), "{refused}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn a_name_that_is_put_together_is_not_renamed() {
    let text = "$N=1\nvrrp_script chk_$N {\n    script /bin/true\n}\nvrrp_instance VI_1 {\n    track_script {\n        chk_1\n    }\n}\n";
    let (workspace, uri) = alone(text);
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&uri, text);
    let mut params = json!({ "textDocument": { "uri": uri }, "position": position_of(text, "chk_1", 2) });
    let refused = client.refused("textDocument/prepareRename", params.clone());
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("put together")), "{refused}");
    params["position"] = position_of(text, "$N {", 1);
    assert_eq!(client.request("textDocument/prepareRename", params)["placeholder"], "N");
    assert_eq!(client.stop(), 0);
}
