//! A setting is accepted and does nothing.
//!
//! keepalived reads a good deal that cannot act where it stands: an empty list, a prefix length behind the address of
//! another host, an option of the other address family, a setting that another one excludes. Some of it is reported and
//! taken back, some of it nobody mentions; either way the reader of the file believes in something that is not there.
//!
//! Remove it, or set what it needs.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10/24 80 {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_interface {
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     vmac_xmit_base
//!     unicast_ttl 64
//! }
//! ```
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     sh-port
//!     lb_algo sh
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     vmac_xmit_base
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     unicast_ttl 64
//!     track_interface {
//!         eth1
//!     }
//!     virtual_ipaddress {
//!         192.0.2.10/24 scope link label eth0:1
//!     }
//! }
//! virtual_server_group web {
//!     192.0.2.64/28 80
//! }
//! virtual_server fwmark 7 {
//!     lb_algo sh
//!     sh-port
//!     lb_kind NAT
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! ```

mod instances;
mod roots;
mod servers;

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::{line_of, option_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::line::address;
use kalc_grammar::schema::virtual_server_group::VIRTUAL_SERVER_GROUP;
use kalc_grammar::schema::{Keyword, Kind, global, sync_group, track};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA123", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if is_list(keyword) {
            empty_list(host, id, out);
        } else if *keyword == address::STATIC_ENTRY || *keyword == address::VIRTUAL_ENTRY {
            address_options(host, id, out);
        } else if keyword.kind != Kind::Entry || *keyword == PEER_ENTRY {
            prefix_of_host(host, id, out);
        }
    }
    instances::check(host, out);
    roots::check(host, out);
    servers::check(host, out);
}

use kalc_grammar::schema::vrrp_instance::unicast::UNICAST_PEER_ENTRY as PEER_ENTRY;

/// A statement that could as well not be there.
fn useless(host: &Host, id: SettingId, message: String, why: &str, out: &mut Findings<'_>) {
    out.setting(host, id, message)
        .why(why)
        .help("delete the line")
        .safe_fix(&[(line_of(host, id), String::new())]);
}

/// Lists that are pointless without entries; an empty list of peers is KA316's.
fn is_list(keyword: &Keyword) -> bool {
    track::lists::ROWS.contains(&keyword)
        || [&global::mail::NOTIFICATION_EMAIL, &sync_group::GROUP, &track::GROUP, &VIRTUAL_SERVER_GROUP].contains(&keyword)
}

fn empty_list(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    // A condition may have taken the entries away on this host alone.
    if host.tree.children(host.config.setting(id).node).next().is_some() || !host.logical.config_ids.is_empty() {
        return;
    }
    let name = host.config.setting(id).keyword.name;
    let place = host.whole(id);
    let finding = out.at(host, place, format!("`{name}` is empty")).why("keepalived does nothing with an empty list");
    if name == "group" {
        finding.help("name the instances of the group, or delete the group");
    } else if name == VIRTUAL_SERVER_GROUP.name {
        finding.help("add an address, or delete the group and what uses it");
    } else {
        finding.help("delete the block").safe_fix(&[(line_of(host, id), String::new())]);
    }
}

/// The address of a single host has no network.
fn prefix_of_host(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    for value in host.config.positional(id) {
        let Data::Ip(_) = value.data else { continue };
        let text = host.text(value);
        let Some((ip, length)) = text.split_once('/') else { continue };
        out.at(host, value.span, format!("the prefix length of `{text}` has no effect"))
            .why(format!("keepalived takes the address and drops the `/{length}` without a word"))
            .help(format!("write `{ip}`"))
            .safe_fix(&[(value.span, ip.to_owned())]);
    }
}

/// Options that an address of that family, or with a peer, does not take.
fn address_options(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let Some(Value { span, data: Data::Net { ip, prefix } }) = host.config.values(id).first() else { return };
    let has_peer = host.config.option(id, &address::PEER).is_some();
    if ip.is_ipv6() {
        for option in [&address::LABEL, &address::SCOPE] {
            remove_option(host, id, option, "an IPv6 address has none, and keepalived leaves it out", out);
        }
        for option in [&address::BRD, &address::BROADCAST] {
            if let Some([value, ..]) = host.config.option(id, option) {
                let finding = out
                    .at(host, value.span, format!("`{}` on an IPv6 address costs you the address", option.name))
                    .severity(Severity::Error)
                    .why("IPv6 has no broadcast, and keepalived drops the whole address")
                    .help(format!("remove `{}`", option.name));
                if let Some(words) = option_words(host, id, value) {
                    finding.suggested_fix(&[(words, String::new())]);
                }
            }
        }
    } else if has_peer {
        for option in [&address::BRD, &address::BROADCAST] {
            remove_option(host, id, option, "an address with a `peer` has none, and keepalived leaves it out", out);
        }
    }
    if let (true, Some(prefix)) = (has_peer, prefix) {
        out.at(host, *span, format!("the prefix length {prefix} has no effect beside `peer`"))
            .why("keepalived reports it and leaves it out")
            .help(format!("write `{ip}`"))
            .safe_fix(&[(*span, ip.to_string())]);
    }
}

fn remove_option(host: &Host, id: SettingId, option: &'static Keyword, why: &str, out: &mut Findings<'_>) {
    let Some([value, ..]) = host.config.option(id, option) else { return };
    let place: Span = value.span;
    let finding = out
        .at(host, place, format!("`{}` has no effect here", option.name))
        .why(why)
        .help(format!("remove `{}` and its value", option.name));
    if let Some(words) = option_words(host, id, value) {
        finding.safe_fix(&[(words, String::new())]);
    }
}
