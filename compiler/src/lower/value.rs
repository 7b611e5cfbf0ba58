//! Values of one statement, as typed data.

use kalc_grammar::config::{Config, SettingId, Value, unquote};
use kalc_grammar::schema::Keyword;
use kalc_grammar::value::{Data, script};
use kalc_ir::{Command, OriginId};
use std::net::IpAddr;

/// What a reader makes of one statement.
pub(super) enum Reading<T> {
    /// Its value.
    Known(T),
    /// Only the running daemon knows.
    Unknown,
    /// keepalived reports it and goes on with what it had.
    Ignored,
}

/// Reads the first value of a statement.
pub(super) fn first<T>(values: &[Value], read: impl FnOnce(&Value) -> Option<T>) -> Reading<T> {
    match values.first() {
        None => Reading::Ignored,
        Some(Value { data: Data::Unknown, .. }) => Reading::Unknown,
        Some(Value { data: Data::Bad, .. }) => Reading::Ignored,
        Some(value) => read(value).map_or(Reading::Ignored, Reading::Known),
    }
}

pub(super) fn int<N: TryFrom<i64>>(value: &Value) -> Option<N> {
    match value.data {
        Data::Int(number) => N::try_from(number).ok(),
        _ => None,
    }
}

pub(super) fn micros(value: &Value) -> Option<u64> {
    match value.data {
        Data::Micros(micros) => Some(micros),
        _ => None,
    }
}

pub(super) fn ip(value: &Value) -> Option<IpAddr> {
    match value.data {
        Data::Ip(ip) | Data::Net { ip, .. } => Some(ip),
        _ => None,
    }
}

pub(super) fn choice(value: &Value) -> Option<&'static str> {
    match value.data {
        Data::Choice(word) => Some(word),
        _ => None,
    }
}

pub(super) fn text(config: &Config, value: &Value) -> Option<String> {
    match value.data {
        Data::Bad | Data::Unknown | Data::Option(_) => None,
        _ => Some(config.text_of(value).into_owned()),
    }
}

/// The words of a command line, and user and group.
pub(super) fn command<'c>(config: &'c Config, id: SettingId, values: &'c [Value]) -> Reading<Command> {
    match first(values, |value| script::arguments(unquote(config.slice(value.span)))) {
        Reading::Known(arguments) if arguments.is_empty() => Reading::Ignored,
        Reading::Known(arguments) => {
            let word = |index: usize| values.get(index).and_then(|value| text(config, value));
            Reading::Known(Command { arguments, user: word(1), group: word(2), origin: OriginId(id.0) })
        }
        Reading::Unknown => Reading::Unknown,
        Reading::Ignored => Reading::Ignored,
    }
}

/// The options of a statement: each with its values.
pub(super) fn options(values: &[Value]) -> impl Iterator<Item = (&'static Keyword, &[Value])> {
    let mut rest = values;
    std::iter::from_fn(move || {
        loop {
            let (value, behind) = rest.split_first()?;
            rest = behind;
            if let Data::Option(keyword) = value.data {
                let end = behind.iter().position(|value| matches!(value.data, Data::Option(_))).unwrap_or(behind.len());
                rest = &behind[end..];
                return Some((keyword, &behind[..end]));
            }
        }
    })
}

impl<T> Reading<T> {
    /// The same reading of something made of the value.
    pub fn and<U>(self, make: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Reading::Known(value) => Reading::Known(make(value)),
            Reading::Unknown => Reading::Unknown,
            Reading::Ignored => Reading::Ignored,
        }
    }
}
