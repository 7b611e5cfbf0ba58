//! Gives back memory that only the compiler needed.
//!
//! A daemon runs for months with the pages of the program mapped that read its configuration once: some seven MiB. They
//! are dropped here; what is touched again comes back from the page cache without a look at the disk. Memory that was
//! allocated and is free again goes back, too.

use crate::process;
use crate::sys;
use std::fs;
use std::io;
use std::path::Path;

/// Memory of the program's own file that cannot be written.
struct Mapping {
    start: usize,
    end: usize,
    is_clean: bool,
}

/// Memory of the program's own file that cannot be written and never was: every page has the content of the file.
pub struct Clean {
    start: usize,
    length: usize,
}

impl Clean {
    /// Its first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// How many bytes.
    pub fn length(&self) -> usize {
        self.length
    }
}

/// Tries [`trim`], and gives back free memory; memory that is not given back is no reason to end.
pub fn try_trim() {
    // What is locked is wanted in memory.
    if process::is_locked() {
        return;
    }
    if let Err(error) = trim() {
        tracing::debug!("memory is not given back: {error}");
    }
    sys::release_free_memory();
}

/// Drops the program's clean pages, and says how many bytes of address space they lie in. What is in use costs a minor
/// fault each when it is needed next.
///
/// # Errors
/// If the system does not tell what is mapped, or does not drop it.
fn trim() -> io::Result<usize> {
    let program = fs::read_link("/proc/self/exe")?;
    let mut bytes = 0;
    for mapping in mappings(&fs::read_to_string("/proc/self/smaps")?, &program) {
        if mapping.is_clean {
            let clean = Clean { start: mapping.start, length: mapping.end - mapping.start };
            sys::drop_pages(&clean)?;
            bytes += clean.length;
        }
    }
    Ok(bytes)
}

/// The program's own mappings that cannot be written, from `/proc/PID/smaps` (proc(5)).
fn mappings(smaps: &str, program: &Path) -> Vec<Mapping> {
    let mut found: Vec<Mapping> = Vec::new();
    let mut is_own = false;
    for line in smaps.lines() {
        if let Some(mapping) = head(line) {
            let (range, mode, path) = mapping;
            is_own = Path::new(path) == program && mode.starts_with('r') && !mode.contains('w') && mode.ends_with('p');
            if is_own {
                // Until its line about anonymous memory is seen, it may hold relocations, which no file has.
                found.push(Mapping { start: range.0, end: range.1, is_clean: false });
            }
        } else if is_own
            && let Some(anonymous) = line.strip_prefix("Anonymous:")
            && let Some(last) = found.last_mut()
        {
            last.is_clean = anonymous.trim() == "0 kB";
        }
    }
    found
}

/// `START-END MODE OFFSET DEVICE INODE PATH`
fn head(line: &str) -> Option<((usize, usize), &str, &str)> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let range = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    let mode = words.next().filter(|mode| mode.len() == 4)?;
    Some((range, mode, words.nth(3)?.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resident() -> u64 {
        let program = fs::read_link("/proc/self/exe").expect("a program");
        let smaps = fs::read_to_string("/proc/self/smaps").expect("smaps");
        let mut total = 0;
        let mut is_own = false;
        for line in smaps.lines() {
            if let Some((_, mode, path)) = head(line) {
                is_own = Path::new(path) == program && !mode.contains('w');
            } else if is_own && let Some(size) = line.strip_prefix("Rss:") {
                total += size.trim().trim_end_matches(" kB").parse::<u64>().expect("a size");
            }
        }
        total
    }

    #[test]
    fn pages_are_dropped_and_come_back() {
        let before = resident();
        assert!(trim().expect("it is permitted") > 0);
        assert!(resident() < before);
        // Code that was dropped still runs.
        assert_eq!(format!("{:?}", "1.5".parse::<f64>()), "Ok(1.5)");
    }

    #[test]
    fn what_holds_relocations_or_can_be_written_is_left_alone() {
        let smaps = "\
1000-2000 r-xp 00000000 fe:00 7                          /usr/bin/kalc
Rss:                   4 kB
Anonymous:             0 kB
2000-3000 r--p 00001000 fe:00 7                          /usr/bin/kalc
Anonymous:             4 kB
3000-4000 rw-p 00002000 fe:00 7                          /usr/bin/kalc
Anonymous:             0 kB
4000-5000 r-xp 00000000 fe:00 8                          /usr/lib/libc.so.6
Anonymous:             0 kB
";
        let clean: Vec<_> = mappings(smaps, Path::new("/usr/bin/kalc"))
            .into_iter()
            .filter(|mapping| mapping.is_clean)
            .map(|mapping| (mapping.start, mapping.end))
            .collect();
        assert_eq!(clean, [(0x1000, 0x2000)]);
    }
}
