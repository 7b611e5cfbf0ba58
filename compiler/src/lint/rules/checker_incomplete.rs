//! A health check lacks what it cannot do without, so it is dropped and the server counts as up.
//!
//! `HTTP_GET` and `SSL_GET` need a `url` with a `path`, `MISC_CHECK` a `misc_path`, `FILE_CHECK` the name of a `track_file`
//! and `BFD_CHECK` the `name` of a `bfd_instance`. A check of a link-local IPv6 address needs `bind_if`. keepalived reports
//! the check and skips it: nobody notices when the server dies.
//!
//! Version 2.2.7 crashes on `HTTP_GET` without a page, in its test of the file too; KA125 says that unless `target` names a
//! version that only drops the check.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         MISC_CHECK {
//!             misc_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! ## for target=keepalived-2.4.3
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         HTTP_GET {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo wlc
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         HTTP_GET {
//!             url {
//!                 path /
//!             }
//!         }
//!         MISC_CHECK {
//!             misc_path "/usr/local/bin/check 192.0.2.21"
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names::is_incomplete;
use crate::lint::{Findings, Fixable, Meta, crash, phrase};
use kalc_grammar::config::SettingId;
use kalc_grammar::fault::At;
use kalc_grammar::schema::checker::{BFD_CHECK, FILE_CHECK, HTTP_GET, MISC_CHECK, SSL_GET};
use kalc_ir::Reason;

pub(super) const META: Meta =
    Meta { code: "KA854", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // What is missing may be in an include that could not be read.
    if is_incomplete(host) {
        return;
    }
    for real in host.ir.virtual_servers.iter().flat_map(|server| &server.real_servers) {
        for dropped in real.dropped.iter().filter(|dropped| dropped.reason == Reason::Incomplete) {
            incomplete(host, SettingId(dropped.origin.0), out);
        }
    }
}

fn incomplete(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let whole = host.whole(id);
    // A word in it that could not be read may be what is missing.
    let doubtful = host.faults.iter().any(
        |fault| matches!(fault.at, At::Logical(at) if whole.start < at.start && at.start < whole.end),
    );
    if doubtful || crash::on_missing_page(host, id) {
        return;
    }
    let keyword = host.config.setting(id).keyword;
    let (what, help) = match keyword {
        k if *k == HTTP_GET || *k == SSL_GET => ("no `url` with a `path`", "add `url` with a `path` and a `status_code`"),
        k if *k == MISC_CHECK => ("no `misc_path`", "add `misc_path` and the command"),
        k if *k == FILE_CHECK => ("no `track_file`", "add `track_file` and its name"),
        k if *k == BFD_CHECK => ("no `name`", "add `name` and that of a `bfd_instance`"),
        _ => ("a link-local address and no `bind_if`", "add `bind_if` and the interface"),
    };
    out.setting(host, id, format!("this `{}` has {what}", keyword.name))
        .why("keepalived reports the check and skips it, so the server counts as up for ever")
        .help(help)
        .label(phrase::last_brace(host, id), phrase::AT_THE_END);
}
