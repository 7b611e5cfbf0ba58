//! Names of what has been lowered so far, and how they lead to ids.
//!
//! Trackers must stand before those who use them, so their names are looked up while the roots are lowered in the order
//! of the text. Instances and virtual server groups may stand behind their users and are looked up at the end.

use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Ids by name; the first of two equal names counts.
pub(super) struct Names<'c>(FxHashMap<Cow<'c, str>, u32>);

impl<'c> Names<'c> {
    pub fn new() -> Self {
        Names(FxHashMap::default())
    }

    /// Gives the next object its name; `false` if the name is taken.
    pub fn add(&mut self, name: Cow<'c, str>, id: usize) -> bool {
        match self.0.entry(name) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(id as u32);
                true
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }
}
