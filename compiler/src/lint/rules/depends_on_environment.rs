//! A value that only the running daemon knows.
//!
//! `${_ENV NAME}` is a variable of the environment that keepalived starts in, `${_RANDOM}` another number each time, and
//! `${_INSTANCE}` the configuration id of its option `-i`. kalc checks a file under every id that its `@id` lines name;
//! whether these values are right it cannot know, and what is compared with them is not compared.
//!
//! Say what it will be: `kalc check --define NAME=VALUE`, `-i ID`, or write the value down. Nothing is said of texts and
//! commands, which are not checked anyway.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority ${_ENV PRIO}
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     router_id ${_ENV HOSTNAME}
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     priority 100
//!     garp_master_delay 1
//!     notify_master "/usr/local/bin/tell ${_ENV CHANNEL}"
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::SettingId;
use kalc_grammar::expand::{Via, ViaKind};
use kalc_grammar::fault::At;
use kalc_grammar::schema::{Arg, Keyword};

pub(super) const META: Meta =
    Meta { code: "KA933", severity: Severity::Info, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if is_text(keyword) {
            continue;
        }
        let Some(value) = host.config.values(id).iter().find(|value| host.logical.is_symbolic(value.span)) else { continue };
        let uses = host.logical.place_of(At::Logical(value.span)).uses;
        let from = uses.iter().find_map(|via| match &via.kind {
            ViaKind::Builtin(name) => Some(name.clone()),
            ViaKind::Include | ViaKind::Definition(_) | ViaKind::Sequence(_) => None,
        });
        let (what, help) = match from.as_deref() {
            Some("_RANDOM") => ("is another number at each start", "write the number down"),
            _ => ("depends on the environment of the daemon", "give it with `--define NAME=VALUE`, or write it down"),
        };
        let name = if keyword.name == "<entry>" { "this entry".to_owned() } else { format!("`{}`", keyword.name) };
        out.at(host, value.span, format!("{name} {what}"))
            .why("whether the value is right is not checked, and nothing is compared with it")
            .help(help);
    }
    if host.profile.config_id.is_none() {
        let is_instance = |via: &&Via| matches!(&via.kind, ViaKind::Builtin(name) if name == "_INSTANCE");
        if let Some(via) = host.logical.vias.iter().find(is_instance) {
            out.fault(host, At::File(via.at), "`_INSTANCE` is empty without a configuration id")
                .why("keepalived takes it from its option `-i`")
                .help("give the id that this host uses with `-i ID`");
        }
    }
}

/// Whether the words of a keyword are taken as they come.
fn is_text(keyword: &Keyword) -> bool {
    keyword.params.iter().any(|param| {
        matches!(
            param.arg,
            Arg::Script | Arg::Text { .. } | Arg::Path | Arg::Email | Arg::Host | Arg::User | Arg::Group | Arg::Regex
        )
    })
}
