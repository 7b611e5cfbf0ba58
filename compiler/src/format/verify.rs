//! Proof that a file means the same after it was formatted: the formatter does not trust itself.

use super::{Refusal, RefusalKind, read_as, refuse};
use crate::host::Host;
use crate::ir_json::fingerprint;
use kalc_grammar::config::Setting;
use kalc_grammar::fault::FaultKind;
use kalc_grammar::files::FileSystem;
use kalc_grammar::lex::{TokenKind, lex};
use kalc_grammar::schema::{Kind, Presence};
use kalc_grammar::source::SourceFile;
use kalc_grammar::syntax::NodeId;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};

/// Whether two versions of a file have the same words and comments, and mean the same under every id.
pub(super) fn same(
    before: &SourceFile,
    after: &SourceFile,
    files: &dyn FileSystem,
    ids: &BTreeSet<Option<String>>,
) -> Result<(), Refusal> {
    let refused = |what: &str| {
        let reason = format!("the formatted file would {what}; this is a defect of kalc");
        Err(Refusal { kind: RefusalKind::Meaning, place: None, reason })
    };
    if words(before) != words(after) {
        return refused("have other words or comments");
    }
    for id in ids {
        let (old, new) = (read_as(before, files, id.clone()), read_as(after, files, id.clone()));
        // Blocks that are open for hosts which the file is not for are guessed from how lines are indented.
        if id.is_none() && ids.len() > 1 && refuse::check(std::slice::from_ref(&old)).is_err() {
            continue;
        }
        if fingerprint(&old.ir) != fingerprint(&new.ir) {
            return refused("have another fingerprint");
        }
        if statements(&old) != statements(&new) {
            return refused("have other statements");
        }
        if faults(&old) != faults(&new) {
            return refused("have other mistakes");
        }
    }
    Ok(())
}

/// The words and braces of a file as typed, and its comments. A `{` may have moved before a comment.
fn words(file: &SourceFile) -> (Vec<&str>, Vec<&str>) {
    let text = file.text();
    let tokens = lex(text);
    let (mut words, mut comments) = (Vec::new(), Vec::new());
    for (index, &kind) in tokens.kinds.iter().enumerate() {
        let start = tokens.starts[index] as usize;
        let end = tokens.starts.get(index + 1).map_or(text.len(), |&end| end as usize);
        let token = text.get(start..end).unwrap_or_default();
        match kind {
            TokenKind::Space | TokenKind::Newline => {}
            TokenKind::Comment => comments.push(token.trim_end()),
            TokenKind::Word | TokenKind::Quoted | TokenKind::Open | TokenKind::Close => words.push(token),
            TokenKind::OpenQuote => words.push(token.trim_end()),
        }
    }
    (words, comments)
}

/// Every statement with its depth, also those that mean nothing. Names of a list that takes several on a line are
/// statements of their own, so that it does not matter how many stand on one.
fn statements(host: &Host) -> Vec<(usize, Vec<&str>)> {
    let settings: FxHashMap<u32, &Setting> =
        host.config.settings.iter().map(|setting| (setting.node.0, setting)).collect();
    let mut all = Vec::with_capacity(host.tree.nodes.len());
    let mut ends: Vec<u32> = Vec::new();
    for (index, node) in host.tree.nodes.iter().enumerate() {
        let id = index as u32;
        while ends.last().is_some_and(|&end| end <= id) {
            ends.pop();
        }
        let words = host.tree.words(NodeId(id), &host.tokens.significant);
        let words: Vec<&str> = words.iter().map(|word| word.text(&host.logical.text)).collect();
        let takes_several = settings.get(&id).is_some_and(|setting| {
            setting.keyword.kind == Kind::Entry
                && setting.keyword.params.last().is_some_and(|param| param.presence == Presence::Repeated)
        });
        if takes_several {
            all.extend(words.into_iter().map(|word| (ends.len(), vec![word])));
        } else {
            all.push((ends.len(), words));
        }
        ends.push(node.end);
    }
    all
}

/// What is wrong with a file, in order.
fn faults(host: &Host) -> Vec<Discriminant<FaultKind>> {
    host.faults.iter().map(|fault| discriminant(&fault.kind)).collect()
}
