//! The page of a rule: the module doc of its file, and the examples in it.

use crate::facts::{HostFacts, Interface, Program, User};
use crate::settings::{Cloud, Network, Settings};
use std::sync::Arc;

/// The `//!` lines at the head of a source file, as Markdown.
pub fn module_doc(source: &str) -> String {
    let mut page = String::new();
    for line in source.lines() {
        let Some(text) = line.strip_prefix("//!") else { break };
        page.push_str(text.strip_prefix(' ').unwrap_or(text));
        page.push('\n');
    }
    page
}

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// The rule fires.
    Fail,
    /// The rule is silent although the case looks guilty.
    Pass,
    /// What the fix of this rule makes of the example before it.
    Fixed,
}

/// An example of a page: one or more files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub shows: Shows,
    /// What the files are checked for.
    pub settings: Settings,
    /// Names and texts; a block without a `## file NAME` line is one file.
    pub files: Vec<(String, String)>,
}

/// The examples of a page: fenced blocks marked `keepalived fail`, `keepalived pass` or `keepalived fixed`.
///
/// A line `## for profile=tencent target=keepalived-2.2.7 addresses=10.0.0.11/24` says what the files are checked for; what is
/// fixed is checked for the same as what it was. The sign ␀ stands for a NUL byte. Several hosts stand in one block, each
/// behind a line `## file NAME`.
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut open: Option<Example> = None;
    for line in page.lines() {
        let shows = match line.trim_end() {
            "```keepalived fail" => Some(Shows::Fail),
            "```keepalived pass" => Some(Shows::Pass),
            "```keepalived fixed" => Some(Shows::Fixed),
            _ => None,
        };
        if let Some(shows) = shows {
            let before = examples.last().filter(|_| shows == Shows::Fixed);
            let settings = before.map(|before| before.settings.clone()).unwrap_or_default();
            open = Some(Example { shows, settings, files: Vec::new() });
            continue;
        }
        match (line.trim_end(), &mut open) {
            ("```", _) => examples.extend(open.take()),
            (text, Some(example)) => {
                if let Some(name) = text.strip_prefix("## file ") {
                    example.files.push((name.to_owned(), String::new()));
                } else if let Some(settings) = text.strip_prefix("## for ").and_then(settings) {
                    example.settings = settings;
                } else {
                    if example.files.is_empty() {
                        example.files.push(("keepalived.conf".to_owned(), String::new()));
                    }
                    if let Some((_, file)) = example.files.last_mut() {
                        file.push_str(&line.replace('\u{2400}', "\0"));
                        file.push('\n');
                    }
                }
            }
            (_, None) => {}
        }
    }
    examples
}

/// What files are checked for, by words such as `profile=aws,gcp`; `None` if one of them is not known.
fn settings(words: &str) -> Option<Settings> {
    let mut settings = Settings::default();
    for word in words.split(' ') {
        let (name, values) = word.split_once('=')?;
        for value in values.split(',') {
            match name {
                "target" => settings.target = Some(value.parse().ok()?),
                "profile" => settings.profiles.push(value.parse::<Cloud>().ok()?.into()),
                "addresses" => settings.addresses.push(value.parse().ok()?),
                "host" => settings.facts = Some(Arc::new(machine(value)?)),
                _ => return None,
            }
        }
    }
    Some(settings)
}

/// The machine of the examples: `ens33` with 192.0.2.1/24, root, a script that runs and one that may not be executed, and
/// a kernel that does not forward.
fn machine(name: &str) -> Option<HostFacts> {
    let file = |mode| Program::File { mode, uid: 0, gid: 0, open_to_others: None };
    let own: Network = "192.0.2.1/24".parse().ok()?;
    let facts = HostFacts {
        interfaces: vec![
            Interface { name: "lo".to_owned(), addresses: vec!["127.0.0.1/8".parse().ok()?] },
            Interface { name: "ens33".to_owned(), addresses: vec![own] },
        ],
        users: [("root".to_owned(), Some(User { uid: 0, groups: vec![0] })), ("keepalived_script".to_owned(), None)]
            .into(),
        programs: [("/usr/local/bin/check".to_owned(), file(0o755)), ("/usr/local/bin/plain".to_owned(), file(0o644))]
            .into(),
        sysctls: [("net.ipv4.ip_forward".to_owned(), 0)].into(),
        dropped_protocols: Vec::new(),
    };
    (name == "example").then_some(facts)
}
