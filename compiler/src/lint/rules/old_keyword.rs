//! A keyword that keepalived has replaced.
//!
//! It still works, or keepalived says that it does not; the next version may not know it. The message of `-t` names the
//! replacement, and for some of these words there is only a line in the log.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     lvs_sync_daemon_interface eth0
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     lvs_sync_daemon eth0 VI_1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::{Keyword, Status};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA902", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for setting in &host.config.settings {
        told(host, out, setting.keyword, setting.name);
        let (from, to) = setting.values;
        for value in &host.config.values[from as usize..to as usize] {
            if let Data::Option(option) = value.data {
                told(host, out, option, value.span);
            }
        }
    }
}

fn told(host: &Host, out: &mut Findings<'_>, keyword: &'static Keyword, at: Span) {
    let Status::Deprecated(instead) = keyword.status else { return };
    // Its own rule, because it is wrong elsewhere too.
    if keyword.name == "nb_get_retry" {
        return;
    }
    out.at(host, at, format!("`{}` is an old keyword", keyword.name))
        .why("keepalived has replaced it and may drop it")
        .help(format!("use `{instead}`"));
}
