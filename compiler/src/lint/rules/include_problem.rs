//! An include does not bring in what it names.
//!
//! `include` takes one pattern, which may hold wildcards and braces; blanks and quotes belong to it. Names are relative to
//! the folder of the file that holds the line. If nothing matches, keepalived's test ends with success all the same, so that
//! half a configuration passes: of a missing file it prints a line, and of a pattern that matches nothing not even that. With
//! `includem`, `includew`, `includeb`, `includea` or `include_check` it refuses to start instead. A file that includes itself
//! is read over and over until no file can be opened any more.
//!
//! A folder that exists and is empty is no mistake: that is how `conf.d` starts. For an absolute path outside of the folder
//! that is checked, there is one note: kalc may run on another machine than keepalived.
//!
//! ```keepalived fail
//! include conf.d/vips.conf
//! ```
//!
//! ```keepalived fail
//! ## file keepalived.conf
//! include "vips.conf"
//! ## file vips.conf
//! global_defs {
//!     router_id lb1
//! }
//! ```
//!
//! ```keepalived pass
//! ## file keepalived.conf
//! include conf.d/*.conf
//! ## file conf.d/vips.conf
//! global_defs {
//!     router_id lb1
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::FaultKind;
use std::path::Path;

pub(super) const META: Meta =
    Meta { code: "KA119", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let mut elsewhere = false;
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::IncludeNotFound { pattern, wildcard, fatal } => {
                if is_elsewhere(host, pattern) {
                    if !std::mem::replace(&mut elsewhere, true) {
                        out.fault(host, fault.at, format!("`{pattern}` is not on this machine"))
                            .severity(Severity::Info)
                            .why("what it holds is not checked")
                            .help("check the configuration where it runs, or in a copy of its folder");
                    }
                    continue;
                }
                let (severity, why) = match (fatal, wildcard) {
                    (true, _) => (Severity::Error, "keepalived refuses to start"),
                    (false, false) => (Severity::Error, "keepalived prints a line and goes on without it, and its test succeeds"),
                    (false, true) => (Severity::Warning, "keepalived goes on without it and reports nothing"),
                };
                let message = match wildcard {
                    true => format!("no file matches `{pattern}`"),
                    false => format!("there is no file `{pattern}`"),
                };
                out.fault(host, fault.at, message)
                    .severity(severity)
                    .why(why)
                    .help(help(pattern))
                    .blocks_run(*fatal);
            }
            FaultKind::IncludeUnreadable { path, reason, fatal } => {
                out.fault(host, fault.at, format!("`{path}` cannot be included: {reason}"))
                    .severity(Severity::Error)
                    .why(match fatal {
                        true => "keepalived refuses to start",
                        false => "keepalived prints a line and goes on without it, and its test succeeds",
                    })
                    .help("an included file is a regular file that keepalived may read and nobody may execute")
                    .blocks_run(*fatal);
            }
            FaultKind::IncludeCycle { path } => {
                out.fault(host, fault.at, format!("`{path}` includes itself"))
                    .severity(Severity::Error)
                    .why("keepalived opens it again and again until it can open no more files")
                    .help("move the include out of the file, or out of the folder that its pattern matches")
                    .blocks_run(true);
            }
            _ => {}
        }
    }
}

/// Whether a path lies outside of the folder of the main file.
fn is_elsewhere(host: &Host, pattern: &str) -> bool {
    let folder = Path::new(host.name()).parent().unwrap_or(Path::new(""));
    pattern.starts_with('/') && (folder.is_relative() || !Path::new(pattern).starts_with(folder))
}

fn help(pattern: &str) -> &'static str {
    if pattern.contains(['"', '\'']) {
        "write it without quotes: they are taken as part of the name"
    } else if pattern.contains([' ', '\t']) {
        "write one include for each file: blanks are taken as part of the name"
    } else {
        "a name is relative to the folder of the file that holds the line"
    }
}
