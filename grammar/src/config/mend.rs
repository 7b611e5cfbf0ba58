//! Words as they were meant: what other languages, web pages and templates leave in a statement is reported once and
//! taken out, so that the statement can be read on.

use super::nearest;
use crate::fault::Foreign;
use crate::lex::{Token, TokenKind};
use crate::schema::{Arg, Keyword, homes};
use crate::source::Span;
use crate::value::Data;

/// Whether a statement has anything for this module: most have not, and then nothing is copied.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|&byte| STRANGE[usize::from(byte)]) else { return true };
    // Paths have slashes, and only two of them, or one before a star, mean anything.
    bytes[at..].iter().enumerate().all(|(offset, byte)| match byte {
        b'/' => !matches!(bytes.get(at + offset + 1), Some(b'/' | b'*')),
        _ => !STRANGE[usize::from(*byte)],
    })
}

/// Bytes that a plain statement has not, and `/`.
const STRANGE: [bool; 256] = {
    let mut strange = [false; 256];
    let mut byte = 128;
    while byte < 256 {
        strange[byte] = true;
        byte += 1;
    }
    let mut signs = [b'=', b';', b':', b'<', b',', b'{', b'/'].as_slice();
    while let [sign, rest @ ..] = signs {
        strange[*sign as usize] = true;
        signs = rest;
    }
    strange
};

/// Look-alikes of signs of the language, found in the words of a statement.
#[derive(Default)]
pub(super) struct LookAlikes {
    /// Each, and what stands for it.
    pub characters: Vec<(Span, Option<char>)>,
    /// Whether the words can be read without them.
    pub readable: bool,
    /// Whether they look like quotes, so that nobody knows which words belong together.
    pub quotes: bool,
}

/// Finds look-alikes, and cuts words where one stands for a blank.
pub(super) fn look_alikes(text: &str, words: &[Token]) -> Option<(Vec<Token>, LookAlikes)> {
    let mut found = LookAlikes { characters: Vec::new(), readable: true, quotes: false };
    let mut cut = Vec::with_capacity(words.len());
    let mut comment = false;
    for &word in words {
        let slice = word.text(text);
        comment |= word.kind == TokenKind::Word && (slice.starts_with("//") || slice.starts_with("/*"));
        if comment || word.kind != TokenKind::Word || slice.is_ascii() {
            cut.push(word);
            continue;
        }
        let mut start = word.start;
        let mut part = |start: u32, end: u32| {
            if start < end {
                cut.push(Token { start, end, ..word });
            }
        };
        for (offset, character) in slice.char_indices() {
            let at = word.start + offset as u32;
            let Some(meant) = meant(character, offset == 0) else { continue };
            let span = Span::new(at, at + character.len_utf8() as u32);
            found.characters.push((span, meant));
            match meant {
                Some(' ') => {
                    part(start, at);
                    start = span.end;
                }
                // At the start or end of a word it only has to go.
                None | Some('"' | '\'') if at == start || span.end == word.end => {
                    part(start, at);
                    start = span.end;
                    found.quotes |= meant.is_some();
                }
                _ => found.readable = false,
            }
        }
        part(start, word.end);
    }
    (!found.characters.is_empty()).then_some((cut, found))
}

/// The sign that a character looks like, `Some(None)` for one that cannot be seen, `None` for an ordinary one.
fn meant(character: char, first: bool) -> Option<Option<char>> {
    match character {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(Some(' ')),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Some(None),
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => Some(Some('"')),
        '\u{2018}'..='\u{201b}' => Some(Some('\'')),
        '\u{2010}'..='\u{2015}' | '\u{2212}' if first => Some(Some('-')),
        // Full-width forms of ASCII, but for letters and digits, which names may have.
        '\u{ff01}'..='\u{ff5e}' => {
            let ascii = char::from_u32(u32::from(character) - 0xfee0)?;
            (!ascii.is_ascii_alphanumeric()).then_some(Some(ascii))
        }
        '\u{3001}' => Some(Some(',')),
        _ => None,
    }
}

/// What another language left in a statement.
pub(super) struct Strange {
    /// Which way of writing.
    pub form: Foreign,
    /// What makes the statement right.
    pub edits: Vec<(Span, String)>,
}

