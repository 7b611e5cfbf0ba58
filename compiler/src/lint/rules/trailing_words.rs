//! A statement has more words than its keyword takes.
//!
//! keepalived drops them without a word. Prose that was pasted behind a value does no harm; two statements on one line do,
//! because the second one is never read: only a line end, `{` or `}` ends a statement.
//!
//! Turn prose into a comment, and give each statement a line.
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     state BACKUP interface eth0
//!     virtual_router_id 51
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "/bin/true"
//!     interval 2 seconds between two runs
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! Many keywords take several words:
//!
//! ```keepalived pass
//! global_defs {
//!     lvs_timeouts tcp 100 udp 200
//!     lvs_sync_daemon eth0 inst VI_1 id 51
//! }
//! vrrp_track_process haproxy {
//!     process haproxy -W -f
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     use_vmac v51 02:00:00:00:00:01
//!     track_process {
//!         haproxy
//!     }
//!     notify_master "/usr/bin/promote now" root root
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::phrase;
use crate::lint::{Findings, Fixable, Meta};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Arg, Keyword, Symbol, root};
use kalc_grammar::source::Span;

pub(super) const META: Meta =
    Meta { code: "KA105", severity: Severity::Warning, fix: Fixable::Safe, blocks_run: false };

/// So many words behind a secret are no part of it.
const PROSE: usize = 3;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for fault in &host.faults {
        let (FaultKind::TrailingWords { keyword }, At::Logical(span)) = (&fault.kind, fault.at) else { continue };
        let next = keywords(host, span, keyword);
        if let [first, ..] = next.as_slice() {
            statements(host, out, span, *first, &next);
        } else {
            words(host, out, span, keyword);
        }
    }
}

/// Those of the words that are keywords where the statement stands.
fn keywords(host: &Host, span: Span, keyword: &'static Keyword) -> Vec<Span> {
    let block = host.config.setting_at(span.start).map(|id| match host.config.setting(id).parent {
        Some(parent) => host.config.setting(parent).keyword,
        None => &root::FILE,
    });
    let is_script = keyword.params.iter().any(|param| param.arg == Arg::Script);
    let Some(block) = block.filter(|_| !is_script) else { return Vec::new() };
    phrase::words(host, span).filter(|word| block.lookup(host.slice(*word)).is_some()).collect()
}

/// The line holds further statements.
fn statements(host: &Host, out: &mut Findings<'_>, span: Span, first: Span, next: &[Span]) {
    let word = host.slice(first);
    let finding = out
        .at(host, span, format!("`{word}` on the same line is not read"))
        .severity(Severity::Error)
        .why("only the end of the line ends a statement: keepalived drops what is behind the value")
        .help(format!("give `{word}` a line of its own"));
    // Words between the value and the first keyword would become part of the statement before it.
    if first.start == span.start {
        let indent = phrase::indentation(host, span.start);
        let edits: Vec<_> =
            next.iter().map(|word| (phrase::blanks_before(host, *word), format!("\n{indent}"))).collect();
        finding.suggested_fix(&edits);
    }
}

/// The line holds words that mean nothing.
fn words(host: &Host, out: &mut Findings<'_>, span: Span, keyword: &'static Keyword) {
    let is_script = keyword.params.iter().any(|param| param.arg == Arg::Script);
    let secret = keyword.params.iter().any(|param| matches!(param.arg, Arg::Secret { .. } | Arg::HmacKey));
    let name = if keyword.name == "<entry>" { "this entry".to_owned() } else { format!("`{}`", keyword.name) };
    let rest = host.slice(span);
    let message = match rest {
        _ if secret => format!("{name} takes no more words than one secret"),
        rest if rest.len() <= 60 => format!("{name} does not take `{rest}`"),
        _ => format!("{name} does not take {} more words", phrase::words(host, span).count()),
    };
    // Of these two words for a name make the block one that keepalived skips.
    let one_name = keyword.params.iter().any(|param| {
        matches!(param.arg, Arg::Define(Symbol::VrrpInstance | Symbol::SyncGroup | Symbol::TrackGroup))
    });
    let finding = out.word(host, span, message);
    if one_name {
        finding
            .severity(Severity::Error)
            .blocks_run(true)
            .why("keepalived skips a block whose name is not one word")
            .help("join the words, or put the name in double quotes");
    } else if is_script {
        finding
            .why("keepalived takes the first word for the command and drops the arguments")
            .help("put the command with its arguments in double quotes");
    } else if secret {
        let finding = finding
            .why("keepalived drops every word behind the first one, so the secret is shorter than it looks")
            .help("put a secret with blanks in double quotes, or turn the words into a comment");
        // One or two may be the rest of the secret; more of them are an explanation.
        if phrase::words(host, span).count() >= PROSE && phrase::ends_line(host, span.end) {
            finding.safe_fix(&[(Span::new(span.start, span.start), "# ".to_owned())]);
        }
    } else {
        let finding = finding
            .why("keepalived drops words behind the value without a message")
            .help("remove them, or put `# ` before them");
        if phrase::ends_line(host, span.end) {
            finding.safe_fix(&[(Span::new(span.start, span.start), "# ".to_owned())]);
        }
    }
}
