//! What this daemon has put into the kernel, on disk, so that the next one finds what a killed one left.
//!
//! It is written before anything is added. The file says in which network namespace and since which boot it is true.
//! There is one for addresses and one for services of IPVS.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// More than the longest list that makes sense.
const BYTES_MAX: u64 = 64 << 20;

/// Where and when the entries are true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct World {
    boot: String,
    network: u64,
}

#[derive(Serialize, Deserialize)]
struct Contents<E> {
    world: World,
    entries: Vec<E>,
}

/// The file.
#[derive(Debug)]
pub struct Ledger<E> {
    path: PathBuf,
    fresh: PathBuf,
    world: World,
    /// What is in the file.
    written: Vec<E>,
}

impl<E: Serialize + DeserializeOwned + PartialEq> Ledger<E> {
    /// The file of that name in a folder, and what an earlier daemon left in it.
    pub fn open(folder: &Path, file: &str) -> io::Result<(Self, Vec<E>)> {
        let path = folder.join(file);
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned();
        let network = fs::metadata("/proc/self/ns/net")?.ino();
        let ledger: Self = Ledger {
            fresh: folder.join(format!("{file}.new")),
            path,
            world: World { boot, network },
            written: Vec::new(),
        };
        let left = ledger.read()?;
        Ok((ledger, left))
    }

    fn read(&self) -> io::Result<Vec<E>> {
        match fs::metadata(&self.path) {
            Ok(facts) if facts.len() <= BYTES_MAX => {}
            Ok(_) => return Ok(Vec::new()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        // What cannot be read was not written by us, or by another version: it tells nothing.
        let contents = serde_json::from_slice::<Contents<E>>(&fs::read(&self.path)?);
        Ok(contents.ok().filter(|contents| contents.world == self.world).map_or_else(Vec::new, |found| found.entries))
    }

    /// Makes the file say this.
    pub fn write(&mut self, entries: Vec<E>) -> io::Result<()> {
        if entries == self.written {
            return Ok(());
        }
        if entries.is_empty() {
            return self.remove();
        }
        let contents = Contents { world: self.world.clone(), entries };
        fs::write(&self.fresh, serde_json::to_vec(&contents)?)?;
        fs::rename(&self.fresh, &self.path)?;
        self.written = contents.entries;
        Ok(())
    }

    /// Nothing is left.
    pub fn remove(&mut self) -> io::Result<()> {
        self.written.clear();
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "things.json";

    fn entry(address: &str) -> (String, u8) {
        (address.to_owned(), 24)
    }

    #[test]
    fn what_was_written_is_found_in_the_same_world_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut ledger, left) = Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger");
        assert_eq!(left, [] as [(String, u8); 0]);
        ledger.write(vec![entry("10.0.0.1"), entry("fd00::1")]).expect("written");
        let (mut next, left) = Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger");
        assert_eq!(left, [entry("10.0.0.1"), entry("fd00::1")]);
        next.world.network += 1;
        assert_eq!(next.read().expect("readable"), []);
        ledger.write(Vec::new()).expect("removed");
        assert!(!folder.path().join(FILE).exists());
    }

    #[test]
    fn a_file_that_is_none_of_ours_tells_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "{\"entries\": 7").expect("written");
        assert_eq!(Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger").1, []);
    }
}