impl Strange {
    fn note(found: &mut Option<Strange>, form: Foreign, edit: (Span, &str)) {
        let strange = found.get_or_insert(Strange { form, edits: Vec::new() });
        strange.edits.push((edit.0, edit.1.to_owned()));
    }
}

/// The comment that a whole statement is in other languages.
pub(super) fn foreign_comment(text: &str, first: Token) -> Option<Foreign> {
    let word = first.text(text);
    match first.kind {
        TokenKind::Word if word.starts_with("//") => Some(Foreign::Slashes),
        TokenKind::Word if word.starts_with("/*") => Some(Foreign::SlashStar),
        TokenKind::Word if word.starts_with(';') => Some(Foreign::SemicolonComment),
        _ => None,
    }
}

/// Takes `=`, `:` and `;` off a statement with a keyword, and comments of other languages.
pub(super) fn foreign(text: &str, words: &[Token], context: &'static Keyword) -> Option<(Vec<Token>, Strange)> {
    let mut found = None;
    let mut mended = words.to_vec();
    if context.entry.is_none() {
        split_keyword(text, &mut mended, context, &mut found);
    }
    let keyword = mended.first().and_then(|first| context.entry.or_else(|| context.lookup(first.text(text))));
    if let Some(keyword) = keyword {
        let from = usize::from(context.entry.is_none());
        sign_between(text, &mut mended, keyword, from, &mut found);
        comment_behind(text, &mut mended, keyword, from, &mut found);
        semicolon(text, &mut mended, keyword, from, &mut found);
    }
    found.map(|found| (mended, found))
}

/// `key=value`, `key:value`, `key:`, `key;`
fn split_keyword(text: &str, words: &mut Vec<Token>, context: &'static Keyword, found: &mut Option<Strange>) {
    let Some(&first) = words.first() else { return };
    let word = first.text(text);
    if first.kind != TokenKind::Word || context.lookup(word).is_some() {
        return;
    }
    let Some(at) = word.find(['=', ':', ';']) else { return };
    let (key, rest) = (&word[..at], &word[at + 1..]);
    let known = context.lookup(key).is_some()
        || !homes(key).is_empty()
        || nearest(key, context.rows().map(|row| row.name)).is_some();
    if key.is_empty() || !known {
        return;
    }
    let form = match word.as_bytes()[at] {
        b'=' => Foreign::Equals,
        b':' => Foreign::Colon,
        _ => Foreign::Semicolon,
    };
    let sign = Span::new(first.start + at as u32, first.start + at as u32 + 1);
    words[0].end = sign.start;
    let glued = words.get(1).is_some_and(|next| next.start == sign.end);
    Strange::note(found, form, (sign, if rest.is_empty() && !glued { "" } else { " " }));
    if !rest.is_empty() {
        words.insert(1, Token { start: sign.end, end: first.end, first: false, ..first });
    }
}

/// `key = value`, `key =value`, and `option=value` in an entry.
fn sign_between(
    text: &str,
    words: &mut Vec<Token>,
    keyword: &'static Keyword,
    from: usize,
    found: &mut Option<Strange>,
) {
    let mut index = 1;
    while let Some(&word) = words.get(index) {
        let slice = word.text(text);
        let form = if slice.starts_with('=') { Foreign::Equals } else { Foreign::Colon };
        if word.kind != TokenKind::Word {
        } else if index == from && matches!(slice, "=" | ":") {
            // The blanks behind it go too, so that one is left.
            let end = words.get(index + 1).map_or(word.end, |next| next.start);
            Strange::note(found, form, (Span::new(word.start, end), ""));
            words.remove(index);
            continue;
        } else if index == from && slice.starts_with('=') {
            Strange::note(found, form, (Span::new(word.start, word.start + 1), ""));
            words[index].start += 1;
        } else if let Some((option, value)) = slice.split_once('=')
            && keyword.option(option).is_some_and(|option| !option.params.is_empty())
        {
            let sign = Span::new(word.start + option.len() as u32, word.start + option.len() as u32 + 1);
            Strange::note(found, Foreign::Equals, (sign, " "));
            words[index].end = sign.start;
            if !value.is_empty() {
                words.insert(index + 1, Token { start: sign.end, first: false, ..word });
            }
        }
        index += 1;
    }
}

