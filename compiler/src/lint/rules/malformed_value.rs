//! A text does not have the form that its keyword takes.
//!
//! Digests, payloads, keys and domain names have a form of their own, names must not be empty, and the quotes inside a
//! command must close. keepalived reports such a text and goes on without it.
//!
//! ```keepalived fail
//! virtual_server 192.0.2.10 53 {
//!     protocol UDP
//!     real_server 192.0.2.20 53 {
//!         UDP_CHECK {
//!             payload 0xff
//!         }
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! global_defs {
//!     router_id ""
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/bin/sh -c 'exit 0"
//! }
//! ```
//!
//! ```keepalived pass
//! virtual_server 192.0.2.10 53 {
//!     protocol UDP
//!     real_server 192.0.2.20 53 {
//!         UDP_CHECK {
//!             payload ff 00 1234
//!             require_reply 00xx
//!         }
//!         DNS_CHECK {
//!             name .
//!         }
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::takes::describe;
use crate::lint::values::{Family, bad_words};
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::config::{SettingId, unquote};
use kalc_grammar::fault::BadValue;
use kalc_grammar::schema::Arg;
use kalc_grammar::value::{Data, script};

pub(super) const META: Meta = Meta { code: "KA207", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for word in bad_words(host, Family::Text) {
        let name = word.keyword.name;
        // A secret is not repeated.
        let text = if word.arg == Arg::HmacKey { "this key".to_owned() } else { format!("`{}`", word.text) };
        let message = match word.reason {
            BadValue::Empty => format!("the word for `{name}` is empty"),
            BadValue::TooShort => format!("{text} is too short for `{name}`"),
            BadValue::TooLong => format!("{text} is too long for `{name}`"),
            _ => format!("{text} is not of the form that `{name}` takes"),
        };
        out.at(host, word.span, message)
            .why(word.why(host))
            .help(format!("it takes {}", describe(&word.arg, word.keyword)));
    }
    for index in 0..host.config.settings.len() as u32 {
        command(host, SettingId(index), out);
    }
}

/// The words of a command are told apart once more, with quotes of their own.
fn command(host: &Host, id: SettingId, out: &mut Findings<'_>) {
    let keyword = host.config.setting(id).keyword;
    if keyword.params.first().is_none_or(|param| param.arg != Arg::Script) {
        return;
    }
    let Some(value) = host.config.values(id).first().filter(|value| value.data == Data::Text) else { return };
    if script::arguments(unquote(host.slice(value.span))).is_none() {
        out.at(host, value.span, format!("a quote inside the command of `{}` is never closed", keyword.name))
            .why("keepalived reports it and drops the command")
            .help("close the quote, or write a backslash before it");
    }
}
