//! Ten thousand edits without sense, with questions of every kind in between: afterwards the server knows what `kalc check`
//! finds in the files as they are then.

use super::support::lsp::{Client, lines, pair};
use super::{VIPS, WEB1, WEB2, Workspace, by_check, by_server, capabilities};
use serde_json::{Value, json};

/// Numbers without a pattern, the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

const HOSTILE: [&str; 40] = [
    "{",
    "}",
    "{ {",
    "}\n}",
    "\"",
    "'",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "#",
    "!",
    "🚀",
    "ü",
    "\u{feff}",
    "\u{1a}",
    "\t",
    " ",
    "vrrp_instance VI_1 {\n",
    "priority 300\n",
    "virtual_router_id 51\n",
    "$X=5\n",
    "$X",
    "${X}",
    "$X=\\\n a { \\\n }\n",
    "~SEQ(i, 1, 20)",
    "~LST(a, b, c)",
    "include *.inc\n",
    "include keepalived.conf\n",
    "@main ",
    "@^main state ",
    "auth_pass 1234567890\n",
    "virtual_ipaddress {\n 1.2.3.4 dev\n}\n",
    "real_server ::1 80 {",
    "${_RANDOM 1 9}",
    "a b c d e f g\n",
    "track_script {\n chk_nginx weight 500\n}\n",
    "{{ x }}",
    "advert_int 0.001\n",
    "\u{301}",
];

/// Every question that may be asked of a place in a text.
const QUESTIONS: [&str; 20] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/signatureHelp",
    "textDocument/definition",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/documentSymbol",
    "textDocument/documentLink",
    "textDocument/foldingRange",
    "textDocument/selectionRange",
    "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/range",
    "textDocument/codeLens",
    "textDocument/inlayHint",
    "textDocument/codeAction",
    "textDocument/formatting",
    "textDocument/rangeFormatting",
    "workspace/symbol",
];

/// Asks, and holds the answer to what every answer must be: of this text, or a refusal with a reason.
fn ask(client: &mut Client, method: &str, uri: &str, from: (usize, usize), to: (usize, usize)) {
    let at = |(line, character): (usize, usize)| json!({ "line": line, "character": character });
    let params = json!({
        "textDocument": { "uri": uri },
        "position": at(from),
        "positions": [at(from), at(to)],
        "range": { "start": at(from.min(to)), "end": at(from.max(to)) },
        "context": { "diagnostics": [], "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false },
        "options": { "tabSize": 4, "insertSpaces": true },
        "newName": "other",
        "query": "i",
    });
    let may_refuse = method.contains("ename") || method.contains("ormatting");
    let answer = match may_refuse {
        false => client.request(method, params),
        true => {
            let message = client.exchange(method, params);
            if let Some(error) = message.get("error") {
                assert!(error["message"].as_str().is_some_and(|reason| !reason.is_empty()), "{message}");
                assert_eq!(error["code"], -32803, "{message}");
            }
            message.get("result").cloned().unwrap_or_default()
        }
    };
    let units = &client.open[uri].1;
    let known = lines(units);
    // Ranges of answers that are about this file alone.
    let mut open: Vec<&Value> = match method {
        "textDocument/references" | "textDocument/rename" | "textDocument/codeAction" | "workspace/symbol" => {
            Vec::new()
        }
        "textDocument/definition" => Vec::new(),
        _ => vec![&answer],
    };
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let (Some(start), Some(end)) = (map.get("start"), map.get("end")) {
                    let (start, end) = (pair(start), pair(end));
                    assert!(start <= end && end.0 < known.len(), "{method}: {value} of {} lines", known.len());
                    assert!(end.1 <= known[end.0].1 - known[end.0].0, "{method}: {value}");
                }
                open.extend(map.values());
            }
            Value::Array(list) => open.extend(list),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

const ROUNDS: usize = 10_000;

#[test]
fn ten_thousand_edits_leave_it_alive_and_in_agreement_with_check() {
    // A folder's included files are found like its hosts, so that one which nobody includes any more is one.
    let web1 = WEB1.replace("vips.inc", "vips.keepalived.conf");
    let files =
        [("web1/keepalived.conf", web1.as_str()), ("web2/keepalived.conf", WEB2), ("web1/vips.keepalived.conf", VIPS)];
    let workspace = Workspace::new(&files);
    let (mut client, _) = Client::start(&workspace.path(), capabilities());
    for (name, text) in files {
        client.open(&workspace.uri(name), text);
    }
    client.settle();
    let names = files.map(|(name, _)| name);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for round in 1..=ROUNDS {
        let index = [0, 0, 0, 1, 1, 1, 2][dice.below(7)];
        let uri = workspace.uri(names[index]);
        let known = lines(&client.open[&uri].1);
        let mut end = || {
            let line = dice.below(known.len() + 1);
            (line, dice.below(known.get(line).map_or(3, |(start, end)| end - start + 3)))
        };
        let (one, two) = (end(), end());
        // Mostly small: what is deleted at once would soon be everything.
        let two = if dice.below(5) == 0 { two } else { (one.0, one.1 + dice.below(6)) };
        let text = HOSTILE[dice.below(HOSTILE.len())];
        match dice.below(60) {
            0 => client.change(&uri, &[(None, files[index].1)]),
            1 => client.change(&uri, &[(Some([(0, 0), (0, 0)]), text), (Some([(0, 0), (0, 1)]), text)]),
            _ => client.change(&uri, &[(Some([one.min(two), one.max(two)]), text)]),
        }
        if dice.below(4) == 0 {
            ask(&mut client, QUESTIONS[dice.below(QUESTIONS.len())], &uri, one, two);
        }
        if round % 125 == 0 {
            client.settle();
            for name in names {
                workspace.write(name, &client.text(&workspace.uri(name)));
            }
            assert_eq!(by_server(&client), by_check(&workspace.path()), "after {round} edits");
        }
    }
    assert_eq!(client.stop(), 0);
}
