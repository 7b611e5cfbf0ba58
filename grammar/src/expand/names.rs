//! Names that keepalived defines itself, and names that nothing defines.

use super::line::{self, Typed, is_in_name, starts_name};
use super::{Expansion, ViaKind};
use crate::fault::{At, FaultKind};
use crate::source::Span;

/// What a use of a name that no definition in the files has comes to.
pub(super) enum Builtin {
    /// Its value.
    Value { text: String, via: ViaKind, is_symbolic: bool },
    /// keepalived leaves it as it is.
    Refused(FaultKind),
}

/// Keywords, besides those that start with `notify` or end in `_script`, whose words are for a shell or a program.
const SCRIPT_WORDS: [&str; 6] = ["script", "misc_path", "quorum_up", "quorum_down", "process", "vrrp_notify_fifo"];

impl Expansion<'_> {
    /// The value of a name that the files do not define; nothing if there is none.
    pub(super) fn builtin(&mut self, name: &str, parameters: &str, at: Typed) -> Option<Builtin> {
        let value = |text: String| Builtin::Value { text, via: ViaKind::Builtin(name.to_owned()), is_symbolic: false };
        match (name, parameters) {
            ("_RANDOM", _) => Some(self.random(parameters, at)),
            ("_ENV", _) => Some(self.environment(parameters.trim(), at)),
            ("_PWD", "") => {
                let directory = self.open.last().map_or("", |file| file.directory.as_str());
                Some(value(if directory.is_empty() { ".".to_owned() } else { directory.to_owned() }))
            }
            ("_INSTANCE", "") => Some(value(self.profile.config_id.clone().unwrap_or_default())),
            ("_HASH", "") => Some(value("#".to_owned())),
            ("_BANG", "") => Some(value("!".to_owned())),
            (_, "") => {
                let text = self.profile.defines.get(name)?.clone();
                let via = ViaKind::Definition(name.to_owned());
                Some(Builtin::Value { text, via, is_symbolic: false })
            }
            _ => None,
        }
    }

    fn environment(&mut self, name: &str, at: Typed) -> Builtin {
        if name.is_empty() {
            self.fault_at(At::File(at.at), FaultKind::EnvWithoutName);
        }
        let via = ViaKind::Builtin("_ENV".to_owned());
        match self.profile.defines.get(name) {
            Some(text) => Builtin::Value { text: text.clone(), via, is_symbolic: false },
            None if name.is_empty() => Builtin::Value { text: String::new(), via, is_symbolic: false },
            // A word stands for what only the daemon's environment knows. With none in its place the statement would
            // look as if its value were missing.
            None => Builtin::Value { text: format!("_ENV_{name}"), via, is_symbolic: true },
        }
    }

    /// `${_RANDOM least most}`, for which its least value stands.
    fn random(&mut self, parameters: &str, at: Typed) -> Builtin {
        let mut numbers = Vec::new();
        for word in parameters.split_ascii_whitespace() {
            match word.parse::<u32>() {
                Ok(number) if word.bytes().all(|byte| byte.is_ascii_digit()) => numbers.push(number),
                _ => return Builtin::Refused(FaultKind::BadRandom),
            }
        }
        let least = match numbers[..] {
            [] => 0,
            [least] => least,
            [least, most] => {
                if least > most {
                    self.fault_at(At::File(at.at), FaultKind::BadRandom);
                }
                least
            }
            _ => return Builtin::Refused(FaultKind::BadRandom),
        };
        Builtin::Value { text: least.to_string(), via: ViaKind::Builtin("_RANDOM".to_owned()), is_symbolic: true }
    }

    /// Reports the names in expanded text that were no names, or that nothing defines. `base` is where the text will
    /// stand.
    pub(super) fn report_names(&mut self, text: &str, base: u32) {
        let bytes = text.as_bytes();
        let Some(mut offset) = memchr::memchr(b'$', bytes) else { return };
        let end = line::code_length(text);
        let mut statement = Statement::default();
        while offset < end {
            let braces = bytes.get(offset + 1) == Some(&b'{');
            let start = offset + 1 + usize::from(braces);
            let length = bytes[start.min(end)..end].iter().take_while(|&&byte| is_in_name(byte)).count();
            let name_end = start + length;
            // Blanks in the braces make a use of nothing; the name keeps them.
            if braces
                && length == 0
                && let Some(close) = memchr::memchr(b'}', &bytes[start.min(end)..end])
                && let name = &text[start..start + close]
                && line::is_blank(name.as_bytes().first().copied().unwrap_or_default())
                && name.trim().starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.trim().bytes().all(is_in_name)
            {
                let kind = FaultKind::UndefinedName { name: name.to_owned(), braces };
                let span = Span::new(base + offset as u32, base + (start + close) as u32 + 1);
                self.fault_at(At::Logical(span), kind);
            }
            if length > 0 && starts_name(bytes[start]) {
                let name = &text[start..name_end];
                let next = bytes[..end].get(name_end).copied();
                statement.read(text, offset);
                let silent = is_for_script(&text[statement.start..offset]) && (!braces || statement.quoted);
                if let Some(kind) = self.judge_name(name, braces, next).filter(|_| !silent) {
                    let after = name_end + usize::from(braces && next == Some(b'}'));
                    self.fault_at(At::Logical(Span::new(base + offset as u32, base + after as u32)), kind);
                }
            }
            let from = start.max(name_end).min(end);
            offset = memchr::memchr(b'$', &bytes[from..end]).map_or(end, |at| from + at);
        }
    }

    fn judge_name(&self, name: &str, braces: bool, next: Option<u8>) -> Option<FaultKind> {
        let ends = match braces {
            true => next == Some(b'}'),
            false => matches!(next, None | Some(b' ' | b'\t' | b',' | b')')),
        };
        let is_defined = self.definitions.contains_key(name);
        let is_known = is_defined || matches!(name, "_PWD" | "_INSTANCE" | "_RANDOM" | "_ENV" | "_HASH" | "_BANG");
        // Parameters that keepalived does not take are a fault of their own, and so is what defined the name wrongly.
        let has_parameters = braces && matches!(name, "_RANDOM" | "_ENV") && next.is_some_and(line::is_blank);
        if has_parameters || self.refused.contains(name) {
            return None;
        }
        let name = name.to_owned();
        match (braces, ends) {
            (true, _) if !(ends && is_known) => Some(FaultKind::UndefinedName { name, braces }),
            (false, true) if !is_known => Some(FaultKind::UndefinedName { name, braces }),
            (false, false) if is_defined => Some(FaultKind::GluedName { name }),
            _ => None,
        }
    }
}

/// The statement in which an offset of a line lies.
#[derive(Default)]
struct Statement {
    start: usize,
    quoted: bool,
    seen: usize,
}

impl Statement {
    /// Reads on, up to `offset`.
    fn read(&mut self, text: &str, offset: usize) {
        let bytes = text.as_bytes();
        for at in self.seen..offset {
            match bytes[at] {
                b'"' => self.quoted = !self.quoted,
                b'{' | b'}' if !self.quoted && (at == 0 || bytes[at - 1] != b'$') => self.start = at + 1,
                _ => {}
            }
        }
        self.seen = offset;
    }
}

/// Whether the words of a statement are for a shell or a program, to which a `$` may mean something else.
fn is_for_script(statement: &str) -> bool {
    let word = statement.split(|next: char| next.is_ascii_whitespace() || next == '"').find(|word| !word.is_empty());
    word.is_some_and(|word| {
        SCRIPT_WORDS.contains(&word)
            || word.starts_with("notify")
            || (word.ends_with("_script") && !matches!(word, "vrrp_script" | "track_script"))
            || word.ends_with("_fifo")
    })
}
