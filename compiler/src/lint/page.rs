//! The page of a rule: the module doc of its file, and the examples in it.

use crate::settings::Settings;

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

/// The examples of a page: fenced blocks marked `keepalived fail`, `keepalived pass` or `keepalived fixed`. Behind that may
/// stand what the files are checked for: `profile=tencent`, `target=keepalived-2.2.7`, `addresses=10.0.0.11/24`.
///
/// The sign ␀ stands for a NUL byte. Several hosts stand in one block, each behind a line `## file NAME`.
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for line in page.lines() {
        let text = line.trim_end();
        if let Some(example) = text.strip_prefix("```keepalived ").and_then(begin) {
            open = Some(example);
            continue;
        }
        match (text, &mut open) {
            ("```", _) => examples.extend(open.take()),
            (text, Some(example)) => match text.strip_prefix("## file ") {
                Some(name) => example.files.push((name.to_owned(), String::new())),
                None => {
                    if example.files.is_empty() {
                        example.files.push(("keepalived.conf".to_owned(), String::new()));
                    }
                    if let Some((_, file)) = example.files.last_mut() {
                        file.push_str(&line.replace('\u{2400}', "\0"));
                        file.push('\n');
                    }
                }
            },
            (_, None) => {}
        }
    }
    examples
}

/// An example without text, by the words behind the fence; `None` if one of them is not known.
fn begin(words: &str) -> Option<Example> {
    let mut words = words.split(' ');
    let shows = match words.next()? {
        "fail" => Shows::Fail,
        "pass" => Shows::Pass,
        "fixed" => Shows::Fixed,
        _ => return None,
    };
    let mut settings = Settings::default();
    for word in words {
        let (name, values) = word.split_once('=')?;
        for value in values.split(',') {
            match name {
                "target" => settings.target = Some(value.parse().ok()?),
                "profile" => settings.profiles.push(value.parse::<crate::settings::Cloud>().ok()?.into()),
                "addresses" => settings.addresses.push(value.parse().ok()?),
                _ => return None,
            }
        }
    }
    Some(Example { shows, settings, files: Vec::new() })
}
