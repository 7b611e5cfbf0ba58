//! The statements of one block, to be taken out by keyword.
//!
//! Every reader here takes statements out of the block, notes where a field was written, and decides what counts as
//! keepalived does: the last statement that can be read, or the first where the schema says so. What nobody has taken
//! when the block is finished goes into the object's `settings`, so that nothing that is written gets lost.

use super::raw;
pub(super) use super::value::{Reading, choice, command, first, int, ip, micros, options, text};
use kalc_grammar::config::{Config, Keywords, SettingId, Value};
use kalc_grammar::schema::{Keyword, Kind, Repeat};
use kalc_grammar::value::Data;
use kalc_ir::{Command, Dropped, OriginId, Origins, Raw, Reason, Unknown};
use std::net::IpAddr;

/// A statement of the block.
struct Statement {
    keyword: &'static Keyword,
    id: SettingId,
    /// Whether somebody has read it.
    taken: bool,
    /// Whether it is not what keepalived reads.
    is_guess: bool,
}

/// Whether the reading of a statement is a guess at what was meant: to keepalived its keyword or words are others. What
/// it would set is then as good as unknown, and nothing can be compared with it.
pub(super) fn is_guess(config: &Config, id: SettingId) -> bool {
    let setting = config.setting(id);
    setting.recovered || setting.mended
}

/// The statements of a block or list that keepalived reads as they are.
pub(super) fn children(config: &Config, id: SettingId) -> impl Iterator<Item = SettingId> {
    config.children(id).filter(|&child| !is_guess(config, child))
}

/// What an object says besides its fields.
pub(super) struct Notes {
    pub origin: OriginId,
    pub origins: Origins,
    pub unknown: Vec<Unknown>,
    pub dropped: Vec<Dropped>,
    pub settings: Vec<Raw>,
}

/// One block, or several blocks that keepalived merges.
pub(super) struct Block<'c> {
    pub config: &'c Config,
    statements: Vec<Statement>,
    /// A bit for each keyword that may be there; most questions are for keywords that are not.
    present: Keywords,
    pub notes: Notes,
}

impl<'c> Block<'c> {
    /// The block of a statement.
    pub fn new(config: &'c Config, id: SettingId) -> Self {
        let mut block = Block::empty(config, id);
        block.add(id);
        block
    }

    /// A block without statements.
    pub fn empty(config: &'c Config, id: SettingId) -> Self {
        let notes = Notes {
            origin: OriginId(id.0),
            origins: Origins::new(),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
        };
        Block { config, statements: Vec::new(), present: Keywords::default(), notes }
    }

    /// Adds the statements of one more block.
    pub fn add(&mut self, id: SettingId) {
        // Settings below this one, of which those in inner blocks are not this block's.
        let below = self.config.setting(id).end.saturating_sub(id.0 + 1) as usize;
        self.statements.reserve(below.min(24));
        for child in self.config.children(id) {
            self.push(child);
        }
        self.notes.origins.reserve(self.statements.len());
    }

    /// Adds one statement.
    pub fn push(&mut self, id: SettingId) {
        let setting = self.config.setting(id);
        self.present.add(setting.keyword);
        let is_guess = is_guess(self.config, id);
        if is_guess {
            self.drop(id, Reason::Misspelt);
        }
        self.statements.push(Statement { keyword: setting.keyword, id, taken: is_guess, is_guess });
    }

    /// Everything else about the object, and what nobody has read.
    pub fn finish(mut self) -> Notes {
        let rest = self.statements.iter().filter(|statement| !statement.taken);
        self.notes.origins.shrink_to_fit();
        self.notes.settings = rest.map(|statement| raw::raw(self.config, statement.id)).collect();
        self.notes
    }

    /// Takes all statements with that keyword.
    pub fn all(&mut self, keyword: &'static Keyword) -> Vec<SettingId> {
        let mut found = Vec::new();
        if self.may_have(keyword) {
            for statement in self.statements.iter_mut().filter(|statement| statement.keyword == keyword) {
                if !std::mem::replace(&mut statement.taken, true) {
                    found.push(statement.id);
                }
            }
        }
        found
    }

