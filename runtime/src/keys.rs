//! Keys of `auth_hmac` that are in files of their own.

use kalc_ir::Ir;
use kalc_ir::vrrp::{Auth, HmacSource, Secret};
use nix::libc;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Lengths of keys, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=64;
/// Longer files are not read: twice 64 digits, `hex:` and the end of the line are less.
const FILE_MAX: u64 = 256;
/// Permissions of others.
const OTHERS: u32 = 0o077;

/// Something that is wrong with a key file.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no key; the configuration cannot run.
    Unusable(String),
    /// Others than its owner may read or change it.
    Open(String),
}

/// Puts the keys that files hold in the place of the files' names, and says what is wrong with files. Where there is no key
/// the name stays.
///
/// Differs: keepalived goes on without such a key, and unsigned if it is the one that signs.
pub fn read_files(ir: &mut Ir) -> Vec<Problem> {
    let mut problems = Vec::new();
    for instance in &mut ir.vrrp_instances {
        let Auth::Hmac(auth) = &mut instance.auth else { continue };
        for key in &mut auth.keys {
            let HmacSource::File(path) = &key.source else { continue };
            match read(Path::new(path)) {
                Ok((secret, is_open)) => {
                    if is_open {
                        problems.push(Problem::Open(format!("{path}: others may read this key; chmod 600 is for it")));
                    }
                    key.source = HmacSource::Secret(secret);
                }
                Err(error) => {
                    let name = &instance.name;
                    problems.push(Problem::Unusable(format!("{path}: no key for auth_hmac of {name}: {error}")));
                }
            }
        }
    }
    problems
}

/// The key in a file, and whether others have rights to it. Opening never waits, whatever the name leads to.
fn read(path: &Path) -> io::Result<(Secret, bool)> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let is_open = facts.mode() & OTHERS != 0;
    Ok((parse(&contents(file)?)?, is_open))
}

fn contents(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(io::Error::other("it is too long for a key"));
    }
    Ok(bytes)
}

/// A key as a file has it: the bytes as they are, or hexadecimal digits behind `hex:`, and the end of a line perhaps.
fn parse(bytes: &[u8]) -> io::Result<Secret> {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let key = match line.strip_prefix(b"hex:") {
        Some(digits) => hex(digits).ok_or_else(|| io::Error::other("what follows `hex:` are no pairs of digits"))?,
        None => line.to_vec(),
    };
    if !LENGTHS.contains(&key.len()) {
        return Err(io::Error::other(format!("it has {} bytes, and a key has 32 to 64", key.len())));
    }
    let written_length = key.len() as u32;
    Ok(Secret { bytes: key, written_length })
}

fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_are_text_or_digits() {
        let text = b"0123456789abcdef0123456789abcdef";
        assert_eq!(parse(text).expect("32 bytes").bytes, text);
        assert_eq!(parse(&[text, &b"\r\n"[..]].concat()).expect("a line").bytes, text);
        let digits = parse(format!("hex:{}\n", "0a".repeat(32)).as_bytes()).expect("64 digits");
        assert_eq!(digits.bytes, [10; 32]);
        for bad in [&b""[..], b"short", b"hex:0g", &[b'x'; 65], &text[..31]] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn files_that_hold_no_key_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        assert!(read(&path).is_err());
        std::fs::write(&path, [b'k'; 40]).expect("it is ours");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
        assert!(matches!(read(&path), Ok((secret, false)) if secret.bytes == [b'k'; 40]));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
        assert!(matches!(read(&path), Ok((_, true))));
        std::fs::write(&path, [b'k'; 1000]).expect("it is ours");
        assert!(read(&path).is_err());
        assert!(read(folder.path()).is_err());
        assert!(read(Path::new("/dev/zero")).is_err());
    }
}
