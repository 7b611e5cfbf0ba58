//! A keyword is newer than the version of keepalived that is to read the file.
//!
//! Only with a `target`, from `kalc.toml` or `--target keepalived-2.0.10`. The old version does not know the word: it reports
//! the line and skips it, or with a block loses its place in the file. Known are the first releases of some fifty words,
//! and what is in 2.4.3 and not in 2.2.7; of other words nothing is said.
//!
//! Raise the target, or do without. Lines behind an `@id` are left alone, because they may be there for newer hosts only.
//! The Tencent profile asks for 1.2.24 at least.
//!
//! ```keepalived fail
//! ## for target=keepalived-2.0.0
//! vrrp_track_process web {
//!     process nginx
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//!     track_process {
//!         web
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! ## for target=keepalived-2.2.7
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     no_virtual_ipaddress
//! }
//! ```
//!
//! ```keepalived pass
//! ## for target=keepalived-2.2.7
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     @new no_virtual_ipaddress
//!     unicast_src_ip 192.0.2.1
//!     unicast_peer {
//!         192.0.2.2
//!     }
//!     check_unicast_src
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta, Needs};
use crate::settings::{Cloud, Target};
use kalc_grammar::config::SettingId;
use kalc_grammar::expand::ViaKind;
use kalc_grammar::fault::At;
use kalc_grammar::schema::history::{self, Release};
use kalc_grammar::schema::{Keyword, Since};
use kalc_grammar::source::{FileSpan, Span};
use kalc_grammar::value::Data;

pub(super) const META: Meta =
    Meta { code: "KA901", severity: Severity::Error, fix: Fixable::None, blocks_run: false };
pub(super) const TARGET: Needs = Needs::Target;

/// The newest version that was found not to know the words that are new in 2.4.3.
const BEFORE_NEW: Release = (2, 2, 7);
/// What Tencent Cloud asks for.
const TENCENT: Release = (1, 2, 24);

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let Some(Target::Keepalived(major, minor, patch)) = host.settings.target else { return };
    let target = (major, minor, patch);
    minimum(host, target, out);
    // Behind the last statement of a block that is not known, whose contents are not either.
    let mut unknown_until = 0;
    for (index, setting) in host.config.settings.iter().enumerate() {
        if (index as u32) < unknown_until {
            continue;
        }
        if told(host, target, setting.keyword, setting.name, out) {
            unknown_until = setting.end;
            continue;
        }
        for value in host.config.values(SettingId(index as u32)) {
            if let Data::Option(option) = value.data {
                told(host, target, option, value.span, out);
            }
        }
    }
}

/// A keyword; whether the target does not know it.
fn told(host: &Host, target: Release, keyword: &'static Keyword, at: Span, out: &mut Findings<'_>) -> bool {
    let since = match (history::first(keyword.name), keyword.since) {
        (Some(first), _) if target < first => format!("since {}", show(first)),
        (None, Since::V2_4_3) if target <= BEFORE_NEW => format!("unknown to {}", show(BEFORE_NEW)),
        (Some(_) | None, Since::V2_2_7 | Since::V2_4_3) => return false,
    };
    if !is_conditional(host, at) {
        out.at(host, at, format!("keepalived {} does not know `{}` ({since})", show(target), keyword.name))
            .why(if keyword.opens_block() {
                "it reports the line, and reads what is in the block as part of the block around"
            } else {
                "it reports the line and skips it"
            })
            .help("do without, or raise the `target` if the hosts have a newer version");
    }
    true
}

fn show((major, minor, patch): Release) -> String {
    format!("{major}.{minor}.{patch}")
}

/// Whether a word counts under a condition only: its line, or one that includes it, starts with an `@`.
fn is_conditional(host: &Host, word: Span) -> bool {
    let place = host.logical.place_of(At::Logical(word));
    let starts_so = |at: FileSpan| {
        let before = host.sources.file(at.file).text().get(..at.span.start as usize).unwrap_or("");
        before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('@'))
    };
    let mut includes = place.uses.iter().filter(|via| matches!(via.kind, ViaKind::Include));
    starts_so(place.typed) || includes.any(|via| starts_so(via.at))
}

/// The version that a cloud asks for.
fn minimum(host: &Host, target: Release, out: &mut Findings<'_>) {
    let is_there = host.settings.cloud(&[Cloud::Tencent]).is_some();
    let Some(first) = host.config.roots().next().filter(|_| is_there && target < TENCENT) else { return };
    let message = format!("the target, keepalived {}, is older than what Tencent Cloud asks for", show(target));
    out.setting(host, first, message)
        .severity(Severity::Warning)
        .why("before 1.2.24 settings for announcements that its networks need do not work")
        .help(format!("use keepalived {} or newer", show(TENCENT)));
}
