//! A tracker or a group of virtual servers is defined, and nothing names it.
//!
//! The check that its author wrote does nothing: keepalived removes a script that nobody tracks when it starts, with a line
//! in the log and none in the test of the configuration.
//!
//! Name it in a `track_script` list (or whichever list is for its kind), or remove it.
//!
//! ```keepalived fail
//! vrrp_script chk_nginx {
//!     script "/usr/bin/pgrep nginx"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! #    track_script {
//! #        chk_nginx
//! #    }
//! }
//! ```
//!
//! A file with nothing but definitions is there to be included:
//!
//! ```keepalived pass
//! vrrp_script chk_nginx {
//!     script "/usr/bin/pgrep nginx"
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script chk_nginx {
//!     script "/usr/bin/pgrep nginx"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! vrrp_sync_group SG {
//!     group {
//!         VI_1
//!     }
//!     track_script {
//!         chk_nginx
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::nearest;
use kalc_grammar::expand::ViaKind;
use kalc_grammar::fault::At;
use kalc_grammar::schema::usage::symbol_words;
use kalc_grammar::schema::{Symbol, sync_group, virtual_server, vrrp_instance};

pub(super) const META: Meta =
    Meta { code: "KA111", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    // What uses the names is elsewhere.
    let users = [&vrrp_instance::VRRP_INSTANCE, &sync_group::VRRP_SYNC_GROUP, &virtual_server::VIRTUAL_SERVER];
    let has_users = host.config.roots().any(|id| users.contains(&host.config.setting(id).keyword));
    if !has_users || names::is_incomplete(host) {
        return;
    }
    let definitions = names::definitions(host);
    let uses = names::uses(host);
    let unread = names::UnreadText::new(host);
    for ((symbol, name), places) in &definitions {
        let (list, severity) = match symbol {
            Symbol::Script => ("a `track_script` list", Severity::Warning),
            Symbol::Process => ("a `track_process` list", Severity::Warning),
            Symbol::File => ("a `track_file` list or a `FILE_CHECK`", Severity::Warning),
            // Its state may be for a routing daemon that reads the log.
            Symbol::Bfd => ("a `track_bfd` list or a `BFD_CHECK`", Severity::Info),
            Symbol::VirtualServerGroup => ("a `virtual_server group`", Severity::Warning),
            Symbol::VrrpInstance | Symbol::SyncGroup | Symbol::TrackGroup => continue,
        };
        let Some(first) = places.first() else { continue };
        // A name that is nearly this one is reported where it is used.
        let meant = uses.keys().any(|(other, used)| {
            other == symbol && !definitions.contains_key(&(*other, used)) && nearest(used, [*name].into_iter()).is_some()
        });
        if uses.contains_key(&(*symbol, *name)) || meant || unread.has(name) {
            continue;
        }
        // An included file may be there for other hosts too.
        let (_, via) = host.place(At::Logical(first.span));
        let shared = !via.is_empty()
            && host.logical.place(first.span).uses.iter().any(|via| via.kind == ViaKind::Include);
        let keyword = symbol_words(*symbol);
        let why = match symbol {
            Symbol::VirtualServerGroup => "no virtual server serves its addresses",
            _ => "keepalived removes it when it starts, so it watches nothing",
        };
        out.at(host, first.span, format!("nothing uses the {keyword} `{name}`"))
            .severity(if shared { Severity::Hint } else { severity })
            .why(why)
            .help(format!("name it in {list}, or remove it"));
    }
}
