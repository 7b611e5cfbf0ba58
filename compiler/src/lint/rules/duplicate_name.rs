//! Two blocks of one kind have the same name.
//!
//! Of two instances, sync groups, track groups or BFD sessions keepalived reports the second and skips it with all it
//! holds. Of two scripts, processes, tracked files or virtual server groups it keeps both and says nothing: every reference
//! is to the first, and the second never does anything.
//!
//! Give each its own name.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! vrrp_instance VI_1 {
//!     interface eth1
//!     virtual_router_id 52
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/bin/true"
//! }
//! vrrp_script chk {
//!     script "/bin/false"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! A script and an instance may share a name:
//!
//! ```keepalived pass
//! vrrp_script web {
//!     script "/bin/true"
//! }
//! vrrp_instance web {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         web
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::names;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::schema::usage::symbol_words;
use kalc_grammar::schema::Symbol;

pub(super) const META: Meta = Meta { code: "KA107", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for ((symbol, name), places) in names::definitions(host) {
        let [first, more @ ..] = places.as_slice() else { continue };
        let why = match symbol {
            Symbol::VrrpInstance | Symbol::SyncGroup | Symbol::TrackGroup | Symbol::Bfd => {
                "keepalived reports the second block and skips all of it"
            }
            Symbol::Script | Symbol::Process | Symbol::File | Symbol::VirtualServerGroup => {
                "keepalived says nothing; every reference is to the first one, and the second is never used"
            }
        };
        for again in more {
            out.at(host, again.span, format!("there is a `{}` with the name `{name}` already", symbol_words(symbol)))
                .label(first.span, "the first one")
                .why(why)
                .help("give it another name, or remove one of the blocks");
        }
    }
}
