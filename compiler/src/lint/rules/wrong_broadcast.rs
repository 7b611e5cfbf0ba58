//! The broadcast address of an address does not fit it.
//!
//! A broadcast address is the last one of the network. Another one, or the address itself, makes the host send broadcasts
//! where nobody listens and take packets for broadcasts that are none; it shows only after a while. A network of one or two
//! addresses (/31, /32, or no prefix length at all) has no broadcast address.
//!
//! `brd +` takes the right one. Without `brd` there is none, which is fine for a virtual address.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 brd 192.0.2.10 dev eth0
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 brd 192.0.3.255
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         192.0.2.10/24 brd 192.0.2.255
//!         192.0.2.11/24 brd + dev eth1
//!         192.0.2.12/24 brd -
//!         192.0.2.13
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::option_words;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, Value};
use kalc_grammar::schema::line::address::{BRD, BROADCAST, PEER, STATIC_ENTRY, VIRTUAL_ENTRY};
use kalc_grammar::value::Data;
use std::net::IpAddr;

pub(super) const META: Meta =
    Meta { code: "KA215", severity: Severity::Warning, fix: Fixable::Suggested, blocks_run: false };

/// The longest prefix of a network that has a broadcast address.
const LONGEST_PREFIX: u8 = 30;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for index in 0..host.config.settings.len() as u32 {
        let id = SettingId(index);
        let keyword = host.config.setting(id).keyword;
        if (*keyword == STATIC_ENTRY || *keyword == VIRTUAL_ENTRY) && host.config.option(id, &PEER).is_none() {
            for option in [&BRD, &BROADCAST] {
                if let Some([value, ..]) = host.config.option(id, option) {
                    judge(host, id, option.name, value, out);
                }
            }
        }
    }
}

fn judge(host: &Host, id: SettingId, option: &str, value: &Value, out: &mut Findings<'_>) {
    let Some(Value { data: Data::Net { ip: IpAddr::V4(ip), prefix }, .. }) = host.config.values(id).first() else { return };
    let why = "keepalived takes it and reports nothing; broadcasts then reach nobody, or packets for one host are taken for broadcasts";
    let length = prefix.unwrap_or(32);
    if length > LONGEST_PREFIX {
        let network = match prefix {
            Some(prefix) => format!("a /{prefix}"),
            None => "an address without a prefix length".to_owned(),
        };
        let why = if matches!(value.data, Data::Choice(_)) { "keepalived reports it and sets none" } else { why };
        let finding = out
            .at(host, value.span, format!("{network} has no broadcast address"))
            .why(why)
            .help(format!("remove `{option}`, or write the prefix length of the network behind the address"));
        if let Some(words) = option_words(host, id, value) {
            finding.suggested_fix(&[(words, String::new())]);
        }
        return;
    }
    let Data::Ip(IpAddr::V4(broadcast)) = value.data else { return };
    let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
    let message = if broadcast == *ip {
        format!("{broadcast} is the address itself")
    } else if broadcast.to_bits() & mask != ip.to_bits() & mask {
        format!("{broadcast} is not in the network of {ip}/{length}")
    } else {
        return;
    };
    out.at(host, value.span, message)
        .why(why)
        .help(format!("write `{option} +`, which is {}", std::net::Ipv4Addr::from_bits(ip.to_bits() | !mask)))
        .suggested_fix(&[(value.span, "+".to_owned())]);
}
