//! Indices of objects, and the opaque numbers that lead back to the text.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A statement of the text: the index of a `Setting` in the `Config` that was lowered.
///
/// Any two are equal, so that comparing objects compares their meaning.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct OriginId(pub u32);

impl PartialEq for OriginId {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for OriginId {}

impl PartialOrd for OriginId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OriginId {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for OriginId {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Where the fields of an object were written: names of fields as in its struct, with a path for fields inside
/// (`transport.peers`). A field that is not there has its default or an inherited value. Any two are equal, as with
/// [`OriginId`].
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<(&'static str, OriginId)>);

impl Origins {
    /// Nothing was written.
    pub const fn new() -> Self {
        Origins(Vec::new())
    }

    /// Makes room for so many more fields.
    pub fn reserve(&mut self, fields: usize) {
        self.0.reserve_exact(fields);
    }

    /// Gives back room that no field takes.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Says where a field was written; the last word on a field counts.
    pub fn set(&mut self, field: &'static str, origin: OriginId) {
        match self.0.iter_mut().find(|(name, _)| *name == field) {
            Some(entry) => entry.1 = origin,
            None => self.0.push((field, origin)),
        }
    }

    /// The statement that gave a field its value; `None` for a default.
    pub fn get(&self, field: &str) -> Option<OriginId> {
        self.0.iter().find(|(name, _)| *name == field).map(|&(_, origin)| origin)
    }

    /// Whether a field was written.
    pub fn contains(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    /// All fields that were written.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, OriginId)> {
        self.0.iter().copied()
    }
}

impl PartialEq for Origins {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origins {}

impl Hash for Origins {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, origin) in &self.0 {
            map.serialize_entry(field, origin)?;
        }
        map.end()
    }
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
            pub struct $name(pub u32);

            impl $name {
                /// The id as an index.
                pub const fn index(self) -> usize {
                    self.0 as usize
                }
            }
        )*
    };
}

ids! {
    /// Index into [`Ir::vrrp_instances`](crate::Ir::vrrp_instances).
    InstanceId;
    /// Index into [`Ir::sync_groups`](crate::Ir::sync_groups).
    SyncGroupId;
    /// Index into [`Ir::scripts`](crate::Ir::scripts).
    ScriptId;
    /// Index into [`Ir::processes`](crate::Ir::processes).
    ProcessId;
    /// Index into [`Ir::files`](crate::Ir::files).
    TrackFileId;
    /// Index into [`Ir::bfd_instances`](crate::Ir::bfd_instances).
    BfdId;
    /// Index into [`Ir::virtual_server_groups`](crate::Ir::virtual_server_groups).
    VirtualServerGroupId;
}
