//! Files that are left alone, and why.

use crate::diagnostic::Place;
use crate::host::Host;
use kalc_grammar::fault::{At, FaultKind};

/// Why a file is not formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of reason it is.
    pub kind: RefusalKind,
    /// Where it shows.
    pub place: Option<Place>,
    /// What is wrong: lower case, no full stop.
    pub reason: String,
}

/// A kind of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The file is for another program that makes configurations of it.
    Template,
    /// keepalived and people see different blocks or lines in it.
    Syntax,
    /// The formatted file would not mean the same.
    Meaning,
}

/// Refuses what is no configuration, or one of which keepalived and people see different blocks.
pub(super) fn check(hosts: &[Host]) -> Result<(), Refusal> {
    for host in hosts {
        if let Some(at) = host.template {
            let reason = "this is a template, and no configuration yet".to_owned();
            return Err(Refusal { kind: RefusalKind::Template, place: Some(host.place(at).0), reason });
        }
        for fault in &host.faults {
            let Some(mut reason) = reason(&fault.kind) else { continue };
            if let Some(id) = &host.profile.config_id {
                reason.push_str(&format!(" (with configuration id `{id}`)"));
            }
            let at = match (&fault.kind, fault.at) {
                (FaultKind::Unclosed { keyword, .. }, _) => At::Logical(*keyword),
                (_, at) => at,
            };
            return Err(Refusal { kind: RefusalKind::Syntax, place: Some(host.place(at).0), reason });
        }
    }
    Ok(())
}

/// What keeps a file from being formatted, if the fault does.
fn reason(kind: &FaultKind) -> Option<String> {
    let reason = match kind {
        FaultKind::Unclosed { .. } => "this block is never closed",
        FaultKind::ExtraClose { .. } => "this `}` closes nothing",
        FaultKind::ExtraOpen => "this `{` belongs to no keyword",
        FaultKind::MissingBlock { .. } => "this keyword opens a block and has no `{`",
        FaultKind::UnexpectedBlock { .. } => {
            "this keyword opens no block, and keepalived takes the `}` for another one's"
        }
        FaultKind::OpenQuote => "this quote is never closed",
        FaultKind::LineTooLong { .. } => "keepalived reads this line in two parts: it is longer than 1022 characters",
        FaultKind::NulByte => "keepalived does not read this line: there is a NUL character in it",
        FaultKind::ByteOrderMark => "the file starts with a byte order mark, which keepalived takes for a word",
        FaultKind::ExpansionTooLong { .. } => "with its definitions put in, this line is longer than keepalived reads",
        FaultKind::EndlessExpansion { .. } | FaultKind::ExpansionLimit { .. } => {
            "definitions or includes never end here"
        }
        FaultKind::LookAlike { characters }
            if characters.iter().any(|(_, means)| matches!(means, Some('{' | '}' | '"'))) =>
        {
            "there is a sign here that looks like a brace or a quote and is none"
        }
        FaultKind::InvalidUtf8
        | FaultKind::UndefinedName { .. }
        | FaultKind::MultiLineInLine { .. }
        | FaultKind::GluedName { .. }
        | FaultKind::CommentInDefinition { .. }
        | FaultKind::EnvWithoutName
        | FaultKind::BadRandom
        | FaultKind::BadSequence { .. }
        | FaultKind::ImpossibleCondition { .. }
        | FaultKind::SecondCondition
        | FaultKind::NotADefinition
        | FaultKind::IncludeNotFound { .. }
        | FaultKind::IncludeUnreadable { .. }
        | FaultKind::IncludeCycle { .. }
        | FaultKind::UnknownKeyword { .. }
        | FaultKind::MisplacedKeyword { .. }
        | FaultKind::SeveralItems { .. }
        | FaultKind::ForeignSyntax { .. }
        | FaultKind::LookAlike { .. }
        | FaultKind::Placeholder { .. }
        | FaultKind::MissingValue { .. }
        | FaultKind::TrailingWords { .. }
        | FaultKind::BadValue { .. }
        | FaultKind::UnknownOption { .. }
        | FaultKind::FlagWithValue { .. }
        | FaultKind::RepeatedOption { .. }
        | FaultKind::CommentInsideWord { .. }
        | FaultKind::EscapedCommentCut
        | FaultKind::ScriptQuote { .. } => return None,
    };
    Some(reason.to_owned())
}
