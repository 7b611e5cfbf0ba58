//! Commands for MASTER and BACKUP, and none for FAULT.
//!
//! When a check without a weight or an interface fails, an instance goes to FAULT and not to BACKUP: the command that undoes
//! the work of a master does not run.
//!
//! Add `notify_fault`, which often runs what `notify_backup` runs, or use one `notify`.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/local/sbin/changed MASTER"
//!     notify_backup "/usr/local/sbin/changed BACKUP"
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/local/sbin/changed MASTER"
//!     notify_fault "/usr/local/sbin/changed FAULT"
//!     notify_backup "/usr/local/sbin/changed BACKUP"
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
//!     notify_master "/usr/local/sbin/changed MASTER"
//!     notify_backup "/usr/local/sbin/changed BACKUP"
//! }
//! vrrp_instance VI_2 {
//!     interface eth1
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         198.51.100.10/24
//!     }
//! }
//! vrrp_sync_group G {
//!     group {
//!         VI_1
//!         VI_2
//!     }
//!     notify_fault "/usr/local/sbin/changed FAULT"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, commands, place};
use kalc_grammar::schema::notify::{NOTIFY, NOTIFY_FAULT};
use kalc_ir::notify::Notify;
use kalc_ir::OriginId;

pub(super) const META: Meta =
    Meta { code: "KA514", severity: Severity::Info, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for instance in &host.ir.vrrp_instances {
        let group = instance.sync_group.map(|id| &host.ir.sync_group(id).notify);
        if group.is_none_or(|group| group.fault.is_none() && group.any.is_none()) {
            missing(host, &instance.name, instance.origin, &instance.notify, out);
        }
    }
    for group in &host.ir.sync_groups {
        let of_member = |notify: &Notify| notify.fault.is_some() || notify.any.is_some();
        if !group.members.iter().any(|&member| of_member(&host.ir.instance(member).notify)) {
            missing(host, &group.name, group.origin, &group.notify, out);
        }
    }
}

fn missing(host: &Host, name: &str, block: OriginId, notify: &Notify, out: &mut Findings<'_>) {
    let (Some(_), Some(backup)) = (&notify.master, &notify.backup) else { return };
    // A command that cannot be read is told where it stands.
    let block = place::statement(block);
    let written = |keyword| host.config.last(block, keyword).is_some();
    let fifo = host.ir.global.notify_fifo.path.is_some() || host.ir.global.vrrp_notify_fifo.path.is_some();
    if notify.fault.is_some() || notify.any.is_some() || fifo || written(&NOTIFY) || written(&NOTIFY_FAULT) {
        return;
    }
    let id = place::statement(backup.origin);
    let mut text = host.slice(host.config.setting(id).span).replacen("notify_backup", "notify_fault", 1);
    if commands::text(host, backup).contains("BACKUP") {
        text = text.replace("BACKUP", "FAULT");
    }
    out.setting(host, id, format!("`{name}` has commands for MASTER and BACKUP, and none for FAULT"))
        .why("when a check without a weight or an interface fails the instance goes to FAULT, and this command does not run")
        .help("add `notify_fault` with what is to be done then, or use one `notify`")
        .suggested_fix(&[place::line_above(host, id, &text)]);
}
