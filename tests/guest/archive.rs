//! A root file system for the guest: files are gathered in a folder and packed in the kernel's own format (`newc`, see
//! `Documentation/driver-api/early-userspace/buffer-format.rst` of Linux).

use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies a program to `usr/bin`, with the libraries that it needs at their own places.
pub fn add_program(root: &Path, program: &Path, name: &str) -> io::Result<()> {
    copy(program, &root.join("usr/bin").join(name))?;
    let output = Command::new("ldd").arg(program).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for library in text.split_whitespace().filter(|word| word.starts_with('/')) {
        let to = root.join(library.trim_start_matches('/'));
        if !to.exists() {
            copy(Path::new(library), &to)?;
        }
    }
    Ok(())
}

/// Copies a file, through links.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(drop)
}

/// Packs a folder.
pub fn pack(root: &Path, out: &mut impl Write) -> io::Result<()> {
    let mut paths = Vec::new();
    walk(root, &mut paths)?;
    for path in paths {
        let facts = fs::symlink_metadata(&path)?;
        let name = path.strip_prefix(root).map_err(io::Error::other)?.as_os_str().as_bytes().to_vec();
        let contents = if facts.is_dir() {
            Vec::new()
        } else if facts.is_symlink() {
            fs::read_link(&path)?.as_os_str().as_bytes().to_vec()
        } else {
            fs::read(&path)?
        };
        entry(out, &name, facts.mode(), &contents)?;
    }
    entry(out, b"TRAILER!!!", 0, &[])
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut inside: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    inside.sort();
    for path in inside {
        let is_folder = fs::symlink_metadata(&path)?.is_dir();
        paths.push(path.clone());
        if is_folder {
            walk(&path, paths)?;
        }
    }
    Ok(())
}

/// One entry: a header of 110 hexadecimal digits, the name with a zero, the contents; both end at multiples of four.
fn entry(out: &mut impl Write, name: &[u8], mode: u32, contents: &[u8]) -> io::Result<()> {
    let fields = [0, mode, 0, 0, 1, 0, length(contents)?, 0, 0, 0, 0, length(name)? + 1, 0];
    let mut header = b"070701".to_vec();
    for field in fields {
        write!(header, "{field:08x}")?;
    }
    header.extend_from_slice(name);
    header.push(0);
    header.resize(header.len().next_multiple_of(4), 0);
    out.write_all(&header)?;
    out.write_all(contents)?;
    out.write_all(&[0_u8; 3][..contents.len().next_multiple_of(4) - contents.len()])
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}
