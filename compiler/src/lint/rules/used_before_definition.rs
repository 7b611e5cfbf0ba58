//! A tracker is named above the block that defines it.
//!
//! keepalived looks these names up while it reads, so a definition further down does not count. It reports that the name is
//! not found and ignores the reference, which sends people to look for a misspelling.
//!
//! Move the definition above its first use.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! vrrp_script chk {
//!     script "/bin/true"
//! }
//! ```
//!
//! Sync groups and virtual servers look their names up at the end:
//!
//! ```keepalived pass
//! virtual_server group WEB {
//!     protocol TCP
//!     real_server 192.0.2.20 80 {
//!         TCP_CHECK {
//!         }
//!     }
//! }
//! virtual_server_group WEB {
//!     192.0.2.10 80
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::{Findings, Fixable, Meta};
use crate::lint::{names, phrase};
use kalc_grammar::config::{Name, SettingId};
use kalc_grammar::schema::usage::symbol_words;
use kalc_grammar::source::Span;

pub(super) const META: Meta = Meta { code: "KA110", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let definitions = names::definitions(host);
    for ((symbol, name), places) in names::uses(host) {
        let Some(definition) = definitions.get(&(symbol, name)).and_then(|places| places.first()) else { continue };
        let early: Vec<_> = places.iter().filter(|place| place.span.start < definition.span.start).collect();
        let [first, more @ ..] = early.as_slice() else { continue };
        if !names::must_come_first(symbol) {
            continue;
        }
        let keyword = symbol_words(symbol);
        let mut finding = out
            .at(host, first.span, format!("`{name}` is used above the `{keyword}` that defines it"))
            .label(definition.span, "defined here")
            .why("keepalived looks the name up while it reads: it reports that there is none and drops the reference")
            .help(format!("move `{keyword} {name}` above this block"));
        for use_ in more {
            finding = finding.label(use_.span, "also used here");
        }
        if let Some(edits) = move_up(host, definition, first) {
            finding.suggested_fix(&edits);
        }
    }
}

/// Moves the block of a definition, with the comments right above it, to the line of the block that uses it.
fn move_up(host: &Host, definition: &Name, first_use: &Name) -> Option<Vec<(Span, String)>> {
    let block = phrase::whole_lines(host, host.whole(definition.setting))?;
    let outermost = |id: SettingId| host.config.ancestors(id).last().unwrap_or(id);
    let target = phrase::with_comments_above(host, phrase::line_start(host, host.whole(outermost(first_use.setting)))?);
    let block = phrase::with_comments_above(host, block);
    let text = host.slice(block);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let at = Span::new(target.start, target.start);
    // Only within one file: what comes from elsewhere may be used by others.
    let same_file = host.logical.place(block).typed.file == host.logical.place(at).typed.file;
    (same_file && block.start >= target.end).then(|| vec![(at, format!("{text}{newline}")), (block, String::new())])
}
