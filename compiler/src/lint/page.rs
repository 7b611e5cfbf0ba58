//! The page of a rule: the module doc of its file, and the examples in it.

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
}

/// An example of a page: one or more files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub shows: Shows,
    /// Names and texts; a block without a `## file NAME` line is one file.
    pub files: Vec<(String, String)>,
}

/// The examples of a page: fenced blocks marked `keepalived fail` or `keepalived pass`.
///
/// The sign ␀ stands for a NUL byte. Several hosts stand in one block, each behind a line `## file NAME`.
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for line in page.lines() {
        match (line.trim_end(), &mut open) {
            ("```keepalived fail", _) => open = Some(Example { shows: Shows::Fail, files: Vec::new() }),
            ("```keepalived pass", _) => open = Some(Example { shows: Shows::Pass, files: Vec::new() }),
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
