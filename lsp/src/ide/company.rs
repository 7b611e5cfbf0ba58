//! The hosts that are looked at together, and who of them belongs to whom.

use super::View;
use super::standing::{Standing, standings};
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_grammar::source::FileId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// A host as requests see it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The host.
    pub host: Arc<Host>,
    /// The one spelling of the path of each of its files.
    pub files: Vec<String>,
    /// Number of the main file; the readings of one file under several configuration ids share it.
    pub unit: usize,
}

/// Hosts that are compared with each other, as `kalc cluster` does.
#[derive(Clone, Debug)]
pub struct Group {
    /// Whether they are a cluster of `kalc.toml`.
    pub is_named: bool,
    /// Indices of readings.
    pub members: Vec<usize>,
    /// What else is known of them.
    pub given: Given,
}

/// All hosts that one `kalc.toml` is said of, or none is.
#[derive(Debug, Default)]
pub struct Company {
    /// The hosts; a file that names configuration ids is there without one and then under each.
    pub readings: Vec<Reading>,
    /// Which of them are compared.
    pub groups: Vec<Group>,
    relations: OnceLock<Relations>,
}

/// Who belongs to whom.
#[derive(Debug, Default)]
struct Relations {
    /// For each reading one that stands for all that belong together.
    kin: Vec<usize>,
    /// What is known of the virtual router of an instance, by reading and index of the instance.
    standings: FxHashMap<(usize, usize), Arc<Standing>>,
}

impl Company {
    /// Some hosts.
    pub fn new(readings: Vec<Reading>, groups: Vec<Group>) -> Self {
        Company { readings, groups, relations: OnceLock::new() }
    }

    /// A file in each host that holds it.
    pub fn views<'c>(&'c self, path: &'c str) -> impl Iterator<Item = View<'c>> {
        self.readings.iter().enumerate().filter_map(move |(index, _)| self.view(index, path))
    }

    /// A file in one host, if that holds it.
    pub fn view(&self, reading: usize, path: &str) -> Option<View<'_>> {
        let reading_of = self.readings.get(reading)?;
        let file = reading_of.files.iter().position(|file| file == path)?;
        Some(View { host: &reading_of.host, file: FileId(file as u32), reading })
    }

    /// What is known of the virtual router of an instance; `None` if it has no peers.
    pub fn standing(&self, reading: usize, instance: usize) -> Option<&Standing> {
        self.relations().standings.get(&(reading, instance)).map(|standing| &**standing)
    }

    /// The hosts that share names with one: itself under all configuration ids, members of its cluster of `kalc.toml`,
    /// and who has a virtual router in common with it.
    pub fn kin(&self, reading: usize) -> BTreeSet<usize> {
        let kin = &self.relations().kin;
        let own = kin.get(reading).copied().unwrap_or(reading);
        kin.iter().enumerate().filter(|&(_, &other)| other == own).map(|(index, _)| index).chain([reading]).collect()
    }

    /// The hosts that hold a file.
    pub fn holders(&self, path: &str) -> impl Iterator<Item = usize> {
        let holds =
            move |(index, reading): (usize, &Reading)| reading.files.iter().any(|file| file == path).then_some(index);
        self.readings.iter().enumerate().filter_map(holds)
    }

    /// The names of all interfaces that some host names, in the order of the alphabet.
    pub fn interfaces(&self) -> BTreeSet<String> {
        let mut seen: FxHashSet<*const Host> = FxHashSet::default();
        let hosts = self.readings.iter().filter(|reading| seen.insert(Arc::as_ptr(&reading.host)));
        hosts.flat_map(|reading| super::names::interfaces(&reading.host)).collect()
    }

    fn relations(&self) -> &Relations {
        self.relations.get_or_init(|| self.relate())
    }

    fn relate(&self) -> Relations {
        let mut kin: Vec<usize> = (0..self.readings.len()).collect();
        let mut of_unit: FxHashMap<usize, usize> = FxHashMap::default();
        for (index, reading) in self.readings.iter().enumerate() {
            let first = *of_unit.entry(reading.unit).or_insert(index);
            join(&mut kin, first, index);
        }
        let mut found = FxHashMap::default();
        for group in &self.groups {
            let hosts = group.members.iter().map(|&member| &*self.readings[member].host);
            let fleet = Fleet::new(hosts, group.given.clone());
            if group.is_named {
                group.members.windows(2).for_each(|pair| join(&mut kin, pair[0], pair[1]));
            }
            for router in &fleet.routers {
                let members: Vec<usize> = router.iter().map(|&face| group.members[fleet.faces[face].host]).collect();
                members.windows(2).for_each(|pair| join(&mut kin, pair[0], pair[1]));
            }
            for (face, standing) in standings(&fleet) {
                let face = &fleet.faces[face];
                found.insert((group.members[face.host], face.instance), standing);
            }
        }
        let kin = (0..kin.len()).map(|index| root(&kin, index)).collect();
        Relations { kin, standings: found }
    }
}

/// Whoever stands for all that one belongs to.
fn root(kin: &[usize], mut index: usize) -> usize {
    while kin[index] != index {
        index = kin[index];
    }
    index
}

fn join(kin: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(kin, a), root(kin, b));
    let (low, high) = (a.min(b), a.max(b));
    kin[high] = low;
    // Short ways for those who look later.
    kin[b] = low;
}
