//! The six include directives.
//!
//! They differ in what keepalived takes for an error; `include_check` in `global_defs` adds to that for all includes
//! behind it. While files wait to be read, what is left of a sequence or definition comes first, and is read as if it
//! stood in the included file: so does keepalived.

use super::line::{self, Line};
use super::text::OpenFile;
use super::{Expansion, ViaKind, limit, pattern, text};
use crate::fault::{At, FaultKind};
use crate::files::ReadError;
use crate::limits::INCLUDE_DEPTH;
use crate::source::{FileId, FileSpan, SourceFile};
use std::ops::Range;

/// What makes keepalived refuse to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Checks {
    /// A file that is there but cannot be read, or is no plain file.
    read: bool,
    /// A name without wildcards or braces that is not there.
    missing: bool,
    /// A pattern with wildcards that matches nothing.
    wildcard: bool,
    /// An alternative in braces that is not there.
    brace: bool,
}

const ALL: Checks = Checks { read: true, missing: true, wildcard: true, brace: true };

const VARIANTS: [(&str, Checks); 6] = [
    ("include", Checks { read: false, missing: false, wildcard: false, brace: false }),
    ("includer", Checks { read: true, missing: false, wildcard: false, brace: false }),
    ("includem", Checks { read: true, missing: true, wildcard: false, brace: false }),
    ("includew", Checks { read: true, missing: true, wildcard: true, brace: false }),
    ("includeb", Checks { read: true, missing: false, wildcard: false, brace: true }),
    ("includea", ALL),
];

impl Checks {
    fn and(self, other: Checks) -> Checks {
        Checks {
            read: self.read || other.read,
            missing: self.missing || other.missing,
            wildcard: self.wildcard || other.wildcard,
            brace: self.brace || other.brace,
        }
    }
}

/// The variant and the range of the pattern, if a line is an include.
pub(super) fn directive(text: &str) -> Option<(Checks, Range<usize>)> {
    let start = line::indent(text);
    if !text.get(start..)?.starts_with("include") {
        return None;
    }
    let text = text.get(..line::code_length(text))?;
    let word_end = start + text.get(start..)?.bytes().position(line::is_blank)?;
    let word = text.get(start..word_end)?;
    let (_, checks) = VARIANTS.iter().find(|(name, _)| *name == word)?;
    let from = word_end + line::indent(&text[word_end..]);
    let end = text.bytes().rposition(|byte| !line::is_blank(byte))? + 1;
    (from < end).then_some((*checks, from..end))
}

