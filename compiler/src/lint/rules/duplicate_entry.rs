//! The same entry stands twice in the lists of one block.
//!
//! A tracker, an interface or a unicast peer counts once. keepalived reports the second one and ignores it, with the weight
//! or the limits that are written there.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_interface {
//!         eth1 weight 10
//!         eth1 weight 20
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_interface {
//!         eth1
//!         eth2
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, phrase};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::track::lists;
use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER;
use kalc_grammar::value::Data;
use rustc_hash::FxHashMap;

pub(super) const META: Meta =
    Meta { code: "KA108", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let config = &host.config;
    // By block, kind of list and entry.
    let mut seen: FxHashMap<(Option<SettingId>, &'static str, &str), SettingId> = FxHashMap::default();
    for (index, list) in config.settings.iter().enumerate() {
        if *list.keyword != UNICAST_PEER && !lists::ROWS.contains(&list.keyword) {
            continue;
        }
        for entry in config.children(SettingId(index as u32)) {
            let Some(value) = config.values(entry).first() else { continue };
            if matches!(value.data, Data::Bad | Data::Unknown | Data::Option(_)) {
                continue;
            }
            let name = config.slice(value.span);
            let Some(first) = seen.insert((list.parent, list.keyword.name, name), entry) else { continue };
            let finding = out
                .setting(host, entry, format!("`{name}` stands in `{}` a second time", list.keyword.name))
                .why("keepalived ignores it, with what is written behind it")
                .help("keep one of them")
                .label(config.setting(first).span, "it stands here already");
            if let Some(line) = phrase::whole_lines(host, config.setting(entry).span) {
                finding.safe_fix(&[(line, String::new())]);
            }
        }
    }
}
