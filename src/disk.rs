//! Files of this machine.

use crate::error::Error;
use kalc_grammar::files::{FileSystem, ReadError};
use kalc_grammar::source::SourceFile;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Larger files are refused: offsets are 32 bits, and nobody writes such a configuration by hand or program.
const MOST_BYTES: u64 = 1 << 30;

/// The disk as the grammar sees it.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl FileSystem for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match std::fs::metadata(path) {
            Ok(meta) if !meta.is_file() => return Err(ReadError::NotAFile),
            Ok(meta) if meta.len() > MOST_BYTES => return Err(ReadError::Other("it is too large".to_owned())),
            Ok(_) => {}
            Err(error) => return Err(read_error(&error)),
        }
        std::fs::read(path).map_err(|error| read_error(&error))
    }

    fn glob(&self, pattern: &str) -> Vec<String> {
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let Ok(paths) = glob::glob_with(pattern, options) else { return Vec::new() };
        let mut paths: Vec<String> = paths.flatten().map(|path| path.to_string_lossy().into_owned()).collect();
        paths.sort();
        paths
    }

    fn canonical(&self, path: &str) -> String {
        std::fs::canonicalize(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
    }

    fn is_executable(&self, path: &str) -> bool {
        std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
    }
}

fn read_error(error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound => ReadError::NotFound,
        _ => ReadError::Other(error.to_string()),
    }
}

/// A file that the user named.
pub fn read(path: &str) -> Result<SourceFile, Error> {
    let io_error = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Error::NotFound { path: path.to_owned() },
        _ => Error::Read { path: path.to_owned(), source },
    };
    let size = std::fs::metadata(path).map_err(io_error)?.len();
    if size > MOST_BYTES {
        return Err(Error::TooLarge { path: path.to_owned(), size, most: MOST_BYTES });
    }
    text(path, std::fs::read(path).map_err(io_error)?)
}

/// Standard input under a name.
pub fn read_stdin(name: &str) -> Result<SourceFile, Error> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Read { path: name.to_owned(), source })?;
    text(name, bytes)
}

fn text(name: &str, bytes: Vec<u8>) -> Result<SourceFile, Error> {
    if is_binary(&bytes) {
        return Err(Error::Binary { path: name.to_owned() });
    }
    Ok(SourceFile::new(name, bytes))
}

/// A stray NUL in a configuration is a finding; a file full of control bytes is none at all.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8192)];
    let control =
        head.iter().filter(|&&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)).count();
    head.contains(&0) && control * 20 > head.len()
}

/// Whether a `*.conf` file found in a folder holds keepalived's blocks.
pub fn is_keepalived(path: &Path) -> bool {
    const BLOCKS: [&str; 8] = [
        "vrrp_instance",
        "vrrp_script",
        "vrrp_sync_group",
        "virtual_server",
        "global_defs",
        "virtual_server_group",
        "vrrp_track_process",
        "static_ipaddress",
    ];
    let Ok(bytes) = std::fs::read(path) else { return false };
    !is_binary(&bytes)
        && String::from_utf8_lossy(&bytes).lines().any(|line| {
            line.split([' ', '\t', '{']).find(|word| !word.is_empty()).is_some_and(|word| BLOCKS.contains(&word))
        })
}
