//! `umask`: the mode that files of the daemon and of its scripts do not get.

use kalc_ir::{Ir, RawValue};
use nix::sys::stat::Mode;

/// keepalived's: files are for their owner alone, and nothing that is made is executable.
const DEFAULT: u32 = 0o177;

/// The mask of a configuration.
pub fn umask(ir: &Ir) -> Mode {
    let setting = ir.global.settings.iter().rev().find(|setting| setting.keyword == "umask");
    let bits = setting
        .map_or(Some(DEFAULT), |setting| setting.values.iter().try_fold(0, |bits, value| Some(bits | of(value)?)));
    // A value that keepalived cannot read leaves its default.
    Mode::from_bits_truncate(bits.unwrap_or(DEFAULT))
}

fn of(value: &RawValue) -> Option<u32> {
    match value {
        RawValue::Int(number) => u32::try_from(*number).ok(),
        RawValue::Text(names) => {
            names.split('|').filter(|name| !name.is_empty()).try_fold(0, |bits, name| Some(bits | named(name)?))
        }
        RawValue::Bad(_)
        | RawValue::Unknown(_)
        | RawValue::TimeUs(_)
        | RawValue::Bool(_)
        | RawValue::Choice(_)
        | RawValue::Ip(_)
        | RawValue::Net { .. }
        | RawValue::Range { .. }
        | RawValue::IpRange { .. }
        | RawValue::Option(_) => None,
    }
}

/// `IRUSR` and the like, as in C's `S_IRUSR`.
fn named(name: &str) -> Option<u32> {
    // What, and for whom: the whole triple is called RWX and has a single letter.
    let (bits, whose) = match name.strip_prefix('I')? {
        all if all.starts_with("RWX") => (0o7, all.strip_prefix("RWX")?),
        one if one.starts_with('R') => (0o4, one.strip_prefix('R')?),
        one if one.starts_with('W') => (0o2, one.strip_prefix('W')?),
        one => (0o1, one.strip_prefix('X')?),
    };
    match (bits, whose) {
        (7, "U") | (1..7, "USR") => Some(bits << 6),
        (7, "G") | (1..7, "GRP") => Some(bits << 3),
        (7, "O") | (1..7, "OTH") => Some(bits),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_have_names() {
        for (name, bits) in [("IRUSR", 0o400), ("IWGRP", 0o020), ("IXOTH", 0o001), ("IRWXG", 0o070), ("IRWXO", 0o007)] {
            assert_eq!(named(name), Some(bits), "{name}");
        }
        for name in ["", "I", "IRWX", "RUSR", "IQUSR"] {
            assert_eq!(named(name), None, "{name}");
        }
        assert_eq!(of(&RawValue::Text("IRUSR|IWUSR".to_owned())), Some(0o600));
    }
}
