//! Routes and rules that instances hold while they are master, and those that the daemon holds while it runs.
//!
//! They follow their addresses: added once those are there, routes before rules, and removed before them, the other way
//! round, as keepalived does. A tracked one that somebody else removes is put back.
//!
//! Differs: keepalived gives the addresses up when a tracked route is lost, and takes all of it again at once.

use crate::ledger::Ledger;
use crate::netlink::names::Folders;
use crate::netlink::route::{self, Device, Obstacle, Tables};
use crate::netlink::{Batch, Edit, PIECE};
use crate::timer::now;
use kalc_core::Instant;
use kalc_ir::{Instance, Ir, Route, Rule};
use nix::libc;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often what is held is looked after, and what could not be added is tried again.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// A route or a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Route(Box<Route>),
    Rule(Box<Rule>),
}

/// Name of their ledger in the run folder.
pub const LEDGER: &str = "routes.json";

/// All of them.
pub struct Routes {
    /// Messages that remove what is there.
    ledger: Ledger<String>,
    tables: Tables,
    /// By their texts, which say all of them.
    entries: BTreeMap<String, Held>,
    lists: BTreeMap<Arc<str>, Vec<String>>,
    check_at: Option<Instant>,
}

struct Held {
    item: Item,
    /// How many lists it is in.
    users: u32,
    /// What removes it, while it is there.
    removal: Option<Edit>,
    /// Whether it was told that it cannot be added.
    is_told: bool,
}

impl Item {
    fn is_tracked(&self) -> bool {
        match self {
            Item::Route(route) => route.is_tracked,
            Item::Rule(rule) => rule.is_tracked,
        }
    }

    /// What adds it and what removes it.
    fn edits(&self, tables: &Tables, find: impl Fn(&str) -> Option<Device>) -> Result<(Edit, Edit), Obstacle> {
        Ok(match self {
            Item::Route(item) => {
                let message = route::route(item, tables, find)?;
                (Edit::AddRoute(message.clone(), item.place), Edit::RemoveRoute(message))
            }
            Item::Rule(item) => {
                let message = route::rule(item, tables)?;
                (Edit::AddRule(message.clone()), Edit::RemoveRule(message))
            }
        })
    }
}

/// The entries of an instance with their texts.
fn items(instance: &Instance) -> Vec<(String, Item)> {
    texts(&instance.virtual_routes, &instance.virtual_rules)
}

/// Routes before rules.
fn texts(routes: &[Route], rules: &[Rule]) -> Vec<(String, Item)> {
    let routes = routes.iter().map(|route| (format!("route {route}"), Item::Route(route.clone().into())));
    let rules = rules.iter().map(|rule| (format!("rule {rule}"), Item::Rule(rule.clone().into())));
    routes.chain(rules).collect()
}

/// What removes the routes and rules of a configuration, as far as its interfaces are there: those that an earlier daemon
/// left are among them.
pub fn removals(ir: &Ir, find: impl Fn(&str) -> Option<Device>) -> Vec<Edit> {
    let items: Vec<Item> = ir.vrrp_instances.iter().flat_map(items).map(|(_, item)| item).collect();
    if items.is_empty() {
        return Vec::new();
    }
    let tables = Tables::read(&Folders::of(ir));
    items.iter().rev().filter_map(|item| item.edits(&tables, &find).ok()).map(|(_, removal)| removal).collect()
}

impl Routes {
    /// None so far.
    pub fn new(ledger: Ledger<String>) -> Routes {
        Routes { ledger, tables: Tables::default(), entries: BTreeMap::new(), lists: BTreeMap::new(), check_at: None }
    }

    /// Takes note of a configuration: names may mean other numbers by now.
    pub fn configure(&mut self, ir: &Ir) {
        let has_static = !ir.static_routes.is_empty() || !ir.static_rules.is_empty();
        let has_any = |instance: &Instance| !instance.virtual_routes.is_empty() || !instance.virtual_rules.is_empty();
        if has_static || ir.vrrp_instances.iter().any(has_any) {
            self.tables = Tables::read(&Folders::of(ir));
        }
    }

    /// From now on an instance holds those of its configuration.
    pub fn hold(&mut self, name: &Arc<str>, instance: &Instance) {
        self.hold_all(name, items(instance));
    }

    fn hold_all(&mut self, name: &Arc<str>, items: Vec<(String, Item)>) {
        let old = self.lists.remove(name).unwrap_or_default();
        let mut list = Vec::new();
        for (text, item) in items {
            if list.contains(&text) {
                continue;
            }
            let fresh = Held { item, users: 0, removal: None, is_told: false };
            self.entries.entry(text.clone()).or_insert(fresh).users += 1;
            list.push(text);
        }
        if !list.is_empty() {
            self.lists.insert(Arc::clone(name), list);
        }
        self.let_go(&old);
    }

    /// From now on the daemon holds the static ones of its configuration under that name.
    pub fn hold_static(&mut self, name: &Arc<str>, ir: &Ir) {
        self.hold_all(name, texts(&ir.static_routes, &ir.static_rules));
    }

    /// An instance holds nothing any more.
    pub fn release(&mut self, name: &str) {
        let old = self.lists.remove(name).unwrap_or_default();
        self.let_go(&old);
    }

