//! Where things are: mentions, links, outlines, folds, ranges, the meaning of words.

use super::support::lsp::{Client, lines, pair, position};
use super::{VIPS, WEB1, WEB2, Workspace, at, capabilities, open_all, pair_of_hosts, position_of, range_of};
use serde_json::{Value, json};

fn params(uri: &str) -> Value {
    json!({ "textDocument": { "uri": uri } })
}

fn here(uri: &str, position: &Value) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": position })
}

fn references(client: &mut Client, uri: &str, position: &Value, with_definition: bool) -> Vec<(String, Value)> {
    let mut params = here(uri, position);
    params["context"] = json!({ "includeDeclaration": with_definition });
    let found = client.request("textDocument/references", params);
    let found = found.as_array().cloned().unwrap_or_default();
    found.into_iter().map(|l| (l["uri"].as_str().expect("an address").to_owned(), l["range"].clone())).collect()
}

/// Two members of a virtual router that share an include with a third host, which has nothing else to do with them.
fn shared() -> Workspace {
    let workspace = pair_of_hosts();
    workspace.write("web1/keepalived.conf", &format!("{WEB1}include ../scripts.inc\n"));
    workspace.write("web2/keepalived.conf", &format!("vrrp_script chk_nginx {{\n    script /bin/true\n}}\n{WEB2}"));
    workspace.write("scripts.inc", "vrrp_sync_group \"g🚀\" {\n group { VI_1 }\n track_script { chk_nginx }\n}\n");
    workspace
        .write("other/keepalived.conf", "vrrp_script chk_nginx {\n script /bin/false\n}\ninclude ../scripts.inc\n");
    workspace
}

#[test]
fn references_reach_includes_peers_and_whoever_reads_the_same_text() {
    let workspace = shared();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    let text = format!("{WEB1}include ../scripts.inc\n");
    client.open(&web1, &text);
    let found = references(&mut client, &web1, &position_of(&text, "chk_nginx\n    }", 4), true);
    let files: Vec<&str> =
        found.iter().map(|(uri, _)| uri.rsplit_once("/kalc").map_or(&**uri, |(_, rest)| rest)).collect();
    let count = |name: &str| files.iter().filter(|file| file.ends_with(name)).count();
    assert_eq!(count("web1/keepalived.conf"), 2, "{found:#?}");
    assert_eq!(count("scripts.inc"), 1, "{found:#?}");
    assert_eq!(count("web2/keepalived.conf"), 1, "{found:#?}");
    assert_eq!(count("other/keepalived.conf"), 1, "the third host reads the same text: {found:#?}");
    let uses = references(&mut client, &web1, &position_of(&text, "chk_nginx {", 0), false);
    assert_eq!(uses.len(), 2, "{uses:#?}");
    // A definition is text; the name in a comment is none of it.
    let found = references(&mut client, &web1, &position_of(&text, "$PRIO\n", 2), true);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0], (web1.clone(), range_of(&text, "PRIO")), "{found:#?}");
    assert!(references(&mut client, &web1, &position(0, 5), true).is_empty(), "a comment");
    assert!(references(&mut client, &web1, &position_of(&text, "MASTER", 2), true).is_empty(), "no name");
    assert_eq!(client.stop(), 0);
}

#[test]
fn highlights_are_of_this_file_and_know_what_is_given() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    open_all(&workspace, &mut client);
    let web1 = workspace.uri("web1/keepalived.conf");
    let found = client.request("textDocument/documentHighlight", here(&web1, &position_of(WEB1, "chk_nginx {", 3)));
    let kinds: Vec<&Value> = found.as_array().expect("a list").iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, [3, 2], "{found:#}");
    assert_eq!(found[0]["range"], range_of(WEB1, "chk_nginx"));
    assert_eq!(client.request("textDocument/documentHighlight", at(&web1, 8, 6)), Value::Null);
    assert_eq!(client.stop(), 0);
}

