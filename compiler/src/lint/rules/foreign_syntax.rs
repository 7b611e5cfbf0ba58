//! A statement is written as in another language.
//!
//! A keyword and its values have blanks between them and nothing else, a statement ends with its line, and comments start
//! with `#` or `!`. To keepalived `interface = eth0` asks for an interface named `=`, `connect_timeout=10` is an unknown
//! keyword, and a `;` belongs to the value before it. `//` behind a value is dropped by luck.
//!
//! Leave the sign out.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface = eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id: 51
//!     priority 100;
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     // the number of the network
//!     virtual_router_id 51
//! }
//! ```
//!
//! Definitions, addresses and text have such signs by right:
//!
//! ```keepalived pass
//! $IF=eth0
//! vrrp_instance VI_1 {
//!     interface $IF
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         2001:db8::1/64
//!     }
//!     notify_master "/usr/bin/env A=1 //bin/promote 'now;'"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{FaultKind, Foreign};

pub(super) const META: Meta = Meta { code: "KA116", severity: Severity::Error, fix: Fixable::Safe, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let FaultKind::ForeignSyntax { form, edits } = &fault.kind else { continue };
        let (message, why, help) = match form {
            Foreign::Equals => (
                "there is no `=` between a keyword and its value",
                "keepalived takes it for the value, or for a part of the keyword",
                "write a blank instead",
            ),
            Foreign::Colon => (
                "there is no `:` between a keyword and its value",
                "keepalived takes it for a part of the word",
                "write a blank instead",
            ),
            Foreign::Semicolon => (
                "there is no `;` at the end of a statement",
                "keepalived takes it for a part of the last word",
                "remove it; the end of the line ends the statement",
            ),
            Foreign::Slashes => (
                "`//` starts no comment",
                "keepalived reads the words as part of the file",
                "start a comment with `#`",
            ),
            Foreign::SlashStar => (
                "`/*` starts no comment",
                "keepalived reads the words as part of the file, up to the `*/` and behind it",
                "start each line of a comment with `#`",
            ),
            Foreign::SemicolonComment => (
                "`;` starts no comment",
                "keepalived reads the words as part of the file",
                "start a comment with `#`",
            ),
        };
        let finding = out.fault(host, fault.at, message).why(why).help(help);
        match form {
            _ if edits.is_empty() => {}
            Foreign::Slashes => {
                finding.safe_fix(edits);
            }
            Foreign::Equals | Foreign::Colon | Foreign::Semicolon | Foreign::SlashStar | Foreign::SemicolonComment => {
                finding.suggested_fix(edits);
            }
        }
    }
    for word in bad_words(host, Family::Foreign) {
        out.at(host, word.span, format!("`{}` is written as in another language", word.text))
            .why("keepalived refuses the value")
            .help("leave the sign out");
    }
}
