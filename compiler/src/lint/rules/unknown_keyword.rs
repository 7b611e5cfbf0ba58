//! The first word of a statement is no keyword in its block, in any version of keepalived.
//!
//! keepalived reports the line and skips it. If the word opens a block it loses its place: what stands in the block is
//! read as if it stood outside, and the block's `}` closes the block around, so that everything behind is misread. kalc
//! reads on as the file was meant.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     adver_int 2
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipadress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! $WORD=advert_int
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     $WORD 2
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};

pub(super) const META: Meta =
    Meta { code: "KA101", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: true };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let (FaultKind::UnknownKeyword { parent, opens_block, meant }, At::Logical(span)) = (&fault.kind, fault.at) else {
            continue;
        };
        let word = host.slice(span);
        let place = if parent.name.is_empty() { "at the root of the file".to_owned() } else { format!("in `{}`", parent.name) };
        let finding = out.at(host, span, format!("`{word}` is no keyword {place}")).why(if *opens_block {
            "keepalived loses its place here: it reads the contents as part of the block around, whose end the next `}` then is"
        } else {
            "keepalived reports the line and skips it"
        });
        match meant {
            Some(meant) => {
                finding.help(format!("write `{}`", meant.name)).suggested_fix(&[(span, meant.name.to_owned())]);
            }
            None => {
                finding.help("remove it, or turn it into a comment");
            }
        }
    }
}