impl Expansion<'_> {
    /// Carries out an include: what it finds is read next.
    pub(super) fn include(&mut self, line: &Line, variant: Checks, range: Range<usize>) {
        let written = line.text.get(range.clone()).unwrap_or_default();
        let typed = self.typed(line, range);
        let checks = self.checks.and(variant);
        let Some(alternatives) = pattern::expand_braces(written) else {
            return self.fault_at(At::File(typed.at), limit("the braces of an include make too many names"));
        };
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for alternative in &alternatives {
            let path = self.resolve(alternative);
            let wildcard = pattern::has_wildcard(alternative);
            let paths = match wildcard {
                true => self.files.glob(&path),
                false if self.exists(&path) => vec![path],
                false => Vec::new(),
            };
            if paths.is_empty() {
                missing.push((alternative, wildcard));
            }
            found.extend(paths);
        }
        let braces = alternatives.len() > 1;
        let none = found.is_empty();
        for (alternative, wildcard) in missing {
            let fatal = match (braces, wildcard) {
                (true, true) => none && checks.brace,
                (true, false) => checks.brace,
                (false, true) => checks.wildcard,
                (false, false) => checks.missing,
            };
            // `conf.d` starts empty.
            if wildcard && !fatal && self.is_empty_folder(alternative) {
                continue;
            }
            let pattern = if none { written } else { alternative }.to_owned();
            self.fault_at(At::File(typed.at), FaultKind::IncludeNotFound { pattern, wildcard, fatal });
        }
        if self.exhausted || found.is_empty() {
            return;
        }
        if self.open.len() > INCLUDE_DEPTH {
            return self.fault_at(At::File(typed.at), limit("files include each other more than 32 deep"));
        }
        let whole = self.typed(line, line.indent()..line.text.len());
        let via = self.add_via(ViaKind::Include, whole.at, whole.via);
        // The first is read first, so it is put on the stack last.
        for path in found.iter().rev() {
            let canonical = self.files.canonical(path);
            if self.open.iter().any(|file| file.canonical == canonical) {
                self.fault_at(At::File(typed.at), FaultKind::IncludeCycle { path: path.clone() });
            } else if let Some(id) = self.load(path, &canonical, typed.at, checks.read) {
                let file = OpenFile::new(id, self.sources.file(id), canonical, Some(via));
                self.open.push(file);
            }
        }
    }

    /// The file at a path; read if it is not known yet.
    fn load(&mut self, path: &str, canonical: &str, at: FileSpan, fatal: bool) -> Option<FileId> {
        if let Some(&id) = self.known.get(canonical) {
            return Some(id);
        }
        let reason = if self.files.is_executable(path) {
            "it may be executed".to_owned()
        } else {
            match self.files.read(path) {
                Ok(bytes) => {
                    let id = self.sources.add(SourceFile::new(path, bytes));
                    self.known.insert(canonical.to_owned(), id);
                    self.logical.files.push(id);
                    self.logical.faults.extend(text::faults(id, self.sources.file(id)));
                    return Some(id);
                }
                Err(ReadError::NotFound) => "there is no such file".to_owned(),
                Err(ReadError::NotAFile) => "it is no regular file".to_owned(),
                Err(ReadError::Other(reason)) => reason,
            }
        };
        self.fault_at(At::File(at), FaultKind::IncludeUnreadable { path: path.to_owned(), reason, fatal });
        None
    }

    /// Whether the folder in which a pattern looks is there and holds nothing.
    fn is_empty_folder(&self, pattern: &str) -> bool {
        let path = self.resolve(pattern);
        let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !pattern::has_wildcard(folder)) else {
            return false;
        };
        !self.files.glob(folder).is_empty() && self.files.glob(&format!("{folder}/*")).is_empty()
    }

    fn exists(&self, path: &str) -> bool {
        self.known.contains_key(&self.files.canonical(path)) || self.files.read(path) != Err(ReadError::NotFound)
    }

    /// A name as the file that is being read means it.
    fn resolve(&self, name: &str) -> String {
        match self.open.last().map_or("", |file| file.directory.as_str()) {
            "" => name.to_owned(),
            _ if name.starts_with('/') => name.to_owned(),
            "/" => format!("/{name}"),
            directory => format!("{directory}/{name}"),
        }
    }

    /// Notes an `include_check` line: words alone are all that holds from here on, `+word` and `-word` change that,
    /// and no word at all means everything.
    pub(super) fn note_checks(&mut self, text: &str) {
        if !text.contains("include_check") {
            return;
        }
        let code = text.get(..line::code_length(text)).unwrap_or_default();
        let Some(at) = code.find("include_check") else { return };
        let starts = code[..at].trim_end().ends_with(['{', '}']) || code[..at].trim().is_empty();
        let rest = &code[at + "include_check".len()..];
        if !starts || rest.bytes().next().is_some_and(|byte| !line::is_blank(byte) && byte != b'}') {
            return;
        }
        let words = rest.split(|next: char| next.is_ascii_whitespace() || next == '}').filter(|word| !word.is_empty());
        let mut checks = match words.clone().next() {
            None => ALL,
            Some(word) if word.starts_with(['+', '-']) => self.checks,
            Some(_) => Checks::default(),
        };
        for word in words {
            let on = !word.starts_with('-');
            match word.trim_start_matches(['+', '-']) {
                "read" => checks.read = on,
                "match" => checks.missing = on,
                "wildcard_match" => checks.wildcard = on,
                "brace_match" => checks.brace = on,
                _ => {}
            }
        }
        self.checks = checks;
    }
}
