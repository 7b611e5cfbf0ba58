//! kalc's own daemon does not execute this.
//!
//! `kalc run` does what a file says or refuses it; it never runs with a part left out. `kalc check --target kalc` shows
//! the same beforehand. Which keywords are executed, and which are accepted because nothing follows from them there, is a
//! column of `kalc schema`.
//!
//! ```keepalived fail
//! ## for target=kalc
//! global_defs {
//!     nftables_ipvs
//! }
//! ```
//!
//! ```keepalived fail
//! ## for target=kalc
//! vrrp_instance VI_1 {
//!     vrf blue
//!     virtual_router_id 51
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     virtual_ipaddress {
//!         192.0.2.10/24 dev eth0
//!     }
//! }
//! ```
//!
//! A regular expression must mean the same to PCRE2 and to an engine without look-around and back references:
//!
//! ```keepalived fail
//! ## for target=kalc
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         HTTP_GET {
//!             url {
//!                 path /health
//!                 regex "(?<!NOT )OK"
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=kalc
//! virtual_server 192.0.2.10 80 {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         HTTP_GET {
//!             url {
//!                 path /health
//!                 regex "^status: *ok"
//!                 regex_options multiline caseless
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=kalc
//! global_defs {
//!     router_id web1
//!     notification_email {
//!         ops@example.org
//!     }
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     strict_mode on
//!     smtp_alert off
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=kalc
//! virtual_server 192.0.2.10 80 {
//!     delay_loop 5
//!     protocol TCP
//!     lb_algo wrr
//!     lb_kind DR
//!     real_server 192.0.2.20 80 {
//!         weight 1
//!         TCP_CHECK {
//!             connect_timeout 3
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=keepalived-2.2.7
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, Needs, expression};
use crate::settings::Target;
use kalc_grammar::config::{Setting, SettingId};
use kalc_grammar::schema::checker::url;
use kalc_grammar::schema::{Kind, Runtime};
use kalc_grammar::source::Span;
use kalc_grammar::value::Data;
use kalc_ir::Instance;

pub(super) const META: Meta =
    Meta { code: "KA931", severity: Severity::Error, fix: Fixable::None, blocks_run: true };

pub(super) const NEEDS: Needs = Needs::Target;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    if host.settings.target != Some(Target::Kalc) {
        return;
    }
    // With multicast another rule says so, whatever the target.
    let is_bare = |instance: &&Instance| instance.interface.is_none() && instance.unicast_peers().is_some();
    for instance in host.ir.vrrp_instances.iter().filter(is_bare) {
        if !instance.is_unknown("interface") {
            out.setting(host, SettingId(instance.origin.0), format!("`{}` has no `interface`", instance.name))
                .why("kalc's daemon sends nothing without one, and keepalived 2.2.7 does not start")
                .help("add `interface`, with unicast too");
        }
    }
    for setting in &host.config.settings {
        let parent = setting.parent.map(|id| host.config.setting(id));
        // What a block holds goes with the block.
        if parent.is_some_and(|parent| matches!(parent.keyword.runtime, Runtime::Refused(_))) {
            continue;
        }
        if let Runtime::Refused(reason) = setting.keyword.runtime {
            if !is_off(host, setting) {
                told(host, out, setting.keyword.name, setting.name, reason);
            }
            continue;
        }
        if setting.keyword == &url::REGEX {
            expression(host, setting, out);
        }
        let (from, to) = setting.values;
        for value in &host.config.values[from as usize..to as usize] {
            if let Data::Option(option) = value.data
                && let Runtime::Refused(reason) = option.runtime
            {
                told(host, out, option.name, value.span, reason);
            }
        }
    }
}

/// Regular expressions that would be read otherwise, and options of them that mean nothing there.
fn expression(host: &Host, setting: &Setting, out: &mut Findings<'_>) {
    let config = &host.config;
    let value_of = |setting: &Setting| &config.values[setting.values.0 as usize..setting.values.1 as usize];
    let options = setting.parent.into_iter().flat_map(|page| config.all(page, &url::REGEX_OPTIONS));
    let options: Vec<(&str, Span)> = options
        .flat_map(|options| value_of(config.setting(options)))
        .filter_map(|value| if let Data::Choice(word) = value.data { Some((word, value.span)) } else { None })
        .collect();
    for (word, at) in options.iter().filter(|(word, _)| expression::OPTIONS.contains(word)) {
        told(host, out, word, *at, "its expressions have no such option");
    }
    let ignores_blanks = options.iter().any(|(word, _)| *word == "extended");
    for value in value_of(setting).iter().take(1) {
        if let Some(trouble) = expression::trouble(&host.text(value), ignores_blanks) {
            out.at(host, value.span, "kalc's daemon cannot match this expression as keepalived does")
                .why(trouble)
                .help("its expressions have no look-around and no back references; write it without, or compare a digest");
        }
    }
}

/// Whether a switch is written to be off, which is what happens anyway.
fn is_off(host: &Host, setting: &Setting) -> bool {
    let (from, to) = setting.values;
    let values = &host.config.values[from as usize..to as usize];
    setting.keyword.kind == Kind::Flag && matches!(values.first().map(|value| value.data), Some(Data::Bool(false)))
}

fn told(host: &Host, out: &mut Findings<'_>, name: &str, at: Span, reason: &str) {
    out.at(host, at, format!("`{name}` is not executed by kalc's daemon"))
        .why(format!("{reason}; the daemon does not run a file with a part left out"))
        .help("remove it, or run the file with keepalived");
}
