//! Where results go.

use crate::error::Error;
use std::io::{self, ErrorKind, Write};

/// Writes a result to a file, or to standard output. A reader that has had enough (`kalc … | head`) is no failure.
pub fn write(text: &str, file: Option<&str>) -> Result<(), Error> {
    match file {
        Some(path) => std::fs::write(path, text).map_err(|source| Error::Write { path: path.to_owned(), source }),
        None => write_bytes(text.as_bytes()),
    }
}

/// Writes to standard output what may be no UTF-8.
pub fn write_bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Write { path: "standard output".to_owned(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
