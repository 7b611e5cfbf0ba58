//! Commands and mails on changes of state.

use super::block::{Block, Reading, command};
use super::global::default_user;
use kalc_grammar::schema::notify as row;
use kalc_grammar::schema::vrrp_instance as instance;
use kalc_ir::Global;
use kalc_ir::notify::Notify;

/// What instances and sync groups have.
pub(super) fn common(b: &mut Block<'_>, global: &Global) -> Notify {
    let mut notify = Notify {
        master: b.command(&row::NOTIFY_MASTER, "notify.master").map(Box::new),
        backup: b.command(&row::NOTIFY_BACKUP, "notify.backup").map(Box::new),
        fault: b.command(&row::NOTIFY_FAULT, "notify.fault").map(Box::new),
        stop: b.command(&row::NOTIFY_STOP, "notify.stop").map(Box::new),
        any: b.command(&row::NOTIFY, "notify.any").map(Box::new),
        ..Notify::default()
    };
    for command in [&mut notify.master, &mut notify.backup, &mut notify.fault, &mut notify.stop, &mut notify.any] {
        default_user(command.as_deref_mut(), global);
    }
    notify
}

/// What instances have.
pub(super) fn instance(b: &mut Block<'_>, global: &Global) -> Notify {
    let mut notify = common(b, global);
    notify.master_rx_lower_pri =
        b.command(&instance::NOTIFY_MASTER_RX_LOWER_PRI, "notify.master_rx_lower_pri").map(Box::new);
    let deleted = b.read(&[&instance::NOTIFY_DELETED], "notify.deleted", |config, id, values| {
        if values.is_empty() { Reading::Known(None) } else { command(config, id, values).and(Some) }
    });
    notify.reports_deleted = deleted.is_some() || b.is_unknown("notify.deleted");
    notify.deleted = deleted.flatten().map(Box::new);
    default_user(notify.master_rx_lower_pri.as_deref_mut(), global);
    default_user(notify.deleted.as_deref_mut(), global);
    notify
}

/// Whether changes are mailed.
pub(super) fn mails(b: &mut Block<'_>, global: &Global) -> bool {
    let written = b.switch(&row::SMTP_ALERT, "mails");
    written.or(global.mail.alert_vrrp).or(global.mail.alert).unwrap_or(false)
}
