//! A command that only a shell understands.
//!
//! keepalived runs commands itself, without a shell: `|`, `&&`, `;`, `>` and what follows them become arguments of the first
//! program. `killall -0 nginx || exit 1` looks for processes of the names `||`, `exit` and `1`.
//!
//! Give the text to a shell: `"/bin/sh -c '…'"`. A redirection alone can be left out: keepalived shows no output.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/bin/pgrep nginx > /dev/null"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_script chk {
//!     script "/bin/sh -c '/usr/bin/pgrep nginx > /dev/null'"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/bin/killall -0 nginx || exit 1"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_script chk {
//!     script "/bin/sh -c '/usr/bin/killall -0 nginx || exit 1'"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script chk_shell {
//!     script "/bin/sh -c 'pgrep nginx > /dev/null || exit 1'"
//! }
//! vrrp_script chk_url {
//!     script "/usr/bin/curl -sf http://127.0.0.1/health?deep=1&all=*"
//! }
//! vrrp_script chk_pattern {
//!     script "/usr/bin/pgrep -f 'nginx: (master|worker)'"
//! }
//! vrrp_script chk_file {
//!     script "</var/run/nginx.pid"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk_shell
//!         chk_url
//!         chk_pattern
//!         chk_file
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands::{self, commands};
use crate::lint::{Findings, Fixable, Meta};
use kalc_ir::Command;

pub(super) const META: Meta =
    Meta { code: "KA506", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

/// Programs that stand behind a `|` without a blank.
const FILTERS: [&str; 12] =
    ["grep", "egrep", "wc", "awk", "sed", "head", "tail", "cut", "tr", "xargs", "sort", "tee"];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for command in commands(host) {
        let text = commands::text(host, command);
        // `</path` opens the file, and for that keepalived does ask a shell.
        if text.starts_with("</") || has_shell(command) {
            continue;
        }
        let Some(sign) = bare_words(text).iter().find_map(|word| sign(word)) else { continue };
        let at = commands::place(host, command);
        let finding = out
            .at(host, at, format!("`{sign}` is for a shell, and keepalived runs this without one"))
            .why("the sign and what follows it become arguments of the first program")
            .help("give the command to a shell: `\"/bin/sh -c '…'\"`, or put it into a script");
        let quote = host.slice(at).starts_with('"');
        if quote && !text.contains(['\'', '\\', '"']) {
            finding.suggested_fix(&[(at, format!("\"/bin/sh -c '{text}'\""))]);
        }
    }
}

/// Whether the first word is a shell that is given a text.
fn has_shell(command: &Command) -> bool {
    let is_option = |word: &String| word.starts_with('-') && word.ends_with('c');
    commands::is_shell(commands::program(command)) && command.arguments.iter().skip(1).any(is_option)
}

/// The words of a command with what is quoted left out.
fn bare_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (_, '\\') => drop(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, ' ' | '\t') => words.push(String::new()),
            (None, c) => words.last_mut().expect("there is one from the start").push(c),
        }
    }
    words
}

/// What a shell would not take as a part of a plain word.
fn sign(word: &str) -> Option<&'static str> {
    // The signs of a URL are no signs.
    if word.contains("://") {
        return ["$(", "`"].into_iter().find(|sign| word.contains(sign));
    }
    let digits = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
    let piped = word.split_once('|').is_some_and(|(left, right)| {
        left.is_empty() || right.is_empty() || FILTERS.contains(&right)
    });
    if word.contains("&&") {
        Some("&&")
    } else if word.contains("||") {
        Some("||")
    } else if piped {
        Some("|")
    } else if word.ends_with(';') {
        Some(";")
    } else if word == "&" {
        Some("&")
    } else if digits.starts_with('>') || word.contains(">/") || word.contains(">&") {
        Some(">")
    } else if word.starts_with('<') && !word.ends_with('>') {
        Some("<")
    } else if word.contains("$(") {
        Some("$(")
    } else if word.contains('`') {
        Some("`")
    } else if word.starts_with("~/") {
        Some("~/")
    } else if word.starts_with('/') && word.contains('*') {
        Some("*")
    } else {
        None
    }
}
