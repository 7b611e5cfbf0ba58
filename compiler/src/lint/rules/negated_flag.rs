//! A flag is followed by a word that says no, and is on all the same.
//!
//! Flags such as `nopreempt`, `accept` or `ha_suspend` are switched on by being there. keepalived does not look at what
//! follows, in neither version, and reports nothing: `nopreempt false` forbids preemption. Two keywords go further:
//! `use_vmac no` makes an interface of the name `no`, and `skip_check_adv_addr off` in an instance turns the option on,
//! although it is meant to take a truth value.
//!
//! Delete the line. A word that says yes is no mistake; a hint tells that nobody reads it.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state BACKUP
//!     interface eth0
//!     virtual_router_id 51
//!     nopreempt false
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac no
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     smtp_alert off
//!     vrrp_skip_check_adv_addr false
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     lower_prio_no_advert no
//!     skip_check_adv_addr on
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::line_of;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::vrrp_instance::SKIP_CHECK_ADV_ADDR;
use kalc_grammar::schema::vrrp_instance::interface::USE_VMAC;

pub(super) const META: Meta =
    Meta { code: "KA206", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let (FaultKind::FlagWithValue { keyword, negative }, At::Logical(span)) = (&fault.kind, fault.at) else {
            continue;
        };
        let Some(id) = host.config.setting_at(span.start) else { continue };
        let (name, word) = (keyword.name, host.slice(span));
        if *negative {
            out.at(host, host.config.setting(id).span, format!("`{name} {word}` switches `{name}` on"))
                .why("keepalived looks at the keyword alone and reports nothing")
                .help("delete the line")
                .suggested_fix(&[(line_of(host, id), String::new())]);
        } else if **keyword != SKIP_CHECK_ADV_ADDR {
            out.at(host, span, format!("nobody reads `{word}`: `{name}` is on by being there"))
                .severity(Severity::Hint)
                .help("delete the word");
        }
    }
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let setting = host.config.setting(id);
        let values = host.config.values(id);
        if *setting.keyword == USE_VMAC
            && let [word] = values
            && matches!(&*host.text(word).to_ascii_lowercase(), "false" | "no" | "off" | "0")
        {
            let text = host.text(word);
            out.at(host, setting.span, format!("`use_vmac {text}` makes a VMAC interface of the name `{text}`"))
                .why("the word behind `use_vmac` is the name of the interface; keepalived reports nothing")
                .help("delete the line")
                .suggested_fix(&[(line_of(host, id), String::new())]);
        }
    }
}
