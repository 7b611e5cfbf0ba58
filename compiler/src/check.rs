//! From hosts to findings.

use crate::diagnostic::Diagnostic;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::lint::rules::RULES;
use crate::lint::{Check, Findings};

/// What the rules find on one host by itself.
pub fn check_host(host: &Host) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for rule in RULES {
        if let Check::Host(check) = rule.check {
            check(host, &mut Findings::new(rule, &mut diagnostics));
        }
    }
    diagnostics
}

/// What the rules find between hosts.
pub fn check_fleet(hosts: &[Host]) -> Vec<Diagnostic> {
    let fleet = Fleet { hosts };
    let mut diagnostics = Vec::new();
    for rule in RULES {
        if let Check::Fleet(check) = rule.check {
            check(&fleet, &mut Findings::new(rule, &mut diagnostics));
        }
    }
    diagnostics
}
