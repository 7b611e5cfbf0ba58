//! A strict client: its own JSON-RPC over pipes, its own idea of positions, and no patience with answers out of place.

use super::kalc;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A range (all of the document if `None`) and the text that takes its place.
pub type Change<'t> = (Option<[(usize, usize); 2]>, &'t str);

/// A client with its server.
pub struct Client {
    server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next: u64,
    /// Open documents by their addresses: version, and text as units of UTF-16.
    pub open: BTreeMap<String, (i64, Vec<u16>)>,
    /// The last diagnostics of each file, and the version they speak of.
    pub diagnostics: BTreeMap<String, (Option<i64>, Vec<Value>)>,
    /// What the server asked to be told of; only a client that said it can is asked.
    pub registered: Vec<Value>,
    registers: bool,
    /// Requests of the server that the client said it can answer, in the order in which they came.
    pub asked: Vec<String>,
    /// Reports of long work: tokens, with their kinds.
    pub progress: Vec<(String, String)>,
    capabilities: Value,
}

/// The address of a file.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A position.
pub fn position(line: usize, character: usize) -> Value {
    json!({ "line": line, "character": character })
}

impl Client {
    /// Starts a server and shakes hands.
    pub fn start(folder: &Path, capabilities: Value) -> (Client, Value) {
        let mut server = kalc(folder)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let (sender, messages) = channel();
        let mut output = BufReader::new(server.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = server.stdin.take();
        let (open, diagnostics, registered) = Default::default();
        let registers = capabilities["workspace"]["didChangeWatchedFiles"]["dynamicRegistration"] == true;
        let (asked, progress) = Default::default();
        let mut client = Client {
            server,
            input,
            messages,
            next: 0,
            open,
            diagnostics,
            registered,
            registers,
            asked,
            progress,
            capabilities: capabilities.clone(),
        };
        let result = client.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": uri(folder),
                "workspaceFolders": [{ "uri": uri(folder), "name": "hosts" }],
                "capabilities": capabilities,
            }),
        );
        client.notify("initialized", json!({}));
        (client, result)
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and waits for its result.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let message = self.exchange(method, params);
        assert!(message.get("error").is_none(), "{method}: {message}");
        message.get("result").expect("a result").clone()
    }

    /// Sends a request that is to be refused, and answers with the error.
    pub fn refused(&mut self, method: &str, params: Value) -> Value {
        let message = self.exchange(method, params);
        message.get("error").unwrap_or_else(|| panic!("{method} was not refused: {message}")).clone()
    }

    /// Sends a request and waits for the message that answers it.
    pub fn exchange(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message);
        let end = Instant::now() + PATIENCE;
        loop {
            let Some(message) = self.receive(end.saturating_duration_since(Instant::now())) else {
                panic!("no answer to {method}");
            };
            if message.get("method").is_none() {
                assert_eq!(message["id"], json!(id), "an answer to another request: {message}");
                return message;
            }
        }
    }

    /// Opens a document.
    pub fn open(&mut self, uri: &str, text: &str) {
        self.open.insert(uri.to_owned(), (1, text.encode_utf16().collect()));
        let item = json!({ "uri": uri, "languageId": "keepalived", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Changes a document, each change on what the one before left.
    pub fn change(&mut self, uri: &str, changes: &[Change<'_>]) {
        let (version, units) = self.open.get_mut(uri).expect("an open document");
        *version += 1;
        let mut sent = Vec::new();
        for (range, text) in changes {
            let new: Vec<u16> = text.encode_utf16().collect();
            match range {
                None => {
                    *units = new;
                    sent.push(json!({ "text": text }));
                }
                Some([from, to]) => {
                    let (start, end) = (offset(units, *from), offset(units, *to));
                    units.splice(start..end.max(start), new);
                    let range = json!({ "start": position(from.0, from.1), "end": position(to.0, to.1) });
                    sent.push(json!({ "range": range, "text": text }));
                }
            }
        }
        let document = json!({ "uri": uri, "version": *version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": sent }));
    }

    /// The text of a document as this client believes it to be.
    pub fn text(&self, uri: &str) -> String {
        String::from_utf16(&self.open[uri].1).expect("whole characters")
    }

    /// Waits until the server has checked all open documents as they are now.
    pub fn settle(&mut self) {
        let end = Instant::now() + PATIENCE;
        loop {
            let behind = self
                .open
                .iter()
                .find(|(uri, (version, _))| self.diagnostics.get(*uri).is_none_or(|(seen, _)| *seen != Some(*version)));
            let Some((uri, (version, _))) = behind else { break };
            let wanted = format!("{uri} version {version}");
            let message = self.receive(end.saturating_duration_since(Instant::now()));
            assert!(message.is_some(), "no diagnostics for {wanted}");
        }
        // What is told of other files comes with it.
        while self.receive(Duration::from_millis(40)).is_some() {}
    }

    /// Waits until what is shown is as wanted, and for what comes with it.
    pub fn await_diagnostics(&mut self, is_wanted: impl Fn(&Client) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_wanted(self) {
            let message = self.receive(end.saturating_duration_since(Instant::now()));
            assert!(message.is_some(), "it never came: {:#?}", self.diagnostics);
        }
        while self.receive(Duration::from_millis(40)).is_some() {}
    }

    /// Says goodbye; answers with the exit status.
    pub fn stop(mut self) -> i32 {
        assert_eq!(self.request("shutdown", Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.server.try_wait().expect("a child") {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not end");
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let input = self.input.as_mut().expect("a pipe");
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server listens");
        input.flush().expect("the server listens");
    }

    fn receive(&mut self, patience: Duration) -> Option<Value> {
        let message = self.messages.recv_timeout(patience).ok()?;
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        match message.get("method").and_then(Value::as_str) {
            None => assert!(message.get("result").is_some() != message.get("error").is_some(), "{message}"),
            Some("textDocument/publishDiagnostics") => self.published(&message["params"]),
            Some("client/registerCapability") if self.registers => {
                let wanted = message["params"]["registrations"].as_array().expect("a list").clone();
                self.registered.extend(wanted);
                self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
            }
            Some(method @ "window/workDoneProgress/create")
                if self.capabilities["window"]["workDoneProgress"] == true =>
            {
                self.agree(method, &message);
            }
            Some("$/progress") => {
                let params = &message["params"];
                let token = params["token"].as_str().expect("a token of ours").to_owned();
                let kind = params["value"]["kind"].as_str().expect("a kind").to_owned();
                let is_begun = self.progress.iter().any(|(known, kind)| *known == token && kind == "begin");
                let is_ended = self.progress.iter().any(|(known, kind)| *known == token && kind == "end");
                assert!(is_begun != (kind == "begin") && !is_ended, "{message} after {:?}", self.progress);
                self.progress.push((token, kind));
            }
            Some(method @ "workspace/codeLens/refresh")
                if self.capabilities["workspace"]["codeLens"]["refreshSupport"] == true =>
            {
                self.agree(method, &message);
            }
            Some(method @ "workspace/diagnostic/refresh")
                if self.capabilities["workspace"]["diagnostics"]["refreshSupport"] == true =>
            {
                self.agree(method, &message);
            }
            Some("window/logMessage") => assert!(message["params"]["message"].is_string()),
            Some(other) => panic!("{other} was not asked for"),
        }
        Some(message)
    }

    /// Answers a request of the server that has nothing to answer but that it came.
    fn agree(&mut self, method: &str, message: &Value) {
        self.asked.push(method.to_owned());
        self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
    }

    /// Sends requests one after the other without waiting, then cancels some of them. Answers with the messages that came
    /// back, in the order of the requests.
    pub fn burst(&mut self, requests: &[(&str, Value)], cancelled: &[usize]) -> Vec<Value> {
        let first = self.next + 1;
        for (method, params) in requests {
            self.next += 1;
            self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        }
        for index in cancelled {
            self.notify("$/cancelRequest", json!({ "id": first + *index as u64 }));
        }
        let mut answers: BTreeMap<u64, Value> = BTreeMap::new();
        let end = Instant::now() + PATIENCE;
        while answers.len() < requests.len() {
            let Some(message) = self.receive(end.saturating_duration_since(Instant::now())) else {
                panic!("{} of {} answers came", answers.len(), requests.len());
            };
            if message.get("method").is_none() {
                let id = message["id"].as_u64().expect("an id");
                assert!(id >= first && answers.insert(id, message.clone()).is_none(), "answered twice: {message}");
            }
        }
        answers.into_values().collect()
    }

    /// Makes a change that the server proposes, as an editor would: for versions that the client has, in ranges that are in
    /// the text and do not overlap. Answers with the files that changed.
    pub fn apply(&mut self, edit: &Value) -> Vec<String> {
        let mut files: Vec<(String, Value)> = Vec::new();
        if let Some(changes) = edit.get("documentChanges") {
            for change in changes.as_array().expect("a list") {
                let uri = change["textDocument"]["uri"].as_str().expect("an address").to_owned();
                let version = change["textDocument"]["version"].as_i64();
                assert_eq!(version, self.open.get(&uri).map(|(version, _)| *version), "{change}");
                files.push((uri, change["edits"].clone()));
            }
            assert!(edit.get("changes").is_none(), "twice: {edit}");
        } else {
            let changes = edit["changes"].as_object().expect("changes").clone();
            files.extend(changes);
        }
        for (uri, edits) in &files {
            let text = match self.open.get(uri) {
                Some(_) => self.text(uri),
                None => std::fs::read_to_string(uri.trim_start_matches("file://")).expect("a file"),
            };
            let edited = edited(&text, edits);
            match self.open.get(uri) {
                Some(_) => self.change(uri, &[(None, &edited)]),
                None => std::fs::write(uri.trim_start_matches("file://"), edited).expect("a file"),
            }
        }
        files.into_iter().map(|(uri, _)| uri).collect()
    }

    fn published(&mut self, params: &Value) {
        let uri = params["uri"].as_str().expect("an address").to_owned();
        let version = params.get("version").and_then(Value::as_i64);
        let found = params["diagnostics"].as_array().expect("a list").clone();
        for diagnostic in &found {
            assert_eq!(diagnostic["source"], "kalc");
            assert!(diagnostic["message"].as_str().is_some_and(|message| !message.is_empty()));
            assert!((1..=4).contains(&diagnostic["severity"].as_u64().expect("a severity")));
            if let Some((current, units)) = self.open.get(&uri)
                && version == Some(*current)
            {
                for end in ["start", "end"] {
                    let (line, character) = pair(&diagnostic["range"][end]);
                    let lines = lines(units);
                    assert!(line < lines.len(), "line {line} of {}: {diagnostic}", lines.len());
                    let length = lines[line].1 - lines[line].0;
                    assert!(character <= length, "column {character} of {length}: {diagnostic}");
                }
            }
        }
        self.diagnostics.insert(uri, (version, found));
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A server that outlives its client is no help to anybody.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = Some(value.parse().expect("a length"));
                }
            }
        }
    }
    let mut body = vec![0; length.expect("a length")];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("JSON"))
}

/// A text with edits made, which are of the text as it was.
pub fn edited(text: &str, edits: &Value) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let known = lines(&units);
    let at = |position: &Value| {
        let (line, character) = pair(position);
        let (start, end) = *known.get(line).unwrap_or_else(|| panic!("no line {line} in {text:?}"));
        assert!(start + character <= end, "{position} is not in {text:?}");
        start + character
    };
    let edits = edits.as_array().expect("a list");
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let new = edit["newText"].as_str().expect("a text");
            (at(&edit["range"]["start"]), at(&edit["range"]["end"]), new)
        })
        .collect();
    edits.sort_by_key(|&(start, end, _)| (start, end));
    assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "these overlap: {edits:?}");
    let mut result = Vec::new();
    let mut from = 0;
    for (start, end, new) in edits {
        result.extend_from_slice(&units[from..start]);
        result.extend(new.encode_utf16());
        from = end;
    }
    result.extend_from_slice(&units[from..]);
    String::from_utf16(&result).expect("whole characters")
}

/// Line and character of a position.
pub fn pair(position: &Value) -> (usize, usize) {
    let number = |name: &str| position[name].as_u64().expect("a number") as usize;
    (number("line"), number("character"))
}

/// Where each line starts and ends, without what ends it.
pub fn lines(units: &[u16]) -> Vec<(usize, usize)> {
    let (cr, lf) = (u16::from(b'\r'), u16::from(b'\n'));
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < units.len() {
        let width = match (units[at], units.get(at + 1)) {
            (first, Some(&second)) if first == cr && second == lf => 2,
            (unit, _) if unit == cr || unit == lf => 1,
            _ => 0,
        };
        if width > 0 {
            lines.push((start, at));
            start = at + width;
        }
        at += width.max(1);
    }
    lines.push((start, units.len()));
    lines
}

/// The unit of a position; behind the end of a line that end, behind the last line the end of the text, inside a
/// character its start.
fn offset(units: &[u16], (line, character): (usize, usize)) -> usize {
    let Some(&(start, end)) = lines(units).get(line) else { return units.len() };
    let at = (start + character).min(end);
    if at > start && at < end && (0xdc00..0xe000).contains(&units[at]) { at - 1 } else { at }
}
