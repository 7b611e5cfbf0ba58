//! `authentication` and `auth_hmac`.

use super::block::{self, Block, Reading, first};
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::vrrp_instance::authentication as row;
use kalc_grammar::value::Data;
use kalc_ir::vrrp::{Auth, Hmac, HmacKey, HmacMode, HmacSource, Secret};
use kalc_ir::{Family, Reason, VrrpVersion};

/// Bytes of a password that an advert carries (RFC 2338 section 5.3.10).
const PASSWORD_BYTES: usize = 8;
/// Bytes of the longest key.
const KEY_BYTES: usize = 64;

/// What decides whether a password counts.
pub(super) struct Context {
    pub version: VrrpVersion,
    pub family: Option<Family>,
    pub strict: bool,
    pub advert_interval_us: u64,
}

/// Reads both blocks. A password counts in version 2 only, not in strict mode, and not beside `auth_hmac`.
pub(super) fn auth(b: &mut Block<'_>, context: &Context) -> Auth {
    let hmac = hmac(b, context);
    let blocks = b.all(&row::AUTHENTICATION);
    let Some((kind, secret)) = password(b, &blocks) else { return hmac.map_or(Auth::None, Auth::Hmac) };
    let counts = context.version == VrrpVersion::V2
        && !context.strict
        && hmac.is_none()
        && (kind == "PASS" || context.family != Some(Family::Ipv6));
    if !counts {
        if let Some(&id) = blocks.first() {
            b.drop(id, Reason::Excluded);
        }
        return hmac.map_or(Auth::None, Auth::Hmac);
    }
    if kind == "AH" { Auth::Ah { secret } } else { Auth::Pass { secret } }
}

/// The type and the password, if both are there; blocks add up.
fn password(b: &mut Block<'_>, blocks: &[SettingId]) -> Option<(&'static str, Secret)> {
    let &first_block = blocks.first()?;
    let mut inner = Block::empty(b.config, first_block);
    for &id in blocks {
        inner.add(id);
    }
    let kind = inner.choice(&row::AUTH_TYPE, "auth.kind");
    let secret = inner.read(&[&row::AUTH_PASS], "auth.secret", |config, _, values| {
        first(values, |value| match value.data {
            Data::Text => Some(secret(config.text_of(value).as_bytes(), PASSWORD_BYTES)),
            _ => None,
        })
    });
    merge(b, inner);
    b.wrote("auth", first_block);
    kind.zip(secret)
}

/// Hands on what an inner block noted.
fn merge(b: &mut Block<'_>, inner: Block<'_>) {
    let notes = inner.finish();
    for (field, origin) in notes.origins.iter() {
        b.notes.origins.set(field, origin);
    }
    b.notes.unknown.extend(notes.unknown);
    b.notes.dropped.extend(notes.dropped);
}

fn secret(bytes: &[u8], most: usize) -> Secret {
    Secret { bytes: bytes[..bytes.len().min(most)].to_vec(), written_length: bytes.len() as u32 }
}

/// The keyed hash; without a valid key of the active number there is none.
fn hmac(b: &mut Block<'_>, context: &Context) -> Option<Hmac> {
    let blocks = b.all(&row::AUTH_HMAC);
    let &first_block = blocks.first()?;
    let mut inner = Block::empty(b.config, first_block);
    for &id in &blocks {
        inner.add(id);
    }
    let mut keys: Vec<HmacKey> = Vec::new();
    for id in inner.all(&row::KEY) {
        let values = b.config.values(id);
        match key(b.config, values) {
            Reading::Known(key) if keys.iter().any(|other| other.id == key.id) => inner.drop(id, Reason::Duplicate),
            Reading::Known(key) => keys.push(key),
            Reading::Unknown => inner.unknown("auth.keys", id),
            Reading::Ignored => inner.drop(id, Reason::BadValue),
        }
    }
    let active_key = inner.int::<u8>(&row::ACTIVE_KEY, "auth.active_key");
    let time_window_us = inner.seconds(&row::TIME_WINDOW, "auth.time_window_us");
    let is_monotonic = inner.choice(&row::ANTI_REPLAY, "auth.is_monotonic") == Some("monotonic");
    let mode = inner.choice(&row::MODE, "auth.mode");
    merge(b, inner);
    b.wrote("auth", first_block);
    let Some(active_key) = active_key.filter(|&id| keys.iter().any(|key| key.id == id)) else {
        b.drop(first_block, Reason::Incomplete);
        return None;
    };
    Some(Hmac {
        keys,
        active_key,
        time_window_us: time_window_us.unwrap_or((3 * context.advert_interval_us).max(5_000_000)),
        is_monotonic,
        mode: match mode {
            Some("permissive") if !context.strict => HmacMode::Permissive,
            Some("receive-only") if !context.strict => HmacMode::ReceiveOnly,
            Some(_) | None => HmacMode::Enforce,
        },
    })
}

fn key(config: &Config, values: &[Value]) -> Reading<HmacKey> {
    if values.iter().any(|value| value.data == Data::Unknown) {
        return Reading::Unknown;
    }
    let [id, key, ..] = values else { return Reading::Ignored };
    let (Some(id), Some(text)) = (block::int(id), block::text(config, key)) else { return Reading::Ignored };
    let source = if let Some(path) = text.strip_prefix("file:") {
        HmacSource::File(path.to_owned())
    } else if let Some(digits) = text.strip_prefix("hex:") {
        HmacSource::Secret(secret(&hex_bytes(digits), KEY_BYTES))
    } else {
        HmacSource::Secret(secret(text.as_bytes(), KEY_BYTES))
    };
    Reading::Known(HmacKey { id, source })
}

/// Bytes from pairs of hexadecimal digits; blanks do not count.
pub(super) fn hex_bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}
