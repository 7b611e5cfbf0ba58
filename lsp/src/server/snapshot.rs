//! What is known at one moment, as requests see it.

use super::abilities::Abilities;
use super::convert::{self, Lines};
use crate::analysis::{Disk, Documents, Overlay, Preferences, Scene};
use crate::ide::View;
use crate::ide::company::Company;
use kalc_compiler::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower_lsp::ls_types::{self, Location, Uri};

/// Versions of open documents by their paths' one spelling.
pub type Covered = Arc<BTreeMap<String, i32>>;

/// What was read; it never changes.
pub struct Snapshot {
    /// The versions that were seen.
    pub covered: Covered,
    /// The files, by what is checked together.
    pub scenes: Vec<Arc<Scene>>,
    /// Open documents.
    pub documents: Arc<Documents>,
    /// What the user prefers.
    pub preferences: Arc<Preferences>,
    /// What the client can do.
    pub abilities: Abilities,
    /// The files that are not open.
    pub disk: Arc<dyn Disk>,
}

impl Snapshot {
    /// The files, with what is open over them.
    pub fn overlay(&self) -> Overlay<'_> {
        Overlay { disk: &*self.disk, open: &self.documents }
    }

    /// The address of a file: as the editor calls it, else by its name.
    pub fn uri(&self, path: &str, name: &str) -> Option<Uri> {
        convert::uri(self.documents.get(path).map_or(name, |document| document.path.as_str()))
    }
}

/// A finding, and how it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What was found; `None` for what no rule says.
    pub diagnostic: Option<Diagnostic>,
    /// What the client sees of it.
    pub shown: ls_types::Diagnostic,
}

/// What was found; it never changes.
#[derive(Default)]
pub struct Checked {
    /// The versions that it speaks of.
    pub covered: Covered,
    /// Findings by the client's name of the file, in the order of the text. Every open document is there.
    pub findings: BTreeMap<String, Vec<Finding>>,
    /// What is shown of clusters; if it changes, clients are to ask for code lenses again.
    pub lenses: u64,
}

/// A request's view of the world.
pub struct Asked {
    /// What was read.
    pub snapshot: Arc<Snapshot>,
    /// What was found last.
    pub checked: Arc<Checked>,
    /// The one spelling of the path of the file that the request is about.
    pub path: String,
}

/// A file in one host, and the hosts around that.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The hosts that are looked at together.
    pub company: &'a Company,
    /// The scene.
    pub scene: &'a Scene,
    /// The file in the host.
    pub view: View<'a>,
}

impl Asked {
    /// The file in each host that holds it.
    pub fn seen(&self) -> impl Iterator<Item = Seen<'_>> {
        self.snapshot.scenes.iter().flat_map(move |scene| {
            scene.company.views(&self.path).map(move |view| Seen { company: &scene.company, scene, view })
        })
    }

    /// The text of the file: of the open document, else as some host read it.
    pub fn text(&self) -> Option<&str> {
        let open = self.snapshot.documents.get(&self.path).map(|document| &*document.text);
        open.or_else(|| self.seen().next().map(|seen| seen.view.text()))
    }

    /// That text, to count in.
    pub fn lines(&self) -> Option<Lines<'_>> {
        self.text().map(|text| self.lines_of(text))
    }

    /// A text, to count in.
    pub fn lines_of<'t>(&self, text: &'t str) -> Lines<'t> {
        Lines::new(text, self.snapshot.abilities.encoding)
    }

    /// The findings of the file.
    pub fn findings(&self) -> &[Finding] {
        let name = self.snapshot.documents.get(&self.path).map_or(self.path.as_str(), |document| &document.path);
        self.checked.findings.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Seen<'_> {
    /// A place in one of the host's files.
    pub fn location(&self, asked: &Asked, place: kalc_grammar::source::FileSpan) -> Option<Location> {
        let file = self.view.host.sources.file(place.file);
        let path = self.company.readings.get(self.view.reading)?.files.get(place.file.0 as usize)?;
        let range = asked.lines_of(file.text()).range(place.span);
        Some(Location { uri: asked.snapshot.uri(path, file.name())?, range })
    }
}
