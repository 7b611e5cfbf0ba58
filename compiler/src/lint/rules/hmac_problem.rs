//! `auth_hmac` that protects nothing, or not everything.
//!
//! Without a valid key of the number that `active_key` names keepalived disables the extension with a message: adverts are
//! then taken from anyone. A key has 32 to 64 bytes, a number has one key, and the old `authentication` block cannot stand
//! beside it. `mode permissive` and `mode receive-only` take adverts without a signature: they are for the time of the
//! change-over. Write them with an `allow` comment that has an end date.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     auth_hmac {
//!         key 1 0123456789abcdef0123456789abcdef
//!         active_key 2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     auth_hmac {
//!         key 1 0123456789abcdef0123456789abcdef
//!         active_key 1
//!         mode permissive
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     auth_hmac {
//!         key 1 0123456789abcdef0123456789abcdef
//!         active_key 1
//!         mode enforce
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     auth_hmac {
//!         key 1 0123456789abcdef0123456789abcdef
//!         key 2 fedcba9876543210fedcba9876543210
//!         active_key 2
//!     }
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::cluster::face::block;
use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance::authentication::{ACTIVE_KEY, AUTH_HMAC, AUTHENTICATION, KEY, MODE};
use kalc_grammar::value::Data;
use kalc_ir::vrrp::{Auth, HmacMode};

pub(super) const META: Meta =
    Meta { code: "KA408", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    for instance in &host.ir.vrrp_instances {
        let id = block(instance);
        let Some(hmac) = config.last(id, &AUTH_HMAC) else { continue };
        if instance.is_unknown("auth") {
            continue;
        }
        twice(host, hmac, out);
        match &instance.auth {
            Auth::Hmac(used) => {
                if let Some(old) = config.last(id, &AUTHENTICATION) {
                    out.setting(host, old, format!("`{}` has `authentication` beside `auth_hmac`", instance.name))
                        .why("keepalived reports it and drops the block")
                        .help("delete the block")
                        .label(config.setting(hmac).span, "this one counts");
                }
                if let (HmacMode::Permissive | HmacMode::ReceiveOnly, Some(mode)) = (used.mode, config.last(hmac, &MODE)) {
                    soft(host, mode, used.mode, out);
                }
            }
            Auth::None | Auth::Pass { .. } | Auth::Ah { .. } => disabled(host, &instance.name, hmac, out),
        }
    }
}

/// Two keys of one number: the first counts.
fn twice(host: &Host, hmac: SettingId, out: &mut Findings<'_>) {
    let config = &host.config;
    let mut seen: Vec<(i64, SettingId)> = Vec::new();
    for key in config.all(hmac, &KEY) {
        let Some(Data::Int(number)) = config.values(key).first().map(|value| value.data) else { continue };
        match seen.iter().find(|(known, _)| *known == number) {
            Some((_, first)) => {
                out.setting(host, key, format!("key {number} is given a second time"))
                    .why("keepalived reports it and keeps the first one")
                    .help("give it another number, on all hosts")
                    .label(config.setting(*first).span, "this one counts");
            }
            None => seen.push((number, key)),
        }
    }
}

fn soft(host: &Host, mode: SettingId, used: HmacMode, out: &mut Findings<'_>) {
    let word = if used == HmacMode::Permissive { "permissive" } else { "receive-only" };
    let finding = out
        .setting(host, mode, format!("`mode {word}` takes adverts without a signature"))
        .severity(Severity::Warning)
        .why("it is for the time in which hosts change over; until then the key keeps nobody out")
        .help("write `mode enforce` when all hosts have the key; until then `# kalc: allow(KA408, until=YYYY-MM-DD)`");
    if let Some(value) = host.config.values(mode).first() {
        finding.suggested_fix(&[(value.span, "enforce".to_owned())]);
    }
}

/// The extension is off, because there is no key of the active number.
fn disabled(host: &Host, name: &str, hmac: SettingId, out: &mut Findings<'_>) {
    let config = &host.config;
    // A key or a number that cannot be read is told where it stands.
    let is_bad = |id: SettingId| config.values(id).iter().any(|value| value.data == Data::Bad);
    let active = config.last(hmac, &ACTIVE_KEY);
    if active.is_some_and(is_bad) || config.all(hmac, &KEY).any(is_bad) {
        return;
    }
    let (message, help) = match active {
        Some(_) => (
            format!("`active_key` of `{name}` names no key: adverts are not signed"),
            "name one of the keys, the same on all hosts",
        ),
        None => (format!("`auth_hmac` of `{name}` has no `active_key`: adverts are not signed"), "add `active_key` with the number of a key"),
    };
    out.setting(host, active.unwrap_or(hmac), message)
        .why("keepalived reports it, disables the extension and takes adverts from anyone")
        .help(help);
}
