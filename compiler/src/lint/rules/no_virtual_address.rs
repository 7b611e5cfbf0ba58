//! An instance has no virtual address.
//!
//! It elects a master of nothing. Often all addresses were put into `virtual_ipaddress_excluded`, to get past a limit that
//! old versions had: adverts then name none of them, and hosts with different lists do not notice. In version 3 and in strict
//! mode keepalived refuses to start.
//!
//! Give it one address, or say `no_virtual_ipaddress` (keepalived 2.2.8 and later) if only its scripts matter.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!     }
//!     virtual_ipaddress_excluded {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     version 3
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     no_virtual_ipaddress
//!     notify "/usr/local/sbin/lead"
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names};
use kalc_grammar::schema::vrrp_instance::{NO_VIRTUAL_IPADDRESS, VIRTUAL_IPADDRESS};
use kalc_ir::VrrpVersion;

pub(super) const META: Meta =
    Meta { code: "KA303", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        let block = block(instance);
        // An entry that cannot be read, or a list whose word is misspelt, is another rule's.
        let written = config.all(block, &VIRTUAL_IPADDRESS).any(|list| host.tree.children(config.setting(list).node).next().is_some());
        if written
            || !instance.virtual_addresses.is_empty()
            || instance.is_unknown("virtual_addresses")
            || config.last(block, &NO_VIRTUAL_IPADDRESS).is_some()
            || names::is_incomplete(host)
        {
            continue;
        }
        let is_fatal = instance.is_strict || (instance.version == VrrpVersion::V3 && !instance.is_unknown("version"));
        let why = match (is_fatal, instance.is_strict) {
            (true, true) => "keepalived refuses to start: strict mode needs at least one",
            (true, false) => "keepalived refuses to start: version 3 needs at least one",
            (false, _) => "the hosts elect a master, and nothing moves to it",
        };
        let help = if instance.excluded_addresses.is_empty() {
            "add a `virtual_ipaddress` block, or `no_virtual_ipaddress` (keepalived 2.2.8 and later) if only scripts matter"
        } else {
            "move one of the excluded addresses to `virtual_ipaddress`, on all hosts"
        };
        out.setting(host, block, format!("`{}` has no virtual address", instance.name))
            .severity(if is_fatal { Severity::Error } else { Severity::Warning })
            .blocks_run(is_fatal)
            .why(why)
            .help(help);
    }
}
