//! Statements as typed, undigested data.

use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::value::Data;
use kalc_ir::{OriginId, Raw, RawValue};

/// A statement with everything in its block. The depth of the text is that of the schema, at most six.
pub(super) fn raw(config: &Config, id: SettingId) -> Raw {
    Raw {
        keyword: config.setting(id).keyword.name,
        values: config.values(id).iter().map(|value| raw_value(config, value)).collect(),
        children: config.children(id).map(|child| raw(config, child)).collect(),
        origin: OriginId(id.0),
    }
}

pub(super) fn raw_value(config: &Config, value: &Value) -> RawValue {
    let text = || config.text_of(value).into_owned();
    match value.data {
        Data::Bad => RawValue::Bad(text()),
        Data::Unknown => RawValue::Unknown(text()),
        Data::Text => RawValue::Text(text()),
        Data::Int(number) => RawValue::Int(number),
        Data::Micros(micros) => RawValue::TimeUs(micros),
        Data::Bool(on) => RawValue::Bool(on),
        Data::Choice(word) => RawValue::Choice(word),
        Data::Ip(ip) => RawValue::Ip(ip),
        Data::Net { ip, prefix } => RawValue::Net { address: ip, prefix },
        Data::Range(first, last) => RawValue::Range { first, last },
        Data::IpRange => match config.ip_range(value) {
            Some((first, last)) => RawValue::IpRange { first, last },
            None => RawValue::Bad(text()),
        },
        Data::Option(keyword) => RawValue::Option(keyword.name),
    }
}
