//! A character looks like a blank, a quote or a sign of the language and is none.
//!
//! They come from web pages and word processors. keepalived takes a no-break space or a byte order mark for part of the
//! keyword, and typographic quotes for part of the name of a script, which it reports as missing or not at all.
//!
//! Write the plain character.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master “/usr/bin/promote now”
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 90
//! }
//! ```
//!
//! Names may be written in any script, and so may comments and quoted text:
//!
//! ```keepalived pass
//! # “Büro”
//! vrrp_instance Büro {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/bin/promote “now”"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::source::Span;

pub(super) const META: Meta = Meta { code: "KA114", severity: Severity::Error, fix: Fixable::Safe, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // Blanks that are none come with a whole passage: that is one mistake.
    let mut blanks: Vec<(Span, Option<char>)> = Vec::new();
    for fault in &host.faults {
        match (&fault.kind, fault.at) {
            (FaultKind::LookAlike { characters }, At::Logical(_)) if is_blank(characters) => blanks.extend(characters),
            (FaultKind::LookAlike { characters }, At::Logical(span)) => look_alike(host, out, span, characters),
            (FaultKind::ByteOrderMark, at) => {
                out.fault(host, at, "the file starts with a byte order mark")
                    .why("keepalived takes it for a part of the first word, which is then no keyword")
                    .help("save the file as UTF-8 without a byte order mark");
            }
            _ => {}
        }
    }
    if let [(first, _), ..] = blanks.as_slice() {
        look_alike(host, out, *first, &blanks);
    }
    for word in bad_words(host, Family::Characters) {
        out.at(host, word.span, format!("`{}` has a character that is not what it looks like", word.text))
            .why("keepalived takes it as it is, so the value is none of those that it knows")
            .help("write the plain character");
    }
}

fn is_blank(characters: &[(Span, Option<char>)]) -> bool {
    characters.iter().all(|(span, meant)| *meant == Some(' ') || meant.is_none() && span.start > 0)
}

fn look_alike(host: &Host, out: &mut Findings<'_>, span: Span, characters: &[(Span, Option<char>)]) {
    let Some((first, meant)) = characters.first() else { return };
    let Some(character) = host.slice(*first).chars().next() else { return };
    let code = format!("U+{:04X}", u32::from(character));
    if character == '\u{feff}' && first.start == 0 {
        out.at(host, *first, "the file starts with a byte order mark")
            .why("keepalived takes it for a part of the first word, which is then no keyword")
            .help("save the file as UTF-8 without a byte order mark")
            .safe_fix(&[(*first, String::new())]);
        return;
    }
    let (message, why, help) = match meant {
        Some(' ') => (
            format!("this blank is a character of its own ({code})"),
            "keepalived takes it for a part of the word beside it",
            "write a plain blank".to_owned(),
        ),
        Some('"' | '\'') => (
            format!("`{character}` ({code}) is no quote"),
            "keepalived takes it for a part of the word, and a blank behind it ends the word",
            "write `\"`".to_owned(),
        ),
        Some(meant) => (
            format!("`{character}` ({code}) is not `{meant}`"),
            "keepalived takes it for a part of the word",
            format!("write `{meant}`"),
        ),
        None => (
            format!("a character that cannot be seen ({code})"),
            "keepalived takes it for a part of the word",
            "remove it".to_owned(),
        ),
    };
    let edits: Vec<_> = characters
        .iter()
        .map(|(span, meant)| match meant {
            Some('\'') => (*span, "\"".to_owned()),
            meant => (*span, meant.map(String::from).unwrap_or_default()),
        })
        .collect();
    let lines = characters.windows(2).filter(|pair| host.slice(pair[0].0.to(pair[1].0)).contains('\n')).count();
    let message = match lines {
        0 => message,
        1 => format!("{message}, here and on another line"),
        count => format!("{message}, here and on {count} more lines"),
    };
    let finding = out.at(host, span, message).why(why).help(help);
    // keepalived reads the statement otherwise then, as it was meant.
    finding.suggested_fix(&edits);
}
