//! Scripts and mails that tell of a change of state, for instances and sync groups alike.
//!
//! What only instances have (`notify_deleted` and the like) stands with [`vrrp_instance`](super::vrrp_instance).

use super::prelude::*;

rows! { ROWS:
    /// Command that runs when this becomes master. Quote it when it has arguments: a second and third bare word are
    /// taken as user and group, and a user that does not exist is only logged. The first use counts.
    NOTIFY_MASTER = value("notify_master", SCRIPT).first_wins().runs();

    /// Command that runs when this becomes backup, also at start. Quote it when it has arguments, because further
    /// bare words are user and group; the first use counts.
    NOTIFY_BACKUP = value("notify_backup", SCRIPT).first_wins().runs();

    /// Command that runs when this enters the fault state, because an interface, a script or something else that it
    /// tracks has failed. Quote it when it has arguments, because further bare words are user and group; the first
    /// use counts.
    NOTIFY_FAULT = value("notify_fault", SCRIPT).first_wins().runs();

    /// Command that runs when keepalived stops; neither `notify_backup` nor `notify_fault` runs then, so undo here
    /// what `notify_master` did. Quote it when it has arguments; the first use counts.
    NOTIFY_STOP = value("notify_stop", SCRIPT).first_wins().runs();

    /// Command that runs on every change of state, after the one for that state. Four arguments are added: INSTANCE
    /// or GROUP, the name, the new state, and the priority. Quote it when it has arguments of its own; the first use
    /// counts.
    NOTIFY = value("notify", SCRIPT).first_wins().runs();

    /// Sends mail on changes of state to the addresses of `notification_email`; it needs `smtp_server` too.
    SMTP_ALERT = switch("smtp_alert").default("value of `smtp_alert_vrrp`, else of `smtp_alert`, else off").runs();
}
