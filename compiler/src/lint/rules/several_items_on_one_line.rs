//! A line of a list holds two entries, or entries joined by commas.
//!
//! A list takes one entry a line. Of two addresses on one line keepalived drops both or keeps the first, and of two scripts
//! it tracks neither; an address with a comma is no address. A list of peers that ends up empty sends an instance back to
//! multicast.
//!
//! Write one entry a line. Lists of names, such as the members of a sync group, take several, but no commas.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     unicast_peer {
//!         192.0.2.2,192.0.2.3
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress { 192.0.2.10/24 192.0.2.11/24 }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_sync_group SG {
//!     group {
//!         VI_1 VI_2
//!     }
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 dev eth1 label eth1:v
//!     }
//! }
//! vrrp_instance VI_2 {
//!     interface eth0
//!     virtual_router_id 52
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Arg, Presence};

pub(super) const META: Meta = Meta { code: "KA112", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let (FaultKind::SeveralItems { keyword, items }, At::Logical(span)) = (&fault.kind, fault.at) else { continue };
        let commas = host.slice(span).contains(',');
        let message = match (items.len(), commas) {
            (0 | 1, _) => "a comma does not belong into a list".to_owned(),
            (count, true) => format!("{count} entries joined by commas"),
            (count, false) => format!("{count} entries on one line"),
        };
        let param = keyword.params.first();
        let why = match param.map(|param| param.arg) {
            _ if commas => "keepalived takes the comma for a part of the entry and refuses it",
            Some(Arg::Use(_) | Arg::Interface) => "keepalived takes one a line: it reports the second word and drops the line",
            _ => "keepalived takes the second one for an option of the first and refuses it",
        };
        let several = param.is_some_and(|param| param.presence == Presence::Repeated);
        let between = if several { " ".to_owned() } else { format!("\n{}", phrase::indentation(host, span.start)) };
        let text: Vec<&str> = items.iter().map(|item| host.slice(*item)).collect();
        let help = match (items.len(), several) {
            (0 | 1, _) => "remove the comma",
            (_, true) => "put blanks between them",
            (_, false) => "write one entry a line",
        };
        out.at(host, span, message).why(why).help(help).suggested_fix(&[(span, text.join(&between))]);
    }
    for word in bad_words(host, Family::Several) {
        out.at(host, word.span, format!("`{}` is more than one value", word.text))
            .why("keepalived takes it for one word and refuses it")
            .help("write one entry a line");
    }
}
