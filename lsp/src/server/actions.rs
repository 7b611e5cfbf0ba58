//! Answers that change text: code actions, layout, new names.

use super::convert::{self, Lines};
use super::snapshot::{Asked, Finding};
use crate::analysis::edits;
use crate::ide;
use kalc_compiler::diagnostic::{Diagnostic, Edit};
use kalc_compiler::edit::TextEdit as Change;
use kalc_compiler::format::RefusalKind;
use kalc_grammar::source::Span;
use std::collections::BTreeMap;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::*;

/// All safe fixes of a file at once. Clients ask for `source.fixAll` or for this.
pub const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.kalc");

/// LSP 3.17: the request was right and cannot be done.
const REQUEST_FAILED: i64 = -32803;

fn failed(reason: String) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: reason.into(), data: None }
}

/// What can be done about the findings on some lines.
pub fn actions(asked: &Asked, range: Range, only: Option<&[CodeActionKind]>, uri: &Uri) -> Option<CodeActionResponse> {
    let abilities = &asked.snapshot.abilities;
    if !abilities.actions {
        return None;
    }
    let wants = |kind: &CodeActionKind| {
        let is_below = |wanted: &CodeActionKind| {
            let rest = kind.as_str().strip_prefix(wanted.as_str());
            wanted.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        only.is_none_or(|only| only.iter().any(is_below))
    };
    let mut actions = Vec::new();
    if wants(&CodeActionKind::QUICKFIX) {
        let is_there = |finding: &&Finding| {
            let of = finding.shown.range;
            of.start.line <= range.end.line && range.start.line <= of.end.line
        };
        let here: Vec<&Finding> = asked.findings().iter().filter(is_there).collect();
        actions.extend(here.iter().filter_map(|finding| fix(asked, finding)));
        actions.extend(here.iter().filter_map(|finding| allow(asked, finding, uri)));
        let mut seen = Vec::new();
        actions.retain(|action| {
            let is_new = !seen.contains(&(action.title.clone(), action.edit.clone()));
            seen.push((action.title.clone(), action.edit.clone()));
            is_new
        });
    }
    let is_safe = |finding: &Finding| {
        finding.diagnostic.as_ref().and_then(|d| d.fix.as_ref()).is_some_and(|fix| fix.safe && !fix.edits.is_empty())
    };
    if wants(&FIX_ALL) && asked.findings().iter().any(is_safe) {
        let mut action = CodeAction {
            title: "Make all safe fixes of this file".to_owned(),
            kind: Some(FIX_ALL),
            ..CodeAction::default()
        };
        // Who asks for nothing in particular only wants to know what there is.
        if abilities.resolves_edits && only.is_none() {
            action.data = Some(serde_json::json!({ "uri": uri }));
        } else {
            action.edit = fix_all(asked, uri);
        }
        actions.push(action);
    }
    Some(actions.into_iter().map(CodeActionOrCommand::CodeAction).collect())
}

/// The fix of a finding.
fn fix(asked: &Asked, finding: &Finding) -> Option<CodeAction> {
    let diagnostic = finding.diagnostic.as_ref()?;
    let fix = diagnostic.fix.as_ref().filter(|fix| !fix.edits.is_empty())?;
    Some(CodeAction {
        title: ide::actions::title(diagnostic),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![finding.shown.clone()]),
        edit: Some(edit(asked, &fix.edits)?),
        is_preferred: Some(fix.safe),
        ..CodeAction::default()
    })
}

/// A comment that allows a finding.
fn allow(asked: &Asked, finding: &Finding, uri: &Uri) -> Option<CodeAction> {
    let diagnostic: &Diagnostic = finding.diagnostic.as_ref()?;
    let change = ide::actions::allow(asked.text()?, diagnostic.place.start.offset, diagnostic.code)?;
    Some(CodeAction {
        title: format!("Allow {} ({}) on this line", diagnostic.code, diagnostic.name),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![finding.shown.clone()]),
        edit: Some(edit_of(asked, uri, vec![change])?),
        is_preferred: Some(false),
        ..CodeAction::default()
    })
}

/// All safe fixes of the file; nothing if there are none that hold what they say.
pub fn fix_all(asked: &Asked, uri: &Uri) -> Option<WorkspaceEdit> {
    let seen = asked.seen().next()?;
    let changes = edits::fix_all(seen.scene, &asked.path, &*asked.snapshot.disk, &asked.snapshot.documents);
    edit_of(asked, uri, changes)
}

