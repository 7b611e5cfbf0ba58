//! Mails are switched on, and there is nowhere to send them.
//!
//! Without `smtp_server` keepalived sends none (there is no default, measured with 2.2.7), and without an address in
//! `notification_email` neither. Nothing is reported.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     smtp_alert
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     notification_email {
//!         ops@example.net
//!     }
//!     smtp_server 127.0.0.1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     smtp_alert
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     smtp_alert off
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, names};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::mail::{NOTIFICATION_EMAIL, SMTP_ALERT, SMTP_ALERT_CHECKER, SMTP_ALERT_VRRP, SMTP_SERVER};
use kalc_grammar::schema::{Keyword, notify, real_server, virtual_server};
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA517", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

/// Words that switch mails on.
const SWITCHES: [&Keyword; 6] = [
    &SMTP_ALERT,
    &SMTP_ALERT_VRRP,
    &SMTP_ALERT_CHECKER,
    &notify::SMTP_ALERT,
    &virtual_server::SMTP_ALERT,
    &real_server::SMTP_ALERT,
];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    let mail = &host.ir.global.mail;
    let blocks: Vec<SettingId> = config.blocks(&GLOBAL_DEFS).collect();
    // What is written and cannot be read is another rule's.
    let written = |keyword: &'static Keyword| blocks.iter().any(|&block| config.last(block, keyword).is_some());
    let has_list = blocks.iter().flat_map(|&block| config.all(block, &NOTIFICATION_EMAIL)).any(|list| config.children(list).next().is_some());
    let (no_server, no_list) = (mail.server.is_none() && !written(&SMTP_SERVER), mail.recipients.is_empty() && !has_list);
    if !(no_server || no_list) || names::is_incomplete(host) {
        return;
    }
    let is_on = |id: &SettingId| {
        let setting = config.setting(*id);
        SWITCHES.contains(&setting.keyword)
            && matches!(config.values(*id).first().map(|value| value.data), None | Some(Data::Bool(true)))
    };
    let Some(on) = (0..config.settings.len() as u32).map(SettingId).find(is_on) else { return };
    let (missing, help) = match (no_server, no_list) {
        (true, true) => ("neither `smtp_server` nor `notification_email`", "add both to `global_defs`"),
        (true, false) => ("no `smtp_server`", "add `smtp_server` to `global_defs`; there is no default"),
        (false, _) => ("no address in `notification_email`", "add one to `notification_email` in `global_defs`"),
    };
    out.setting(host, on, format!("mails are switched on, and there is {missing}"))
        .why("keepalived then sends none, and says nothing")
        .help(format!("{help}, or delete the line"));
}
