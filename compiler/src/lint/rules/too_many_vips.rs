//! More virtual addresses than an advert can carry.
//!
//! An advert names at most 255 addresses, and fits into one packet: on an interface with an MTU of 1500 bytes that leaves
//! room for 255 IPv4 addresses or 89 IPv6 addresses. keepalived reports the rest and treats it as excluded: the addresses
//! still move, but peers do not compare them.
//!
//! Put the rest into `virtual_ipaddress_excluded`, the same ones on all hosts.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         ~SEQ(a, 0, 2) ~SEQ(b, 1, 100) 10.0.${a}.${b}/16
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         ~SEQ(a, 1, 250) 10.0.0.${a}/16
//!     }
//!     virtual_ipaddress_excluded {
//!         ~SEQ(a, 1, 250) 10.0.1.${a}/16
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::{Findings, Fixable, Meta, place};
use crate::lower::most_addresses;
use kalc_grammar::schema::vrrp_instance::{VIRTUAL_IPADDRESS, VIRTUAL_IPADDRESS_EXCLUDED};
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA323", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        let most = most_addresses(instance.family);
        if instance.virtual_addresses.len() < most {
            continue;
        }
        // Lowering has moved the surplus behind the excluded ones; it still stands in the other list.
        let surplus: Vec<_> = instance
            .excluded_addresses
            .iter()
            .map(|address| place::statement(address.origin))
            .filter(|&entry| config.setting(entry).parent.is_some_and(|list| config.setting(list).keyword == &VIRTUAL_IPADDRESS))
            .collect();
        let Some(&first) = surplus.first() else { continue };
        let all = instance.virtual_addresses.len() + surplus.len();
        let finding = out
            .setting(host, first, format!("`{}` has {all} virtual addresses, and an advert carries {most}", instance.name))
            .why("keepalived treats this and the following ones as excluded: they move, and peers do not compare them")
            .help("move them to `virtual_ipaddress_excluded`, the same ones on all hosts");
        let parent = config.setting(first).parent;
        if let (Some(list), None) = (parent, config.last(block(instance), &VIRTUAL_IPADDRESS_EXCLUDED)) {
            let indent = phrase::indentation(host, config.setting(list).span.start);
            let lines: String = surplus
                .iter()
                .map(|&entry| format!("{indent}    {}\n", host.slice(config.setting(entry).span)))
                .collect();
            let end = host.whole(list).end;
            let mut edits: Vec<(Span, String)> = surplus.iter().map(|&entry| place::without(host, entry)).collect();
            edits.push((Span::new(end, end), format!("\n{indent}virtual_ipaddress_excluded {{\n{lines}{indent}}}")));
            finding.suggested_fix(&edits);
        }
    }
}
