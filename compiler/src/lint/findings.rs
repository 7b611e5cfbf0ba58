//! How a rule says what it found.

use super::Rule;
use crate::diagnostic::{Diagnostic, Edit, Fix, Place, Related, Severity};
use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::expand::{Start, start};
use kalc_grammar::fault::At;
use kalc_grammar::source::Span;
use rustc_hash::FxHashSet;

/// What the rules found so far.
///
/// Text that counts many times, in every turn of a sequence or at every use of a definition, is one mistake where it was
/// typed: only the first finding of a kind there is kept.
#[derive(Debug)]
pub struct Findings<'d> {
    rule: &'static Rule,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// Places of text that counts elsewhere, with what was said of them.
    seen: FxHashSet<(Place, String)>,
    /// A finding that is not kept.
    repeated: Option<Box<Diagnostic>>,
    /// Places at which what was found on one host does not hold.
    withdrawn: Vec<Place>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl<'d> Findings<'d> {
    /// For the findings of one rule.
    pub fn new(rule: &'static Rule, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        Findings { rule, diagnostics, seen: FxHashSet::default(), repeated: None, withdrawn: Vec::new() }
    }

    /// Takes back what the rule found at a range of a host by itself.
    pub fn withdraw(&mut self, host: &Host, span: Span) {
        self.withdrawn.push(host.place(At::Logical(span)).0);
    }

    /// The places of what was taken back.
    pub(crate) fn into_withdrawn(self) -> Vec<Place> {
        self.withdrawn
    }

    /// A finding at a range of a host's logical text. What brought the text there becomes related places.
    pub fn at<'f, 'h>(&'f mut self, host: &'h Host, span: Span, message: impl Into<String>) -> Finding<'f, 'h> {
        self.fault(host, At::Logical(span), message)
    }

    /// A finding about a word that does not belong where it is used. If a definition brought it into a statement that
    /// was typed elsewhere, the use is what is wrong, and the definition's text is the second place.
    pub fn word<'f, 'h>(&'f mut self, host: &'h Host, span: Span, message: impl Into<String>) -> Finding<'f, 'h> {
        match host.use_in_statement(span) {
            None => self.at(host, span, message),
            Some(at) => {
                let (typed, _) = host.place(At::Logical(span));
                let finding = self.fault(host, At::File(at), message);
                finding.diagnostic.related.push(Related { place: typed, message: "it comes from here".to_owned() });
                finding
            }
        }
    }

    /// A finding at the words of a statement.
    pub fn setting<'f, 'h>(&'f mut self, host: &'h Host, id: SettingId, message: impl Into<String>) -> Finding<'f, 'h> {
        self.at(host, host.config.setting(id).span, message)
    }

    /// A finding where a fault is.
    pub fn fault<'f, 'h>(&'f mut self, host: &'h Host, at: At, message: impl Into<String>) -> Finding<'f, 'h> {
        let (place, uses) = host.place(at);
        let message = message.into();
        // Turns differ in their numbers.
        let again =
            !uses.is_empty() && !self.seen.insert((place.clone(), message.replace(|c: char| c.is_ascii_digit(), "")));
        let related = uses.into_iter().map(|(place, message)| Related { place, message }).collect();
        let diagnostic = Diagnostic {
            code: self.rule.meta.code,
            name: self.rule.name,
            severity: self.rule.meta.severity,
            message,
            place,
            related,
            why: None,
            help: None,
            fix: None,
            blocks_run: self.rule.meta.blocks_run,
        };
        if again {
            return Finding { host, diagnostic: self.repeated.insert(Box::new(diagnostic)) };
        }
        self.diagnostics.push(diagnostic);
        let index = self.diagnostics.len() - 1;
        Finding { host, diagnostic: &mut self.diagnostics[index] }
    }
}

/// A finding to which more is added.
#[derive(Debug)]
pub struct Finding<'f, 'h> {
    host: &'h Host,
    diagnostic: &'f mut Diagnostic,
}

impl Finding<'_, '_> {
    /// Better or worse than the rule's own severity.
    pub fn severity(self, severity: Severity) -> Self {
        self.diagnostic.severity = severity;
        self
    }

    /// Why it matters.
    pub fn why(self, why: impl Into<String>) -> Self {
        self.diagnostic.why = Some(why.into());
        self
    }

    /// What to write instead.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.diagnostic.help = Some(help.into());
        self
    }

    /// A second place on the same host.
    pub fn label(self, span: Span, message: impl Into<String>) -> Self {
        let host = self.host;
        self.label_on(host, span, message)
    }

    /// A second place on any host.
    pub fn label_on(self, host: &Host, span: Span, message: impl Into<String>) -> Self {
        let (place, _) = host.place(At::Logical(span));
        // Mostly it is the only one, and a vector that grows makes room for four.
        self.diagnostic.related.reserve_exact(1);
        self.diagnostic.related.push(Related { place, message: message.into() });
        self
    }

    /// Whether the file can be run all the same.
    pub fn blocks_run(self, blocks_run: bool) -> Self {
        self.diagnostic.blocks_run = blocks_run;
        self
    }

    /// An edit after which the daemon behaves the same.
    pub fn safe_fix(self, edits: &[(Span, String)]) -> Self {
        self.fix(true, edits)
    }

    /// An edit that changes what the daemon does, as the user probably wants.
    pub fn suggested_fix(self, edits: &[(Span, String)]) -> Self {
        self.fix(false, edits)
    }

    /// Text that came from a definition or a sequence cannot be edited where it counts: then there is no fix.
    fn fix(self, safe: bool, edits: &[(Span, String)]) -> Self {
        let is_possible = |(span, text): &(Span, String)| {
            self.host.logical.is_typed(*span) && keeps_directives(self.host, *span, text)
        };
        if !edits.is_empty() && edits.iter().all(is_possible) {
            let place = |span: Span| -> Place { self.host.place(At::Logical(span)).0 };
            let edits = edits.iter().map(|(span, text)| Edit { place: place(*span), text: text.clone() }).collect();
            self.diagnostic.fix = Some(Fix { safe, edits });
        }
        self
    }
}

/// Whether an edit leaves directives what they are about: a line with a condition or a sequence is not split or joined.
fn keeps_directives(host: &Host, span: Span, text: &str) -> bool {
    let at = host.logical.place(span).typed;
    let file = host.sources.file(at.file).text();
    if !text.contains('\n') && !file.get(at.span.range()).is_some_and(|typed| typed.contains('\n')) {
        return true;
    }
    let before = file.get(..at.span.start as usize).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    start(file.get(line..).unwrap_or_default().lines().next().unwrap_or_default()) == Start::Statement
}
