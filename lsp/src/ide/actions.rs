//! What can be done about a finding: make its fix, or allow it where it stands.

use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::edit::TextEdit;
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::source::Span;

/// The name of a finding's fix: what to do if the rule says it, else what is wrong.
pub fn title(diagnostic: &Diagnostic) -> String {
    let words = match &diagnostic.help {
        Some(help) => help.clone(),
        None => format!("fix: {}", diagnostic.message),
    };
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{} ({})", letters.as_str(), diagnostic.code)
}

/// What no comment allows: what is said of such comments, and that a file is a template, of which nothing is read.
const NEVER: [&str; 2] = ["KA981", "KA117"];

/// The change that allows a finding on its line: a comment behind the text, or more words in the one that is there.
/// `None` where a comment would be no comment: behind a backslash that goes on, and in quotes that nothing closes.
pub fn allow(text: &str, offset: u32, code: &str) -> Option<TextEdit> {
    if NEVER.contains(&code) {
        return None;
    }
    let before = text.get(..offset as usize)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = text.get(start..)?.find('\n').map_or(text.len(), |newline| start + newline);
    let line = text.get(start..end)?;
    let tokens = lex(line);
    let last = |kind: TokenKind| tokens.kinds.last() == Some(&kind);
    let trimmed = line.trim_end();
    if last(TokenKind::OpenQuote) || trimmed.ends_with('\\') || trimmed.is_empty() {
        return None;
    }
    let insert = |at: usize, text: String| {
        let at = (start + at) as u32;
        Some(TextEdit { span: Span::new(at, at), text })
    };
    if !last(TokenKind::Comment) {
        return insert(trimmed.len(), format!("  # kalc: allow({code})"));
    }
    let comment = *tokens.starts.last()? as usize;
    // A comment on a line of its own speaks of what follows, not of itself.
    if line[..comment].trim().is_empty() {
        return None;
    }
    let signs = line[comment..].len() - line[comment..].trim_start_matches(['#', '!']).len();
    let said = comment + signs + (line[comment + signs..].len() - line[comment + signs..].trim_start().len());
    match line[said..].strip_prefix("kalc:").map(str::trim_start) {
        // Its list goes on.
        Some(rest) if rest.starts_with("allow") && !rest.starts_with("allow-file") => {
            let close = line[said..].find(')')?;
            insert(said + close, format!(", {code}"))
        }
        Some(_) => None,
        // What is there becomes the reason.
        None => insert(said, format!("kalc: allow({code}) ")),
    }
}

#[cfg(test)]
mod tests {
    use super::allow;

    #[test]
    fn the_comment_fits_the_line() {
        let check = |before: &str, after: Option<&str>| {
            let offset = before.find('^').expect("a mark");
            let text = before.replace('^', "");
            let edit = allow(&text, offset as u32, "KA401");
            let changed = edit.map(|edit| {
                let mut text = text.clone();
                text.replace_range(edit.span.range(), &edit.text);
                text
            });
            assert_eq!(changed.as_deref(), after, "{before}");
        };
        check("a\nauth_pass ^ü123456789\nb\n", Some("a\nauth_pass ü123456789  # kalc: allow(KA401)\nb\n"));
        check("auth_pass ^x \r\n", Some("auth_pass x  # kalc: allow(KA401) \r\n"));
        check("auth_pass ^x", Some("auth_pass x  # kalc: allow(KA401)"));
        check("auth_pass ^x # old\n", Some("auth_pass x # kalc: allow(KA401) old\n"));
        check("auth_pass ^x #!  old\n", Some("auth_pass x #!  kalc: allow(KA401) old\n"));
        check("auth_pass ^x # kalc: allow(KA402) why\n", Some("auth_pass x # kalc: allow(KA402, KA401) why\n"));
        check("auth_pass ^x # kalc: allow-file(KA402)\n", None);
        check("$X=^x \\\n y\n", None);
        check("script \"^x\n", None);
        check("^# note\n", None);
        check("^\n", None);
    }
}