    fn let_go(&mut self, texts: &[String]) {
        for text in texts {
            if let Some(held) = self.entries.get_mut(text) {
                held.users -= 1;
            }
        }
    }

    /// An interface is another one than before, or is up again: what led there is gone.
    pub fn forget_interface(&mut self, name: &str) {
        for held in self.entries.values_mut() {
            if let Item::Route(route) = &held.item
                && (route.interface.as_deref() == Some(name)
                    || route.hops.iter().any(|hop| hop.interface.as_deref() == Some(name)))
            {
                (held.removal, held.is_told) = (None, false);
            }
        }
    }

    /// When it is to be looked after next.
    pub fn deadline(&self) -> Option<Instant> {
        self.check_at
    }

    /// Removes what nobody holds any more: the last ones first.
    pub fn remove(&mut self, batch: &mut Batch) {
        if self.entries.values().all(|held| held.users > 0) {
            return;
        }
        let mut gone: Vec<(String, Held)> = Vec::new();
        self.entries.retain(|text, held| {
            if held.users == 0 {
                let taken = Held { item: held.item.clone(), users: 0, removal: held.removal.take(), is_told: false };
                gone.push((text.clone(), taken));
            }
            held.users > 0
        });
        // Rules come before routes.
        gone.sort_by_key(|(_, held)| matches!(held.item, Item::Route(_)));
        let there: Vec<(String, Edit)> =
            gone.into_iter().filter_map(|(text, held)| Some((text, held.removal?))).collect();
        for piece in there.chunks(PIECE) {
            let edits = piece.iter().map(|(_, edit)| edit.clone()).collect();
            for ((text, _), error) in piece.iter().zip(run(batch, edits)) {
                // What is gone with its interface, its address, or by somebody else's hand is gone as well.
                if !matches!(error, 0 | libc::ESRCH | libc::ENOENT | libc::ENODEV) {
                    tracing::error!("{text} cannot be removed: {}", reason(error));
                }
            }
        }
        write(&mut self.ledger, self.entries.values().filter_map(|held| held.removal.as_ref()));
        if self.entries.is_empty() {
            self.check_at = None;
        }
    }

    /// Adds what is held and not there, and looks after the rest from time to time.
    pub fn add(&mut self, batch: &mut Batch, find: impl Fn(&str) -> Option<Device>) {
        if self.lists.is_empty() {
            return;
        }
        let is_check = self.check_at.is_some_and(|at| at <= now());
        if is_check || self.check_at.is_none() {
            self.check_at = Some(now() + CHECK_EVERY);
        }
        let due = self.due(is_check, find);
        if due.is_empty() {
            return;
        }
        let more = due.iter().map(|due| &due.removal);
        write(&mut self.ledger, self.entries.values().filter_map(|held| held.removal.as_ref()).chain(more));
        for piece in due.chunks(PIECE) {
            let edits = piece.iter().map(|due| due.addition.clone()).collect();
            for (due, error) in piece.iter().zip(run(batch, edits)) {
                self.outcome(due, error);
            }
        }
    }

    /// What is to be added now.
    fn due(&mut self, is_check: bool, find: impl Fn(&str) -> Option<Device>) -> Vec<Due> {
        let mut all: Vec<Due> = Vec::new();
        for text in self.lists.values().flatten() {
            let Some(held) = self.entries.get_mut(text) else { continue };
            let is_due = match held.removal {
                Some(_) => is_check && held.item.is_tracked(),
                // One that could not be added waits for the next look.
                None => is_check || !held.is_told,
            };
            if !is_due || all.iter().any(|due| due.text == *text) {
                continue;
            }
            match held.item.edits(&self.tables, &find) {
                Ok((addition, removal)) => all.push(Due { text: text.clone(), addition, removal }),
                Err(obstacle) => {
                    if !std::mem::replace(&mut held.is_told, true) {
                        tracing::error!("{text} cannot be added: {obstacle}");
                    }
                }
            }
        }
        all
    }

    /// What the kernel said to one: an error number, or 0.
    fn outcome(&mut self, due: &Due, error: i32) {
        let Due { text, removal, addition: _ } = due;
        let Some(held) = self.entries.get_mut(text) else { return };
        match error {
            0 | libc::EEXIST => {
                if error == 0 && held.removal.is_some() {
                    tracing::warn!("{text} was removed by somebody else; it is back");
                }
                (held.removal, held.is_told) = (Some(removal.clone()), false);
            }
            _ => {
                if !std::mem::replace(&mut held.is_told, true) {
                    tracing::error!("{text} cannot be added: {}", reason(error));
                }
                held.removal = None;
            }
        }
    }
}

/// Something to be added.
struct Due {
    text: String,
    addition: Edit,
    removal: Edit,
}

fn write<'a>(ledger: &mut Ledger<String>, removals: impl Iterator<Item = &'a Edit>) {
    if let Err(error) = ledger.write(removals.map(Edit::to_text).collect()) {
        tracing::warn!("cannot write down which routes are held: {error}");
    }
}

fn run(batch: &mut Batch, edits: Vec<Edit>) -> Vec<i32> {
    let count = edits.len();
    batch.run(edits).unwrap_or_else(|error| {
        tracing::error!("the kernel does not answer about routes: {error}");
        vec![libc::EIO; count]
    })
}

fn reason(error: i32) -> std::io::Error {
    std::io::Error::from_raw_os_error(error)
}