/// Changes of the file that was asked about.
fn edit_of(asked: &Asked, uri: &Uri, changes: Vec<Change>) -> Option<WorkspaceEdit> {
    if changes.is_empty() {
        return None;
    }
    let version = asked.snapshot.covered.get(&asked.path).copied();
    let edits = convert::text_edits(&asked.lines()?, changes);
    Some(convert::workspace_edit([(uri.clone(), version, edits)], &asked.snapshot.abilities))
}

/// Changes of files by their names in findings. `None` if a file is not known.
fn edit(asked: &Asked, edits: &[Edit]) -> Option<WorkspaceEdit> {
    let mut files: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
    for Edit { place, text } in edits {
        let span = Span::new(place.start.offset, place.end.offset);
        files.entry(&place.file).or_default().push(Change { span, text: text.clone() });
    }
    let snapshot = &asked.snapshot;
    let file = |(name, changes): (&str, Vec<Change>)| {
        let text = snapshot.scenes.iter().flat_map(|scene| scene.texts()).find(|(known, _)| *known == name)?.1;
        let path = snapshot.disk.canonical(name);
        let version = snapshot.covered.get(&path).copied();
        let lines = Lines::new(text, snapshot.abilities.encoding);
        Some((snapshot.uri(&path, name)?, version, convert::text_edits(&lines, changes)))
    };
    let files: Option<Vec<_>> = files.into_iter().map(file).collect();
    Some(convert::workspace_edit(files?, &snapshot.abilities))
}

/// The changes that give the file, or the lines of a range, the layout of `kalc fmt`.
pub fn format(asked: &Asked, range: Option<Range>) -> Result<Option<Vec<TextEdit>>> {
    let (Some(text), Some(lines)) = (asked.text(), asked.lines()) else { return Ok(None) };
    let within = range.map(|range| Span::new(lines.offset(range.start), lines.offset(range.end)));
    let name = asked.snapshot.documents.get(&asked.path).map_or(asked.path.as_str(), |document| &document.path);
    match edits::format(name, text, within, &*asked.snapshot.disk, &asked.snapshot.documents) {
        Ok(changes) => Ok(Some(convert::text_edits(&lines, changes))),
        // A template is nothing to format, and no failure.
        Err(refusal) if refusal.kind == RefusalKind::Template => Ok(None),
        Err(refusal) => {
            let line = refusal.place.map_or_else(String::new, |place| format!(" (line {})", place.start.line));
            Err(failed(format!("kalc does not format this file: {}{line}", refusal.reason)))
        }
    }
}

/// What would be renamed at a position.
pub fn prepare_rename(asked: &Asked, position: Position) -> Result<Option<PrepareRenameResponse>> {
    let prepared = first(asked, |seen, offset| ide::rename::prepare(seen.company, seen.view, offset), position)?;
    let Some(((span, placeholder), lines)) = prepared.zip(asked.lines()) else { return Ok(None) };
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range: lines.range(span), placeholder }))
}

/// The changes that give what stands at a position another name.
pub fn rename(asked: &Asked, position: Position, new: &str) -> Result<Option<WorkspaceEdit>> {
    let renamed = first(
        asked,
        |seen, offset| {
            let places = ide::rename::rename(seen.company, seen.view, offset, new)?;
            let mut files: BTreeMap<String, Vec<Change>> = BTreeMap::new();
            for (path, span) in places.into_keys() {
                files.entry(path).or_default().push(Change { span, text: new.to_owned() });
            }
            let file = |(path, changes): (String, Vec<Change>)| {
                let view = seen.company.views(&path).next()?;
                let uri = asked.snapshot.uri(&path, view.host.sources.file(view.file).name())?;
                let version = asked.snapshot.covered.get(&path).copied();
                Some((uri, version, convert::text_edits(&asked.lines_of(view.text()), changes)))
            };
            Ok(files.into_iter().filter_map(file).collect::<Vec<_>>())
        },
        position,
    )?;
    Ok(renamed.map(|files| convert::workspace_edit(files, &asked.snapshot.abilities)))
}

/// The answer of the first host that has one; if none has, why the first has none.
fn first<T>(
    asked: &Asked,
    question: impl Fn(super::snapshot::Seen<'_>, u32) -> std::result::Result<T, String>,
    position: Position,
) -> Result<Option<T>> {
    let mut problem = None;
    for seen in asked.seen() {
        let offset = asked.lines_of(seen.view.text()).offset(position);
        match question(seen, offset) {
            Ok(answer) => return Ok(Some(answer)),
            Err(reason) => problem = problem.or(Some(reason)),
        }
    }
    problem.map_or(Ok(None), |reason| Err(failed(reason)))
}
