//! `global_defs`: mails about changes.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Who gets mail when something changes, one or more addresses per line; several blocks add up. Mail is only
    /// sent where `smtp_alert` is on and `smtp_server` can be reached.
    NOTIFICATION_EMAIL = list("notification_email", &NOTIFICATION_EMAIL_ENTRY).runs();

    /// Sender of the mails. It is not checked, not even for an `@`; many servers refuse a sender without a valid
    /// domain.
    NOTIFICATION_EMAIL_FROM = value("notification_email_from", &[req(Arg::Email)]).default("user@host of the daemon").runs();

    /// Mail server, as address or name, and its port. A name is resolved while the file is read, so a name server
    /// that is down at boot loses the setting; an address is safer. Without a server no mail is sent.
    SMTP_SERVER = value("smtp_server", &[req(Arg::Host), opt(Arg::Port)]).runs();

    /// Name that keepalived gives in its greeting to the mail server. Some servers insist on one that resolves.
    SMTP_HELO_NAME = value("smtp_helo_name", &[req(text(0)).label("name")]).default("local host name").runs();

    /// How long to wait for the mail server, for the connection and for each answer. 0 is reported and becomes 1.
    SMTP_CONNECT_TIMEOUT = value("smtp_connect_timeout", &[req(int(0, 4294))]).default("30").unit(Unit::Seconds).runs();

    /// Whether instances, sync groups and checkers send mail when they do not say so themselves. It has an effect
    /// only with `smtp_server` and `notification_email`.
    SMTP_ALERT = switch("smtp_alert").default("unset").runs();

    /// Whether instances and sync groups send mail when they do not say so themselves; stronger than `smtp_alert`.
    SMTP_ALERT_VRRP = switch("smtp_alert_vrrp").default("unset").runs();

    /// Whether checkers send mail when they do not say so themselves; stronger than `smtp_alert`.
    SMTP_ALERT_CHECKER = switch("smtp_alert_checker").default("unset").runs();

    /// Sends no mail when an instance enters the fault state.
    NO_EMAIL_FAULTS = flag("no_email_faults").default("off").runs();

    /// Sends no mail for each single checker that changes; real servers and quorums still report.
    NO_CHECKER_EMAILS = switch("no_checker_emails").default("off")
        .without_effect("kalc mails what becomes of servers, not of each of their checks, in any case");

    /// Logs every failed check, not only the one that turns a real server down.
    CHECKER_LOG_ALL_FAILURES = switch("checker_log_all_failures").default("off").runs();

    /// Runs the notify scripts of real servers also for the state that their first check finds after a start.
    RS_INIT_NOTIFIES = switch("rs_init_notifies").default("off").runs();
}

words! {
    /// One or more mail addresses.
    NOTIFICATION_EMAIL_ENTRY = entry(&[many(Arg::Email)]).runs();
}