    /// Takes all statements with those keywords, in the order of the text.
    pub fn all_of(&mut self, keywords: &[&'static Keyword]) -> Vec<SettingId> {
        let mut found = Vec::new();
        if keywords.iter().any(|keyword| self.may_have(keyword)) {
            for statement in self.statements.iter_mut().filter(|statement| keywords.contains(&statement.keyword)) {
                if !std::mem::replace(&mut statement.taken, true) {
                    found.push(statement.id);
                }
            }
        }
        found
    }

    /// Takes the statements of those keywords (one setting by several names) and reads the one that counts.
    pub fn read<T>(
        &mut self,
        keywords: &[&'static Keyword],
        field: &'static str,
        mut read: impl FnMut(&'c Config, SettingId, &'c [Value]) -> Reading<T>,
    ) -> Option<T> {
        if !keywords.iter().any(|keyword| self.may_have(keyword)) {
            return None;
        }
        let config = self.config;
        let first_wins = keywords[0].repeat == Repeat::FirstWins;
        let mut winner: Option<(SettingId, Option<T>)> = None;
        for statement in self.statements.iter_mut().filter(|statement| keywords.contains(&statement.keyword)) {
            let taken = std::mem::replace(&mut statement.taken, true) && !statement.is_guess;
            if taken || (first_wins && winner.is_some()) {
                continue;
            }
            if statement.is_guess {
                winner = Some((statement.id, None));
                continue;
            }
            match read(config, statement.id, config.values(statement.id)) {
                Reading::Known(value) => winner = Some((statement.id, Some(value))),
                Reading::Unknown => winner = Some((statement.id, None)),
                Reading::Ignored => {}
            }
        }
        let (id, value) = winner?;
        match value {
            Some(value) => {
                self.notes.origins.set(field, OriginId(id.0));
                Some(value)
            }
            None => {
                self.unknown(field, id);
                None
            }
        }
    }

    /// As [`Block::read`] with one keyword, for a setting that is needed before its turn: it may be read again.
    pub fn peek<T>(
        &mut self,
        keyword: &'static Keyword,
        field: &'static str,
        read: impl Fn(&'c [Value]) -> Reading<T>,
    ) -> Option<T> {
        if !self.may_have(keyword) {
            return None;
        }
        for statement in self.statements.iter_mut().filter(|statement| statement.keyword == keyword) {
            statement.taken = statement.is_guess;
        }
        self.notes.unknown.retain(|unknown| unknown.field != field);
        self.read(&[keyword], field, |_, _, values| read(values))
    }

    /// Notes that only the running daemon knows a field.
    pub fn unknown(&mut self, field: &'static str, id: SettingId) {
        let values = self.config.values(id);
        let value = values.iter().find(|value| value.data == Data::Unknown).or(values.first());
        let text = value.map_or_else(String::new, |value| self.config.slice(value.span).to_owned());
        self.notes.unknown.push(Unknown { field, text, origin: OriginId(id.0) });
    }

    /// Whether only the running daemon knows a field.
    pub fn is_unknown(&self, field: &str) -> bool {
        self.notes.unknown.iter().any(|unknown| unknown.field == field)
    }

    /// Notes the lists of which keepalived does not read everything, so that nobody takes the rest for all.
    pub fn guessed_entries(&mut self, list: &'static Keyword, field: &'static str) {
        if !self.may_have(list) {
            return;
        }
        let mut guesses = Vec::new();
        for statement in self.statements.iter().filter(|statement| statement.keyword == list) {
            if statement.is_guess {
                guesses.push(statement.id);
            } else {
                guesses.extend(self.config.children(statement.id).filter(|&entry| is_guess(self.config, entry)));
            }
        }
        for id in guesses {
            if self.config.setting(id).keyword.kind == Kind::Entry {
                self.drop(id, Reason::Misspelt);
            }
            self.unknown(field, id);
        }
    }

    /// Notes that keepalived leaves a statement out.
    pub fn drop(&mut self, id: SettingId, reason: Reason) {
        self.notes.dropped.push(dropped(self.config, id, reason));
    }

    /// Notes where a field was written.
    pub fn wrote(&mut self, field: &'static str, id: SettingId) {
        self.notes.origins.set(field, OriginId(id.0));
    }

    /// A whole number.
    pub fn int<N: TryFrom<i64>>(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<N> {
        self.read(&[keyword], field, |_, _, values| first(values, int))
    }

    /// A whole number of seconds, as microseconds.
    pub fn seconds(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<u64> {
        self.int::<u64>(keyword, field).map(|seconds| seconds.saturating_mul(1_000_000))
    }

    /// A time in microseconds.
    pub fn micros(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<u64> {
        self.read(&[keyword], field, |_, _, values| first(values, micros))
    }

    /// A word.
    pub fn text(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<String> {
        self.read(&[keyword], field, |config, _, values| first(values, |value| text(config, value)))
    }

    /// A word that is cut at so many bytes.
    pub fn text_cut(&mut self, keyword: &'static Keyword, field: &'static str, bytes: usize) -> Option<String> {
        self.text(keyword, field).map(|mut text| {
            text.truncate(text.floor_char_boundary(bytes));
            text
        })
    }

    /// An address.
    pub fn ip(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<IpAddr> {
        self.read(&[keyword], field, |_, _, values| first(values, ip))
    }

    /// A word of a closed list.
    pub fn choice(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<&'static str> {
        self.read(&[keyword], field, |_, _, values| first(values, choice))
    }

    /// Whether a flag is there, whatever follows it.
    pub fn flag(&mut self, keyword: &'static Keyword, field: &'static str) -> bool {
        self.read(&[keyword], field, |_, _, _| Reading::Known(())).is_some()
    }

    /// A flag with an optional boolean.
    pub fn switch(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<bool> {
        self.read(&[keyword], field, |_, _, values| match values.first().map(|value| value.data) {
            None => Reading::Known(true),
            Some(Data::Bool(on)) => Reading::Known(on),
            Some(Data::Unknown) => Reading::Unknown,
            Some(_) => Reading::Ignored,
        })
    }

    /// A command, with the user and group that run it.
    pub fn command(&mut self, keyword: &'static Keyword, field: &'static str) -> Option<Command> {
        self.read(&[keyword], field, command)
    }

    fn may_have(&self, keyword: &'static Keyword) -> bool {
        self.present.may_have(keyword)
    }
}

/// A statement that keepalived leaves out; entries go by the name of their list.
pub(super) fn dropped(config: &Config, id: SettingId, reason: Reason) -> Dropped {
    let setting = config.setting(id);
    let keyword = match (setting.keyword.kind, setting.parent) {
        (Kind::Entry, Some(list)) => config.setting(list).keyword,
        (_, _) => setting.keyword,
    };
    let text = match config.values(id).first() {
        Some(value) => config.text_of(value).into_owned(),
        None => config.slice(setting.name).to_owned(),
    };
    Dropped { keyword: keyword.name, text, reason, origin: OriginId(id.0) }
}

/// Whether the statement has words that are no values of it.
pub(super) fn has_trailing_words(config: &Config, id: SettingId) -> bool {
    let end = config.values(id).last().map_or(config.setting(id).name.end, |value| value.span.end);
    config.setting(id).span.end > end
}
