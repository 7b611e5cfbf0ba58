//! A `$NAME` stands for nothing.
//!
//! keepalived replaces a name from the line behind its definition on, and leaves a name without one as it is, silently: the
//! text becomes an interface or a number that fails later. With `${NAME}` the braces are then taken for those of a block,
//! which makes nonsense of what follows. Environment variables are no definitions; `${_ENV NAME}` reads them in version
//! 2.4.3. A name ends at a blank, a comma, a closing parenthesis or the end of the line, so `$NET/24` is no use of `$NET`.
//!
//! A definition is `$NAME=value` at the start of a line, without a blank before the `=`; a name starts with a letter or an
//! underscore.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface $IFACE
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! $VIP=192.0.2.10
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     notify_master "/usr/local/bin/vip ${VIP}"
//!     virtual_ipaddress_excluded {
//!         192.0.2.${LAST} dev eth0
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! $IFACE=eth0
//! $NET=192.0.2
//! vrrp_instance VI_1 {
//!     interface $IFACE
//!     virtual_router_id 51
//!     virtual_ipaddress {
//!         ${NET}.10/24
//!     }
//!     notify_master "/bin/sh -c 'echo $HOSTNAME $1'"
//!     notify_backup "/usr/local/bin/note $_PWD"
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::Arg;

pub(super) const META: Meta =
    Meta { code: "KA121", severity: Severity::Error, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        match &fault.kind {
            FaultKind::UndefinedName { name, braces } => {
                if is_literal(host, fault.at) {
                    continue;
                }
                if name.trim() != name {
                    out.fault(host, fault.at, format!("blanks make `${{{name}}}` a use of nothing"))
                        .why("keepalived leaves it as it is, and takes its braces for those of a block")
                        .help(format!("write `${{{}}}`", name.trim()));
                    continue;
                }
                let (written, why) = if *braces {
                    (format!("${{{name}}}"), "keepalived leaves it as it is, and takes its braces for those of a block")
                } else {
                    (format!("${name}"), "keepalived leaves it as it is and reports nothing here")
                };
                out.fault(host, fault.at, format!("nothing above defines `{written}`"))
                    .why(why)
                    .help(format!("add `${name}=VALUE` on a line above"));
            }
            FaultKind::GluedName { name } => {
                if is_literal(host, fault.at) {
                    continue;
                }
                out.fault(host, fault.at, format!("`${name}` is not replaced here: the name does not end"))
                    .why("keepalived looks for a blank, a comma or a closing parenthesis behind the name, and leaves this as it is")
                    .help(format!("write `${{{name}}}`"));
            }
            FaultKind::EndlessExpansion { name } => {
                out.fault(host, fault.at, format!("`${name}` stands in its own value"))
                    .why("keepalived replaces it until the line is too long, and then leaves it as it is")
                    .help("give the longer value another name");
            }
            FaultKind::ExpansionTooLong { name } => {
                out.fault(host, fault.at, format!("with `${name}` this line has more than 1022 bytes"))
                    .why("keepalived then leaves the name as it is")
                    .help("split the value into several definitions, or the line into several lines");
            }
            FaultKind::MultiLineInLine { name } => {
                out.fault(host, fault.at, format!("`${name}` has several lines and is not the last word of this one"))
                    .why("keepalived leaves it as it is")
                    .help("put it at the end of a line");
            }
            FaultKind::NotADefinition => {
                out.fault(host, fault.at, "this looks like a definition and is none")
                    .why("keepalived takes it for a keyword, reports it and skips the line")
                    .help("write `$NAME=value`: no blank before the `=`, and a name of letters, digits and underscores");
            }
            FaultKind::CommentInDefinition { name } => {
                out.fault(host, fault.at, format!("a comment stands between the lines of `${name}`"))
                    .why("keepalived 2.4.3 ends the definition there and takes the lines behind it for statements")
                    .help("move the comment above the definition");
            }
            FaultKind::ExpansionLimit { what } => {
                out.fault(host, fault.at, format!("kalc stops here: {what}"))
                    .why("keepalived would go on until memory or open files run out")
                    .blocks_run(true);
            }
            _ => {}
        }
    }
}

/// Scripts have a `$` of their own, and in quotes it may be meant.
fn is_literal(host: &Host, at: At) -> bool {
    let At::Logical(span) = at else { return false };
    let Some(id) = host.config.setting_at(span.start) else { return false };
    let script = host.config.setting(id).keyword.params.iter().any(|param| param.arg == Arg::Script);
    let quoted = host.config.values(id).iter().any(|value| {
        value.span.start < span.start && span.end <= value.span.end && host.slice(value.span).starts_with('"')
    });
    script || quoted
}
