//! A name is used that nothing in the configuration defines.
//!
//! keepalived drops the reference: a tracked script that is not there watches nothing, a member of a sync group that is not
//! there moves alone, and a virtual server of a group that is not there never serves. For groups of virtual servers and for
//! `lvs_sync_daemon` not even the test of the configuration reports it.
//!
//! Correct the name, or add the block.
//!
//! ```keepalived fail
//! vrrp_script chk_nginx {
//!     script "/usr/bin/pgrep nginx"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk_ngnix
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server group WEB {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! A sync group may stand before its members:
//!
//! ```keepalived pass
//! vrrp_sync_group SG {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 52
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::nearest;
use kalc_grammar::schema::usage::symbol_words;
use kalc_grammar::schema::Symbol;

pub(super) const META: Meta =
    Meta { code: "KA109", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let definitions = names::definitions(host);
    let incomplete = names::is_incomplete(host);
    let unread = names::UnreadText::new(host);
    for ((symbol, name), places) in names::uses(host) {
        let [first, more @ ..] = places.as_slice() else { continue };
        if definitions.contains_key(&(symbol, name)) || unread.has(name) {
            continue;
        }
        // A block whose name is missing may be the one.
        if names::is_nameless(host, symbol) {
            continue;
        }
        let keyword = symbol_words(symbol);
        let why = match symbol {
            Symbol::Script | Symbol::Process | Symbol::File | Symbol::Bfd => {
                "keepalived drops the reference, so nothing is watched here"
            }
            Symbol::TrackGroup => "keepalived drops the reference, so nothing reacts when the entry is deleted",
            Symbol::VrrpInstance => "keepalived drops the reference and goes on with the others",
            Symbol::SyncGroup => "keepalived drops the reference",
            Symbol::VirtualServerGroup => "the virtual server has no address then and never serves, and no test reports it",
        };
        let mut finding = out.at(host, first.span, format!("no `{keyword}` has the name `{name}`")).why(why);
        if incomplete {
            finding = finding.severity(Severity::Info);
        }
        for use_ in more {
            finding = finding.label(use_.span, "also used here");
        }
        let given = definitions.keys().filter(|(other, _)| *other == symbol).map(|(_, name)| *name);
        match nearest(name, given) {
            Some(near) => {
                let edits: Vec<_> = places.iter().map(|name| (name.span, near.to_owned())).collect();
                finding.help(format!("write `{near}`")).suggested_fix(&edits);
            }
            None if incomplete => {
                finding.help("it may be in a file that could not be included");
            }
            None => {
                finding.help(format!("add a `{keyword} {name}`, or remove the reference"));
            }
        }
    }
}
