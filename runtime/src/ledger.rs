//! What this daemon has put into the kernel, on disk, so that the next one finds what a killed one left.
//!
//! It is written before anything is added. The file says in which network namespace and since which boot it is true.
//! There is one for addresses, one for routes and rules, and one for services of IPVS.
//!
//! A takeover does not wait for it: what the configuration may have put up is written down beforehand, and one byte of the
//! file says whether that counts. It does from the moment before the first address is added until the exact list is
//! written, some milliseconds later.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// More than the longest list that makes sense.
const BYTES_MAX: u64 = 64 << 20;

/// Where and when the entries are true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct World {
    boot: String,
    network: u64,
}

/// What is in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Contents<E> {
    /// 1 while anything of `prepared` may be held. Invariant: it comes first, so that its place is known.
    #[serde(default)]
    binding: u8,
    world: World,
    /// What is held.
    entries: Vec<E>,
    /// What the configuration may come to hold.
    #[serde(default = "Vec::new")]
    prepared: Vec<E>,
}

/// Where the digit of [`Contents::binding`] is.
const BINDING_AT: u64 = "{\"binding\":".len() as u64;

/// The file.
#[derive(Debug)]
pub struct Ledger<E> {
    path: PathBuf,
    fresh: PathBuf,
    /// The file as it was written last; `None` before.
    file: Option<File>,
    /// What is in it; lists are sorted.
    contents: Contents<E>,
}

impl<E: Serialize + DeserializeOwned + Ord> Ledger<E> {
    /// The file of that name in a folder, and what an earlier daemon left in it.
    pub fn open(folder: &Path, file: &str) -> io::Result<(Self, Vec<E>)> {
        let path = folder.join(file);
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned();
        let network = fs::metadata("/proc/self/ns/net")?.ino();
        let world = World { boot, network };
        let contents = Contents { binding: 0, world, entries: Vec::new(), prepared: Vec::new() };
        let ledger: Self = Ledger { fresh: folder.join(format!("{file}.new")), path, file: None, contents };
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
        let contents = serde_json::from_slice::<Contents<E>>(&fs::read(&self.path)?).ok();
        let Some(found) = contents.filter(|contents| contents.world == self.contents.world) else {
            return Ok(Vec::new());
        };
        let mut left = found.entries;
        if found.binding != 0 {
            left.extend(found.prepared);
        }
        Ok(left)
    }

    /// Writes down what may be held from now on, beside what is.
    pub fn prepare(&mut self, mut prepared: Vec<E>) -> io::Result<()>
    where
        E: Clone,
    {
        // What is being put up right now is not forgotten.
        if self.contents.binding != 0 {
            prepared.extend(self.contents.prepared.iter().cloned());
        }
        prepared.sort();
        prepared.dedup();
        if prepared == self.contents.prepared {
            return Ok(());
        }
        self.contents.prepared = prepared;
        self.store()
    }

    /// Some of these will be held in a moment: after a crash all of them are found.
    pub fn begin(&mut self, mut entries: Vec<E>) -> io::Result<()> {
        entries.sort();
        let Contents { binding, entries: held, prepared, .. } = &mut self.contents;
        let is_held = |entry: &E| held.binary_search(entry).is_ok();
        if entries.iter().all(is_held) {
            return Ok(());
        }
        let is_known = |entry: &E| is_held(entry) || prepared.binary_search(entry).is_ok();
        match &self.file {
            Some(file) if entries.iter().all(is_known) => {
                if *binding == 0 {
                    file.write_all_at(b"1", BINDING_AT)?;
                    *binding = 1;
                }
                Ok(())
            }
            Some(_) | None => self.write(entries),
        }
    }

    /// Makes the file say that exactly this is held.
    pub fn write(&mut self, mut entries: Vec<E>) -> io::Result<()> {
        entries.sort();
        if entries == self.contents.entries && self.contents.binding == 0 {
            return Ok(());
        }
        self.contents.entries = entries;
        self.contents.binding = 0;
        self.store()
    }

    fn store(&mut self) -> io::Result<()> {
        if self.contents.entries.is_empty() && self.contents.prepared.is_empty() {
            return self.remove();
        }
        let mut file = File::create(&self.fresh)?;
        file.write_all(&serde_json::to_vec(&self.contents)?)?;
        fs::rename(&self.fresh, &self.path)?;
        self.file = Some(file);
        Ok(())
    }

    /// Nothing is left.
    pub fn remove(&mut self) -> io::Result<()> {
        self.file = None;
        self.contents.binding = 0;
        self.contents.entries.clear();
        self.contents.prepared.clear();
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
        assert!(left.is_empty());
        ledger.write(vec![entry("10.0.0.1"), entry("fd00::1")]).expect("written");
        let (mut next, left) = Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger");
        assert_eq!(left, [entry("10.0.0.1"), entry("fd00::1")]);
        next.contents.world.network += 1;
        assert_eq!(next.read().expect("readable"), []);
        ledger.write(Vec::new()).expect("removed");
        assert!(!folder.path().join(FILE).exists());
    }

    fn left(folder: &Path) -> Vec<(String, u8)> {
        Ledger::open(folder, FILE).expect("a ledger").1
    }

    #[test]
    fn what_is_prepared_counts_only_while_it_is_being_put_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut ledger, _) = Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger");
        let (a, b) = (entry("10.0.0.1"), entry("10.0.0.2"));
        ledger.prepare(vec![b.clone(), a.clone()]).expect("written");
        assert_eq!(left(folder.path()), []);
        ledger.begin(vec![a.clone()]).expect("written");
        assert_eq!(left(folder.path()), [a.clone(), b.clone()]);
        ledger.write(vec![a.clone()]).expect("written");
        assert_eq!(left(folder.path()), std::slice::from_ref(&a));
        // Nothing new: nothing is at stake.
        ledger.begin(vec![a.clone()]).expect("written");
        assert_eq!(left(folder.path()), std::slice::from_ref(&a));
        ledger.begin(vec![a.clone(), b.clone()]).expect("written");
        assert_eq!(left(folder.path()), [a.clone(), a, b]);
        ledger.write(Vec::new()).expect("written");
        assert_eq!(left(folder.path()), []);
    }

    #[test]
    fn what_is_not_prepared_is_written_down_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut ledger, _) = Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger");
        ledger.prepare(vec![entry("10.0.0.1")]).expect("written");
        ledger.begin(vec![entry("10.0.0.3")]).expect("written");
        assert_eq!(left(folder.path()), [entry("10.0.0.3")]);
    }

    #[test]
    fn a_file_that_is_none_of_ours_tells_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "{\"entries\": 7").expect("written");
        assert_eq!(Ledger::<(String, u8)>::open(folder.path(), FILE).expect("a ledger").1, [] as [(String, u8); 0]);
    }
}
