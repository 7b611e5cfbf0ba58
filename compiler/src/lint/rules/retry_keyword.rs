//! `nb_get_retry` is the old name of `retry`, and only HTTP_GET and SSL_GET know it.
//!
//! In those two checks it works and keepalived asks for the new name. In every other check, such as TCP_CHECK, it is no
//! keyword at all: the line is skipped and the number of retries is the default.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         HTTP_GET {
//!             url {
//!                 path /
//!                 status_code 200
//!             }
//!             nb_get_retry 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 80 {
//!     lb_algo rr
//!     lb_kind NAT
//!     protocol TCP
//!     real_server 192.0.2.21 80 {
//!         TCP_CHECK {
//!             retry 3
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA852", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for setting in &host.config.settings {
        if setting.keyword.name == "nb_get_retry" {
            out.at(host, setting.name, "`nb_get_retry` is the old name of `retry`")
                .why("keepalived takes it and asks for the new name")
                .help("write `retry`")
                .safe_fix(&[(setting.name, "retry".to_owned())]);
        }
    }
}
