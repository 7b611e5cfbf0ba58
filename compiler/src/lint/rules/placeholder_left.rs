//! A value is still the placeholder of a template or of a manual.
//!
//! keepalived takes what is written: it refuses `x.x.x.x` as an address, and happily uses `CHANGEME` as a secret. The braces
//! of a template that nothing filled in are read as the braces of blocks.
//!
//! Write the value, or check the file that the template gives.
//!
//! A file that is a template as a whole gets one note, and no other rule looks at it: one whose name says so (`.j2`, `.tmpl`,
//! `.erb`, `.epp` and the like), one with commands of a template engine (`{% if … %}`, `<% … %>`), and one with
//! several values that are still to come.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state MASTER|BACKUP
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority {{ priority }}
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.168.x.x/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! {% for v in instances %}
//! vrrp_instance {{ v.name }} {
//!     interfce eth0
//! {% endfor %}
//! ```
//!
//! A `<` before a path is part of the language:
//!
//! ```keepalived pass
//! vrrp_script chk {
//!     script "</run/maintenance"
//! }
//! vrrp_instance string {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{Fault, FaultKind};

pub(super) const META: Meta =
    Meta { code: "KA117", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    if let Some(at) = host.template {
        out.fault(host, at, "this is a template and no configuration: kalc does not check it")
            .severity(Severity::Info)
            .blocks_run(true)
            .why("what comes out of it may be right or wrong, whatever stands here")
            .help("check the file that comes out of the template");
        return;
    }
    let is_template = |fault: &&Fault| matches!(fault.kind, FaultKind::Placeholder { template: true, .. });
    template(host, out, &host.faults.iter().filter(is_template).collect::<Vec<_>>());
    for fault in &host.faults {
        let FaultKind::Placeholder { keyword, template: false, refused } = &fault.kind else { continue };
        let name = match keyword {
            Some(keyword) if keyword.name != "<entry>" => format!("the value of `{}`", keyword.name),
            Some(_) | None => "this value".to_owned(),
        };
        let finding = out.fault(host, fault.at, format!("{name} is a placeholder")).help("write the value");
        if *refused {
            finding.severity(Severity::Error).blocks_run(true).why("keepalived refuses it");
        } else {
            finding.why("keepalived takes it as it is");
        }
    }
    for word in bad_words(host, Family::Placeholder) {
        let name = if word.keyword.name == "<entry>" { "this value".to_owned() } else { format!("the value of `{}`", word.keyword.name) };
        out.at(host, word.span, format!("{name} is a placeholder"))
            .severity(Severity::Error)
            .blocks_run(true)
            .why("keepalived refuses it")
            .help("write the value");
    }
}

/// A value for a template engine in a file that is none is one mistake, however often it stands there.
fn template(host: &Host, out: &mut Findings<'_>, faults: &[&Fault]) {
    let [first, more @ ..] = faults else { return };
    let more = match more.len() {
        0 => String::new(),
        1 => ", and another one further down".to_owned(),
        count => format!(", and {count} more further down"),
    };
    let refused = faults.iter().any(|fault| matches!(fault.kind, FaultKind::Placeholder { refused: true, .. }));
    let finding = out
        .fault(host, first.at, format!("this is to be replaced by a template engine{more}"))
        .why("kalc does not run templates, and keepalived reads their braces as its own")
        .help("check the file that comes out of the template");
    if refused {
        finding.severity(Severity::Error).blocks_run(true);
    }
}