/// `// text` and `/* text */` behind a statement.
fn comment_behind(
    text: &str,
    words: &mut Vec<Token>,
    keyword: &'static Keyword,
    from: usize,
    found: &mut Option<Strange>,
) {
    let required = keyword.params.iter().filter(|param| param.presence == crate::schema::Presence::Required).count();
    let start = words.iter().enumerate().skip(1).position(|(index, word)| {
        let slice = word.text(text);
        word.kind == TokenKind::Word
            && (matches!(slice, "//" | "/*")
                || (slice.starts_with("//") || slice.starts_with("/*")) && index >= from + required.max(1)
                || (slice.starts_with("//") || slice.starts_with("/*")) && keyword.params.is_empty())
    });
    let Some(start) = start.map(|index| index + 1) else { return };
    let word = words[start];
    let last = words[words.len() - 1];
    if word.text(text).starts_with("//") {
        Strange::note(found, Foreign::Slashes, (Span::new(word.start, word.start + 2), "#"));
    } else {
        Strange::note(found, Foreign::SlashStar, (Span::new(word.start, word.start + 2), "#"));
        if last.text(text).ends_with("*/") && last.end - last.start >= 2 && last.end - 2 >= word.start + 2 {
            Strange::note(found, Foreign::SlashStar, (Span::new(last.end - 2, last.end), ""));
        }
    }
    words.truncate(start);
}

/// `value;`
fn semicolon(text: &str, words: &mut Vec<Token>, keyword: &'static Keyword, from: usize, found: &mut Option<Strange>) {
    // A secret may end so.
    if keyword.params.iter().any(|param| matches!(param.arg, Arg::Secret { .. } | Arg::HmacKey | Arg::Regex)) {
        return;
    }
    let Some(last) = words.last_mut().filter(|last| last.kind == TokenKind::Word) else { return };
    if !last.text(text).ends_with(';') {
        return;
    }
    let sign = Span::new(last.end - 1, last.end);
    Strange::note(found, Foreign::Semicolon, (sign, ""));
    last.end -= 1;
    if last.start == last.end && words.len() > from {
        words.pop();
    }
}

/// Cuts entries that commas join, where the entry starts with something that holds no comma.
pub(super) fn commas(text: &str, words: &[Token], entry: &'static Keyword) -> Option<Vec<Token>> {
    entry.params.first().filter(|param| starts_items(&param.arg))?;
    let joins = |word: &Token| word.kind == TokenKind::Word && word.text(text).contains(',');
    if !words.iter().any(joins) {
        return None;
    }
    let mut cut = Vec::with_capacity(words.len() + 2);
    for word in words {
        if !joins(word) {
            cut.push(*word);
            continue;
        }
        let mut start = word.start;
        for part in word.text(text).split(',') {
            let end = start + part.len() as u32;
            if start < end {
                cut.push(Token { start, end, ..*word });
            }
            start = end + 1;
        }
    }
    (!cut.is_empty()).then_some(cut)
}

/// Whether a list has entries that start with a value of that kind, by which a second one on a line is told.
pub(super) fn starts_items(arg: &Arg) -> bool {
    matches!(arg, Arg::Ip | Arg::IpPrefix | Arg::IpRange | Arg::Use(_) | Arg::Interface)
}

/// Makes one word of `<` to `>` over several.
pub(super) fn angles(text: &str, words: &[Token]) -> Option<Vec<Token>> {
    let start = words.iter().position(|word| {
        let slice = word.text(text);
        word.kind == TokenKind::Word && slice.starts_with('<') && !slice.contains('>')
    })?;
    let length = words[start..].iter().position(|word| word.text(text).ends_with('>'))?;
    let mut merged = words[..start].to_vec();
    merged.push(Token { end: words[start + length].end, ..words[start] });
    merged.extend_from_slice(&words[start + length + 1..]);
    Some(merged)
}

/// Whether a word is of a template language that should have replaced it.
pub(super) fn is_template(word: &str) -> bool {
    let bytes = word.as_bytes();
    // Hardly any word has either of the two that they start with.
    let may_be = bytes.iter().fold(false, |found, byte| found | matches!(byte, b'{' | b'<'));
    may_be && bytes.windows(2).any(|sign| matches!(sign, b"{{" | b"{%" | b"{#" | b"<%"))
}

