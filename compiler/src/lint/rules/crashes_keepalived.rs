//! keepalived crashes on this.
//!
//! A few mistakes are not reported but end keepalived, or the process that reads the file, with a crash:
//!
//! - `virtual_server fwmark` without a number, and `bfd_instance` without a name
//! - a script whose quote is never closed
//! - `${_ENV}` and `$_ENV` without the name of a variable, in version 2.4.3
//! - `HTTP_GET` or `SSL_GET` without a `url` that has a `path`, in version 2.2.7; version 2.4.3 drops the check, and the server
//!   counts as up
//!
//! A reload crashes too, so that a running load balancer dies of it.
//!
//! ```keepalived fail
//! virtual_server fwmark {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/usr/local/bin/check
//!     interval 2
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         HTTP_GET {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script chk {
//!     script "/bin/sh -c 'exit 0'"
//!     interval 2
//! }
//! virtual_server fwmark 7 {
//!     real_server 192.0.2.20 80 {
//!         HTTP_GET {
//!             url {
//!                 path /
//!             }
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use crate::lint::{crash, phrase};
use kalc_grammar::fault::{FaultKind};
use kalc_grammar::config::SettingId;

pub(super) const META: Meta =
    Meta { code: "KA125", severity: Severity::Error, fix: Fixable::None, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::MissingValue { keyword, .. } if crash::on_missing_value(keyword) => {
                let what = if keyword.name == "fwmark" { "a number" } else { "a name" };
                out.fault(host, fault.at, format!("`{}` needs {what} behind it", keyword.name))
                    .why("keepalived crashes on this line")
                    .help(format!("add {what}"));
            }
            FaultKind::ScriptQuote { keyword } => {
                out.fault(host, fault.at, format!("the quote of this `{}` is never closed", keyword.name))
                    .why("keepalived crashes on this line")
                    .help("close the quote on the same line");
            }
            FaultKind::EnvWithoutName => {
                out.fault(host, fault.at, "`_ENV` needs the name of a variable")
                    .why("keepalived 2.4.3 crashes on this; 2.2.7 does not know `_ENV`")
                    .help("write `${_ENV NAME}`");
            }
            _ => {}
        }
    }
    // What an include should have brought may be the page.
    let complete = !host.faults.iter().any(|fault| {
        matches!(fault.kind, FaultKind::IncludeNotFound { .. } | FaultKind::IncludeUnreadable { .. })
    });
    if complete {
        for index in 0..host.config.settings.len() as u32 {
            let id = SettingId(index);
            if crash::on_missing_page(host, id) {
                let keyword = host.config.setting(id).keyword;
                let page = crash::pages(host, id).last();
                out.setting(host, id, format!("this `{}` has no `url` with a `path`", keyword.name))
                    .why("keepalived 2.2.7 crashes; 2.4.3 drops the check, and the server counts as up")
                    .help("add `url` with a `path` and a `status_code`")
                    .label(phrase::last_brace(host, page.unwrap_or(id)), phrase::AT_THE_END);
            }
        }
    }
}
