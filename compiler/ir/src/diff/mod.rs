//! What a reload would change: two [`Ir`]s compared, in the words of who runs the daemon.
//!
//! Objects are matched by name (virtual servers by service, real servers by address and port, virtual addresses by
//! address), so their order says nothing. Every field of every object is named in one of the lists here, or the
//! destructuring in [`fields!`] does not compile: nothing new is forgotten. What a daemon ignores (`dropped`, origins, the
//! cut part of a secret) is no change.

mod global;
mod ipvs;
mod show;
mod track;
mod vrrp;

use crate::Ir;
use serde::Serialize;
use std::fmt;

/// Something that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The object: a block at the root of the file.
    pub object: Subject,
    /// What in it, if not the object itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Subject>,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// Its keyword: `vrrp_instance`, `real_server`.
    pub kind: &'static str,
    /// Its name; empty where there is one only.
    pub name: String,
}

/// What happens to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// An instance stops and begins anew, since it is another virtual router now.
    RestartsElection {
        /// The fields that make it another one.
        because: Vec<&'static str>,
    },
    /// A real server gets no new clients: its weight becomes 0.
    Drained {
        /// The weight it had.
        old: u32,
    },
    /// The weight of a real server changes.
    Reweighted {
        /// The weight it had.
        old: u32,
        /// The weight it gets.
        new: u32,
    },
    /// A value changes.
    Changed {
        /// Its name in the IR, without the unit.
        field: &'static str,
        /// What it was. Secrets are not shown.
        old: String,
        /// What it becomes.
        new: String,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}

impl fmt::Display for Change {
    /// The change without its object: `real_server 192.0.2.7:80 is drained (weight 3 -> 0)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part.as_ref().map_or(String::new(), |part| format!("{part} "));
        match &self.action {
            Action::Added => write!(f, "{part}is added"),
            Action::Removed => write!(f, "{part}is removed"),
            Action::RestartsElection { because } => write!(f, "{part}restarts its election ({})", because.join(", ")),
            Action::Drained { old } => write!(f, "{part}is drained (weight {old} -> 0)"),
            Action::Reweighted { old, new } => write!(f, "{part}weight {old} -> {new}"),
            Action::Changed { field, old, new } => write!(f, "{part}{field} {old} -> {new}"),
        }
    }
}

/// Everything that is different, objects in the order of the new configuration and those that are gone at the end of their
/// kind. Empty exactly if a daemon does the same with both.
pub fn changes(old: &Ir, new: &Ir) -> Vec<Change> {
    let mut diff = Diff { old, new, changes: Vec::new() };
    diff.global();
    diff.instances();
    diff.sync_groups();
    diff.trackers();
    diff.virtual_servers();
    diff.rest();
    diff.changes
}

/// The two configurations, and what was found so far.
struct Diff<'i> {
    old: &'i Ir,
    new: &'i Ir,
    changes: Vec<Change>,
}

/// Where a value stands: an object, and maybe a part of it.
#[derive(Clone)]
struct Place {
    object: Subject,
    part: Option<Subject>,
}

impl Place {
    fn new(kind: &'static str, name: impl Into<String>) -> Self {
        Place { object: Subject { kind, name: name.into() }, part: None }
    }

    fn part(&self, kind: &'static str, name: impl Into<String>) -> Self {
        Place { object: self.object.clone(), part: Some(Subject { kind, name: name.into() }) }
    }
}

impl<'i> Diff<'i> {
    fn push(&mut self, place: &Place, action: Action) {
        self.changes.push(Change { object: place.object.clone(), part: place.part.clone(), action });
    }

    fn changed(&mut self, place: &Place, field: &'static str, old: String, new: String) {
        let field = field.strip_suffix("_us").unwrap_or(field);
        self.push(place, Action::Changed { field, old, new });
    }

    /// Pairs of what has one key on both sides, once those of one side only are told.
    fn matched<T>(
        &mut self,
        old: &'i [T],
        new: &'i [T],
        key: impl Fn(&T) -> String,
        place: impl Fn(&str) -> Place,
    ) -> Vec<(&'i T, &'i T, Place)> {
        let mut left: Vec<Option<(&T, String)>> = old.iter().map(|item| Some((item, key(item)))).collect();
        let mut pairs = Vec::new();
        for item in new {
            let name = key(item);
            // Of several with one name the first ones belong together.
            let known = left.iter_mut().find(|slot| slot.as_ref().is_some_and(|(_, known)| *known == name));
            match known.and_then(Option::take) {
                Some((known, _)) => pairs.push((known, item, place(&name))),
                None => self.push(&place(&name), Action::Added),
            }
        }
        for (_, name) in left.into_iter().flatten() {
            self.push(&place(&name), Action::Removed);
        }
        pairs
    }

    /// Tells which of some texts are on one side only.
    fn texts(&mut self, place: &Place, kind: &'static str, old: Vec<String>, new: Vec<String>) {
        let mut left: Vec<Option<String>> = old.into_iter().map(Some).collect();
        for text in new {
            match left.iter_mut().find(|slot| slot.as_ref() == Some(&text)) {
                Some(slot) => *slot = None,
                None => self.push(&place.part(kind, text), Action::Added),
            }
        }
        for text in left.into_iter().flatten() {
            self.push(&place.part(kind, text), Action::Removed);
        }
    }
}

/// Compares fields of two values of a struct. All its fields are in one of the two lists.
macro_rules! fields {
    ($diff:expr, $place:expr, $old:expr, $new:expr, $type:path { $($field:ident),* $(,)? } elsewhere { $($other:ident),* $(,)? }) => {{
        let $type { $($field: _,)* $($other: _,)* } = $old;
        $(
            if $old.$field != $new.$field {
                let name = stringify!($field);
                let (old, new) = ($crate::diff::show::Show::show(&$old.$field, name), $crate::diff::show::Show::show(&$new.$field, name));
                $diff.changed($place, name, old, new);
            }
        )*
    }};
}
use fields;