/// Whether a value of that kind waits for somebody to fill it in. `data` is what the word was read as.
pub(super) fn is_placeholder(word: &str, arg: &Arg, data: Data) -> bool {
    match word.as_bytes() {
        [b'<', _, .., b'>'] => return true,
        [b'c' | b'C' | b'r' | b'R', ..] if (8..=10).contains(&word.len()) => {
            let markers = ["CHANGEME", "CHANGE_ME", "CHANGE-ME", "REPLACEME", "REPLACE_ME"];
            if markers.iter().any(|marker| word.eq_ignore_ascii_case(marker)) {
                return true;
            }
        }
        _ => {}
    }
    // What is a good value of its kind stands for nothing else.
    is_template(word)
        || is_marked(word)
        || !matches!(
            data,
            Data::Int(_) | Data::Micros(_) | Data::Ip(_) | Data::Net { .. } | Data::Choice(_) | Data::Bool(_)
        ) && by_kind(word, arg)
}

/// `%VIP%`, `@VIP@`, `__VIP__`: what scripts look for to put a value in its place.
fn is_marked(word: &str) -> bool {
    if !word.starts_with(['%', '@', '_']) {
        return false;
    }
    let between = |sign: &str| {
        let inside = word.strip_prefix(sign).and_then(|rest| rest.strip_suffix(sign));
        inside.is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
    };
    between("%") || between("@") || between("__")
}

/// Words that only mean nothing where a certain kind of value is wanted.
fn by_kind(word: &str, arg: &Arg) -> bool {
    match arg {
        Arg::Ip
        | Arg::Ipv4
        | Arg::Ipv6
        | Arg::IpPrefix
        | Arg::Network
        | Arg::Multicast
        | Arg::Multicast4
        | Arg::Multicast6
        | Arg::Broadcast
        | Arg::Netmask
        | Arg::IpRange => {
            letters_for_numbers(word) || matches!(word, "@IP" | "@ip" | "IP" | "ip" | "IPADDR" | "ADDRESS")
        }
        Arg::Int { .. }
        | Arg::CInt { .. }
        | Arg::IntOr { .. }
        | Arg::IntOrChoiceNoCase { .. }
        | Arg::Uint64
        | Arg::Seconds { .. }
        | Arg::Millis { .. }
        | Arg::Port
        | Arg::PortOrAny => {
            let word = word.to_ascii_lowercase();
            matches!(word.as_str(), "num" | "number" | "int" | "integer" | "string" | "@port")
                || word.len() > 1 && word.bytes().all(|byte| byte == b'x')
        }
        Arg::Choice(words) | Arg::ChoiceNoCase(words) => {
            let one_of = |part: &str| words.iter().any(|word| word.eq_ignore_ascii_case(part));
            let all = |sign: char| word.contains(sign) && word.split(sign).all(one_of);
            all('|') || all('/') || word == "string"
        }
        Arg::Bool => word.contains('|'),
        Arg::Host => letters_for_numbers(word),
        Arg::Text { .. }
        | Arg::Secret { .. }
        | Arg::Interface
        | Arg::Define(_)
        | Arg::Use(_)
        | Arg::Script
        | Arg::User
        | Arg::Group
        | Arg::Path
        | Arg::Email
        | Arg::NumberOrName { .. }
        | Arg::Mark
        | Arg::Range { .. }
        | Arg::StatusRange
        | Arg::HexBytes { .. }
        | Arg::Digest
        | Arg::Regex
        | Arg::Mac
        | Arg::Domain
        | Arg::RouteTime
        | Arg::Realms
        | Arg::MplsLabels
        | Arg::IlaLocator
        | Arg::Umask
        | Arg::Literal(_)
        | Arg::HmacKey
        | Arg::Words(_) => false,
    }
}

/// `x.x.x.x`, `10.0.0.X/24`
fn letters_for_numbers(word: &str) -> bool {
    let address = word.split('/').next().unwrap_or("");
    let blank = |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    address.contains('.') && address.split('.').any(blank) && address.split('.').all(|part| blank(part) || number(part))
}
