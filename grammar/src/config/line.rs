//! The words of one statement, after the parameters and options of its row.

use super::read::{Reader, Told};
use super::{Name, SettingId, Value, mend};
use crate::fault::{BadValue, FaultKind};
use crate::lex::{Token, TokenKind};
use crate::schema::line::address;
use crate::schema::{Arg, Keyword, Kind, Param, Presence};
use crate::source::Span;
use crate::value::{self, Data, script};

/// A statement whose words are being read.
pub(super) struct Line<'w> {
    /// Its row.
    pub keyword: &'static Keyword,
    /// The block it stands in.
    pub context: &'static Keyword,
    /// Its words without the keyword.
    pub words: &'w [Token],
    /// Where a value would have to stand if there is none.
    pub end: Span,
    /// What another fault explains.
    pub told: Told,
    /// The setting that is made of it.
    pub setting: SettingId,
}

impl Reader<'_> {
    /// Reads all words and reports what does not fit. Answers with the word at which another entry or statement starts.
    pub(super) fn line(&mut self, line: &Line<'_>) -> Option<usize> {
        // Nobody knows which words of a command belong together if their quotes are none.
        let is_script = line.keyword.params.iter().any(|param| param.arg == Arg::Script);
        if line.told == Told::All || line.told == Told::Count && is_script && !self.is_ascii(line) {
            line.words.iter().for_each(|word| self.value(word.span(), Data::Unknown));
            return None;
        }
        if line.keyword.kind == Kind::Flag && line.keyword.params.is_empty() && line.keyword.options.is_empty() {
            return self.flag(line);
        }
        let mut at = 0;
        self.params(line, line.keyword, line.keyword.params, &mut at, true);
        while at < line.words.len() {
            let word = line.words[at];
            match line.keyword.option(word.text(self.text)) {
                Some(option) => self.option(line, option, &mut at),
                None if self.destination(line, &mut at) => {}
                None if at > 0 && self.starts_item(line.keyword, word) => return Some(at),
                None if self.passes_over(line, &mut at) => {}
                None => {
                    self.surplus(line, at);
                    return self.is_statement(line, word).then_some(at);
                }
            }
        }
        None
    }

    fn is_ascii(&self, line: &Line<'_>) -> bool {
        let end = line.words.last().map_or(line.end.end, |last| last.end);
        self.text.get(line.end.start as usize..end as usize).is_some_and(str::is_ascii)
    }

    /// The words from `at` on are none that the statement takes.
    fn surplus(&mut self, line: &Line<'_>, at: usize) {
        let word = line.words[at];
        let rest = word.span().to(line.words[line.words.len() - 1].span());
        let keyword = line.keyword;
        if mend::is_template(word.text(self.text)) {
            self.fault(word.span(), FaultKind::Placeholder { keyword: Some(keyword), template: true, refused: true });
        } else if line.told == Told::Nothing && keyword.options.is_empty() {
            self.fault(rest, FaultKind::TrailingWords { keyword });
        } else if line.told == Told::Nothing && !self.is_unknown(word) {
            self.fault(rest, FaultKind::UnknownOption { keyword });
        }
    }

    /// Passes over words of an address entry that mean nothing, up to an option: keepalived reports each and goes on.
    fn passes_over(&mut self, line: &Line<'_>, at: &mut usize) -> bool {
        let is_option = |word: &Token| line.keyword.option(word.text(self.text)).is_some();
        let Some(count) = line.words[*at..].iter().position(is_option).filter(|_| is_address(line.keyword)) else {
            return false;
        };
        self.surplus(&Line { words: &line.words[..*at + count], ..*line }, *at);
        *at += count;
        true
    }

    /// Whether a word that is no option starts another entry of a list.
    fn starts_item(&self, entry: &'static Keyword, word: Token) -> bool {
        let Some(param) =
            entry.params.first().filter(|param| entry.kind == Kind::Entry && mend::starts_items(&param.arg))
        else {
            return false;
        };
        let text = word.text(self.text);
        match param.arg {
            Arg::Use(symbol) => self.defined.contains(&(symbol, text)),
            // Nobody gives interfaces names here, but they mostly end with a number, and options do not.
            Arg::Interface => {
                text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.ends_with(|c: char| c.is_ascii_digit())
            }
            arg => value::read(&arg, text).0 != Data::Bad,
        }
    }

    /// Whether a word too many is a keyword of the block.
    fn is_statement(&self, line: &Line<'_>, word: Token) -> bool {
        let row = line.context.lookup(word.text(self.text));
        line.keyword.kind != Kind::Entry && row.is_some_and(|row| !row.opens_block())
    }

    /// A keyword that is on by being there.
    fn flag(&mut self, line: &Line<'_>) -> Option<usize> {
        let ([first, .., last] | [first @ last]) = line.words else { return None };
        let rest = first.span().to(last.span());
        let kind = match first.text(self.text).to_ascii_lowercase().as_str() {
            "false" | "no" | "off" | "0" => FaultKind::FlagWithValue { keyword: line.keyword, negative: true },
            "true" | "yes" | "on" | "1" => FaultKind::FlagWithValue { keyword: line.keyword, negative: false },
            word if mend::is_template(word) => {
                FaultKind::Placeholder { keyword: Some(line.keyword), template: true, refused: false }
            }
            _ if line.told != Told::Nothing => return self.is_statement(line, *first).then_some(0),
            _ => FaultKind::TrailingWords { keyword: line.keyword },
        };
        self.fault(rest, kind);
        self.is_statement(line, *first).then_some(0)
    }

    /// The destination of a route may stand anywhere; behind an option it counts as if `to` were before it.
    fn destination(&mut self, line: &Line<'_>, at: &mut usize) -> bool {
        let word = line.words[*at];
        let Some(to) = line.keyword.option("to") else { return false };
        let [Param { arg: Arg::Network, presence: Presence::Optional, .. }] = line.keyword.params else { return false };
        let read = &self.values[line_start(self, line)..];
        let given = read.first().is_some_and(|value| !matches!(value.data, Data::Option(_)))
            || read.iter().any(|value| value.data == Data::Option(to));
        if !given {
            self.value(word.span(), Data::Option(to));
            self.params(line, to, to.params, at, false);
        }
        !given
    }

    fn option(&mut self, line: &Line<'_>, option: &'static Keyword, at: &mut usize) {
        let word = line.words[*at];
        if self.values[line_start(self, line)..].iter().any(|value| value.data == Data::Option(option))
            && option.repeat != crate::schema::Repeat::Accumulates
        {
            self.fault(word.span(), FaultKind::RepeatedOption { keyword: option });
        }
        self.value(word.span(), Data::Option(option));
        *at += usize::from(!option.is_bare());
        self.params(line, option, option.params, at, false);
        // Words of the option's own, such as the kinds of `encap`.
        while let Some(inner) = line.words.get(*at).and_then(|word| option.option(word.text(self.text))) {
            self.value(line.words[*at].span(), Data::Option(inner));
            *at += 1;
            self.params(line, inner, inner.params, at, false);
        }
    }

    /// Reads the parameters of a row from the words that start at `at`. Neighbouring parameters that may be left out
    /// take words in any order, each the first one it fits.
    fn params(&mut self, line: &Line<'_>, row: &'static Keyword, params: &'static [Param], at: &mut usize, own: bool) {
        let mut index = 0;
        while index < params.len() {
            let run = params[index..].iter().take_while(|param| param.presence == Presence::Optional).count();
            if let Some(offset) = params[index..].iter().position(|param| matches!(param.arg, Arg::Script))
                && offset == 0
                && *at < line.words.len()
            {
                return self.script(line, row, params, index, at);
            }
            if run > 0 {
                self.optional(line, row, &params[index..index + run], params.len() > index + run, at);
                index += run;
                continue;
            }
            let param = &params[index];
            let mut taken = 0;
            let needed = matches!(param.presence, Presence::Required | Presence::Repeated);
            while let Some(&word) = line.words.get(*at) {
                // Words of options end a repeated parameter, and those of what it is inside of: `weight` behind the `encap`
                // of a next hop is the next hop's.
                if (taken > 0 || !needed)
                    && (self.is_option(line, row, word) || is_of_row(row, param, word.text(self.text)))
                    && value::read(&param.arg, word.text(self.text)).0 == Data::Bad
                {
                    break;
                }
                *at += 1;
                taken += 1;
                self.take(line, row, param, word, at);
                // Bytes in hexadecimal take the rest of the line.
                if param.presence == Presence::Required && !matches!(param.arg, Arg::HexBytes { .. }) {
                    break;
                }
            }
            if needed && taken == 0 {
                if line.told == Told::Nothing {
                    let end = if own || *at == 0 { line.end } else { line.words[*at - 1].span() };
                    match self.comment_for_value(line.end.end) {
                        // `#VIP#`: a mark for a script that puts a value in its place.
                        Some(comment) if self.slice(comment).get(1..).is_some_and(|name| name.ends_with('#')) => {
                            let keyword = Some(row);
                            self.fault(comment, FaultKind::Placeholder { keyword, template: false, refused: true });
                        }
                        Some(comment) => {
                            self.fault(comment, FaultKind::CommentInsideWord { keyword: row, harm: true });
                        }
                        None => self.fault(end, FaultKind::MissingValue { keyword: row, param: index }),
                    }
                }
                return;
            }
            index += 1;
        }
    }

    /// Gives words to parameters that may be left out, until one fits none of them. Such a word is the next parameter's
    /// if there is one.
    fn optional(
        &mut self,
        line: &Line<'_>,
        row: &'static Keyword,
        params: &'static [Param],
        more: bool,
        at: &mut usize,
    ) {
        let mut free: Vec<&'static Param> = params.iter().collect();
        while let Some(&word) = line.words.get(*at) {
            let text = word.text(self.text);
            // `inet` behind `via` is a word of `via`, and one of the route elsewhere.
            let chosen = |param: &&Param| matches!(value::read(&param.arg, text).0, Data::Choice(_));
            if free.is_empty() || self.is_option(line, row, word) && !free.iter().any(chosen) {
                return;
            }
            let unknown = self.is_unknown(word);
            let fits = |param: &&Param| value::read(&param.arg, text).0 != Data::Bad;
            // A MAC or an address would do as the name of an interface too.
            let exact = |param: &&Param| param.arg != Arg::Interface && fits(param);
            let found = free.iter().position(exact).or_else(|| free.iter().position(fits));
            let index = match found.filter(|_| !unknown) {
                Some(index) => index,
                None if more => return,
                None => 0,
            };
            let param = free.remove(index);
            *at += 1;
            self.take(line, row, param, word, at);
        }
    }

    /// Reads a word as a parameter.
    fn take(&mut self, line: &Line<'_>, row: &'static Keyword, param: &'static Param, word: Token, at: &mut usize) {
        let text = word.text(self.text);
        if self.is_unknown(word) {
            return self.value(word.span(), Data::Unknown);
        }
        let (data, reason) = value::read(&param.arg, text);
        if mend::is_placeholder(text, &param.arg, data) {
            let template = mend::is_template(text);
            let refused = data == Data::Bad || template && word.kind == TokenKind::Word;
            self.fault(word.span(), FaultKind::Placeholder { keyword: Some(row), template, refused });
            return self.value(word.span(), Data::Unknown);
        }
        self.value(word.span(), data);
        if let Some(reason) = reason {
            self.fault(word.span(), FaultKind::BadValue { keyword: row, arg: param.arg, reason });
        }
        let name = |symbol| Name { symbol, span: word.span(), setting: line.setting };
        match param.arg {
            Arg::Define(symbol) => {
                self.definitions.push(name(symbol));
                self.defined.insert((symbol, text));
            }
            Arg::Use(symbol) => self.uses.push(name(symbol)),
            Arg::Words(words) => {
                if let Some((_, inner)) = words.iter().find(|(name, _)| *name == text) {
                    self.params(line, row, inner, at, false);
                }
            }
            _ => {}
        }
    }

    fn is_option(&self, line: &Line<'_>, row: &'static Keyword, word: Token) -> bool {
        let text = word.text(self.text);
        line.keyword.option(text).is_some() || row.option(text).is_some()
    }

    /// A command and what follows it, from the raw line.
    fn script(
        &mut self,
        line: &Line<'_>,
        row: &'static Keyword,
        params: &'static [Param],
        index: usize,
        at: &mut usize,
    ) {
        let first = line.words[*at];
        let last = line.words[line.words.len() - 1];
        let raw = self.text.get(first.start as usize..last.end as usize).unwrap_or("");
        *at = line.words.len();
        let words = script::split(raw, first.start);
        for (offset, word) in words.iter().enumerate() {
            if word.open {
                self.fault(word.whole, FaultKind::ScriptQuote { keyword: row });
            }
            let Some(param) = params.get(index + offset) else {
                if line.told == Told::Nothing {
                    let rest = word.whole.to(words[words.len() - 1].whole);
                    self.fault(rest, FaultKind::TrailingWords { keyword: row });
                }
                return;
            };
            let text = self.text.get(word.inside.range()).unwrap_or("");
            let data = if mend::is_placeholder(text, &param.arg, Data::Text) {
                let template = mend::is_template(text);
                self.fault(word.whole, FaultKind::Placeholder { keyword: Some(row), template, refused: false });
                Data::Unknown
            } else if text.contains("${") || self.logical.is_symbolic(word.whole) {
                Data::Unknown
            } else if text.is_empty() {
                self.fault(word.whole, FaultKind::BadValue { keyword: row, arg: param.arg, reason: BadValue::Empty });
                Data::Bad
            } else if param.arg == Arg::Script && !word.open && script::arguments(text).is_none() {
                let reason = BadValue::Malformed;
                self.fault(word.whole, FaultKind::BadValue { keyword: row, arg: param.arg, reason });
                Data::Bad
            } else {
                Data::Text
            };
            self.value(word.whole, data);
        }
    }

    /// Whether only the running daemon knows a word, or it holds a name that nothing defines.
    pub(super) fn is_unknown(&self, word: Token) -> bool {
        if !self.has_names {
            return false;
        }
        let text = word.text(self.text);
        let is_name = |text: &str| text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
        word.kind == TokenKind::Word && text.strip_prefix('$').is_some_and(is_name)
            || text.contains("${")
            || self.logical.is_symbolic(word.span())
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn value(&mut self, span: Span, data: Data) {
        self.values.push(Value { span, data });
    }
}

/// Whether a word is one of a row's own, other than those of a parameter inside of it.
fn is_of_row(row: &'static Keyword, inner: &'static Param, text: &str) -> bool {
    row.params.iter().filter(|param| !std::ptr::eq(*param, inner)).any(|param| match param.arg {
        Arg::Words(words) => words.iter().any(|(word, _)| *word == text),
        _ => false,
    })
}

fn line_start(reader: &Reader<'_>, line: &Line<'_>) -> usize {
    reader.settings[line.setting.0 as usize].values.0 as usize
}

/// Whether a row is an entry of an address list.
fn is_address(keyword: &Keyword) -> bool {
    keyword == &address::VIRTUAL_ENTRY || keyword == &address::STATIC_ENTRY
}
