//! Where results go.

use crate::error::Error;
use std::io::{self, ErrorKind, Write};

/// Writes a result to a file, or to standard output. A reader that has had enough (`kalc … | head`) is no failure.
pub fn write(text: &str, file: Option<&str>) -> Result<(), Error> {
    match file {
        Some(path) => std::fs::write(path, text).map_err(|source| Error::Write { path: path.to_owned(), source }),
        None => {
            let mut stdout = io::stdout().lock();
            match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
                Err(source) if source.kind() != ErrorKind::BrokenPipe => {
                    Err(Error::Write { path: "standard output".to_owned(), source })
                }
                Ok(()) | Err(_) => Ok(()),
            }
        }
    }
}