#[test]
fn includes_are_links() {
    let workspace = pair_of_hosts();
    workspace.write("web1/more/a.inc", "# a\n");
    workspace.write("web1/more/b.inc", "# b\n");
    let text = WEB1.replace("include vips.inc", "include vips.inc\n    include more/*.inc\n    include nothing.inc");
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    client.open(&web1, &text);
    let links = client.request("textDocument/documentLink", params(&web1));
    let links = links.as_array().expect("a list");
    assert_eq!(links.len(), 2, "{links:#?}");
    assert_eq!(links[0]["target"], workspace.uri("web1/vips.inc"));
    assert_eq!(links[0]["range"], range_of(&text, "vips.inc"));
    assert_eq!(links[1]["target"], workspace.uri("web1/more/a.inc"));
    assert!(links[1]["tooltip"].as_str().is_some_and(|text| text.contains("2 files")), "{links:#?}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn blocks_and_comments_fold_and_selections_grow() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    let web1 = workspace.uri("web1/keepalived.conf");
    let text = WEB1.replace("$PRIO=150", "# zwei 🚀\n! drei\n$PRIO=150");
    client.open(&web1, &text);
    let folds = client.request("textDocument/foldingRange", params(&web1));
    let folds: Vec<(u64, u64, &str)> = folds
        .as_array()
        .expect("a list")
        .iter()
        .map(|fold| {
            let line = |name: &str| fold[name].as_u64().expect("a line");
            (line("startLine"), line("endLine"), fold["kind"].as_str().expect("a kind"))
        })
        .collect();
    let wanted = [(0, 2, "comment"), (4, 6, "region"), (8, 21, "region"), (14, 16, "region"), (18, 19, "region")];
    assert_eq!(folds, wanted);

    let mut ask = params(&web1);
    ask["positions"] = json!([position_of(&text, "PASS", 2), position_of(&text, "höher", 1)]);
    let chains = client.request("textDocument/selectionRange", ask);
    let mut ranges = Vec::new();
    let mut next = &chains[0];
    while next.is_object() {
        ranges.push(next["range"].clone());
        next = &next["parent"];
    }
    assert_eq!(ranges[0], range_of(&text, "PASS"));
    assert_eq!(ranges[1], range_of(&text, "auth_type PASS"));
    assert_eq!(ranges.last().expect("the file")["start"], position(0, 0));
    assert!(ranges.len() >= 6, "{ranges:#?}");
    for (inner, outer) in ranges.iter().zip(&ranges[1..]) {
        let (start, end) = (pair(&inner["start"]), pair(&inner["end"]));
        assert!(pair(&outer["start"]) <= start && end <= pair(&outer["end"]) && inner != outer, "{ranges:#?}");
    }
    assert!(chains[1]["range"]["start"] == position(0, 0), "{chains:#}");
    assert_eq!(client.stop(), 0);
}

#[test]
fn workspace_symbols_are_of_all_files_open_or_not() {
    let workspace = pair_of_hosts();
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    client.open(&workspace.uri("web1/keepalived.conf"), WEB1);
    let mut ask = |query: &str| {
        let found = client.request("workspace/symbol", json!({ "query": query }));
        let found = found.as_array().expect("a list").clone();
        let name = |symbol: &Value| (symbol["name"].clone(), symbol["location"]["uri"].clone());
        found.iter().map(name).collect::<Vec<_>>()
    };
    let (web1, web2) = (workspace.uri("web1/keepalived.conf"), workspace.uri("web2/keepalived.conf"));
    assert_eq!(ask("vi1"), [(json!("VI_1"), json!(web1)), (json!("VI_1"), json!(web2))]);
    assert_eq!(ask("CHKNG"), [(json!("chk_nginx"), json!(web1))]);
    assert_eq!(ask("").len(), 3);
    assert!(ask("nothing of that").is_empty());
    assert_eq!(client.stop(), 0);
}

#[test]
fn tokens_say_what_words_are() {
    let workspace = pair_of_hosts();
    let (mut client, result) = Client::start(&workspace.path(), capabilities());
    let legend = &result["capabilities"]["semanticTokensProvider"]["legend"];
    let name = |list: &str, at: u64| legend[list][at as usize].as_str().expect("a name").to_owned();
    let web1 = workspace.uri("web1/keepalived.conf");
    let text = WEB1.replace("    state MASTER", "    @a state MASTER\n    @^a state BACKUP");
    client.open(&web1, &text);
    let units: Vec<u16> = text.encode_utf16().collect();
    let known = lines(&units);
    let decode = |tokens: &Value| {
        let data: Vec<u64> = tokens["data"].as_array().expect("a list").iter().filter_map(Value::as_u64).collect();
        let (mut line, mut character) = (0, 0);
        let mut words = Vec::new();
        for token in data.chunks(5) {
            character = if token[0] > 0 { token[1] } else { character + token[1] };
            line += token[0];
            let start = known[line as usize].0 + character as usize;
            let word = String::from_utf16(&units[start..start + token[2] as usize]).expect("whole characters");
            assert!(start + token[2] as usize <= known[line as usize].1, "over the end of line {line}");
            let given = if token[4] & 1 > 0 { "*" } else { "" };
            words.push(format!("{word} {}{given}", name("tokenTypes", token[3])));
        }
        words
    };
    let all = decode(&client.request("textDocument/semanticTokens/full", params(&web1)));
    for wanted in [
        "# höher 🚀 als web2 comment",
        "$PRIO variable*",
        "vrrp_script keyword",
        "chk_nginx class*",
        "\"/usr/bin/pgrep nginx\" string",
        "interval property",
        "2 number",
        "# é🚀é comment",
        "VI_1 class*",
        "@a macro",
        "@^a macro",
        "MASTER enumMember",
        "BACKUP enumMember",
        "$PRIO variable",
        "PASS enumMember",
        "chk_nginx class",
        "include macro",
    ] {
        assert!(all.contains(&wanted.to_owned()), "{wanted} in {all:#?}");
    }
    let mut ask = params(&web1);
    ask["range"] = range_of(&text, "interval 2");
    let part = decode(&client.request("textDocument/semanticTokens/range", ask));
    assert_eq!(part, ["interval property", "2 number"]);
    // What has changed since is enough to make the new ones of those that are known.
    let before = client.request("textDocument/semanticTokens/full", params(&web1));
    let changed = text.replacen("interval 2", "interval 2\n    weight 2", 1);
    client.change(&web1, &[(None, &changed)]);
    let since = |id: &Value| json!({ "textDocument": { "uri": web1 }, "previousResultId": id });
    let delta = client.request("textDocument/semanticTokens/full/delta", since(&before["resultId"]));
    let numbers = |value: &Value| value.as_array().expect("a list").clone();
    let [edit] = &numbers(&delta["edits"])[..] else { panic!("not one edit: {delta}") };
    let mut patched = numbers(&before["data"]);
    let (start, gone) = (edit["start"].as_u64().expect("a place"), edit["deleteCount"].as_u64().expect("a number"));
    patched.splice(start as usize..(start + gone) as usize, numbers(&edit["data"]));
    let after = client.request("textDocument/semanticTokens/full", params(&web1));
    assert_eq!(patched, numbers(&after["data"]));
    assert!(numbers(&edit["data"]).len() <= 15, "{edit}");
    let nothing = client.request("textDocument/semanticTokens/full/delta", since(&after["resultId"]));
    assert_eq!(nothing["edits"], json!([]));
    // What is known by another name is told anew.
    let anew = client.request("textDocument/semanticTokens/full/delta", since(&before["resultId"]));
    assert_eq!(anew["data"], after["data"]);
    // An included file is understood by where it is included.
    let vips = workspace.uri("web1/vips.inc");
    client.open(&vips, VIPS);
    let tokens = client.request("textDocument/semanticTokens/full", params(&vips));
    assert_eq!(tokens["data"], json!([0, 0, 17, 0, 0, 1, 4, 13, 4, 0]), "{tokens}");
    assert_eq!(client.stop(), 0);
}
