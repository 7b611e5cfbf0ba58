//! `@id` and `@^id` at the start of a line.
//!
//! keepalived compares the id letter by letter with its own, so there are no lists, patterns or expressions, whatever
//! an id looks like.

use super::line::{self, Line};
use super::{ConfigId, Expansion};
use crate::fault::{At, FaultKind};
use crate::source::FileSpan;

/// Characters of which no configuration id is made, but of which lists and comparisons would be.
const NEVER_IN_IDS: [char; 10] = ['|', ',', '(', ')', '=', '<', '>', '{', '}', '"'];

impl Expansion<'_> {
    /// The line without its condition; nothing if the condition drops it.
    pub(super) fn condition(&mut self, line: Line) -> Option<Line> {
        let start = line.indent();
        if line.text.as_bytes().get(start) != Some(&b'@') {
            return Some(line);
        }
        let (kept, rest) = self.judge(&line, start);
        let mut rest = rest + line::indent(line.text.get(rest..).unwrap_or_default());
        let mut kept = kept;
        if kept && line.text.as_bytes().get(rest) == Some(&b'@') {
            // Taken as people mean it: the line counts if both conditions hold.
            let end = word_end(&line.text, rest);
            self.fault_at(At::File(self.typed(&line, rest..end).at), FaultKind::SecondCondition);
            (kept, rest) = self.judge(&line, rest);
            rest += line::indent(line.text.get(rest..).unwrap_or_default());
        }
        if !kept || rest >= line.text.len() {
            return None;
        }
        let mut statement = line.slice(rest..line.text.len(), None);
        (statement.tail, statement.end) = (line.tail, line.end);
        (statement.continues, statement.reread) = (line.continues, line.reread);
        Some(statement)
    }

    /// Whether the condition at `start` holds, and where it ends.
    fn judge(&mut self, line: &Line, start: usize) -> (bool, usize) {
        let end = word_end(&line.text, start);
        let negated = line.text.as_bytes().get(start + 1) == Some(&b'^');
        let id_start = start + 1 + usize::from(negated);
        let id = line.text.get(id_start..end).unwrap_or_default();
        let at = self.typed(line, if id.is_empty() { start..end } else { id_start..end }).at;
        let matches = !id.is_empty() && self.profile.config_id.as_deref() == Some(id);
        let impossible = id.is_empty() || id.contains(NEVER_IN_IDS);
        if !impossible {
            self.note_id(id, at);
        } else if !matches && !negated {
            self.fault_at(At::File(at), FaultKind::ImpossibleCondition { id: id.to_owned() });
        }
        (matches != negated, end)
    }

    fn note_id(&mut self, id: &str, at: FileSpan) {
        if self.named.insert(at) {
            self.logical.config_ids.push(ConfigId { id: id.to_owned(), at });
        }
    }
}

fn word_end(text: &str, start: usize) -> usize {
    text.bytes().skip(start).position(line::is_blank).map_or(text.len(), |length| start + length)
}
