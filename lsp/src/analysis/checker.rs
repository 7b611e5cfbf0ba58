//! From what was read to findings. A host that did not change is not checked again.

use super::scene::Scene;
use super::{Disk, Documents, FAILED, Note, Overlay};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::host::Host;
use kalc_compiler::project::{Run, Unit};
use kalc_compiler::suppress::Date;
use rustc_hash::{FxHashMap, FxHashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What was found, and what else is to say.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The findings of rules.
    pub diagnostics: Vec<Diagnostic>,
    /// What is no finding of a rule.
    pub notes: Vec<Note>,
}

/// Checks, and remembers what it found.
#[derive(Default)]
pub struct Checker {
    /// What was found on hosts alone, by the address of the host, which is kept so that nobody else gets the address.
    hosts: FxHashMap<*const Host, OnHost>,
    /// The last answer for each scene of the last run, with its day.
    scenes: Vec<(Arc<Scene>, Date, Found)>,
}

struct OnHost {
    /// Keeps the address.
    _host: Arc<Host>,
    /// `None` if kalc panicked.
    found: Option<Vec<Diagnostic>>,
}

/// What came of checking one unit.
enum Checked {
    Found(Vec<Diagnostic>),
    /// kalc panicked.
    Failed,
    /// Nobody wants to know any more.
    Stale,
}

impl Checker {
    /// Checks some scenes, and tells how far it is, in files. `None` if `is_stale` says in between that nobody wants the answer any more.
    pub fn check(
        &mut self,
        scenes: &[Arc<Scene>],
        disk: &dyn Disk,
        documents: &Documents,
        is_stale: &(dyn Fn() -> bool + Sync),
        progress: &dyn Fn(usize, usize),
    ) -> Option<Found> {
        let overlay = Overlay { disk, open: documents };
        let (mut all, mut kept) = (Found::default(), Vec::new());
        // What was found on hosts that are gone is forgotten, also if this run is never finished.
        let units = scenes.iter().flat_map(|scene| scene.units().0);
        let used: FxHashSet<*const Host> = units.map(|unit| Arc::as_ptr(&unit.host)).collect();
        self.hosts.retain(|key, _| used.contains(key));
        let today = super::scene::today();
        for scene in scenes {
            let known = self.scenes.iter().find(|(known, day, _)| Arc::ptr_eq(known, scene) && *day == today);
            let found = match known {
                Some((_, _, found)) => found.clone(),
                None => self.scene(scene, &overlay, is_stale, progress)?,
            };
            all.diagnostics.extend(found.diagnostics.iter().cloned());
            all.notes.extend(found.notes.iter().cloned());
            kept.push((Arc::clone(scene), today, found));
        }
        self.scenes = kept;
        (!is_stale()).then_some(all)
    }

    fn scene(
        &mut self,
        scene: &Scene,
        overlay: &Overlay<'_>,
        is_stale: &(dyn Fn() -> bool + Sync),
        progress: &dyn Fn(usize, usize),
    ) -> Option<Found> {
        let (mut units, inputs) = scene.units();
        let mut failed = Vec::new();
        let count = units.len();
        for (index, (unit, input)) in units.iter_mut().zip(&inputs).enumerate() {
            progress(index, count);
            if !unit.is_host {
                continue;
            }
            if is_stale() {
                return None;
            }
            match self.unit(unit, &|| !is_stale()) {
                Checked::Found(found) => unit.diagnostics = found,
                Checked::Failed => failed.push(input.path.clone()),
                Checked::Stale => return None,
            }
        }
        let run = Run::new(units.iter_mut().collect());
        let findings = |compares| scene.with_plan(compares, |plan| run.findings(plan, overlay));
        let compared = catch_unwind(AssertUnwindSafe(|| findings(true)));
        let has_failed = compared.is_err();
        let diagnostics = compared.unwrap_or_else(|_| findings(false));

        let plain = |path: &str, message: &str| {
            let (path, message) = (path.to_owned(), message.to_owned());
            Note { path, message, at: None, is_error: false }
        };
        let area = &scene.area;
        let unread = area.entries.iter().filter_map(|entry| Some(plain(&entry.input.path, entry.note.as_deref()?)));
        let mut notes: Vec<Note> = unread
            .chain(failed.iter().map(|path| plain(path, FAILED)))
            .chain(area.problem.clone())
            .chain(area.missing.iter().cloned())
            .collect();
        if has_failed {
            let message = "kalc failed to compare this file with its peers: please report it";
            notes.extend(area.entries.iter().map(|entry| plain(&entry.input.path, message)));
        }
        Some(Found { diagnostics, notes })
    }

    /// What is found on one unit alone.
    fn unit(&mut self, unit: &mut Unit, goes_on: &(dyn Fn() -> bool + Sync)) -> Checked {
        let key = Arc::as_ptr(&unit.host);
        if let Some(known) = self.hosts.get(&key) {
            return known.found.clone().map_or(Checked::Failed, Checked::Found);
        }
        let found = match catch_unwind(AssertUnwindSafe(|| unit.check_while(goes_on))) {
            Ok(true) => Some(std::mem::take(&mut unit.diagnostics)),
            Ok(false) => return Checked::Stale,
            Err(_) => None,
        };
        self.hosts.insert(key, OnHost { _host: Arc::clone(&unit.host), found: found.clone() });
        found.map_or(Checked::Failed, Checked::Found)
    }
}
